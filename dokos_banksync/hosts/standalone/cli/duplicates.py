"""`banksync duplicates`, `merge`, `keep-both`, `delete`: two that may be one."""

from __future__ import annotations

from datetime import date

import click

from dokos_banksync.core.records import Candidate, RunRecord
from dokos_banksync.core.review.duplicates import Pair, find
from dokos_banksync.core.review.merge import told
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain, run_record
from dokos_banksync.hosts.standalone.cli.options import day
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, good


@click.option("--bank-account", "account", default="", help="Of this Bank Account only.")
@click.option("--from", "first", type=day, help="The first day.")
@click.option("--all", "everything", is_flag=True, help="The unlikely ones too, and those kept apart.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most.")
def duplicates(account: str, first: date | None, everything: bool, limit: int) -> None:
	"""List pairs of transactions that may be one."""
	current = session()
	if account:
		current.site.ledger.bank_account(account)
	found = find(current.site.ledger, account, first, everything=everything)[:limit]
	current.answer([_record(pair) for pair in found], lambda: _table(current, found))


def _table(current: Session, found: list[Pair]) -> str:
	"""Both of a pair on two lines, one below the other, so that what differs shows."""
	columns = [Column("Likeness", right=True), Column("Name"), Column("Date"), Column("Amount", right=True)]
	columns += [Column("Currency"), Column("Label", elastic=True), Column("Category", elastic=True)]
	columns += [Column("Sources", right=True), Column("Reconciled"), Column("Why", elastic=True)]
	rows: list[list[object]] = []
	for pair in found:
		rows += [
			[f"{pair.similarity:.0%}", *_cells(pair.first), current.t(pair.why)],
			["", *_cells(pair.second), ""],
		]
	return current.table(columns, rows, "No two bank transactions look like one")


def _cells(one: Candidate) -> list[object]:
	known = one.known
	return [
		*(known.name, known.date, known.amount, known.currency, known.description, one.category),
		*(len(known.sources), told(one.reconciled_by) or known.reconciled),
	]


def _record(pair: Pair) -> Record:
	return {
		"likeness": round(pair.similarity, 3),
		"why": pair.why,
		"first": _side(pair.first),
		"second": _side(pair.second),
	}


def _side(one: Candidate) -> Record:
	known = one.known
	return {
		"name": known.name,
		"bank_account": one.bank_account,
		"date": plain(known.date),
		"amount": plain(known.amount),
		"currency": known.currency,
		"description": known.description,
		"label_at_the_bank": known.original,
		"category": one.category,
		"transaction_id": one.transaction_id,
		"reconciled": known.reconciled,
		"reconciled_by": [" ".join(document) for document in one.reconciled_by],
		"sources": sorted(known.sources),
	}


@click.argument("keep", metavar="KEEP")
@click.argument("other", metavar="OTHER")
def merge(keep: str, other: str) -> None:
	"""Merge a transaction into another one."""
	current = session()
	_done(current, current.site.ledger.merge(keep, other), "{0} is one with {1}", other, keep)


@click.argument("name", metavar="TRANSACTION")
def delete(name: str) -> None:
	"""Delete a transaction; it is not imported again."""
	current = session()
	_done(current, current.site.ledger.remove(name), "{0} is deleted, and does not come back", name)


@click.argument("one", metavar="TRANSACTION")
@click.argument("other", metavar="OTHER")
@click.option("--not", "again", is_flag=True, help="Ask about them again.")
def keep_both(one: str, other: str, again: bool) -> None:
	"""Record that two transactions are separate, or offer the pair again."""
	current = session()
	current.site.ledger.mark_distinct(one, other, not again)
	told = "{0} and {1} will be asked about again" if again else "{0} and {1} are two"
	current.answer(
		{"one": one, "other": other, "apart": not again}, lambda: f"{good('✓')} {current.t(told, one, other)}"
	)


def _done(current: Session, run: RunRecord, sentence: str, *values: str) -> None:
	told = [
		f"{good('✓')} {current.t(sentence, *values)}",
		"  " + current.t("banksync undo {0} takes it back", run.name),
	]
	current.answer(run_record(run), lambda: "\n".join(told))
