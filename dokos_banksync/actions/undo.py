"""Taking a run back, and doing it again."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.formats import count
from dokos_banksync.actions.run_counts import BY_A_USER, outcomes
from dokos_banksync.actions.state_colors import COLORS
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import NotUndone, RunRecord, UndoResult
from dokos_banksync.core.review.undo_plan import Plan

MOST_SHOWN = 200
_AGAIN = {"": None, "1": True, "0": False}


def run_review(context: RequestContext, given: Arguments) -> object:
	"""Return what a user can do about a run: nothing, undo it, or redo what it undid, if it is an undo."""
	name = given.text("run")
	context.see("Sync Run", name)
	undoable = context.site.ledger.undoable(name)
	return {"run": name, "undoable": undoable}


def preview_undo(context: RequestContext, given: Arguments) -> object:
	"""Return what an undo of the run would do: how many documents are removed, restored, changed or left, and why.

	`problem` says why nothing can be undone.
	"""
	name = given.text("run")
	context.see("Sync Run", name)
	try:
		planned = context.site.ledger.plan_undo(name)
	except InvalidData as error:
		return {
			"run": name,
			"problem": context.translations.error(error),
			"counts": [],
			"kept": [],
			"kept_count": 0,
		}
	return {
		"run": name,
		"problem": "",
		"counts": _preview_counts(context, planned),
		"kept": [_not_undone_row(context, one) for one in planned.not_undone[:MOST_SHOWN]],
		"kept_count": len(planned.not_undone),
	}


def _preview_counts(context: RequestContext, planned: Plan) -> list[str]:
	entries, _ = planned.entries, context.translations
	going = {entry["bank_transaction"] for entry in entries if entry["made"]}
	coming = {entry["bank_transaction"] for entry in entries if entry["transaction_before"]} - going
	changing = {entry["bank_transaction"] for entry in entries if entry["changed"]} - going - coming
	counts = (
		("Bank transactions that are removed: {0}", len(going)),
		("Bank transactions that come back: {0}", len(coming)),
		("Bank transactions that get their earlier values again: {0}", len(changing)),
		("Decisions that stay as they are: {0}", len(planned.not_undone)),
	)
	return [_(words, count(number, _.language)) for words, number in counts if number]


def undo_run(context: RequestContext, given: Arguments) -> object:
	"""Undo a run. `again`: "1" lets the next fetch import its lines again, "0" does not; empty: the default."""
	name, again = given.text("run"), given.optional("again")
	if again not in _AGAIN:
		raise InvalidData("{0} is missing", "again")
	context.see("Sync Run", name)
	return undo_data(context, context.site.ledger.undo(name, again=_AGAIN[again], progress=context.step))


def undo_data(context: RequestContext, undone: UndoResult) -> dict[str, Any]:
	"""Return the outcome of an undo: its run, and the bank transactions that were not removed, with the reasons."""
	not_undone = [_not_undone_row(context, one) for one in undone.not_undone[:MOST_SHOWN]]
	return {**run_data(context, undone.run), "kept": not_undone, "kept_count": len(undone.not_undone)}


def run_data(context: RequestContext, run: RunRecord) -> dict[str, Any]:
	"""Return the name of a run that a user started, so that it can be undone at once, and what it did."""
	_ = context.translations
	done = outcomes(_, run, "unchanged", words=BY_A_USER)
	return {
		"run": run.name,
		"message": done or _("Nothing was changed"),
		"indicator": COLORS[run.status],
	}


def _not_undone_row(context: RequestContext, one: NotUndone) -> dict[str, Any]:
	why = context.translations.message(one.why)
	return {**one._asdict(), "why": why}
