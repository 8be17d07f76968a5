"""The beginning of a run: what it finds under the lock of its connection, and the record that shows a killed one."""

from __future__ import annotations

from datetime import datetime, timedelta

from dokos_banksync.core.connection_state import connected
from dokos_banksync.core.errors import FetchedMeanwhile
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.records import ConnectionRecord, RunRecord

RESCHEDULING = timedelta(seconds=5)
"""How long a process may need, after a run, to schedule the next one."""


def begun(
	ledger: Ledger, run: RunRecord, *, store: bool, listed_at: datetime | None = None
) -> tuple[ConnectionRecord, RunRecord]:
	"""Return the connection, which the caller holds, as it is now, and the run as it is stored where it is to be.

	Raise `FetchedMeanwhile` where a run has ended since the connection was listed as due. One that ends later than now was
	recorded by a clock that has been set back since.
	"""
	with ledger.batch(atomic=False):
		record = connected(ledger, run.connection)
		ended = record.last_run_ended_at
		if listed_at and ended and listed_at - RESCHEDULING < ended <= run.started_at + RESCHEDULING:
			raise FetchedMeanwhile("{0} was fetched by another process meanwhile", run.connection)
		if store:
			run = ledger.begin_run(
				run.connection, run.trigger, run.started_at, may_be_open=record.has_open_run
			)
	return record, run
