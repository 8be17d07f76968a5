"""`banksync sync`, `runs`, `run`: fetch, and the results."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import click

from dokos_banksync.actions import run_counts
from dokos_banksync.actions.connections import ended_elsewhere
from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.core import errors
from dokos_banksync.core.errors import FetchedMeanwhile, InvalidData, SyncError
from dokos_banksync.core.message import message_parts
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import RUN_COUNTS, BalanceCheck, RunRecord, RunStatus
from dokos_banksync.core.review.dry_run import ApprovedPlan, Plan, plan_sync
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.cli import names
from dokos_banksync.hosts.standalone.cli.failing import defect
from dokos_banksync.hosts.standalone.cli.json_records import run_record, sentence
from dokos_banksync.hosts.standalone.cli.options import limit_of, limit_option, with_more
from dokos_banksync.hosts.standalone.cli.plan_options import (
	approved_plan,
	listing_changes,
	plan_hint,
	plan_options,
	plan_record,
	plan_table,
)
from dokos_banksync.hosts.standalone.cli.session import DIFFERENCE, Session, session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bad, bold, good, text

RUNS_SHOWN = 20

FROM_MILDEST = (0, 10, 5, 6, 7, DIFFERENCE, 8, 9, 11, errors.Disconnected.exit_code, 4, 3, 1)
"""Exit codes by how much they ask of a user: from temporary errors to unexpected ones."""

_KINDS = {
	kind.code: kind
	for kind in vars(errors).values()
	if isinstance(kind, type) and issubclass(kind, SyncError)
}


def _kind(code: str) -> type[SyncError]:
	"""By its code; a connection's state has codes of its own within the hundred of its kind."""
	return _KINDS.get(code) or _KINDS.get(f"{code[:4]}00", SyncError)


def exit_code_of(run: RunRecord) -> int:
	"""Return the exit code of a run that ended: rows were refused, a balance differs, or all is well."""
	if run.refused:
		return InvalidData.exit_code
	return DIFFERENCE if any(not check.complete for check in run.checks) else 0


_ENDED = "{0} is not fetched: its connection was ended at the bank or the provider. Connect it again: banksync reconnect {1}"


@dataclass
class Outcome:
	"""What one connection's run came to: the run, or the error that ended it."""

	connection: str
	run: RunRecord | None = None
	error: SyncError | None = None
	plan: Plan | None = None
	"""Of a dry run."""

	@property
	def exit_code(self) -> int:
		"""Return the exit code of the error; else of what the run leaves to do: a user at the bank, a row that was refused."""
		if self.error is not None:
			return self.error.exit_code
		if self.run is not None and self.run.error_code:
			return _kind(self.run.error_code).exit_code
		return 0 if self.run is None else exit_code_of(self.run)


@click.argument("name", metavar="[CONNECTION]", default="")
@plan_options
@click.option("--due", is_flag=True, help="Only connections that are due: for a timer, every hour.")
def sync(name: str, dry_run: bool, key: str | None, leave_out: Sequence[str], due: bool) -> None:
	"""Fetch one connection, or all; with `--dry-run` print what would happen."""
	current = session()
	if due and (name or dry_run):
		raise click.UsageError(current.t("--due goes without a name and without --dry-run"))
	if key is not None and not name:
		raise click.UsageError(current.t("--apply needs the name of a connection"))
	plan = approved_plan(current, key, leave_out, dry_run)
	if due:
		outcomes = _sync_due(current)
	else:
		wanted = _wanted(current, name)
		outcomes = [_sync_one(current, one, dry_run, plan=plan) for one in wanted]
	if name and outcomes[0].error is not None:
		with listing_changes(current):
			raise outcomes[0].error
	records = [_outcome_record(current, outcome, dry_run) for outcome in outcomes]
	message = "\n\n".join(_render(current, outcome) for outcome in outcomes)
	nothing = "No connection is due" if due else _nothing_to_fetch(current)
	current.answer(records[0] if name else records, lambda: message or current.t(nothing))
	worst = max((outcome.exit_code for outcome in outcomes), key=FROM_MILDEST.index, default=0)
	click.get_current_context().exit(worst)


