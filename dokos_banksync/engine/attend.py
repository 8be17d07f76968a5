"""What follows from a run, whoever started it: the next appointment, and what people must be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from dokos_banksync.connectors.contract import Clock, Connector
from dokos_banksync.engine import journey
from dokos_banksync.engine.notices import Notice, notices, went_manual
from dokos_banksync.engine.schedule import Diary, failures_in_a_row, next_run, refuses_automatic
from dokos_banksync.engine.settle import close_failed
from dokos_banksync.engine.state import failed_state, save_state
from dokos_banksync.errors import NotFound, SyncError
from dokos_banksync.ledgers.contract import Ledger, RunRecord

_LOOKED_AT = 10
"""Runs; more failures in a row make no longer wait."""


class RunLedger(Ledger, Protocol):
	"""A ledger that shows its runs."""

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		"""The latest first."""
		...


class Diaries(Protocol):
	"""Where a host keeps what the schedule notes of each connection."""

	def read(self, connection: str) -> Diary: ...

	def write(self, connection: str, diary: Diary) -> None: ...


def after_run(
	ledger: RunLedger, diaries: Diaries, connection: str, clock: Clock, error: SyncError | None = None
) -> Sequence[Notice]:
	"""Make the next appointment after a run that `error` ended, if any; gives what people are now to be told.

	A bank that refuses automatic fetching makes its connection manual.
	"""
	record, manual = ledger.connection(connection), []
	if refuses_automatic(record, error):
		manual = [went_manual(record)._replace(detail=record.status_message)]
		record = replace(record, automatic=False)
		ledger.save_connection(record)
	failures = failures_in_a_row(ledger.runs(connection, _LOOKED_AT))
	before = diaries.read(connection)
	at = next_run(record, before, clock(), error, failures)
	if at and error is None and before.next_run_at and before.next_run_at > clock():
		at = min(at, before.next_run_at)  # what came to be known during the run asked for an earlier one
	due, after = notices(record, replace(before, next_run_at=at), clock())
	diaries.write(connection, after)
	return manual or due


def look(ledger: Ledger, connector: Callable[[], Connector], connection: str) -> None:
	"""Read the state and the accounts of a connection again; a failure is kept as the state that it leaves.

	Raises `NotFound` where nothing is connected (any more).
	"""
	record = ledger.connection(connection)
	try:
		journey.refresh(ledger, connector(), connection)
	except NotFound:
		raise
	except SyncError as error:
		save_state(ledger, connection, failed_state(record, error))


def look_again(ledger: Ledger, diaries: Diaries, connection: str, clock: Clock) -> Sequence[Notice]:
	"""What people are to be told as time goes by, without a run."""
	before = diaries.read(connection)
	due, after = notices(ledger.connection(connection), before, clock())
	if after != before:
		diaries.write(connection, after)
	return due


def bring_forward(diaries: Diaries, connection: str, at: datetime) -> None:
	"""Have a connection fetched at a moment at the latest, if it is fetched by itself at all."""
	diary = diaries.read(connection)
	if diary.next_run_at is None or diary.next_run_at > at:
		diaries.write(connection, replace(diary, next_run_at=at))


def refuse(ledger: Ledger, connection: str, trigger: str, clock: Clock, error: SyncError) -> None:
	"""Store a run that could not even begin, and the state that its reason leaves. Raises `Busy`."""
	with ledger.hold(connection):
		run = ledger.begin_run(connection, trigger, clock())
		close_failed(ledger, run, clock, error.code, str(error), error.reference)
		save_state(ledger, connection, failed_state(ledger.connection(connection), error))
