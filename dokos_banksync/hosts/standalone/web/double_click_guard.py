"""A double click starts one connection, not two."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from dokos_banksync.core.provider import Clock

SECONDS = 20.0
"""How long a click counts as the same one; a provider's page stays open for longer."""


class _Held(NamedTuple):
	begun: float
	url: str


class DoubleClickGuard:
	"""Sessions started a moment ago, by user and target."""

	def __init__(self, clock: Clock) -> None:
		self._clock = clock
		self._lock = Lock()
		self._gates: dict[tuple[str, ...], Lock] = {}
		self._held: dict[tuple[str, ...], _Held] = {}

	def open(self, key: tuple[str, ...], begin: Callable[[], str]) -> str:
		"""Return the address to go to. A second click waits for the first and gets the same one."""
		with self._lock:
			gate = self._gates.setdefault(key, Lock())
		with gate:
			now = self._clock().timestamp()
			held = self._held.get(key)
			if held is None or now - held.begun > SECONDS:
				held = self._held[key] = _Held(now, begin())
			return held.url

	def end(self, user: str) -> None:
		"""Forget the address of a user who came back: the next click is a new one."""
		with self._lock:
			for key in [key for key in self._held if key[0] == user]:
				del self._held[key]
