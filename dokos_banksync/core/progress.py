"""How far a piece of work is, as it reports it."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Stage(str, Enum):
	"""What a piece of work is doing."""

	FETCH = "fetch"
	"""It reads rows of a provider."""
	CHECK = "check"
	"""It decides again what a user approved, before anything is stored."""
	MATCH = "match"
	"""It compares rows with what is stored, by their ids."""
	PLAN = "plan"
	"""It compares rows with what is stored, by their content, and stores nothing."""
	STORE = "store"
	"""It compares rows with what is stored, by their content, and stores them."""
	UNDO = "undo"
	DUPLICATES = "duplicates"
	"""It looks for duplicates."""


class Progress(Protocol):
	"""Called now and then with how far the work is. It may raise `Cancelled`: where nothing is committed yet, or where
	what is committed is complete by itself.
	"""

	def __call__(self, stage: Stage, done: int, total: int | None) -> None:
		"""Receive the stage, the rows done, and the rows in all where that is known."""
		...
