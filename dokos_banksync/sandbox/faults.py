"""Faults on demand: what goes wrong with a call on its way, as often as asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = frozenset(
	{
		"latency",
		"timeout",
		"drop",
		"half",
		"status",
		"truncated",
		"html",
		"nonsense",
		"garbled",
		"repeat_page",
		"touch",
	}
)


@dataclass
class Fault:
	"""One thing that goes wrong.

	`kind`: "latency" (answers `seconds` late), "timeout" (says nothing for `seconds`, then drops), "drop" (closes
	without an answer), "half" (closes in the middle of the body), "status" (answers `status`, with `retry_after`
	seconds if given), "truncated" (JSON that stops in the middle), "html" (a page of HTML with status 200),
	"nonsense" (valid JSON of another shape), "garbled" (amounts that are no numbers), "repeat_page" (next_uri leads
	back to the same page), "touch" (the first row of the page changes after it was read, so it comes again later). With `code`, "status" answers the provider's own error of that code.
	It applies to calls whose path starts with `path` and whose method is `method` (any when empty), after the
	first `after` such calls, `count` times (None: always).
	"""

	kind: str
	path: str = "/v3/"
	method: str = ""
	count: int | None = 1
	after: int = 0
	seconds: float = 0.0
	status: int = 500
	retry_after: int | None = None
	code: str = ""
	seen: int = field(default=0, init=False)

	def __post_init__(self) -> None:
		if self.kind not in KINDS:
			raise ValueError(f"No fault is called {self.kind!r}; there are {', '.join(sorted(KINDS))}")

	@classmethod
	def from_json(cls, values: dict[str, Any]) -> Fault:
		"""ValueError for a name that no fault has."""
		known = {one.name for one in fields(cls) if one.init}
		unknown = set(values) - known
		if unknown or "kind" not in values:
			raise ValueError(f"A fault has a kind and {', '.join(sorted(known - {'kind'}))}")
		return cls(**values)

	def hits(self, method: str, path: str) -> bool:
		"""Count a call that matches; is it one that goes wrong?"""
		if not path.startswith(self.path) or self.method not in ("", method):
			return False
		self.seen += 1
		past = self.seen - self.after
		return past > 0 and (self.count is None or past <= self.count)


class Faults:
	"""The faults that wait for their call."""

	def __init__(self) -> None:
		self._lock = threading.Lock()
		self._faults: list[Fault] = []

	def add(self, *faults: Fault) -> None:
		"""Add faults."""
		with self._lock:
			self._faults += faults

	def clear(self) -> None:
		"""Remove all faults."""
		with self._lock:
			self._faults.clear()

	def hit(self, method: str, path: str) -> list[Fault]:
		"""Return the faults that strike this call."""
		with self._lock:
			return [fault for fault in self._faults if fault.hits(method, path)]
