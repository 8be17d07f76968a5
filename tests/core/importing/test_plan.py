from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.importing.plan import plan_by_content, plan_by_id
from dokos_banksync.core.model import Action, LineState, Reason
from tests.core.build import DAY, FEED, held, line, linked


def sort(given, known=(), feed=FEED):
	return plan_by_id(feed, given, {k.line.remote_id: k for k in known})


def only(given, known=(), feed=FEED):
	out = sort([given], known, feed)
	assert not out.fresh
	assert not out.released
	[decision] = out.decisions
	return decision


def test_an_unknown_booked_line_is_matched_by_content():
	assert sort([line()]).fresh == [line()]


def test_a_removal_of_an_unknown_line_changes_nothing():
	out = sort([line(state=LineState.REMOVED)])
	assert (out.decisions, out.fresh, out.released) == ([], [], [])


@pytest.mark.parametrize(
	("state", "reason"), [(LineState.PENDING, Reason.PENDING), (LineState.FUTURE, Reason.FUTURE)]
)
def test_what_is_not_booked_is_stored_as_a_line_only(state, reason):
	decision = only(line(state=state))
	assert (decision.action, decision.reason, decision.transaction) == (Action.HOLD, reason, "")


@pytest.mark.parametrize(
	("bounds", "given", "reason"),
	[
		({"start_date": DAY + timedelta(1)}, line(), Reason.BEFORE_START),
		({"lock_date": DAY}, line(), Reason.LOCKED),
		({}, line(currency="USD"), Reason.CURRENCY),
	],
)
def test_lines_outside_the_bounds_are_held_with_their_reason(bounds, given, reason):
	assert only(given, feed=FEED._replace(**bounds)).reason is reason


def test_the_first_day_and_the_day_after_the_lock_are_inside():
	feed = FEED._replace(start_date=DAY, lock_date=DAY - timedelta(1))
	assert sort([line()], feed=feed).fresh == [line()]


def test_a_line_that_says_the_same_writes_nothing():
	known = linked(line(raw="{}", updated_at=None), held())
	assert only(line(raw='{"other": "form"}'), [known]).action is Action.SAME


def test_a_change_at_the_bank_changes_what_no_user_changed():
	before = line(category="79")
	transaction = held(category="Bank fees", description=before.description)
	decision = only(before._replace(amount=Decimal("-3.50"), category="90"), [linked(before, transaction)])
	assert decision.action is Action.UPDATE
	assert decision.changes == {"amount": Decimal("-3.50"), "category": "90"}


def test_a_category_chosen_by_a_user_is_kept():
	before = line(category="79")
	decision = only(before._replace(category="90"), [linked(before, held(category="My own"))])
	assert (decision.action, decision.changes) == (Action.UPDATE, {})


def test_a_reconciled_amount_is_kept_and_the_difference_is_named():
	before = line()
	decision = only(before._replace(amount=Decimal("-9")), [linked(before, held(reconciled=True))])
	assert "amount" not in decision.changes
	assert "reconciled" in decision.note


def test_an_amount_in_a_locked_period_is_kept():
	before = line()
	feed = FEED._replace(lock_date=DAY)
	assert only(before._replace(amount=Decimal("-9")), [linked(before, held())], feed).changes == {}


def test_what_the_bank_takes_back_is_freed_with_the_amount_it_had():
	before = line("7")
	out = sort([line("7", amount="0", state=LineState.REMOVED)], [linked(before, held("T7"))])
	[(gone, name)] = out.released
	assert (gone.amount, gone.state, name) == (before.amount, LineState.REMOVED, "T7")


def test_a_pending_line_that_the_bank_drops_is_removed_once():
	before = line(state=LineState.PENDING)
	gone = line(state=LineState.REMOVED)
	first = only(gone, [linked(before, reason=Reason.PENDING)])
	assert (first.action, first.transaction) == (Action.REMOVE, "")
	assert only(gone, [linked(first.line, reason=Reason.REMOVED)]).action is Action.SAME


def test_a_future_line_that_books_is_matched_like_a_new_one():
	before = line(state=LineState.FUTURE)
	assert sort([line()], [linked(before, reason=Reason.FUTURE)]).fresh == [line()]


def test_a_line_held_before_the_start_date_comes_in_when_the_date_moves():
	assert sort([line()], [linked(line(), reason=Reason.BEFORE_START)]).fresh == [line()]


def test_what_a_user_deleted_stays_deleted_when_the_bank_changes_it():
	known = linked(line(), held(deleted=True), Reason.DELETED)
	decision = only(line(amount="-4"), [known])
	assert (decision.action, decision.reason) == (Action.HOLD, Reason.DELETED)


def test_a_line_of_an_unknown_transaction_is_new():
	[decision] = plan_by_content(FEED, [line()], {}, [])
	assert (decision.action, decision.source, decision.bank_account) == (Action.NEW, "feed", "Current")


def test_a_new_id_takes_over_the_transaction_that_the_removed_one_leaves():
	gone = line("old", state=LineState.REMOVED)
	transaction = held("T1", sources=frozenset({"feed"}), reconciled=True)
	link, remove = plan_by_content(FEED, [line("new")], {"T1": gone}, [transaction])
	assert (link.action, link.transaction, link.line.remote_id) == (Action.LINK, "T1", "new")
	assert (remove.action, remove.transaction, remove.line.remote_id) == (Action.REMOVE, "T1", "old")


def test_a_twin_of_a_removed_line_that_was_there_before_is_not_linked():
	gone = line("old", state=LineState.REMOVED)
	other = held("T2", sources=frozenset({"feed"}))
	[remove] = plan_by_content(FEED, [], {"T1": gone}, [other])
	assert (remove.action, remove.transaction) == (Action.REMOVE, "T1")


def test_what_a_user_deleted_does_not_come_back_under_another_id():
	[decision] = plan_by_content(FEED, [line("new")], {}, [held("T9", deleted=True)])
	assert (decision.action, decision.reason, decision.transaction) == (Action.HOLD, Reason.DELETED, "T9")


def test_amounts_do_not_meddle_with_each_other():
	lines = [line("a", "-1"), line("b", "-2")]
	decisions = plan_by_content(FEED, lines, {}, [held("T2", "-2.00")])
	assert [(d.line.remote_id, d.action) for d in decisions] == [("a", Action.NEW), ("b", Action.LINK)]
