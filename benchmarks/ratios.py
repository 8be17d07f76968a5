"""What one piece of work costs beside another that does less, or that a user would take instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Ratio(NamedTuple):
	"""Ours and the peer's processor time, in seconds; `theirs` is None where the peer is not installed, or there is none."""

	what: str
	peer: str
	rows: int
	ours: float
	theirs: float | None
	aim: str = ""

	def row(self) -> str:
		"""Return the ratio as a row of the table."""
		speed = f"{self.rows / self.ours:,.0f}"
		theirs, times = _compared(self.ours, self.theirs) if self.theirs else ("not installed", "")
		if not self.peer:
			theirs = ""
		cells = (self.what, f"{self.rows:,}", f"{self.ours:.2f} s", speed, self.peer, theirs, times, self.aim)
		return f"| {' | '.join(cells)} |"


def _compared(ours: float, theirs: float) -> tuple[str, str]:
	return f"{theirs:.2f} s", f"{ours / theirs:.1f}"


def table(ratios: Iterable[Ratio]) -> str:
	"""Return the ratios as a table of docs/benchmarks.md."""
	head = "| | rows | ours | rows/s | beside it | | times | aim |\n|---|---:|---:|---:|---|---:|---:|---|"
	return "\n".join((head, *(ratio.row() for ratio in ratios)))
