"""What a dry run shows, and doing exactly that: `--apply KEY --leave-out ID`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from dokos_banksync.core.errors import PlanChanged
from dokos_banksync.core.review.dry_run import ApprovedPlan, Plan, approve
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.cli.json_records import Record, planned
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.hosts.standalone.cli.terminal import Column, dim

F = TypeVar("F", bound=Callable[..., Any])


def plan_options(function: F) -> F:
	"""Add the options `--dry-run`, `--apply KEY` and `--leave-out ID` to a command."""
	for option in (
		click.option(
			"--leave-out",
			multiple=True,
			metavar="ID",
			help="With --apply: keep the row of this id out. May be repeated.",
		),
		click.option("--apply", "key", metavar="KEY", help="Do exactly what a dry run showed."),
		click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing."),
	):
		function = option(function)
	return function


def approved_plan(
	current: Session, key: str | None, leave_out: Sequence[str], dry_run: bool
) -> ApprovedPlan | None:
	"""Return the plan that a user approved by its key. Raises as `core.review.dry_run.approve` does.

	An empty key is that of no plan: a script that has lost it must not do more than was agreed to.
	"""
	if (key is not None and dry_run) or (leave_out and key is None):
		raise click.UsageError(current.t("--leave-out goes with --apply, and --apply without --dry-run"))
	return None if key is None else approve(current.site.ledger, key, leave_out)


@contextmanager
def listing_changes(current: Session) -> Iterator[None]:
	"""Print, for a plan that does not hold any more, each row that is another now, on stderr."""
	try:
		yield
	except PlanChanged as error:
		for change in error.changes:
			was, now = (current.t(word) if word else "–" for word in (change.was, change.now))
			current.warn(f"  {change.id}  {printable(change.remote_id)}  {was} → {now}")
		raise


def plan_table(current: Session, plan: Plan) -> str:
	"""Return the plan row by row, with the ids of those that may be left out."""
	columns = [Column("Row"), Column("What happens", elastic=True, least=12), Column("Date")]
	columns += [Column("Amount", right=True), Column("Currency", spare=True)]
	columns += [Column("Bank Account", elastic=True, spare=True), Column("Label", elastic=True, least=16)]
	columns += [Column("Bank Transaction", spare=True), Column("Reason", elastic=True, spare=True)]
	rows: list[list[object]] = [
		[
			*(one.id if one.may_be_left_out else dim("–"), current.t(one.kind.value)),
			*(one.line.date, one.line.amount, one.line.currency, one.bank_account, one.line.description),
			*(one.transaction, current.translations.message(one.reason.value or one.note)),
		]
		for one in plan.rows
	]
	return current.table(columns, rows, "Nothing would change")


def plan_hint(current: Session, plan: Plan, command: str) -> str:
	"""Return the command that does exactly that."""
	if not plan.rows:
		return ""
	return current.t(
		"{0} does exactly that, and --leave-out ID leaves a row out", f"{command} --apply {plan.key}"
	)


def plan_record(plan: Plan) -> Record:
	"""Return a dry run's plan as JSON."""
	return {"dry_run": True, "plan": plan.key, "decisions": [planned(one) for one in plan.rows]}
