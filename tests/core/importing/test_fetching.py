"""Each feature of a provider's `Page`, from a scripted provider into a real SQLite ledger."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import InstitutionDown, ProviderBug, RateLimited, TemporaryError
from dokos_banksync.core.importing.fetching import VANISHED, content_id
from dokos_banksync.core.model import Action, LineState, Page, Reason, RejectedRow
from dokos_banksync.core.provider import Context
from tests.core.scripted import DAY, NOW, Scene, pending, row

USER = Context(user_present=True)


@pytest.fixture
def scene(tmp_path):
	made = Scene(tmp_path)
	with made.ledger:
		yield made


@pytest.fixture
def two(tmp_path):
	made = Scene(tmp_path, "a", "b")
	with made.ledger:
		yield made


def waiting(scene, reason=Reason.PENDING):
	with scene.ledger.batch() as batch:
		return [known.line.remote_id for known in batch.held(scene.sources["a"], [reason])]


def reconcile(scene):
	scene.ledger.db.run("UPDATE bank_transaction SET status = 'Reconciled'")


def window(*rows, since=DAY, **more):
	"""A page with every booked row since a day."""
	return Page(rows, complete_from={"a": since}, **more)


# -- removed by id ---------------------------------------------------------------------------------------
def test_a_removed_id_takes_its_bank_transaction_away(scene):
	scene.sync(Page([row("1"), row("2", "-45")]))
	run = scene.sync(Page([], removed=[("a", "1")]))
	assert (scene.amounts(), run.removed) == (["-45.00"], 1)


def test_an_unknown_removed_id_is_ignored(scene):
	scene.sync(Page([row("1")]))
	run = scene.sync(Page([], removed=[("a", "never seen"), ("another account", "1")]))
	assert (scene.amounts(), run.removed, run.status) == (["-3.20"], 0, "Success")


def test_a_row_that_is_removed_and_then_given_again_stays(scene):
	scene.sync(Page([row("1")]))
	run = scene.sync(Page([], removed=[("a", "1")]), Page([row("1")]))
	assert (scene.amounts(), run.removed, run.unchanged) == (["-3.20"], 0, 1)


def test_a_row_that_is_given_and_then_removed_never_arrives(scene):
	run = scene.sync(Page([row("1"), row("2", "-45")]), Page([], removed=[("a", "1")]))
	assert (scene.amounts(), run.created, run.removed) == (["-45.00"], 1, 0)


def test_a_row_given_and_removed_on_one_page_never_arrives(scene):
	scene.sync(Page([row("1")], removed=[("a", "1")]))
	assert scene.amounts() == []


def test_a_removed_reconciled_row_is_stored_and_said_to_be(scene):
	scene.sync(Page([row("1")]))
	reconcile(scene)
	seen = []
	scene.sync(Page([], removed=[("a", "1")]), preview=seen.append)
	scene.sync(Page([], removed=[("a", "1")]))
	assert scene.amounts() == ["-3.20"]
	assert [(one.action, one.note) for one in seen] == [
		(Action.REMOVE, "Its bank transaction is reconciled and was kept")
	]


def test_a_row_that_is_removed_in_a_closed_period_stays_in_a_dry_run_and_in_the_run(scene):
	scene.sync(Page([row("1"), row("2", "-45", day=1)]))
	scene.ledger.set_lock_date("A", DAY)
	seen = []
	pages = [Page([], removed=[("a", "1"), ("a", "2")])]
	scene.sync(*pages, preview=seen.append)
	scene.sync(*pages)
	assert scene.amounts() == ["-3.20"]
	assert {(one.line.remote_id, one.note) for one in seen} == {
		("1", "Its bank transaction is in a closed period and was kept"),
		("2", ""),
	}


# -- rejected rows and foreign rows ------------------------------------------------------------------------
def test_rejected_rows_are_stored_counted_and_make_the_run_partial(scene):
	run = scene.sync(Page([row("1")], rejected=[RejectedRow("a", "2", "no amount", '{"id": 2}')]))
	assert (run.status, run.refused, scene.amounts()) == ("Partial", 1, ["-3.20"])
	assert len(waiting(scene, Reason.REFUSED)) == 1


def test_rows_of_an_account_that_was_not_requested_are_left_out(scene):
	run = scene.sync(Page([row("1"), row("2", "-45", account="b")]))
	assert (scene.amounts(), run.fetched, run.status) == (["-3.20"], 1, "Success")


# -- an account that fails alone ------------------------------------------------------------------------------
def test_an_account_fails_alone_and_the_other_goes_on(two):
	error = InstitutionDown("The bank does not answer for B")
	run = two.sync(
		Page([row("1"), row("2", account="b")], cursors={"a": "a1", "b": "b1"}),
		Page([], errors={"b": error}),
		Page([row("3", "-45")], cursors={"a": "a2"}),
	)
	assert (run.status, run.error_code) == ("Partial", error.code)
	assert run.error_message == "b: The bank does not answer for B"
	assert (two.cursor("a"), two.cursor("b")) == ("a2", "")
	assert (two.amounts("A"), two.amounts("B")) == (["-45.00", "-3.20"], ["-3.20"])


def test_an_account_that_failed_alone_is_read_again_from_its_old_cursor(two):
	two.sync(Page([], cursors={"a": "a1", "b": "b1"}))
	two.sync(Page([], cursors={"a": "a2", "b": "b2"}, errors={"b": TemporaryError("later")}))
	two.sync(Page([]))
	assert two.provider.requests[-1] == [("a", "a2"), ("b", "b1")]


def test_the_days_of_an_account_that_failed_alone_are_not_covered(two):
	two.sync(Page([], cursors={"a": "a1"}, errors={"b": TemporaryError("later")}))
	assert [one.complete for one in two.ledger.covered("A")] == [True]
	assert [one.complete for one in two.ledger.covered("B")] == [False]


# -- complete_from -----------------------------------------------------------------------------------------------
def test_booked_rows_that_a_complete_window_does_not_list_are_removed(scene):
	scene.sync(Page([row("old", "-1", day=-1), row("1"), row("2", "-45")]))
	run = scene.sync(window(row("2", "-45")))
	assert (scene.amounts(), run.removed) == (["-45.00", "-1.00"], 1)


def test_without_a_complete_window_nothing_is_removed(scene):
	scene.sync(Page([row("1"), row("2", "-45")]))
	scene.sync(Page([row("2", "-45")]))
	assert scene.amounts() == ["-45.00", "-3.20"]


def test_an_unlisted_reconciled_row_is_stored_and_said_to_be(scene):
	scene.sync(Page([row("1"), row("2", "-45")]))
	reconcile(scene)
	seen = []
	scene.sync(window(row("2", "-45")), preview=seen.append)
	scene.sync(window(row("2", "-45")))
	assert scene.amounts() == ["-45.00", "-3.20"]
	assert "Its bank transaction is reconciled and was kept" in [one.note for one in seen]


def test_pending_rows_are_no_part_of_a_complete_window(scene):
	scene.sync(Page([row("1"), pending("p")]))
	scene.sync(window(row("1")))
	assert waiting(scene) == ["p"]


def test_a_row_that_can_no_longer_be_read_is_not_taken_for_removed(scene):
	scene.sync(Page([row("1"), row("2", "-45")]))
	scene.sync(window(row("2", "-45"), rejected=[RejectedRow("a", "1", "no amount", "{}")]))
	assert scene.amounts() == ["-45.00", "-3.20"]
	scene.sync(window(row("2", "-45"), row("1", "NaN")))
	assert scene.amounts() == ["-45.00", "-3.20"]


def test_a_rejected_row_without_an_id_could_be_any_of_those_not_listed(scene):
	scene.sync(Page([row("1"), row("2", "-45"), pending("p")]))
	unread = RejectedRow("a", "", "no id", "{}")
	scene.sync(window(row("2", "-45"), rejected=[unread], pending_complete=frozenset("a")))
	assert (scene.amounts(), waiting(scene)) == (["-45.00", "-3.20"], ["p"])


def test_an_account_that_suddenly_lists_nothing_is_not_believed(scene):
	rows = [row(str(number), f"-{number}") for number in range(1, VANISHED + 1)]
	scene.sync(window(*rows, cursors={"a": "1"}))
	run = scene.sync(window(row("other", "-99"), cursors={"a": "2"}))
	assert (run.status, run.error_code) == ("Partial", ProviderBug.code)
	assert "lists none of the 5 transactions" in run.error_message
	assert (len(scene.booked()), scene.cursor()) == (VANISHED, "1")


def test_a_pending_row_does_not_make_an_empty_list_believable(scene):
	rows = [row(str(number), f"-{number}") for number in range(1, VANISHED + 1)]
	scene.sync(window(*rows))
	run = scene.sync(window(pending("p", "-1", day=0)))
	assert (run.status, len(scene.booked())) == ("Partial", VANISHED)


def test_fewer_rows_may_vanish_together(scene):
	rows = [row(str(number), f"-{number}") for number in range(1, VANISHED)]
	scene.sync(window(*rows))
	scene.sync(window())
	assert scene.amounts() == []


def test_rows_that_are_all_listed_under_new_ids_have_not_vanished(scene):
	def rows(first):
		return [row(str(first + number), f"-{number}") for number in range(1, VANISHED + 1)]

	scene.sync(window(*rows(0)))
	before = scene.booked()
	run = scene.sync(window(*rows(100)))
	assert (scene.booked(), run.status, run.created) == (before, "Success", 0)


# -- pending_complete ----------------------------------------------------------------------------------------------
def test_a_pending_row_under_a_new_id_each_day_is_announced_once(scene):
	for day in range(4):
		scene.now = NOW + timedelta(days=day)
		scene.sync(Page([pending(f"p{day}")], pending_complete=frozenset("a")))
	assert waiting(scene) == ["p3"]
	assert scene.booked() == []


def test_without_a_whole_pending_set_the_earlier_ones_stay(scene):
	scene.sync(Page([pending("p0")]))
	scene.sync(Page([pending("p1")]))
	assert sorted(waiting(scene)) == ["p0", "p1"]


def test_a_pending_row_that_books_under_another_id_leaves_one_bank_transaction(scene):
	scene.sync(Page([pending("p")], pending_complete=frozenset("a")))
	scene.sync(Page([row("b", "-8", "RESTAURANT", 10)], pending_complete=frozenset("a")))
	assert (scene.amounts(), waiting(scene)) == (["-8.00"], [])


# -- restart -------------------------------------------------------------------------------------------------------
def test_a_restart_drops_the_rows_before_it(scene):
	again = Page([row("2", "-45")], restart=frozenset("a"), cursors={"a": "2"})
	run = scene.sync(Page([row("1")]), again)
	assert (scene.amounts(), run.created, scene.cursor()) == (["-45.00"], 1, "2")


def test_a_cursor_removal_or_promise_from_before_a_restart_counts_no_more(scene):
	scene.sync(Page([row("1"), pending("p")], cursors={"a": "0"}))
	void = window(row("2", "-45"), cursors={"a": "1"}, removed=[("a", "1")], pending_complete=frozenset("a"))
	scene.sync(void, Page([], restart=frozenset("a")))
	assert (scene.amounts(), waiting(scene), scene.cursor()) == (["-3.20"], ["p"], "0")


def test_a_restart_of_one_account_leaves_the_other(two):
	two.sync(Page([row("1"), row("2", account="b")]), Page([], restart=frozenset("a")))
	assert (two.amounts("A"), two.amounts("B")) == ([], ["-3.20"])


# -- unstable ids ----------------------------------------------------------------------------------------------------
UNSTABLE = frozenset("a")


def unstable(*rows, since=DAY, **more):
	return Page(rows, complete_from={"a": since} if since else {}, unstable_ids=UNSTABLE, **more)


def test_two_equal_rows_stay_two_and_a_third_is_one_more(scene):
	assert scene.sync(unstable(row("1"), row("2"))).created == 2
	assert scene.sync(unstable(row("7"), row("1"))).created == 0
	assert scene.sync(unstable(row("3"), row("4"), row("5"))).created == 1
	assert scene.amounts() == ["-3.20"] * 3


def test_one_of_three_equal_rows_goes(scene):
	scene.sync(unstable(row("1"), row("2"), row("3")))
	run = scene.sync(unstable(row("1"), row("2")))
	assert (scene.amounts(), run.removed) == (["-3.20"] * 2, 1)


def test_ids_that_are_dealt_anew_at_each_call_bring_nothing_new(scene):
	amounts = ["-1", "-2", "-3", "-4", "-5", "-6"]
	scene.sync(unstable(*(row(str(n), amount) for n, amount in enumerate(amounts))))
	run = scene.sync(unstable(*(row(str(n), amount) for n, amount in enumerate(reversed(amounts)))))
	assert (run.created, run.removed, run.unchanged) == (0, 0, 6)


def test_a_row_that_is_given_twice_in_one_fetch_is_one_row(scene):
	run = scene.sync(unstable(row("1"), row("2", "-45")), unstable(row("2", "-45"), row("3", "-7")))
	assert (run.created, scene.amounts()) == (3, ["-45.00", "-7.00", "-3.20"])


def test_rows_without_an_id_are_counted(scene):
	assert scene.sync(unstable(row(""), row(""))).created == 2
	assert scene.sync(unstable(row(""), row(""))).created == 0


def test_a_label_that_changes_keeps_its_bank_transaction(scene):
	scene.sync(unstable(row("1", label="CB CAFE DU PORT 1203"), row("2", "-45")))
	[before] = [one.name for one in scene.ledger.transactions() if one.amount == Decimal("-3.20")]
	run = scene.sync(unstable(row("1", label="CB CAFE DU PORT"), row("2", "-45")))
	[after] = [one.name for one in scene.ledger.transactions() if one.amount == Decimal("-3.20")]
	assert (before, run.created) == (after, 0)


def test_a_partial_failure_drops_what_was_staged(two):
	two.sync(unstable(row("1"), row("2"), cursors={"a": "1"}))
	failed = Page([], errors={"a": TemporaryError("later")})
	run = two.sync(unstable(row("9", "-45"), row("1")), failed, Page([row("b1", account="b")]))
	assert (two.amounts("A"), two.amounts("B"), two.cursor()) == (["-3.20"] * 2, ["-3.20"], "1")
	assert run.created == 1


def test_a_list_of_unstable_ids_that_is_not_believed_brings_nothing(scene):
	scene.sync(unstable(*(row("", f"-{number}") for number in range(1, VANISHED + 1))))
	run = scene.sync(unstable(row("", "-99")))
	assert (run.status, len(scene.booked())) == ("Partial", VANISHED)


def test_an_unreadable_row_among_unstable_ids_removes_nothing(scene):
	scene.sync(unstable(row("1"), row("2")))
	scene.sync(unstable(row("1"), rejected=[RejectedRow("a", "2", "no amount", "{}")]))
	assert scene.amounts() == ["-3.20"] * 2


def test_ids_that_are_declared_unstable_too_late_stop_the_run(scene):
	with pytest.raises(ProviderBug, match="unstable after it had given rows"):
		scene.sync(Page([row("1")]), unstable())
	assert scene.booked() == []


@pytest.mark.parametrize(
	"change",
	[
		*({"date": DAY + timedelta(1)}, {"amount": Decimal("-3.21")}, {"currency": "USD"}),
		*({"original": "CB THE"}, {"reference": "R"}, {"party_iban": "FR76"}, {"state": LineState.PENDING}),
	],
)
def test_an_id_made_of_content_differs_with_the_content(change):
	one = row("1")
	assert content_id(one, 1) != content_id(one._replace(**change), 1)
	assert content_id(one, 1) != content_id(one, 2)


def test_an_id_made_of_content_ignores_how_an_amount_is_written():
	assert content_id(row("1", "-3.2"), 1) == content_id(row("2", "-3.20", raw="other"), 1)


# -- capabilities ------------------------------------------------------------------------------------------------------
def test_where_calls_are_scarce_no_optional_call_is_made(scene):
	scene.sync(Page([row("1")], cursors={"a": "1"}))
	scene.provider.calls = Counter()
	run = scene.sync(Page([row("2")], cursors={"a": "2"}))
	assert [check.complete for check in run.checks] == [False]
	assert scene.provider.calls == {"status": 1, "accounts": 1, "changes": 1}


def test_where_calls_are_free_the_balance_is_read_again_and_so_are_earlier_days(tmp_path):
	scene = Scene(tmp_path, reread=True)
	scene.sync(Page([row("1")], cursors={"a": "1"}))
	scene.provider.calls = Counter()
	scene.now = NOW + timedelta(days=8)
	scene.sync(Page([row("2", "-45")], cursors={"a": "2"}))
	assert scene.provider.calls == {"status": 1, "accounts": 2, "changes": 2}


def test_an_account_that_fails_while_earlier_days_are_read_keeps_its_pending_rows(tmp_path):
	scene = Scene(tmp_path, reread=True)
	scene.sync(Page([pending("p")], cursors={"a": "1"}))
	scene.now = NOW + timedelta(days=8)
	run = scene.sync(Page([], errors={"a": TemporaryError("later")}))
	assert (waiting(scene), run.status, scene.provider.calls["changes"]) == (["p"], "Partial", 2)


def test_an_account_that_fails_only_while_earlier_days_are_read_keeps_its_pending_rows_too(tmp_path):
	scene = Scene(tmp_path, reread=True)
	scene.sync(Page([pending("p")], cursors={"a": "1"}))
	scene.now = NOW + timedelta(days=8)
	whole = scene.provider.changes

	def changes(access, requests, context=None):
		if requests[0].cursor:
			return whole(access, requests, context)
		return iter([Page([], errors={"a": TemporaryError("later")})])

	scene.provider.changes = changes
	run = scene.sync(Page([]))
	assert (waiting(scene), run.status) == (["p"], "Partial")


@pytest.mark.parametrize(("context", "calls"), [(USER, 1), (Context(), 0)])
def test_the_bank_is_read_now_only_for_a_user_who_waits(tmp_path, context, calls):
	scene = Scene(tmp_path, refresh=True)
	scene.sync(Page([row("1")]), context=context)
	assert scene.provider.calls["refresh"] == calls


def test_a_provider_without_refresh_is_not_asked_for_it(scene):
	scene.sync(Page([]), context=USER)
	assert scene.provider.calls["refresh"] == 0


def test_a_dry_run_does_not_make_the_bank_work(tmp_path):
	scene = Scene(tmp_path, refresh=True)
	scene.sync(Page([]), context=USER, preview=lambda decision: None)
	assert scene.provider.calls["refresh"] == 0


def test_a_refused_refresh_does_not_stop_the_run(tmp_path):
	scene = Scene(tmp_path, refresh=True)
	scene.provider.refresh_fails = RateLimited("Too many calls", until=NOW + timedelta(hours=6))
	run = scene.sync(Page([row("1")]), context=USER)
	assert (run.status, scene.amounts()) == ("Success", ["-3.20"])
