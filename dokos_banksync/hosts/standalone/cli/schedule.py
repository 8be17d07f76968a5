"""`banksync schedule`: how often a connection is fetched by itself."""

from __future__ import annotations

import click

from dokos_banksync.core.connection.schedule import ScheduleEntry, is_automatic
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.connect import next_run
from dokos_banksync.hosts.standalone.cli.json_records import connection, plain
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import good


@click.argument("name", metavar="CONNECTION")
@click.option("--every", type=click.Choice(["6", "12", "24"]), help="Hours; 24 for a new connection.")
@click.option("--off", is_flag=True, help="Only on request.")
def schedule(name: str, every: str | None, off: bool) -> None:
	"""Set how often a connection is fetched, or show it."""
	current = session()
	if off and every:
		raise click.UsageError(current.t("--off goes without --every"))
	name = names.connection(current.site, name)
	if off or every:
		current.site.schedule(name, "" if off else f"{every} hours")
	record, entry = current.site.ledger.connection(name), current.site.schedule_store.read(name)
	set_now = {
		"every_hours": entry.hours if record.automatic else None,
		"next_run_at": plain(next_run(record, entry)),
	}
	sign = f"{good('✓')} " if off or every else ""
	current.answer({**connection(record), **set_now}, lambda: f"{sign}{_how_often(current, record, entry)}")


def _how_often(current: Session, record: ConnectionRecord, entry: ScheduleEntry) -> str:
	name = record.name
	if not record.automatic:
		return current.t("{0} is fetched when you ask for it only", name)
	if not is_automatic(record):
		return current.t("{0} is fetched every {1} hours once the bank is connected", name, entry.hours)
	if entry.next_run_at is None:
		return current.t("{0} is fetched every {1} hours by banksync sync --due", name, entry.hours)
	return current.t(
		"{0} is fetched every {1} hours by banksync sync --due, next at {2}",
		name,
		entry.hours,
		entry.next_run_at,
	)
