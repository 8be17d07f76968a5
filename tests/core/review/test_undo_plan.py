"""What of a run can be taken back, and what an entry of the journal tells: without a database."""

from __future__ import annotations

import json

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.model import Action, LineState, Reason
from dokos_banksync.core.review import undo_plan
from dokos_banksync.core.review.journal import Before, Step, journal_entries

MATTERS = {"date", "deposit"}
PLAIN = {
	"id": 1,
	"source": "s",
	"remote_id": "1",
	"action": "New",
	"reason": "",
	"bank_transaction": "T1",
	"line_before": None,
	"transaction_before": None,
	"changed": "",
	"made": 0,
	"undoes": None,
	"present": "T1",
	"label": "RENT",
	"reconciled": 0,
	"reconciled_with": "",
	"closed": False,
	"state": "Booked",
	"linked": None,
	"source_active": 1,
	"held_since": None,
	"later_line": None,
	"later_transaction": None,
	"other": None,
	"counts_for": None,
}
DATE = json.dumps({"date": ["2026-01-01", "2026-01-02"]})
LABEL = json.dumps({"description": ["a", "b"]})


def entry(**more):
	return {**PLAIN, **more}


def why(**more):
	"""Why an entry stays, beside one that does not; None where it is taken back."""
	plan = undo_plan.plan("R", [entry(**more), entry(id=2, remote_id="2")], MATTERS)
	return next(((row.why.template, *row.why.values) for row in plan.not_undone), None)


@pytest.mark.parametrize(
	("more", "message"),
	[
		({"made": 1}, None),
		({"made": 1, "present": None}, ("It is gone already",)),
		({"made": 1, "reconciled": 1}, ("It is reconciled: undo that first",)),
		(
			{"made": 1, "reconciled": 1, "reconciled_with": "Payment Entry P1"},
			("It is reconciled with {0}: undo that first", "Payment Entry P1"),
		),
		({"made": 1, "other": "R2"}, ("Another source has it too: undo {0} first", "R2")),
		(
			{"made": 1, "counts_for": "R2"},
			("Rows of another source are counted in it: undo {0} first", "R2"),
		),
		({"made": 1, "closed": True}, ("It lies in a closed period: open that first",)),
		(
			{"action": "Remove", "transaction_before": "{}", "source_active": 0},
			("The bank removed it, and its account is no longer read",),
		),
		({"action": "Remove", "transaction_before": "{}"}, None),
		(
			{
				"action": "Remove",
				"reason": Reason.DUPLICATE.value,
				"transaction_before": "{}",
				"source_active": 0,
			},
			None,
		),
		({"later_line": "R2"}, ("It was changed since by {0}: undo that first", "R2")),
		({"later_line": ""}, ("A user changed it since",)),
		({"later_transaction": "R3"}, ("It was changed since by {0}: undo that first", "R3")),
		(
			{"held_since": 7, "state": LineState.REMOVED.value},
			("The bank has removed it since",),
		),
		({"held_since": 7, "state": LineState.REMOVED.value, "action": "Remove"}, None),
		({"changed": DATE, "reconciled": 1}, ("It is reconciled: undo that first",)),
		({"changed": LABEL, "reconciled": 1}, None),
		({"changed": DATE, "closed": True}, ("It lies in a closed period: open that first",)),
		({"changed": LABEL, "closed": True}, None),
		({"transaction_before": "{}", "closed": True}, ("It lies in a closed period: open that first",)),
	],
)
def test_why_an_entry_stays(more, message):
	assert why(**more) == message


def test_a_run_of_which_nothing_can_be_undone_says_why():
	with pytest.raises(InvalidData, match="reconciled with Payment Entry P1: undo that first"):
		undo_plan.plan("R", [entry(made=1, reconciled=1, reconciled_with="Payment Entry P1")], MATTERS)
	with pytest.raises(InvalidData, match="nothing in R to undo"):
		undo_plan.plan("R", [], MATTERS)


def test_what_was_brought_stays_away_and_what_was_brought_back_does_not():
	assert undo_plan.is_suppressed_after(entry(made=1))
	assert undo_plan.is_suppressed_after(entry())
	assert not undo_plan.is_suppressed_after(entry(line_before="{}"))
	assert not undo_plan.is_suppressed_after(entry(made=1, undoes=4))


def test_values_are_put_back_by_column():
	message = dict(
		undo_plan.by_column([entry(changed=DATE), entry(bank_transaction="T2", changed=DATE), entry()])
	)
	assert message == {"date": [("T1", "2026-01-01", "2026-01-02"), ("T2", "2026-01-01", "2026-01-02")]}


def test_the_step_of_an_undo_names_the_entry_that_it_undoes():
	step = undo_plan.step(entry(id=9))
	assert step == Step(("s", "1"), "Undo", "", "", "T1", 9)


# -- entries --------------------------------------------------------------------------------------------
def message(*names, before, after, new=(), derived=()):
	steps = [Step(("s", str(n)), JournalAction.LINK, "", "", name) for n, name in enumerate(names)]
	return list(journal_entries(steps, Before({("s", "0"): {"x": 1}}, before), after, new, derived))


def test_an_entry_shows_what_changed_and_leaves_out_what_follows():
	row = {"a": 1, "b": 2, "modified": 3}
	[one] = message(
		"T", before={"T": row}, after={"T": {"a": 1, "b": 5, "modified": 4}}, derived=["modified"]
	)
	assert (one.changed, one.gone, one.made, one.line) == ({"b": [2, 5]}, None, False, {"x": 1})


def test_an_entry_keeps_the_whole_of_what_is_gone():
	[one] = message("T", before={"T": {"a": 1}}, after={})
	assert (one.gone, one.changed) == ({"a": 1}, {})


def test_what_became_of_a_bank_transaction_is_reported_once():
	first, second = message("T", "T", before={"T": {"a": 1}}, after={})
	assert (first.gone, second.gone) == ({"a": 1}, None)
	first, second = message("N", "N", before={}, after={}, new={"N"})
	assert (first.made, second.made) == (True, False)


def test_the_journal_records_every_decision_of_the_engine_and_what_users_did() -> None:
	assert [action.value for action in JournalAction] == [
		*("New", "Link", "Update", "Same", "Remove", "Hold"),
		*("Merge", "Delete", "Undo"),
	]
	assert {action.value for action in Action} <= {action.value for action in JournalAction}
