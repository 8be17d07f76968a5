"""Background jobs, and the events of their progress for the pages that poll."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import NamedTuple, TypeAlias

from dokos_banksync.actions.context import Data
from dokos_banksync.actions.runs import Publish
from dokos_banksync.core.errors import Busy, SyncError

Work: TypeAlias = Callable[[Publish], Data]

_MAX_EVENTS = 200
_log = logging.getLogger(__name__)


class Event(NamedTuple):
	"""Something that happened in a job, for the pages that wait for it."""

	number: int
	event: str
	data: Data


class EventBatch(NamedTuple):
	"""Events after the asked number; `busy` while any job waits or runs."""

	events: list[Event]
	last: int
	busy: bool


class Stopping(BaseException):
	"""The server ends: raised inside the work at its next report of progress."""


class Jobs:
	"""One job per key at a time, all of them on one worker thread, one after the other."""

	def __init__(self) -> None:
		self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="banksync-job")
		self._lock = Lock()
		self._running: dict[str, Data] = {}
		self._quiet: set[str] = set()
		self._events: deque[Event] = deque(maxlen=_MAX_EVENTS)
		self._last = 0
		self._closing = False

	def start(self, key: str, work: Work, failed: Data) -> None:
		"""Queue the work. What it publishes becomes an event (`banksync_progress`), and what it returns the last one
		(`banksync_done`); after a defect that is `failed`. Raises `Busy` while a job of the same key waits
		or runs.
		"""
		with self._lock:
			if key in self._running:
				raise Busy("A synchronization of this bank is under way: wait until it has ended")
			self._running[key] = {}
		self._pool.submit(self._perform, key, work, failed)

	def perform_quietly(self, key: str, work: Callable[[], None]) -> None:
		"""Do work that no page waits for. A failure is logged; a second one of the key while one waits is dropped."""
		with self._lock:
			if key in self._quiet or self._closing:
				return
			self._quiet.add(key)
		self._pool.submit(self._perform_quietly, key, work)

	def _perform_quietly(self, key: str, work: Callable[[], None]) -> None:
		try:
			work()
		except SyncError as error:
			_log.warning("%s: %s", key, error)
		finally:
			with self._lock:
				self._quiet.discard(key)

	def _perform(self, key: str, work: Work, failed: Data) -> None:
		outcome: Data | None
		try:
			outcome = work(lambda data: self._publish_progress(key, data))
		except Stopping:
			outcome = None
		except Exception:  # noqa: BLE001 - the outermost edge of a job: a defect must end it visibly
			_log.exception("job %s failed", key)
			outcome = failed
		with self._lock:
			self._running.pop(key, None)
		if outcome is not None:
			self._add("banksync_done", outcome)

	def _publish_progress(self, key: str, data: Data) -> None:
		if self._closing:
			raise Stopping
		with self._lock:
			self._running[key] = data
		self._add("banksync_progress", data)

	def _add(self, event: str, data: Data) -> None:
		with self._lock:
			self._last += 1
			self._events.append(Event(self._last, event, data))

	def running(self) -> dict[str, Data]:
		"""Return the jobs that wait or run, by key, and the last progress of each."""
		with self._lock:
			return dict(self._running)

	def events_after(self, after: int | None) -> EventBatch:
		"""Return the events after a number; without one, only the latest number and whether a job runs."""
		with self._lock:
			known = self._last if after is None else after
			events = [event for event in self._events if event.number > known]
			return EventBatch(events, self._last, bool(self._running))

	def close(self) -> None:
		"""Stop at the next report of progress; what was stored stays, the rest comes with the next run."""
		self._closing = True
		self._pool.shutdown(wait=True, cancel_futures=True)
