"""Simulate a fleet of connections for a month: `python -m benchmarks.fleet [CONNECTIONS] [DAYS] [WORKERS]`.

The schedule is the real one (`core.connection.schedule`), and so are the limits that are kept before each call
(`providers.limits`). Time is simulated: nothing is fetched, and nothing is slept through. The providers' quotas are
those of their documentation; whether a call breaks one is checked by a count of its own.
"""

from __future__ import annotations

import heapq
import random
import sys
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from time import process_time

from dokos_banksync.core.connection.schedule import DAILY, ScheduleEntry, first_run, next_run
from dokos_banksync.core.errors import RateLimited, SyncError, TemporaryError
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.providers.gocardless.quotas import LEAST_A_DAY
from dokos_banksync.providers.limits import Limit, Limiter
from dokos_banksync.providers.powens.provider import SANDBOX_LIMIT
from dokos_banksync.providers.process_stores import ProcessRateLimitStore

START = datetime(2026, 11, 1, tzinfo=timezone.utc)
DAY = 86_400.0
OWN_SECONDS = 0.1
"""Processor time of a run that brings a few rows, with a large margin."""
CALL_SECONDS = 0.4
"""How long a provider takes to answer."""
FAILING = 0.02
"""The share of runs that end with an error that passes by itself."""


@dataclass(frozen=True)
class Feed:
	"""A provider: its share of the fleet, and the quotas that each call of a run counts against.

	`{0}` in the key of a quota stands for the connection; other quotas are those of the subscription.
	"""

	name: str
	share: float
	calls: tuple[tuple[Limit, ...], ...]


_BRIDGE = (Limit("bridge:user:{0}", 60, 60.0), Limit("bridge:application", 2_000, 300.0))
FEEDS = (
	Feed("bridge", 0.3, (_BRIDGE,) * 5),
	Feed(
		"plaid",
		0.2,
		tuple(
			(Limit(f"plaid:{path}:{{0}}", each, 60.0), Limit(f"plaid:{path}", all_, 60.0))
			for path, each, all_ in (
				("item", 15, 5_000),
				("accounts", 15, 15_000),
				("transactions", 50, 2_500),
			)
		),
	),
	Feed(
		"enable_banking",
		0.2,
		((Limit("eb:balances:{0}", 4, DAY),), (Limit("eb:transactions:{0}", 4, DAY),)),
	),
	Feed("salt_edge", 0.1, ((),) * 4),
	Feed("ponto", 0.1, ((),) * 4),
	Feed(
		"gocardless",
		0.05,
		(
			*((),) * 4,
			(Limit("gocardless:balances:{0}", LEAST_A_DAY, DAY),),
			(Limit("gocardless:transactions:{0}", LEAST_A_DAY, DAY),),
		),
	),
	Feed("powens", 0.05, ((SANDBOX_LIMIT._replace(key="powens:domain"),),) * 4),
)
FREQUENCIES = ("6 hours", "12 hours", "24 hours", "24 hours")
"""How often users have their connections fetched, each of them a quarter of the fleet."""


@dataclass
class Quotas:
	"""Counts the calls that were made in the window of each quota, apart from the code that keeps the limits."""

	broken: Counter[str] = field(default_factory=Counter)
	_made: dict[str, deque[datetime]] = field(default_factory=dict)

	def count(self, limit: Limit, now: datetime) -> None:
		"""Count a call, and note a quota that it breaks."""
		made = self._made.setdefault(limit.key, deque())
		while made and made[0] <= now - timedelta(seconds=limit.seconds):
			made.popleft()
		made.append(now)
		if len(made) > limit.calls:
			self.broken[limit.key.partition(":")[0]] += 1


