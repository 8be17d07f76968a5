"""`banksync questions`, `answer`: lines that may be one of several bank transactions, or that the bank no longer lists."""

from __future__ import annotations

import click

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import Candidate
from dokos_banksync.core.review.questions import Question
from dokos_banksync.core.review.questions import answer as give
from dokos_banksync.core.review.questions import questions as find
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain, run_record
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, good

_UNLISTED = "No longer listed by the bank: does it stay?"
_PART = "Imported earlier as a part of it: --is removes it"


@click.option("--bank-account", "account", default="", help="Of this Bank Account only.")
def questions(account: str) -> None:
	"""List the open questions."""
	current = session()
	ledger = current.site.ledger
	if account:
		account = names.any_bank_account(current.site, account)
	found = find(ledger, account)
	current.answer([_record(one) for one in found], lambda: _render(current, found))


def _render(current: Session, found: list[Question]) -> str:
	"""Return each line, and below it what it may be."""
	columns = [Column("Line"), Column("May be"), Column("Date"), Column("Amount", right=True)]
	columns += [Column("Currency", spare=True), Column("Label", elastic=True, least=16)]
	columns += [Column("Category", elastic=True, spare=True)]
	columns += [Column("Bank Account", elastic=True, spare=True), Column("Remarks", elastic=True, spare=True)]
	rows: list[list[object]] = []
	for one in found:
		line = one.line
		rows.append(
			[
				one.name,
				"",
				line.date,
				line.amount,
				line.currency,
				line.description,
				"",
				one.bank_account,
				current.t(_UNLISTED) if one.unlisted else "",
			]
		)
		rows += [_cells(current, candidate) for candidate in one.candidates]
		rows += [[*_cells(current, part)[:-1], current.t(_PART)] for part in one.imported]
	table = current.table(columns, rows, "No open question")
	hints = {
		False: current.t(
			"banksync answer LINE --is TRANSACTION says which, and --new that it is none of them"
		),
		True: current.t(
			"banksync answer LINE --is TRANSACTION says that it stays, and --gone that the bank removed it"
		),
	}
	return "\n".join([table, *(hints[unlisted] for unlisted in sorted({one.unlisted for one in found}))])


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
	line = one.line
	return {
		"line": one.name,
		"bank_account": one.bank_account,
		"source": one.source,
		"remote_id": line.remote_id,
		"date": plain(line.date),
		"amount": plain(line.amount),
		"currency": line.currency,
		"description": line.description,
		"unlisted": one.unlisted,
		"candidates": [_candidate(candidate) for candidate in one.candidates],
		"imported": [_candidate(part) for part in one.imported],
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
@click.option("--gone", is_flag=True, help="The bank has removed it: remove the bank transaction.")
def answer(line: str, transaction: str, new: bool, gone: bool) -> None:
	"""Answer a question: match the line to a transaction, import it as new, or remove it."""
	current = session()
	if [bool(transaction), new, gone].count(True) != 1:
		raise click.UsageError(current.t("Say --is TRANSACTION, --new or --gone"))
	if not transaction:
		_require_kind(current, line, unlisted=gone)
	run = give(current.site.ledger, line, transaction, current.clock)
	if gone:
		message = current.t("The bank transaction of {0} is removed", line)
	elif new:
		message = current.t("{0} is imported as a new bank transaction", line)
	else:
		message = current.t("{0} is {1}", line, transaction)
	undo = current.t("banksync undo {0} undoes it", run.name)
	current.answer(run_record(run), lambda: f"{good('✓')} {message}\n  {undo}")


def _require_kind(current: Session, line: str, *, unlisted: bool) -> None:
	"""Raise `InvalidData` for `--new` where the question is whether a transaction stays, and for `--gone` where not."""
	if (current.site.ledger.line_story(line).reason is Reason.UNLISTED) is not unlisted:
		option = "--gone" if unlisted else "--new"
		raise InvalidData("{0} does not answer the question about {1}: see banksync questions", option, line)
