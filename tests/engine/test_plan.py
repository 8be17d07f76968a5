from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.engine.model import LineState, Reason, Verdict
from dokos_banksync.engine.plan import plan_known, plan_new
from tests.engine.build import DAY, FEED, held, line, tied


def sort(given, known=(), feed=FEED):
	return plan_known(feed, given, {k.line.remote_id: k for k in known})


def only(given, known=(), feed=FEED):
	out = sort([given], known, feed)
	assert not out.fresh
	assert not out.freed
	[decision] = out.decisions
	return decision


def test_an_unknown_booked_line_is_matched_by_content():
	assert sort([line()]).fresh == [line()]


def test_a_removal_of_a_line_never_seen_says_nothing():
	out = sort([line(state=LineState.REMOVED)])
	assert (out.decisions, out.fresh, out.freed) == ([], [], [])


@pytest.mark.parametrize(
	("state", "reason"), [(LineState.PENDING, Reason.PENDING), (LineState.FUTURE, Reason.FUTURE)]
)
def test_what_is_not_booked_is_kept_as_a_line_only(state, reason):
	decision = only(line(state=state))
	assert (decision.verdict, decision.reason, decision.transaction) == (Verdict.HOLD, reason, "")


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
	known = tied(line(raw="{}", updated_at=None), held())
	assert only(line(raw='{"other": "form"}'), [known]).verdict is Verdict.SAME


def test_a_change_at_the_bank_changes_what_no_person_changed():
	before = line(category="79")
	transaction = held(category="Bank fees", description=before.description)
	decision = only(before._replace(amount=Decimal("-3.50"), category="90"), [tied(before, transaction)])
	assert decision.verdict is Verdict.UPDATE
	assert decision.changes == {"amount": Decimal("-3.50"), "category": "90"}


def test_a_category_chosen_by_a_person_is_kept():
	before = line(category="79")
	decision = only(before._replace(category="90"), [tied(before, held(category="My own"))])
	assert (decision.verdict, decision.changes) == (Verdict.UPDATE, {})


def test_a_reconciled_amount_is_kept_and_the_difference_is_named():
	before = line()
	decision = only(before._replace(amount=Decimal("-9")), [tied(before, held(reconciled=True))])
	assert "amount" not in decision.changes
	assert "reconciled" in decision.note


def test_an_amount_in_a_locked_period_is_kept():
	before = line()
	feed = FEED._replace(lock_date=DAY)
	assert only(before._replace(amount=Decimal("-9")), [tied(before, held())], feed).changes == {}


def test_what_the_bank_takes_back_is_freed_with_the_amount_it_had():
	before = line("7")
	out = sort([line("7", amount="0", state=LineState.REMOVED)], [tied(before, held("T7"))])
	[(gone, name)] = out.freed
	assert (gone.amount, gone.state, name) == (before.amount, LineState.REMOVED, "T7")


def test_a_pending_line_that_the_bank_drops_is_removed_once():
	before = line(state=LineState.PENDING)
	gone = line(state=LineState.REMOVED)
	first = only(gone, [tied(before, reason=Reason.PENDING)])
	assert (first.verdict, first.transaction) == (Verdict.REMOVE, "")
	assert only(gone, [tied(first.line, reason=Reason.REMOVED)]).verdict is Verdict.SAME


def test_a_future_line_that_books_is_matched_like_a_new_one():
	before = line(state=LineState.FUTURE)
	assert sort([line()], [tied(before, reason=Reason.FUTURE)]).fresh == [line()]


def test_a_line_held_before_the_start_date_comes_in_when_the_date_moves():
	assert sort([line()], [tied(line(), reason=Reason.BEFORE_START)]).fresh == [line()]


def test_what_a_person_deleted_stays_deleted_when_the_bank_changes_it():
	known = tied(line(), held(deleted=True), Reason.DELETED)
	decision = only(line(amount="-4"), [known])
	assert (decision.verdict, decision.reason) == (Verdict.HOLD, Reason.DELETED)


def test_a_line_of_an_unknown_transaction_is_new():
	[decision] = plan_new(FEED, [line()], {}, [])
	assert (decision.verdict, decision.source, decision.bank_account) == (Verdict.NEW, "feed", "Current")


def test_a_new_id_adopts_the_transaction_that_the_removed_one_leaves():
	gone = line("old", state=LineState.REMOVED)
	transaction = held("T1", sources=frozenset({"feed"}), reconciled=True)
	adopt, remove = plan_new(FEED, [line("new")], {"T1": gone}, [transaction])
	assert (adopt.verdict, adopt.transaction, adopt.line.remote_id) == (Verdict.ADOPT, "T1", "new")
	assert (remove.verdict, remove.transaction, remove.line.remote_id) == (Verdict.REMOVE, "T1", "old")


def test_a_twin_of_a_removed_line_that_was_there_before_is_not_adopted():
	gone = line("old", state=LineState.REMOVED)
	other = held("T2", sources=frozenset({"feed"}))
	[remove] = plan_new(FEED, [], {"T1": gone}, [other])
	assert (remove.verdict, remove.transaction) == (Verdict.REMOVE, "T1")


def test_what_a_person_deleted_does_not_come_back_under_another_id():
	[decision] = plan_new(FEED, [line("new")], {}, [held("T9", deleted=True)])
	assert (decision.verdict, decision.reason, decision.transaction) == (Verdict.HOLD, Reason.DELETED, "T9")


def test_amounts_do_not_meddle_with_each_other():
	lines = [line("a", "-1"), line("b", "-2")]
	decisions = plan_new(FEED, lines, {}, [held("T2", "-2.00")])
	assert [(d.line.remote_id, d.verdict) for d in decisions] == [("a", Verdict.NEW), ("b", Verdict.ADOPT)]