@dataclass
class Fleet:
	"""Connections, workers, and what became of them."""

	connections: int
	days: int
	workers: int = 1
	now: datetime = START
	calls: Counter[str] = field(default_factory=Counter)
	quotas: Quotas = field(default_factory=Quotas)
	runs: int = 0
	failed: int = 0
	busy: timedelta = timedelta(0)
	delay: timedelta = timedelta(0)
	"""The longest time between an appointment and its run."""

	def __post_init__(self) -> None:
		self._random = random.Random(1)
		self._limiter = Limiter(ProcessRateLimitStore(), lambda: self.now, self._sleep)
		self._failures: Counter[str] = Counter()
		self.feeds: dict[str, str] = {}
		"""The provider of each connection."""
		self.fetched: dict[str, list[datetime]] = {}
		"""The instants at which each connection was fetched with success."""

	def _sleep(self, seconds: float) -> None:
		self.now += timedelta(seconds=seconds)

	def run(self) -> None:
		"""Go through all days: the earliest appointment goes to the worker that is free first."""
		end = START + timedelta(days=self.days)
		known = {one.name: (one, feed, entry) for one, feed, entry in self._fleet()}
		due = [(first_run(one, entry, START) or START, one.name) for one, _, entry in known.values()]
		heapq.heapify(due)
		free = [START] * self.workers
		while due and due[0][0] < end:
			at, name = heapq.heappop(due)
			self.now = began = max(at, heapq.heappop(free))
			record, feed, entry = known[name]
			error = self._fetch(name, feed)
			heapq.heappush(free, self.now)
			self.busy += self.now - began
			self.delay = max(self.delay, began - at)
			following = next_run(record, entry, self.now, error, self._failures[name])
			if following:
				heapq.heappush(due, (following, name))

	def _fleet(self) -> Iterator[tuple[ConnectionRecord, Feed, ScheduleEntry]]:
		for number in range(self.connections):
			place = (number * 0.618034) % 1
			feed = next(f for f in (*FEEDS, FEEDS[-1]) if (place := place - f.share) < 0 or f is FEEDS[-1])
			name = f"SYNC-CONN-{number:05d}"
			record = ConnectionRecord(name, "Bank", feed.name, status=ConnectionStatus.ACTIVE, automatic=True)
			self.feeds[name] = feed.name
			yield record, feed, ScheduleEntry(FREQUENCIES[number % len(FREQUENCIES)])

	def _fetch(self, name: str, feed: Feed) -> SyncError | None:
		self.runs += 1
		self.now += timedelta(seconds=OWN_SECONDS)
		fails = self._random.randrange(len(feed.calls)) if self._random.random() < FAILING else -1
		error: SyncError | None = None
		for place, limits in enumerate(feed.calls):
			try:
				self._call(name, feed, limits)
			except RateLimited as limited:
				error = limited
			if place == fails:
				error = TemporaryError("The bank does not answer")
			if error:
				self.failed += 1
				self._failures[name] += 1
				return error
		self._failures[name] = 0
		self.fetched.setdefault(name, []).append(self.now)
		return None

	def _call(self, name: str, feed: Feed, limits: tuple[Limit, ...]) -> None:
		own = [one._replace(key=one.key.format(name)) for one in limits]
		self._limiter.wait(*own)
		for one in own:
			self.quotas.count(one, self.now)
		self.calls[feed.name] += 1
		self.now += timedelta(seconds=CALL_SECONDS)

	def longest_gap(self) -> timedelta:
		"""Return the longest time that a connection went without a fetch, from the start to the last day."""
		return max(self.gaps().values(), default=timedelta(0))

	def gaps(self) -> dict[str, timedelta]:
		"""Return the longest time that a connection of each provider went without a fetch."""
		end = START + timedelta(days=self.days)
		longest: dict[str, timedelta] = {}
		for name, feed in self.feeds.items():
			at = [START, *self.fetched.get(name, ()), end]
			gap = max(after - before for before, after in pairwise(at))
			longest[feed] = max(gap, longest.get(feed, gap))
		return longest

	def used(self) -> float:
		"""Return the share of their time that the workers were busy."""
		return self.busy / timedelta(days=self.days) / self.workers


def main(connections: int, days: int, workers: int) -> None:
	"""Print what became of a fleet, and how many workers larger ones need."""
	began = process_time()
	fleet = Fleet(connections, days, workers)
	fleet.run()
	print(
		f"{connections:,} connections, {workers} workers, {days} days ({process_time() - began:.0f} s to simulate)"
	)
	print(f"  runs, of which failed       {fleet.runs:,}, {fleet.failed:,}")
	print(f"  calls                       {dict(sorted(fleet.calls.items()))}")
	print(f"  calls over a quota          {fleet.quotas.broken.total():,}")
	print(
		f"  longest time without fetch  {fleet.longest_gap() / timedelta(hours=1):.1f} h (period {DAILY} h)"
	)
	for feed, gap in sorted(fleet.gaps().items()):
		print(f"    {feed:26}{gap / timedelta(hours=1):.1f} h")
	print(f"  latest start after its hour {fleet.delay / timedelta(minutes=1):.1f} min")
	print(f"  workers busy                {fleet.used():.0%}")
	each = fleet.busy / timedelta(days=1) / days / connections
	for size in (1_000, 10_000, 100_000):
		print(
			f"  {size:7,} connections         {max(1, round(size * each / 0.7 + 0.5))} workers at 70 % of their time"
		)


if __name__ == "__main__":
	given = [int(one) for one in sys.argv[1:]]
	main(*(given + [10_000, 30, 1][len(given) :]))
