"""`banksync bank-accounts`: list Bank Accounts, and add one for the import of statement files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from shlex import quote

import click

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import checked_iban
from dokos_banksync.core.records import BankAccountRecord
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import Record, bank_account, plain
from dokos_banksync.hosts.standalone.cli.session import Group, Session, add_common, command, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold, good

_CURRENCY = re.compile(r"[A-Z]{3}")


@click.group(
	"bank-accounts",
	cls=Group,
	help="Bank Accounts and what they hold.",
	invoke_without_command=True,
)
@click.pass_context
def bank_accounts_group(context: click.Context) -> None:
	"""List the Bank Accounts where no command follows."""
	if context.invoked_subcommand is None:
		_list(session())


add_common(bank_accounts_group)


@command(bank_accounts_group, "list", "Bank Accounts and what they hold.", "banksync bank-accounts list")
@click.option("--closed", is_flag=True, help="Those that are closed.")
def list_accounts(closed: bool) -> None:
	"""List the bank accounts."""
	_list(session(), closed)


@command(
	bank_accounts_group,
	"add",
	"Add a Bank Account, to import statement files into.",
	'banksync bank-accounts add "Current account" --bank "Demo Bank" --currency EUR',
)
@click.argument("name")
@click.option("--bank", required=True, help="Name of the bank; it is created where it does not exist.")
@click.option("--currency", required=True, metavar="CODE", help="Three letters (ISO 4217).")
@click.option("--iban", default="", help="The account's IBAN: its check digits must be right.")
def add(name: str, bank: str, currency: str, iban: str) -> None:
	"""Create a bank account without a connection. Raise `InvalidData`."""
	current = session()
	code = currency.strip().upper()
	if not _CURRENCY.fullmatch(code):
		raise InvalidData("{0} is not a currency code: write three letters, as in EUR", currency)
	if not bank.strip():
		raise InvalidData("The bank has no name: give it one with --bank")
	held = current.site.ledger.add_bank_account(name, bank.strip(), code, checked_iban(iban))
	message = current.t(
		"{0} is added: banksync import FILE --bank-account {1}", bold(held.name), quote(held.name)
	)
	current.answer(bank_account(held), lambda: f"{good('✓')} {message}")


@command(
	bank_accounts_group,
	"rename",
	"Give a Bank Account another name.",
	'banksync bank-accounts rename "Current account" "Business account"',
)
@click.argument("name")
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
	"""Rename a Bank Account. Raise `InvalidData` for a name that is taken."""
	current = session()
	name = names.any_bank_account(current.site, name)
	held = current.site.ledger.rename_bank_account(name, new_name)
	message = current.t("{0} is called {1} now", name, bold(held.name))
	current.answer(bank_account(held), lambda: f"{good('✓')} {message}")


@command(
	bank_accounts_group,
	"close",
	"Close a Bank Account: nothing is imported into it any more, and it is not offered. What it holds stays.",
	'banksync bank-accounts close "Old account"',
)
@click.argument("name")
@click.option("--reopen", is_flag=True, help="Open it again.")
def close(name: str, reopen: bool) -> None:
	"""Close a Bank Account, or open it again."""
	current = session()
	name = names.any_bank_account(current.site, name)
	held = current.site.ledger.close_bank_account(name, closed=not reopen)
	sentence = "{0} is closed: nothing is imported into it any more" if held.closed else "{0} is open again"
	message = current.t(sentence, bold(held.name))
	current.answer(bank_account(held), lambda: f"{good('✓')} {message}")


def _list(current: Session, closed: bool = False) -> None:
	ledger = current.site.ledger
	shown = ledger.closed_bank_accounts() if closed else ledger.bank_accounts()
	records = [(held, ledger.movements(held.name)) for held in shown]
	columns = [Column("Bank Account", elastic=True, least=16), Column("Bank", elastic=True, spare=True)]
	columns += [Column("IBAN", spare=True), Column("Opening", right=True, spare=True)]
	columns += [Column("Movements", right=True, spare=True), Column("Balance", right=True)]
	columns += [Column("Currency"), Column("Locked until", spare=True)]
	current.answer(
		[_record(held, moved) for held, moved in records],
		lambda: current.table(
			columns,
			[_cells(held, moved) for held, moved in records],
			"No Bank Account yet: banksync bank-accounts add",
		),
	)


def _cells(held: BankAccountRecord, moved: Decimal) -> Sequence[object]:
	return (
		*(held.name, held.bank, held.iban, held.opening_balance, moved, _balance(held, moved)),
		*(held.currency, held.lock_date or ""),
	)


def _balance(held: BankAccountRecord, moved: Decimal) -> Decimal | None:
	return None if held.opening_balance is None else held.opening_balance + moved


def _record(held: BankAccountRecord, moved: Decimal) -> Record:
	return {**bank_account(held), "movements": plain(moved), "balance": plain(_balance(held, moved))}
