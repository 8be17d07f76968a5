"""`banksync questions`, `answer`: lines that may be one of several bank transactions."""

from __future__ import annotations

import click

from dokos_banksync.core.records import Candidate
from dokos_banksync.core.review.questions import Question
from dokos_banksync.core.review.questions import answer as give
from dokos_banksync.core.review.questions import questions as find
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain, run_record
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, good


@click.option("--bank-account", "account", default="", help="Of this Bank Account only.")
def questions(account: str) -> None:
	"""List the open questions."""
	current = session()
	ledger = current.site.ledger
	if account:
		account = names.bank_account(current.site, account)
	found = find(ledger, account)
	current.answer([_record(one) for one in found], lambda: _render(current, found))


def _render(current: Session, found: list[Question]) -> str:
	"""Return each line, and below it what it may be."""
	columns = [Column("Line"), Column("May be"), Column("Date"), Column("Amount", right=True)]
	columns += [Column("Currency"), Column("Label", elastic=True), Column("Category", elastic=True)]
	columns += [Column("Bank Account", elastic=True), Column("Remarks", elastic=True)]
	rows: list[list[object]] = []
	for one in found:
		message = one.message
		rows.append(
			[
				one.line,
				"",
				message.date,
				message.amount,
				message.currency,
				message.description,
				"",
				one.bank_account,
				"",
			]
		)
		rows += [_cells(current, candidate) for candidate in one.candidates]
	table = current.table(columns, rows, "No open question")
	hint = current.t("banksync answer LINE --is TRANSACTION says which, and --new that it is none of them")
	return f"{table}\n{hint}" if found else table


def _cells(current: Session, one: Candidate) -> list[object]:
	known = one.known
	remarks = [
		current.t(word)
		for word, holds in (
			("Deleted", known.deleted),
			("Reconciled", known.reconciled),
			("Entered by hand", not known.sources),
		)
		if holds
	]
	return [
		*("", known.name, known.date, known.amount, known.currency, known.description, one.category),
		*("", ", ".join(remarks)),
	]


def _record(one: Question) -> Record:
	line = one.message
	return {
		"line": one.line,
		"bank_account": one.bank_account,
		"source": one.source,
		"remote_id": line.remote_id,
		"date": plain(line.date),
		"amount": plain(line.amount),
		"currency": line.currency,
		"description": line.description,
		"candidates": [_candidate(candidate) for candidate in one.candidates],
	}


def _candidate(one: Candidate) -> Record:
	known = one.known
	return {
		"name": known.name,
		"date": plain(known.date),
		"amount": plain(known.amount),
		"description": known.description,
		"category": one.category,
		"reconciled": known.reconciled,
		"deleted": known.deleted,
		"sources": sorted(known.sources),
	}


@click.argument("line", metavar="LINE")
@click.option("--is", "transaction", default="", metavar="TRANSACTION", help="It is this bank transaction.")
@click.option("--new", is_flag=True, help="It is none of them: a bank transaction of its own.")
def answer(line: str, transaction: str, new: bool) -> None:
	"""Answer a question: match the line to a transaction, or import it as new."""
	current = session()
	if bool(transaction) is new:
		raise click.UsageError(current.t("Say --is TRANSACTION, or --new"))
	run = give(current.site.ledger, line, transaction, current.clock)
	message = (
		current.t("{0} is imported as a new bank transaction", line)
		if new
		else current.t("{0} is {1}", line, transaction)
	)
	undo = current.t("banksync undo {0} undoes it", run.name)
	current.answer(run_record(run), lambda: f"{good('✓')} {message}\n  {undo}")