def _sync_due(current: Session) -> list[Outcome]:
	"""Fetch what is due, but for what another process has fetched meanwhile.

	What users must be shown goes to stderr, where a timer's mail takes it from.
	"""
	current.site.notify = lambda notification: current.warn(
		current.t(notification.sentence, *notification.values)
	)
	listed_at = current.clock()
	outcomes = [_sync_one(current, one, listed_at=listed_at) for one in current.site.due()]
	return [one for one in outcomes if not isinstance(one.error, FetchedMeanwhile)]


def _wanted(current: Session, name: str) -> list[str]:
	if name:
		return [names.connection(current.site, name)]
	records = current.site.ledger.connections()
	for bank in dict.fromkeys(record.bank for record in records):
		for ended in ended_elsewhere(record for record in records if record.bank == bank):
			current.note(current.t(_ENDED, ended.bank, ended.name))
	left_out = (ConnectionStatus.DISCONNECTED, ConnectionStatus.CONNECTING)
	return [r.name for r in records if r.status not in left_out]


def _nothing_to_fetch(current: Session) -> str:
	"""Return why no connection was fetched, with the command that changes it."""
	ended = ConnectionStatus.DISCONNECTED
	if any(record.status is ended for record in current.site.ledger.connections()):
		return "Every connection is disconnected. Connect one again: banksync reconnect CONNECTION"
	return "No bank is connected yet: banksync connect BANK --provider NAME"


def _sync_one(
	current: Session,
	name: str,
	dry_run: bool = False,
	*,
	plan: ApprovedPlan | None = None,
	listed_at: datetime | None = None,
) -> Outcome:
	outcome = Outcome(name)
	bar = current.bar(name)
	try:
		if dry_run:
			ledger = current.site.ledger
			provider = current.site.provider_of(ledger.connection(name).provider)
			outcome.plan = plan_sync(ledger, provider, name, clock=current.clock, progress=bar)
			outcome.run = outcome.plan.run
		else:
			trigger = Trigger.SCHEDULED if listed_at else Trigger.MANUAL
			outcome.run = current.site.sync(name, trigger, bar, plan=plan, listed_at=listed_at)
	except SyncError as error:
		outcome.error = error
	except Exception as error:
		# The outermost edge of one connection's run: a defect must not keep the next ones from being fetched.
		if os.environ.get("BANKSYNC_DEBUG"):
			raise
		outcome.error = defect(error)
	finally:
		bar.clear()
	return outcome


def _outcome_record(current: Session, outcome: Outcome, dry_run: bool) -> dict[str, object]:
	if outcome.error is not None or outcome.run is None:
		error = outcome.error or SyncError("")
		latest = next(iter(current.site.ledger.runs(outcome.connection, limit=1)), None)
		failed = run_record(latest) if latest is not None and not dry_run else {}
		fields = {
			"error_code": error.code,
			"error_message": sentence(current.translations, error.message),
			"error_message_data": message_parts(error.message),
		}
		return {
			**failed,
			"connection": outcome.connection,
			"status": RunStatus.FAILED.value,
			**fields,
			"error_reference": error.reference,
		}
	record = run_record(outcome.run)
	return {**record, **plan_record(outcome.plan)} if outcome.plan else record


def _render(current: Session, outcome: Outcome) -> str:
	if outcome.error is not None or outcome.run is None:
		error = outcome.error or SyncError("")
		return f"{bad('✗')} {outcome.connection}  {current.translations.error(error)} [{error.code}]"
	if outcome.plan is None:
		return _render_run(current, outcome.run)
	message = current.t("Dry run of {0}: nothing was written", outcome.connection)
	parts = [
		bold(message),
		counts_line(current, outcome.run, planned=True),
		"",
		plan_table(current, outcome.plan),
	]
	parts.append(plan_hint(current, outcome.plan, f"banksync sync {outcome.connection}"))
	return "\n".join(parts).rstrip()


def _started_by(current: Session, record: RunRecord) -> str:
	return trigger_of(current.translations, record.trigger, record.subject, record.target)


