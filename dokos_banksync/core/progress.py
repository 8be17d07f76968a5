"""How far a piece of work is, as it reports it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
	"""Called now and then with how far the work is. It may raise `Cancelled`: where nothing is committed yet, or where
	what is committed is complete by itself.
	"""

	def __call__(self, stage: str, done: int, total: int | None) -> None:
		"""Receive the stage, the rows done, and the rows in all where that is known."""
		...
