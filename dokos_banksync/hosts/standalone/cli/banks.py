"""`banksync banks`: list banks, rename one, and remove one that nothing depends on."""

from __future__ import annotations

import click

from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.session import Group, Session, add_common, command, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold, good


@click.group("banks", cls=Group, help="Banks and their accounts.", invoke_without_command=True)
@click.pass_context
def banks_group(context: click.Context) -> None:
	"""List the banks where no command follows."""
	if context.invoked_subcommand is None:
		_list(session())


add_common(banks_group)


@command(banks_group, "list", "Banks and their accounts.", "banksync banks list")
def list_banks() -> None:
	"""List the banks."""
	_list(session())


@command(
	banks_group,
	"rename",
	"Give a bank another name.",
	'banksync banks rename "Demo Bank" "House bank"',
)
@click.argument("name")
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
	"""Rename a bank. Raise `InvalidData` for a name that is taken."""
	current = session()
	name = names.bank(current.site, name)
	renamed = current.site.ledger.rename_bank(name, new_name)
	message = current.t("{0} is called {1} now", name, bold(renamed))
	current.answer({"name": renamed}, lambda: f"{good('✓')} {message}")


@command(
	banks_group,
	"remove",
	"Remove a bank without accounts and connections.",
	'banksync banks remove "Old bank"',
)
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
	"""Remove a bank. Raise `InvalidData` while it has accounts or connections."""
	current = session()
	name = names.bank(current.site, name)
	current.site.ledger.check_bank_removable(name)
	confirm(current.t("Remove {0}?", name), yes)
	current.site.ledger.remove_bank(name)
	message = current.t("{0} is removed", name)
	current.answer({"name": name, "removed": True}, lambda: f"{good('✓')} {message}")


def _list(current: Session) -> None:
	ledger = current.site.ledger
	records = [
		{
			"name": name,
			"bank_accounts": [account.name for account in ledger.bank_accounts(name)],
			"connections": [record.name for record in ledger.connections(name)],
		}
		for name in ledger.banks()
	]
	columns = [
		Column("Bank", elastic=True),
		Column("Bank accounts", elastic=True),
		Column("Connections", elastic=True),
	]
	rows = [(one["name"], ", ".join(one["bank_accounts"]), ", ".join(one["connections"])) for one in records]
	current.answer(records, lambda: current.table(columns, rows, "No bank yet: banksync connect"))
