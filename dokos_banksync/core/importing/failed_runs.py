"""Runs that did not come to their end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from dokos_banksync.core.errors import Cancelled, SyncError
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import RunRecord, RunStatus
from dokos_banksync.core.texts import printable

CANCELLED = "A user cancelled it: nothing was imported"

_log = logging.getLogger(__name__)


def close_failed(ledger: Ledger, run: RunRecord, clock: Clock, error: BaseException) -> None:
	"""Store that a run failed, and why. An error that is not ours is an interruption of which only the kind is named."""
	if isinstance(error, Cancelled):
		error = SyncError(CANCELLED)
	if not isinstance(error, SyncError):
		error = SyncError("Interrupted: {0}", type(error).__name__)
	run.status, run.ended_at = RunStatus.FAILED, clock()
	run.error_code, run.error_message, run.error_reference = error.code, error.message, error.reference
	ledger.save_run(run)
	_log.warning("run %s failed: %s %s", run.name, error.code, printable(error.message))


@contextmanager
def closed_when_failed(ledger: Ledger, run: RunRecord, clock: Clock) -> Iterator[None]:
	"""Close the run as failed when anything is raised within, a killed job included; the error is raised again."""
	try:
		yield
	except BaseException as error:
		close_failed(ledger, run, clock, error)
		raise
