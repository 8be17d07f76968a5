"""Taking a run back, and doing it again."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk
from dokos_banksync.actions.formats import count
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import NotUndone, RunRecord, UndoResult
from dokos_banksync.core.review.undo_plan import Plan

KEPT_SHOWN = 200
_AGAIN = {"": None, "1": True, "0": False}


def run_review(desk: Desk, given: Arguments) -> object:
	"""What a user can do about a run: nothing, undo it, or, where it is an undo itself, do again what it undid."""
	name = given.text("run")
	desk.see("Sync Run", name)
	undoable = desk.site.ledger.undoable(name)
	return {"run": name, "undoable": undoable}


def preview_undo(desk: Desk, given: Arguments) -> object:
	"""Return what an undo of the run would do: how many documents go, come back, change and stay, and why.

	`problem` says why nothing can be undone.
	"""
	name = given.text("run")
	desk.see("Sync Run", name)
	try:
		planned = desk.site.ledger.plan_undo(name)
	except InvalidData as error:
		return {
			"run": name,
			"problem": desk.translations.error(error),
			"counts": [],
			"kept": [],
			"kept_count": 0,
		}
	return {
		"run": name,
		"problem": "",
		"counts": _preview_counts(desk, planned),
		"kept": [_kept(desk, one) for one in planned.kept[:KEPT_SHOWN]],
		"kept_count": len(planned.kept),
	}


def _preview_counts(desk: Desk, planned: Plan) -> list[str]:
	entries, _ = planned.entries, desk.translations
	going = {entry["bank_transaction"] for entry in entries if entry["made"]}
	coming = {entry["bank_transaction"] for entry in entries if entry["transaction_before"]} - going
	changing = {entry["bank_transaction"] for entry in entries if entry["changed"]} - going - coming
	told = (
		("Bank transactions that are removed: {0}", len(going)),
		("Bank transactions that come back: {0}", len(coming)),
		("Bank transactions that get their earlier values again: {0}", len(changing)),
		("Decisions that stay as they are: {0}", len(planned.kept)),
	)
	return [_(words, count(number, _.language)) for words, number in told if number]


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
	why = desk.translations.message(one.why)
	return {"transaction": one.transaction, "remote_id": one.remote_id, "why": why}
