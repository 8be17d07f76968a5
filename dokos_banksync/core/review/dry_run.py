"""The preview of a run, row by row, and its approval: some rows may be left out.

The ledger stores what was shown under the key of the plan. `sync` and `import_rows` take what `agreed` gives and do
exactly that, or raise `PlanChanged` and store nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dokos_banksync.core.importing.approved_plan import (
	ApprovedPlan,
	PlanKind,
	Planned,
	key_of,
	packed,
	planned,
	unpacked,
)
from dokos_banksync.core.importing.file_import import FileRows, import_rows, scope_of
from dokos_banksync.core.importing.sync import sync
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import Decision
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import Clock, Context, Provider
from dokos_banksync.core.records import RunRecord

__all__ = ["ApprovedPlan", "Plan", "PlanKind", "Planned", "approve", "plan_rows", "plan_sync"]


@dataclass(frozen=True)
class Plan:
	"""What a run would write, row by row. What would stay as it is counts in `run.unchanged`."""

	rows: Sequence[Planned]
	key: str
	run: RunRecord
	"""The counts of the dry run; it was not stored and has no name."""

	@property
	def kinds(self) -> Mapping[PlanKind, int]:
		"""Return how many rows there are of each kind."""
		return Counter(row.kind for row in self.rows)


def plan_sync(
	ledger: Ledger,
	provider: Provider,
	connection: str,
	*,
	clock: Clock,
	progress: Progress | None = None,
	context: Context | None = None,
) -> Plan:
	"""Return what `sync` would do now. Nothing is written but the plan itself. Raises what `sync` raises."""
	decisions: list[Decision] = []
	run = sync(
		ledger,
		provider,
		connection,
		clock=clock,
		progress=progress,
		preview=decisions.append,
		context=context,
	)
	return _stored(ledger, connection, decisions, run=run, clock=clock)


def plan_rows(
	ledger: Ledger,
	bank_account: str,
	rows: FileRows,
	*,
	clock: Clock,
	progress: Progress | None = None,
) -> Plan:
	"""Return what `import_rows` would do now. Nothing is written but the plan itself. Raises what that raises."""
	decisions: list[Decision] = []
	run = import_rows(ledger, bank_account, rows, clock=clock, progress=progress, preview=decisions.append)
	return _stored(ledger, scope_of(rows.source, bank_account), decisions, run=run, clock=clock)


def approve(ledger: Ledger, key: str, leave_out: Iterable[str] = ()) -> ApprovedPlan:
	"""Return the plan that was shown under a key, without some rows, for `sync(plan=)` and `import_rows(plan=)`.

	Raises `NotFound` if the plan has expired or does not exist, or for a row that it does not have.
	"""
	return unpacked(key, ledger.stored_plan(key), leave_out)


def _stored(ledger: Ledger, scope: str, decisions: Sequence[Decision], run: RunRecord, clock: Clock) -> Plan:
	rows = planned(decisions)
	key = key_of(scope, rows)
	ledger.store_plan(key, packed(scope, rows), clock())
	return Plan(rows, key, run)
