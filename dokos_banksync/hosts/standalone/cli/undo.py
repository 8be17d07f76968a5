"""`banksync undo`: undo a run, or redo it."""

from __future__ import annotations

import click

from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.core.records import UndoResult
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.confirmation import confirm, yes_option
from dokos_banksync.hosts.standalone.cli.json_records import plain_row, run_record
from dokos_banksync.hosts.standalone.cli.session import Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold, good


@click.argument("name", metavar="RUN")
@click.option(
	"--again/--keep-away",
	default=None,
	help="Import it again with the next fetch or file, or not again. By default a file may be imported again, and a fetch does not import it again.",
)
@yes_option
def undo(name: str, again: bool | None, yes: bool) -> None:
	"""Undo a run, or do it once more."""
	current = session()
	name = names.run(current.site, name)
	planned = current.site.ledger.plan_undo(name)
	question = current.t(
		"Undo {0}? Decisions taken back: {1}. Decisions that stay: {2}",
		name,
		len(planned.entries),
		len(planned.not_undone),
	)
	confirm(question, yes)
	undone = current.site.ledger.undo(name, again=again)
	record = {
		**run_record(undone.run),
		"kept": [plain_row(not_undone._asdict()) for not_undone in undone.not_undone],
	}
	current.answer(record, lambda: _render(current, undone))


def _render(current: Session, undone: UndoResult) -> str:
	run = undone.run
	sign = good("✓") if not undone.not_undone else "!"
	counts = [
		(current.t("removed"), run.removed),
		(current.t("brought back"), run.created),
		(current.t("changed back"), run.updated),
	]
	parts = [
		f"{sign} {bold(trigger_of(current.translations, run.trigger, run.subject))}  {run.name}",
		"  " + "  ".join(f"{what} {count}" for what, count in counts),
		"  " + current.t("banksync undo {0} does it again", run.name),
	]
	if undone.not_undone:
		parts += ["", not_undone_table(current, undone)]
	return "\n".join(parts)


def not_undone_table(current: Session, undone: UndoResult) -> str:
	"""Return what could not be undone, and why."""
	columns = [Column("Bank Transaction"), Column("Label", elastic=True, least=16, spare=True)]
	columns += [Column("Why it was kept", elastic=True, least=24)]
	rows: list[list[object]] = [
		[one.transaction or one.remote_id, one.label, current.translations.message(one.why)]
		for one in undone.not_undone
	]
	return current.table(columns, rows, "")
