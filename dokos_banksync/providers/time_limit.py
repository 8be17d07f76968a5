"""A limit for all the calls that are made within a stretch of code: a user waits for their answer."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_until: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
	"""Let calls within this context take `seconds` in all, with their pauses; inside another limit, the earlier end."""
	token = _until.set(min(_until.get(), time.monotonic() + seconds))
	try:
		yield
	finally:
		_until.reset(token)


def seconds_left() -> float:
	"""Return the seconds that are left, infinite without a limit."""
	return _until.get() - time.monotonic()
