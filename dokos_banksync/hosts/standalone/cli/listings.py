"""`banksync transactions`, `lines`, `categories`: lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import click

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import CategoryRecord
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import (
	category,
	line,
	transaction,
)
from dokos_banksync.hosts.standalone.cli.options import day, limit_of, limit_option, with_more
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column

SHOWN = 50
LABEL = Column("Label", elastic=True, least=24)
_account = click.option("--bank-account", "account", default="", help="Of this Bank Account only.")


@_account
@click.option("--from", "first", type=day, help="The first day.")
@click.option("--to", "last", type=day, help="The last day.")
@click.option("--category", "within", default="", help="Of this category and those below it.")
@click.option("--search", default="", help="Words of the label or the counter-party.")
@limit_option
def transactions(
	account: str, first: date | None, last: date | None, within: str, search: str, limit: int | None
) -> None:
	"""List transactions that match the filters."""
	current = session()
	account, within = _named(current, account, within)
	limit = limit_of(current, limit, SHOWN)
	if first and last and first > last:
		raise InvalidData("{0} is after {1}: the first day comes first", first, last)
	rows = current.site.ledger.transactions(
		bank_account=account, first=first, last=last, category=within, search=search, limit=limit
	)
	columns = [Column("Date"), LABEL, Column("Category", elastic=True, spare=True)]
	columns += [
		Column("Amount", right=True),
		Column("Currency"),
		Column("Bank Account", elastic=True, spare=True),
		Column("Name"),
	]
	cells: list[list[object]] = [
		[r.date, r.description, r.category, r.amount, r.currency, r.bank_account, r.name] for r in rows
	]
	table = _cut(current, columns, cells, empty="No bank transaction matches", limit=limit)
	current.answer([transaction(row) for row in rows], table)


@_account
@click.option("--held", is_flag=True, help="Only those that are no bank transaction (yet).")
@limit_option
def lines(account: str, held: bool, limit: int | None) -> None:
	"""List rows of the bank, or only those without a transaction."""
	current = session()
	account, _ = _named(current, account)
	limit = limit_of(current, limit, SHOWN)
	rows = current.site.ledger.lines(account, held=held, limit=limit)
	columns = [Column("Date"), LABEL, Column("Amount", right=True), Column("Currency")]
	columns += [Column("Bank Account", elastic=True, spare=True), Column("State", spare=True)]
	columns += [Column("Reason", elastic=True, least=24), Column("Bank Transaction", spare=True)]
	cells: list[list[object]] = [
		[
			*(r.date if r.is_readable else None, r.description, r.amount if r.is_readable else None),
			*(r.currency, r.bank_account, current.t(r.state)),
			*(_why(current, r.reason, r.note), r.bank_transaction),
		]
		for r in rows
	]
	current.answer(
		[line(row) for row in rows], _cut(current, columns, cells, empty="No row matches", limit=limit)
	)


def _why(current: Session, reason: str, note: str) -> str:
	return current.named(current.translations.message(reason), current.translations.message(note))


def _named(current: Session, account: str, within: str = "") -> tuple[str, str]:
	"""Return the names of what a user wrote: one with a slip in it would give an empty list."""
	return (
		account and names.any_bank_account(current.site, account),
		within and names.category(current.site, within),
	)


def _cut(
	current: Session, columns: Sequence[Column], cells: list[list[object]], empty: str, limit: int
) -> Callable[[], str]:
	"""Return the table, and a word when there may be more of it."""
	return lambda: with_more(current, current.table(columns, cells, empty), len(cells) == limit)


def categories() -> None:
	"""Print the tree of categories."""
	current = session()
	records = current.site.ledger.all_categories()
	drawn = "\n".join(_branch(_children(records), ""))
	nothing = current.t("No category yet: they come with the first sync")
	current.answer([category(record) for record in records], lambda: drawn or nothing)


def _children(records: Sequence[CategoryRecord]) -> dict[str, list[CategoryRecord]]:
	"""Return the categories by their parent's name; one whose parent is not there stands at the top."""
	names = {record.name for record in records}
	below: dict[str, list[CategoryRecord]] = {}
	for record in sorted(records, key=lambda one: one.category_name.casefold()):
		below.setdefault(record.parent if record.parent in names else "", []).append(record)
	return below


def _branch(below: dict[str, list[CategoryRecord]], parent: str, indent: str = "") -> Iterator[str]:
	for record in below.get(parent, []):
		yield f"{indent}{printable(record.category_name)}"
		yield from _branch(below, record.name, indent + "   ")