def _render_run(current: Session, record: RunRecord) -> str:
	sign = (
		good("✓")
		if record.status is RunStatus.SUCCESS
		else bad("✗")
		if record.status is RunStatus.FAILED
		else "!"
	)
	about = record.connection or _started_by(current, record)  # a file, a merge, an undo
	head = f"{sign} {bold(about)}  {current.t(record.status.value)}  {record.name}"
	parts = [head, "  " + counts_line(current, record)]
	if record.error_message:
		tail = " ".join(part for part in (record.error_code, record.error_reference) if part)
		told = current.translations.message(record.error_message)
		parts.append(f"  {told} [{tail}]" if tail else f"  {told}")
	if record.connection and not record.fetched and not _feeds(current, record.connection):
		message = current.t(
			"No account of it feeds a Bank Account: banksync link {0} --all",
			record.connection,
		)
		parts.append(f"  {message}")
	if record.refused:
		parts.append(
			"  " + current.t("Refused rows: {0}. See why with: banksync lines --held", record.refused)
		)
	if record.held:
		parts += _held_reasons(current, record)
	if record.checks:
		parts += ["", checks_table(current, record.checks)]
	return "\n".join(parts)


def _feeds(current: Session, connection: str) -> bool:
	return any(one.bank_account for one in current.site.ledger.accounts(connection))


def _held_reasons(current: Session, record: RunRecord) -> list[str]:
	reasons = [
		current.t("{0}: {1}", current.t(why.value), text(count))
		for why, count in current.site.ledger.held_reasons(record.name)
	]
	message = current.t("Not imported: {0}. See why with: banksync lines --held", record.held)
	return [f"  {message}", *(f"    {reason}" for reason in reasons)]


def counts_line(current: Session, record: RunRecord, planned: bool = False) -> str:
	"""Return the counts of a run, or of a dry run, that are not zero; what was fetched always."""
	return "  ".join(
		f"{run_counts.label(current.translations, name, planned)} {text(getattr(record, name))}"
		for name in RUN_COUNTS
		if getattr(record, name) or name == "fetched"
	)


def checks_table(current: Session, checks: Sequence[BalanceCheck]) -> str:
	"""Return balance checks as a table."""
	columns = [
		Column("Bank Account", elastic=True),
		Column("Opening", right=True, spare=True),
		Column("Movements", right=True, spare=True),
	]
	columns += [
		Column("At the bank", right=True),
		Column("Difference", right=True),
		Column("Currency"),
		Column(""),
	]
	rows = [
		[c.bank_account, c.opening, c.movements, c.bank_balance, c.difference, c.currency, c.complete]
		for c in checks
	]
	return current.table(columns, rows, "")


@click.option("--connection", default="", help="Of this connection only.")
@limit_option
def runs(connection: str, limit: int | None) -> None:
	"""List the runs."""
	current = session()
	if connection:
		connection = names.connection(current.site, connection)
	most = limit_of(current, limit, RUNS_SHOWN)
	found = current.site.ledger.runs(connection, most)
	columns = [Column("Run"), Column("Connection", spare=True), Column("Trigger", elastic=True, spare=True)]
	columns += [Column("Started"), Column("State", elastic=True)]
	columns += [
		Column(
			run_counts.label(current.translations, name), right=True, spare=name not in ("fetched", "created")
		)
		for name in RUN_COUNTS
	]
	columns += [Column("Error", elastic=True, spare=True)]
	rows: list[list[object]] = [
		[
			*(r.name, r.connection, _started_by(current, r), r.started_at, current.t(r.status.value)),
			*(getattr(r, name) for name in RUN_COUNTS),
			current.translations.message(r.error_message),
		]
		for r in found
	]
	current.answer(
		[run_record(r) for r in found],
		lambda: with_more(current, current.table(columns, rows, "There was no run yet"), len(rows) == most),
	)


@click.argument("name", metavar="RUN")
def run(name: str) -> None:
	"""Print one run."""
	current = session()
	record = current.site.ledger.run(names.run(current.site, name))
	span = f"{current.t('Started')} {text(record.started_at)}   {current.t('Ended')} {text(record.ended_at)}"
	current.answer(run_record(record), lambda: f"{_render_run(current, record)}\n\n  {span}")
