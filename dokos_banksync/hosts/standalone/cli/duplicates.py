"""`banksync duplicates`, `merge`, `keep-both`, `delete`: two that may be one."""

from __future__ import annotations

from datetime import date

import click

from dokos_banksync.core.records import Candidate, RunRecord
from dokos_banksync.core.review.duplicates import Pair, find
from dokos_banksync.core.review.merge import message, must_be_one
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.json_records import Record, plain, run_record
from dokos_banksync.hosts.standalone.cli.options import ALL, day, limit_of, limit_option, with_more
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, good

SHOWN = 50
_MAX_DAYS = 31
"""Bank transactions of equal amounts that lie further apart are not taken for one."""


@click.option("--bank-account", "account", default="", help="Of this Bank Account only.")
@click.option("--from", "first", type=day, help="The first day.")
@click.option(
	"--all", "everything", is_flag=True, help="Include unlikely pairs and those marked as separate."
)
@limit_option
def duplicates(account: str, first: date | None, everything: bool, limit: int | None) -> None:
	"""List pairs of transactions that may be one."""
	current = session()
	if account:
		account = names.any_bank_account(current.site, account)
	found = find(current.site.ledger, account, first, everything=everything)
	most = limit_of(current, limit, SHOWN)
	shown = found if most == ALL else found[:most]
	current.answer(
		[_record(pair) for pair in shown],
		lambda: with_more(current, _table(current, shown), len(found) > len(shown)),
	)


def _table(current: Session, found: list[Pair]) -> str:
	"""Return both transactions of a pair on two lines, one below the other, so that what differs shows."""
	columns = [Column("Similarity", right=True), Column("Name"), Column("Date"), Column("Amount", right=True)]
	columns += [Column("Currency", spare=True), Column("Label", elastic=True, least=16)]
	columns += [Column("Category", elastic=True, spare=True), Column("Sources", right=True, spare=True)]
	columns += [Column("Reconciled", elastic=True, spare=True), Column("Why", elastic=True, spare=True)]
	rows: list[list[object]] = []
	for pair in found:
		rows += [
			[f"{100 * pair.similarity:.0f} %", *_cells(pair.first), current.t(pair.why)],
			["", *_cells(pair.second), ""],
		]
	return current.table(columns, rows, "No two bank transactions look like one")


def _cells(one: Candidate) -> list[object]:
	known = one.known
	return [
		*(known.name, known.date, known.amount, known.currency, known.description, one.category),
		*(len(known.sources), message(one.reconciled_by) or known.reconciled),
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
@yes_option
def merge(keep: str, other: str, yes: bool) -> None:
	"""Merge a transaction into another one."""
	current = session()
	must_be_one(keep, other, current.site.ledger.candidates([keep, other]))
	confirm(current.t("Merge {0} into {1}? {0} is deleted. banksync undo takes it back", other, keep), yes)
	_done(current, current.site.ledger.merge(keep, other), "{0} is merged into {1}", other, keep)


@click.argument("name", metavar="TRANSACTION")
@yes_option
def delete(name: str, yes: bool) -> None:
	"""Delete a transaction; it is not imported again."""
	current = session()
	current.site.ledger.status(name)  # asks about one that is there only
	confirm(current.t("Delete {0}? It is not imported again. banksync undo takes it back", name), yes)
	_done(current, current.site.ledger.remove(name), "{0} is deleted and is not imported again", name)


@click.argument("one", metavar="TRANSACTION")
@click.argument("other", metavar="OTHER")
@click.option("--not", "again", is_flag=True, help="Ask about them again.")
@yes_option
def keep_both(one: str, other: str, again: bool, yes: bool) -> None:
	"""Record that two transactions are separate, or offer the pair again."""
	current = session()
	if not again and _are_unlike(current, one, other):
		confirm(
			current.t("{0} and {1} do not look like one. Mark them as two all the same?", one, other), yes
		)
	current.site.ledger.mark_distinct(one, other, not again)
	message = "{0} and {1} will be asked about again" if again else "{0} and {1} are separate transactions"
	current.answer(
		{"one": one, "other": other, "apart": not again},
		lambda: f"{good('✓')} {current.t(message, one, other)}",
	)


def _are_unlike(current: Session, one: str, other: str) -> bool:
	"""Return whether two bank transactions differ too much to be a pair."""
	found = current.site.ledger.candidates([one, other])
	if len(found) != 2:
		return False  # the ledger says which is not there
	first, second = found
	return (
		first.bank_account != second.bank_account
		or first.known.amount != second.known.amount
		or abs(first.known.date - second.known.date).days > _MAX_DAYS
	)


def _done(current: Session, run: RunRecord, sentence: str, *values: str) -> None:
	message = [
		f"{good('✓')} {current.t(sentence, *values)}",
		"  " + current.t("banksync undo {0} undoes it", run.name),
	]
	current.answer(run_record(run), lambda: "\n".join(message))
