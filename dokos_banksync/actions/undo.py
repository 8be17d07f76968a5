"""Taking a run back, and doing it again."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk
from dokos_banksync.actions.formats import count
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import NotUndone, RunRecord, UndoResult

KEPT_SHOWN = 200
_AGAIN = {"": None, "1": True, "0": False}


def run_review(desk: Desk, given: Arguments) -> object:
	"""What a user can do about a run: nothing, undo it, or, where it is an undo itself, do again what it undid."""
	name = given.text("run")
	desk.see("Sync Run", name)
	undoable = desk.site.ledger.undoable(name)
	return {"run": name, "undoable": undoable}


def undo_run(desk: Desk, given: Arguments) -> object:
	"""`again`: "1" lets the lines come again with the next fetch, "0" keeps them away; empty: as is usual."""
	name, again = given.text("run"), given.optional("again")
	if again not in _AGAIN:
		raise InvalidData("{0} is missing", "again")
	desk.see("Sync Run", name)
	return told_undone(desk, desk.site.ledger.undo(name, again=_AGAIN[again]))


def told_undone(desk: Desk, undone: UndoResult) -> dict[str, Any]:
	"""Return the outcome of an undo: its run, and the bank transactions that were kept with their reasons."""
	kept = [_kept(desk, one) for one in undone.kept[:KEPT_SHOWN]]
	return {**told_run(desk, undone.run), "kept": kept, "kept_count": len(undone.kept)}


def told_run(desk: Desk, run: RunRecord) -> dict[str, Any]:
	"""A run that a user asked for: its name, so that it can be undone at once, and what it did."""
	_ = desk.translations
	counts = (
		("{0} taken out", run.removed),
		("{0} put in", run.created),
		("{0} tied", run.adopted),
		("{0} changed", run.updated),
		("{0} held back", run.held),
		("{0} refused", run.refused),
	)
	done = [_(words, count(number, _.language)) for words, number in counts if number]
	return {
		"run": run.name,
		"message": ", ".join(done) or _("Nothing was changed"),
		"indicator": "green" if run.status == "Success" else "orange",
	}


def _kept(desk: Desk, one: NotUndone) -> dict[str, str]:
	told = desk.translations(one.why, *filter(None, [one.by]))
	return {"transaction": one.transaction, "remote_id": one.remote_id, "why": told}
