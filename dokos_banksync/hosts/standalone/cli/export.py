"""`banksync export`: transactions and categories for other programs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from dokos_banksync.actions.exports import CATEGORIES, TRANSACTIONS, Contents
from dokos_banksync.actions.exports.model import Row
from dokos_banksync.core.errors import ConfigurationError, InvalidData
from dokos_banksync.core.message import reason_of
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.options import ALL, day
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import good, write_data
from dokos_banksync.hosts.standalone.ledger import TransactionRow


@click.argument("what", type=click.Choice(["transactions", "categories"]), default="transactions")
@click.option(
	"--format",
	"kind",
	type=click.Choice(list(TRANSACTIONS)),
	default="csv",
	show_default=True,
	help="Of the file.",
)
@click.option("--bank-account", "account", default="", help="Of this Bank Account only.")
@click.option("--from", "first", type=day, help="The first day.")
@click.option("--to", "last", type=day, help="The last day.")
@click.option(
	"--output",
	"file",
	type=click.Path(path_type=Path, dir_okay=False),
	help="The file to write; else stdout.",
)
@yes_option
def export(
	what: str, kind: str, *, account: str, first: date | None, last: date | None, file: Path | None, yes: bool
) -> None:
	"""Write transactions or categories for other programs."""
	current = session()
	writers = TRANSACTIONS if what == "transactions" else CATEGORIES
	if writers is CATEGORIES and (account or first or last):
		raise click.UsageError(current.t("Categories are exported whole: leave the account and the days out"))
	if kind not in writers:
		raise InvalidData("Categories are exported as {0} only", ", ".join(writers))
	contents = _contents(current, account and names.any_bank_account(current.site, account), first, last)
	text = writers[kind](contents)
	if file is None:
		write_data(text)
		return
	if file.exists():
		confirm(current.t("{0} exists already. Replace it?", file), yes)
	_write(file, text)
	count = len(contents.rows if what == "transactions" else contents.categories)
	message = current.t("Rows written to {1}: {0}", count, file)
	current.answer({"file": str(file), "format": kind, "rows": count}, lambda: f"{good('✓')} {message}")


def _write(file: Path, text: str) -> None:
	try:
		with file.open("w", encoding="utf-8", newline="") as stream:
			stream.write(text)
	except OSError as error:
		raise ConfigurationError("The file {0} cannot be written ({1})", file, reason_of(error)) from error


def _contents(current: Session, account: str, first: date | None, last: date | None) -> Contents:
	if first and last and first > last:
		raise InvalidData("{0} is after {1}: the first day comes first", first, last)
	ledger = current.site.ledger
	found = ledger.transactions(bank_account=account, first=first, last=last, limit=ALL)[::-1]
	rows = [_row(one) for one in found]
	end = last or max((row.date for row in rows), default=current.clock().date())
	accounts = {held.name: held for held in (*ledger.bank_accounts(), *ledger.closed_bank_accounts())}
	balances = {}
	for name in {row.bank_account for row in rows}:
		opening = accounts[name].opening_balance
		if opening is not None:
			moved = ledger.transactions(bank_account=name, last=end, limit=ALL)
			balances[name] = opening + sum(row.amount for row in moved)
	return Contents(
		rows=rows,
		accounts=accounts,
		categories=ledger.all_categories(),
		made_at=current.clock(),
		first=first or min((row.date for row in rows), default=end),
		last=end,
		balances=balances,
	)


def _row(one: TransactionRow) -> Row:
	"""Return a row without control characters: a stranger wrote its texts, and other programs read them."""
	return Row(
		name=one.name,
		date=one.date,
		amount=one.amount,
		currency=one.currency,
		description=printable(one.description),
		bank_account=one.bank_account,
		category=printable(one.category),
		transaction_id=printable(one.transaction_id),
		reference=printable(one.reference_number),
		kind=printable(one.transaction_type),
		party_name=printable(one.bank_party_name),
		party_iban=printable(one.bank_party_iban),
	)
