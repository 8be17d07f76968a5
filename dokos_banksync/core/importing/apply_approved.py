"""Apply exactly the plan that a user approved, or nothing at all.

A dry run comes first, and each of its decisions is compared with the plan. What is stored then goes into one
database transaction, in which the dry run is repeated: a change meanwhile is reported, and rolls all of it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from dokos_banksync.core.errors import Change, InvalidData, PlanChanged
from dokos_banksync.core.importing.approved_plan import ApprovedPlan, PlanKind, hold_to, planned
from dokos_banksync.core.importing.counts import COUNTED
from dokos_banksync.core.importing.importer import Importer, ListCurrentIds
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.model import Decision, RejectedRow
from dokos_banksync.core.progress import Progress, Stage
from dokos_banksync.core.records import RunRecord

Refused = tuple[str, str, Sequence[RejectedRow]]
"""Source, bank account, and rows of it that could not be read."""


def apply_approved(
	importer: Importer,
	staging: Staging,
	feeds: Mapping[str, Feed],
	approved: ApprovedPlan,
	refused: Sequence[Refused],
) -> None:
	"""Store the approved plan. Raises `PlanChanged`, and then nothing is stored."""
	if importer.list_current_ids:
		# The provider is asked before anything is locked, and once.
		importer.list_current_ids = _remembered(importer.list_current_ids)
	_check_dry_run(importer, staging, feeds, approved)
	try:
		with importer.ledger.batch() as importer.whole:
			expected = _check_dry_run(importer, staging, feeds, approved)
			for source, bank_account, rows in refused:
				importer.refuse(source, bank_account, rows)
			importer.leave_out, importer.decided = approved.leave_out, []
			importer.import_rows(staging, feeds)
			_compare_with_dry_run(expected, importer.decided)
	except BaseException:
		_forget_counts(importer.run)
		raise
	finally:
		importer.whole = None


def _forget_counts(run: RunRecord) -> None:
	for name in {*COUNTED.values(), "refused"}:
		setattr(run, name, 0)


def require_scope(approved: ApprovedPlan, scope: str) -> None:
	"""Raises `InvalidData` for the plan of something else."""
	if approved.scope != scope:
		raise InvalidData("The plan {0} belongs to another preview: preview again", approved.key)


def _remembered(list_current_ids: ListCurrentIds) -> ListCurrentIds:
	@cache
	def list_ids(source: str, since: date) -> frozenset[str]:
		"""Ask the provider once for each source and day."""
		return list_current_ids(source, since)

	return list_ids


def _check_dry_run(
	importer: Importer, staging: Staging, feeds: Mapping[str, Feed], approved: ApprovedPlan
) -> list[Decision]:
	decisions: list[Decision] = []
	dry_run = Importer(
		importer.ledger,
		replace(importer.run),
		importer.clock,
		progress=_as_check(importer.progress),
		preview=decisions.append,
		list_current_ids=importer.list_current_ids,
		whole=importer.whole,
		balances=importer.balances,
	)
	with staging.copy() as copy:
		dry_run.import_rows(copy, feeds)
	hold_to(approved, planned(decisions))
	return decisions


def _as_check(progress: Progress | None) -> Progress | None:
	"""Return progress under a stage of its own: a dry run goes through the rows before anything is stored."""
	if progress is None:
		return None
	report = progress
	return lambda stage, done, total: report(Stage.CHECK, done, total)  # noqa: ARG005


def _compare_with_dry_run(expected: Sequence[Decision], decided: Sequence[Decision]) -> None:
	"""Raise `PlanChanged` where storing the first rows has changed the decisions about later ones."""
	before = {row.id: row for row in planned(expected)}
	now = {row.id: row for row in planned(decided)}
	nothing = PlanKind.ALREADY_THERE.value
	changes = [
		Change(
			one,
			(now.get(one) or before[one]).line.remote_id,
			before[one].kind.value if one in before else nothing,
			now[one].kind.value if one in now else nothing,
		)
		for one in {**before, **now}
		if one not in now or one not in before or now[one].action is not before[one].action
	]
	if changes:
		raise PlanChanged(
			"{0} rows changed since the preview, and nothing was stored: preview again",
			len(changes),
			changes=changes,
		)
