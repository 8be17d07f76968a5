"""`banksync connection remove`: forget a connection that explains nothing."""

from __future__ import annotations

import click

from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.session import Group, command, session
from dokos_banksync.hosts.standalone.cli.terminal import good


@click.group("connection", cls=Group, help="Single connections.")
def connection_group() -> None:
	"""Hold the commands about one connection."""


@command(
	connection_group,
	"remove",
	"Remove a disconnected connection that brought no transactions.",
	"banksync connection remove SYNC-CONN-00001",
)
@click.argument("name", metavar="CONNECTION")
@yes_option
def remove(name: str, yes: bool) -> None:
	"""Remove a connection."""
	current = session()
	name = names.connection(current.site, name)
	current.site.ledger.check_removable(name)
	confirm(current.t("Remove {0}?", name), yes)
	current.site.ledger.remove_connection(name)
	message = current.t("{0} is removed", name)
	current.answer({"name": name, "removed": True}, lambda: f"{good('✓')} {message}")
