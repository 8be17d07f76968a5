"""What starts a run."""

from __future__ import annotations

from enum import Enum


class Trigger(str, Enum):
	"""What started a run. `RunRecord.subject` says of what, where it is about one thing."""

	MANUAL = "manual"
	"""A user asked for it."""
	SCHEDULED = "scheduled"
	WEBHOOK = "webhook"
	"""The provider announced new data."""
	MISSING = "missing"
	"""A user imported lines that were missing."""
	FILE = "file"
	"""The import of the file that the subject names."""
	ANSWER = "answer"
	"""A user answered the question of the line that is the subject."""
	SIGN = "sign"
	"""A user corrected the signs of the Bank Account that is the subject."""
	MERGE = "merge"
	"""A user merged the bank transaction that is the subject into the run's `target`."""
	DELETE = "delete"
	"""A user deleted the bank transaction that is the subject."""
	UNDO = "undo"
	"""A user undid the run that is the subject."""
