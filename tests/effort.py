"""How much work a piece of code does, counted in function calls: the same on a fast machine and on a busy one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

GUARD_SECONDS = 60
"""Processor time after which a test that should take milliseconds is stopped: no measurement, but an end."""


def calls(work: Callable[[], object]) -> int:
	"""Return how many functions, of Python and of C, are called while `work` runs in this thread."""
	count = 0

	def counted(_frame: FrameType, event: str, _argument: object) -> None:
		nonlocal count
		count += event in ("call", "c_call")

	before = sys.getprofile()
	sys.setprofile(counted)
	try:
		work()
	finally:
		sys.setprofile(before)
	return count


def growth(work: Callable[[int], Callable[[], object]], size: int, times: int = 4) -> float:
	"""Return by what factor the calls grow where the input grows `times`-fold; `times` itself is linear growth.

	`work(n)` prepares an input of size n and returns what is to be counted.
	"""
	return calls(work(size * times)) / calls(work(size))


@contextmanager
def hang_guard(seconds: int = GUARD_SECONDS) -> Iterator[None]:
	"""Stop what never ends, such as a pattern that tries all combinations (it makes no calls to be counted)."""

	def stop(_signal: int, _frame: FrameType | None) -> None:
		raise AssertionError(f"no end after {seconds} seconds of processor time")

	before = signal.signal(signal.SIGVTALRM, stop)
	signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
	try:
		yield
	finally:
		signal.setitimer(signal.ITIMER_VIRTUAL, 0)
		signal.signal(signal.SIGVTALRM, before)
