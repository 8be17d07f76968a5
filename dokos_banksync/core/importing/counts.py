"""Which number of a run a decision adds to."""

from __future__ import annotations

from dokos_banksync.core.model import Action

COUNTED = {
	Action.NEW: "created",
	Action.LINK: "linked",
	Action.UPDATE: "updated",
	Action.SAME: "unchanged",
	Action.REMOVE: "removed",
	Action.HOLD: "held",
}
"""The field of `RunRecord` by the action."""
