"""`banksync schedule`: how often a connection is fetched by itself."""

from __future__ import annotations

import click

from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.json_records import connection, plain
from dokos_banksync.hosts.standalone.cli.session import session
from dokos_banksync.hosts.standalone.cli.terminal import good, text


@click.argument("name", metavar="CONNECTION")
@click.option("--every", type=click.Choice(["6", "12", "24"]), default="24", show_default=True, help="Hours.")
@click.option("--off", is_flag=True, help="Only on request.")
def schedule(name: str, every: str, off: bool) -> None:
	"""Set how often a connection is fetched."""
	current = session()
	name = names.connection(current.site, name)
	current.site.schedule(name, "" if off else f"{every} hours")
	at = current.site.schedule_store.read(name).next_run_at
	if off:
		message = current.t("{0} is fetched when you ask for it only", name)
	elif at is None:
		message = current.t("{0} is fetched every {1} hours once the bank is connected", name, every)
	else:
		message = current.t(
			"{0} is fetched every {1} hours by banksync sync --due, next at {2}", name, every, text(at)
		)
	record = connection(current.site.ledger.connection(name))
	current.answer({**record, "next_run_at": plain(at)}, lambda: f"{good('✓')} {message}")
