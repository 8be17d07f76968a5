"""One figure of an attack: what was tried, how often, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Figure(NamedTuple):
	"""How often something was tried, and a line for each time that it failed."""

	what: str
	count: int
	failures: Sequence[str] = ()
	note: str = ""

	def __str__(self) -> str:
		state = (
			f"{len(self.failures)} failed" if self.failures else "none failed" if self.count else "not run"
		)
		return f"{self.what:<34}{self.count:>10,}  {state}{f'  ({self.note})' if self.note else ''}"
