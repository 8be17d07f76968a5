"""Requests of pages that wait for a provider: few at a time, and not for long.

A provider that does not answer holds the request that asks it. Without a bound, as many such requests as there are
workers stop the site.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from dokos_banksync.core.errors import WAITING_FOR_PROVIDER, Busy
from dokos_banksync.providers.time_limit import time_limit

SECONDS = 25.0
"""How long a request may wait for a provider, all its calls together; longer than a return is polled for."""
PATIENCE = 1.0
"""Seconds that a request waits for its turn."""


class ProviderCalls:
	"""Lets requests of pages ask providers, so many at once.

	Work outside a request (a synchronization) is not counted: it has a thread of its own.
	"""

	def __init__(self, seconds: float = SECONDS) -> None:
		self.seconds = seconds
		self._thread = threading.local()

	@contextmanager
	def request(self, slots: BoundedSemaphore) -> Iterator[None]:
		"""Handle a request of this thread: it takes one of the `slots` once it asks a provider."""
		self._thread.slots, self._thread.held = slots, False
		try:
			with time_limit(self.seconds):
				yield
		finally:
			if self._thread.held:
				slots.release()
			self._thread.slots = None

	def begin(self) -> None:
		"""Take a slot for the request of this thread, if it has none. Raises `Busy` when all are taken."""
		slots: BoundedSemaphore | None = getattr(self._thread, "slots", None)
		if slots is None or self._thread.held:
			return
		if not slots.acquire(timeout=PATIENCE):
			raise Busy(WAITING_FOR_PROVIDER)
		self._thread.held = True
