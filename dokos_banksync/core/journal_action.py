"""What an entry of the journal records."""

from __future__ import annotations

from enum import Enum

from dokos_banksync.core.model import Action


class JournalAction(str, Enum):
	"""What the core decided about a line (`Action`), or what a user did."""

	NEW = Action.NEW.value
	LINK = Action.LINK.value
	UPDATE = Action.UPDATE.value
	SAME = Action.SAME.value
	REMOVE = Action.REMOVE.value
	HOLD = Action.HOLD.value
	MERGE = "Merge"
	"""A user merged two bank transactions."""
	DELETE = "Delete"
	"""A user deleted a bank transaction."""
	UNDO = "Undo"
	"""A user undid a run."""
