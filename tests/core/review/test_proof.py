"""Does it add up, and if not: by what, and since when? And which days were asked for?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.errors import InvalidData, NotFound, TemporaryError
from dokos_banksync.core.importing import sync
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import Reason, RejectedRow
from dokos_banksync.core.records import Covered
from dokos_banksync.core.review import dry_run
from dokos_banksync.core.review.accepting import accept
from dokos_banksync.core.review.coverage import DayState, strip
from dokos_banksync.core.review.missing import take
from dokos_banksync.core.review.proof import certify, prove
from tests.core.build import line
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import OPENING, START
from tests.core.review.test_undo import reconcile

DAY = date(2026, 1, 5)


def days(*numbers):
	return [DAY + timedelta(days=number) for number in numbers]


def covered(first, last, complete=True):
	return Covered("run", "feed", "Current", *days(first, last), complete)


def states(stretches):
	return [(one.state, one.days) for one in stretches]


# -- the strip -------------------------------------------------------------------------------------------
def test_a_day_is_fetched_empty_failed_or_never_asked():
	first, last = days(0, 7)
	asked = [covered(1, 3), covered(4, 5, complete=False)]
	counts = {days(2)[0]: 3}
	assert states(strip(asked, counts, first, last)) == [
		(DayState.NEVER, 1),
		(DayState.EMPTY, 1),
		(DayState.FETCHED, 1),
		(DayState.EMPTY, 1),
		(DayState.FAILED, 2),
		(DayState.NEVER, 2),
	]


def test_a_failure_is_healed_by_a_later_success():
	first, last = days(0, 3)
	asked = [covered(0, 3, complete=False), covered(0, 3)]
	assert states(strip(asked, {}, first, last)) == [(DayState.EMPTY, 4)]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), st.booleans())), st.integers(0, 40))
def test_the_strip_has_every_day_once(rows, length):
	asked = [covered(first, first + more, good) for first, more, good in rows]
	first, last = days(0, length)
	found = strip(asked, {}, first, last)
	assert found[0].first == first
	assert found[-1].last == last
	assert sum(one.days for one in found) == length + 1
	assert all(b.first - a.last == timedelta(days=1) for a, b in pairwise(found))
	assert all(a.state is not b.state for a, b in pairwise(found))


def of_days(story, first, last):
	counts = {row[0]: row[3] for row in story.ledger.turnover("Current", first, last)}
	return states(strip(story.ledger.covered("Current"), counts, first, last))


def test_runs_that_follow_one_another_leave_no_day_out(story):
	"""A run that fails leaves its days to the next one, which goes on where the last good one ended."""
	put(story.bank, day=START.date())
	story.sync()
	begin = START.date()
	story.bank.now = START + timedelta(days=5)
	story.provider.fail_after = 0
	with pytest.raises(TemporaryError):
		story.sync()
	failed = of_days(story, begin, begin + timedelta(days=5))
	assert failed[-1][0] is DayState.FAILED
	story.provider.fail_after = None
	story.bank.now = START + timedelta(days=7)
	story.sync()
	assert {state for state, _ in of_days(story, begin, begin + timedelta(days=7))} == {
		DayState.FETCHED,
		DayState.EMPTY,
	}


def test_the_days_before_the_start_were_never_asked_for_until_somebody_does(story):
	begin = START.date()
	[account] = story.ledger.accounts(story.connection)
	story.ledger.link(account.source, "Current", begin)
	put(story.bank, day=begin)
	story.sync()
	before = begin - timedelta(days=3)
	assert of_days(story, before, begin)[0] == (DayState.NEVER, 3)
	take(story.ledger, story.provider, story.connection, before, lambda: story.bank.now)
	assert of_days(story, before, begin)[0] == (DayState.EMPTY, 3)


def test_a_file_covers_its_days(story):
	given = [line("1"), line("2", day=4)]
	run = import_rows(
		story.ledger, "Current", FileRows("a.csv", "file:a", given), clock=lambda: story.bank.now
	)
	first, last = given[0].date - timedelta(days=1), given[1].date + timedelta(days=1)
	message = [
		(DayState.NEVER, 1),
		(DayState.FETCHED, 1),
		(DayState.EMPTY, 3),
		(DayState.FETCHED, 1),
		(DayState.NEVER, 1),
	]
	assert of_days(story, first, last) == message
	story.ledger.undo(run.name)
	assert {state for state, _ in of_days(story, first, last)} == {DayState.NEVER, DayState.FAILED}


def test_a_file_that_was_imported_twice_covers_nothing_once_its_rows_are_undone(story):
	given = [line("1"), line("2", day=4)]
	rows = FileRows("a.csv", "file:a", given)
	run, _ = (import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now) for _ in range(2))
	story.ledger.undo(run.name)
	states = {state for state, _ in of_days(story, given[0].date, given[1].date)}
	assert states <= {DayState.NEVER, DayState.FAILED}


@pytest.mark.parametrize("twice", [False, True], ids=["imported once", "imported twice"])
def test_the_days_of_a_file_go_and_come_with_its_rows(story, twice):
	given = [line("1"), line("2", day=4)]
	rows, days = FileRows("a.csv", "file:a", given), (given[0].date, given[1].date)
	run = import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	if twice:
		import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	covered = of_days(story, *days)
	assert {state for state, _ in covered} == {DayState.FETCHED, DayState.EMPTY}
	undo = story.ledger.undo(run.name).run
	for _ in range(2):
		assert {state for state, _ in of_days(story, *days)} == {DayState.FAILED}
		undo = story.ledger.undo(undo.name).run
		assert of_days(story, *days) == covered
		undo = story.ledger.undo(undo.name).run


def test_days_that_were_fetched_in_part_stay_so_after_undo_and_redo(story):
	given = [line("1"), line("2", day=4)]
	rows = FileRows("a.csv", "file:a", given, refused=[RejectedRow("", "R1", "unreadable", "?")])
	run = import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	undo = story.ledger.undo(run.name).run
	story.ledger.undo(undo.name)
	assert [one.complete for one in story.ledger.covered("Current")] == [False]


def test_rejected_rows_of_a_file_go_and_come_with_its_other_rows(story):
	given = [line("1"), line("2", day=4)]
	rows = FileRows("a.csv", "file:a", given, refused=[RejectedRow("", "R1", "unreadable", "?")])
	run = import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	query = "SELECT * FROM sync_line WHERE reason = 'Refused'"
	rejected = [tuple(row) for row in story.ledger.db.rows(query)]
	assert len(rejected) == 1
	undo = story.ledger.undo(run.name).run
	for _ in range(2):
		assert story.ledger.db.rows(query) == []
		undo = story.ledger.undo(undo.name).run
		assert [tuple(row) for row in story.ledger.db.rows(query)] == rejected
		undo = story.ledger.undo(undo.name).run


def test_rows_that_an_undo_keeps_away_keep_their_days(story):
	given = [line("1"), line("2", day=4)]
	run = import_rows(
		story.ledger, "Current", FileRows("a.csv", "file:a", given), clock=lambda: story.bank.now
	)
	undo = story.ledger.undo(run.name, again=False).run
	assert [one.complete for one in story.ledger.covered("Current")] == [True]
	story.ledger.undo(undo.name, again=False)
	assert [one.complete for one in story.ledger.covered("Current")] == [True]


def test_a_dry_run_asks_for_nothing(story):
	put(story.bank)
	sync.sync(
		story.ledger, story.provider, story.connection, clock=lambda: story.bank.now, preview=lambda _: None
	)
	assert story.ledger.covered("Current") == []


# -- the proof -------------------------------------------------------------------------------------------
def test_nothing_is_proven_before_a_run(story):
	found = prove(story.ledger, "Current")
	assert (found.checked, found.complete, found.proven_at) == (None, False, None)
	with pytest.raises(NotFound):
		prove(story.ledger, "nobody")


def test_where_bank_and_books_agree(story):
	put(story.bank)
	story.sync()
	found = prove(story.ledger, "Current")
	assert found.complete
	assert (found.proven_at, found.first_day, found.causes) == (story.bank.now, None, ())


def test_the_peers_failure_a_difference_without_a_name(story):
	"""Row 14 of the pains: the balance differs, and no tool finds why. A deleted row is named, with its day."""
	put(story.bank, "-3.20", day=DAY)
	put(story.bank, "7", day=DAY + timedelta(days=1))
	story.sync()
	[row] = [row for row in story.transactions() if row.amount == 7]
	story.ledger.delete_transaction(row.name)
	story.sync()
	found = prove(story.ledger, "Current")
	assert not found.complete
	assert found.checked.check.difference == 7
	[cause] = found.causes
	assert (cause.reason, cause.amount, cause.exact) == (Reason.DELETED, Decimal(7), True)
	assert [item.day for item in cause.items] == [DAY + timedelta(days=1)]
	assert found.first_day == DAY + timedelta(days=1)
	assert found.proven_at is not None


def test_of_several_deleted_the_one_that_explains_it_is_named(story):
	for amount in ("1", "2", "4"):
		put(story.bank, amount)
	story.sync()
	[row] = [row for row in story.transactions() if row.amount == 4]
	for one in story.transactions():
		story.ledger.delete_transaction(one.name)
	story.bank.balance = lambda: OPENING + 4
	story.sync()
	[cause] = prove(story.ledger, "Current").causes
	assert cause.exact
	assert [item.label for item in cause.items] == [row.description]


def test_one_entered_by_hand_is_named(story):
	put(story.bank, "-3.20")
	by_hand = put(story.bank, "7")
	story.sync()
	[row] = [row for row in story.transactions() if row.amount == 7]
	del story.bank.rows[by_hand.id]
	story.ledger.db.run("DELETE FROM sync_line WHERE bank_transaction = ?", (row.name,))
	story.bank.balance = lambda: OPENING - Decimal("3.20")
	story.sync()
	[cause] = prove(story.ledger, "Current").causes
	assert (cause.reason, cause.amount, cause.exact) == (Reason.NONE, Decimal(-7), True)


def test_a_reconciled_one_that_the_bank_took_back_is_named(story):
	row = put(story.bank, "7")
	put(story.bank)
	story.sync()
	reconcile(story, next(t.name for t in story.transactions() if t.amount == 7))
	story.bank._tombstone(row)
	story.sync()
	[cause] = prove(story.ledger, "Current").causes
	assert (cause.reason, cause.exact) == (Reason.REMOVED, True)


def test_a_difference_that_nothing_explains_has_a_first_day(story):
	put(story.bank)
	story.sync()
	proven = story.bank.now
	story.bank.now += timedelta(days=3)
	story.bank.balance = lambda: OPENING
	story.sync()
	found = prove(story.ledger, "Current")
	assert (found.causes, found.first_day, found.proven_at) == ([], proven.date(), proven)


def test_an_opening_founded_without_a_deleted_row_is_put_right_when_it_comes_back(story):
	"""The first comparison with the bank comes between the decision and its undoing."""
	row = put(story.bank, "7")
	put(story.bank)
	given = [line(r.id, amount=str(r.amount), label=r.label, date=r.day) for r in story.bank.rows.values()]
	import_rows(story.ledger, "Current", FileRows("a.csv", "file:a", given), clock=lambda: story.bank.now)
	wrong = next(one for one in story.transactions() if one.amount == row.amount)
	run = story.ledger.remove(wrong.name)
	assert story.sync().checks[0].opening == OPENING + 7
	undone = story.ledger.undo(run.name)
	assert story.sync().checks[0].opening == OPENING
	assert prove(story.ledger, "Current").complete
	story.ledger.undo(undone.run.name)
	assert story.sync().checks[0].opening == OPENING + 7


def test_a_difference_is_taken_into_the_opening_when_a_user_says_so(story):
	put(story.bank, "7")
	put(story.bank)
	story.sync()
	story.ledger.delete_transaction(next(one.name for one in story.transactions() if one.amount == 7))
	story.sync()
	assert accept(story.ledger, "Current").checked.check.difference == 7
	with pytest.raises(InvalidData, match="no difference"):
		accept(story.ledger, "Current")
	assert story.sync().checks[0].opening == OPENING + 7
	assert prove(story.ledger, "Current").complete
	with pytest.raises(InvalidData, match="no difference"):
		accept(story.ledger, "Current")


def test_the_last_check_is_the_last_one_whatever_the_clock_said(story):
	"""A run went while our clock was a year ahead; the next one, at the right time, counts."""
	put(story.bank)
	story.sync()
	right = story.bank.now
	story.bank.now += timedelta(days=365)
	truth, story.bank.balance = story.bank.balance, lambda: OPENING
	story.sync()
	story.bank.now, story.bank.balance = right, truth
	story.sync()
	assert prove(story.ledger, "Current").complete


def test_undone_rows_are_named_and_gone_with_the_redo(story):
	put(story.bank, "7")
	story.sync()
	put(story.bank)
	run = story.sync()
	undone = story.ledger.undo(run.name)
	story.sync()
	[cause] = prove(story.ledger, "Current").causes
	assert (cause.reason, cause.exact) == (Reason.UNDONE, True)
	story.ledger.undo(undone.run.name)
	story.sync()
	assert prove(story.ledger, "Current").complete


# -- the certificate -------------------------------------------------------------------------------------
@pytest.fixture
def january(story):
	"""A month that was fetched whole, and proven in February."""
	[account] = story.ledger.accounts(story.connection)
	story.ledger.link(account.source, "Current", date(2025, 12, 1))
	put(story.bank, "100", day=date(2025, 12, 31))
	put(story.bank, "-3.20", day=date(2026, 1, 1))
	put(story.bank, "7", day=date(2026, 1, 31))
	put(story.bank, "50", day=date(2026, 2, 1))
	story.bank.now = START.replace(month=2, day=3)
	story.sync()
	return story


def test_a_month_is_certified_with_its_sums(january):
	made = certify(january.ledger, "Current", date(2026, 1, 15))
	assert (made.first, made.last) == (date(2026, 1, 1), date(2026, 1, 31))
	assert (made.opening, made.money_in, made.money_out) == (OPENING + 100, Decimal(7), Decimal("-3.20"))
	assert (made.closing, made.count) == (OPENING + Decimal("103.80"), 2)
	assert made.proven_at == january.bank.now
	assert sum(one.days for one in made.stretches) == 31
	assert (made.gaps, made.held, made.complete) == ([], [], True)


def test_a_month_that_is_not_over_is_not_complete(january):
	made = certify(january.ledger, "Current", date(2026, 2, 1))
	assert made.proven_at is None
	assert [gap.first for gap in made.gaps] == [date(2026, 2, 4)]
	assert not made.complete


def test_a_month_with_days_that_failed_is_not_complete(january):
	first, last = date(2026, 1, 1), date(2026, 1, 31)
	cut = date(2026, 1, 20)
	january.ledger.covered = lambda bank_account: [
		Covered("run 1", "feed", bank_account, first, cut, complete=True),
		Covered("run 2", "feed", bank_account, cut + timedelta(days=1), last, complete=False),
	]
	made = certify(january.ledger, "Current", first)
	assert (made.closing, made.proven_at) == (OPENING + Decimal("103.80"), january.bank.now)
	assert [(gap.state, gap.days) for gap in made.gaps] == [(DayState.FAILED, 11)]
	assert not made.complete


def test_a_month_before_the_books_has_no_balance(january):
	made = certify(january.ledger, "Current", date(2025, 11, 1))
	assert (made.opening, made.closing, made.complete) == (None, None, False)


def test_what_was_deleted_since_stands_on_the_certificate_and_breaks_no_other_month(january):
	row = next(row for row in january.transactions() if row.amount == 7)
	january.ledger.delete_transaction(row.name)
	made = certify(january.ledger, "Current", date(2026, 1, 1))
	assert [(item.amount, item.reason) for item in made.held] == [(Decimal(7), Reason.DELETED)]
	assert (made.proven_at, made.complete) == (None, False)
	before = certify(january.ledger, "Current", date(2025, 12, 1))
	assert (before.held, before.proven_at) == ([], january.bank.now)
	january.sync()
	assert certify(january.ledger, "Current", date(2026, 1, 1)).proven_at is None
	assert certify(january.ledger, "Current", date(2025, 12, 1)).proven_at == january.bank.now


def test_what_was_deleted_before_the_proof_is_a_part_of_it(january):
	"""The bank's balance itself says that the deleted one was none."""
	put(january.bank, "9", day=date(2026, 1, 3))
	january.bank.balance = lambda: OPENING + Decimal("153.80")
	january.sync()
	wrong = next(row for row in january.transactions() if row.amount == 9)
	january.ledger.clock = lambda: january.bank.now
	january.ledger.delete_transaction(wrong.name)
	january.bank._tick()
	january.sync()
	made = certify(january.ledger, "Current", date(2026, 1, 1))
	assert [item.amount for item in made.held] == [Decimal(9)]
	assert made.complete


def test_leap_days_belong_to_february(january):
	assert certify(january.ledger, "Current", date(2028, 2, 29)).last == date(2028, 2, 29)
	assert certify(january.ledger, "Current", date(2026, 12, 31)).last == date(2026, 12, 31)


def test_a_row_that_came_since_makes_an_old_certificate_worthless_until_the_next_proof(story):
	"""A file brings a row of a month that was proven before: what was proven is not what is there now."""
	put(story.bank, "10")
	story.bank.now += timedelta(days=90)
	story.sync()
	february, march = date(2026, 2, 1), date(2026, 3, 1)
	assert certify(story.ledger, "Current", february).complete
	later = story.bank.now + timedelta(days=1)
	rows = FileRows("a.csv", "file:a", [line("1", amount="-3.20", date=march)])
	story.ledger.clock = lambda: later
	import_rows(story.ledger, "Current", rows, clock=lambda: later)
	assert certify(story.ledger, "Current", february).complete, "the row lies after it"
	assert certify(story.ledger, "Current", march).proven_at is None


# -- a row that two sources tell of -------------------------------------------------------------------
def stated_twice(story):
	"""A row by a file and by the feed."""
	rows = FileRows("a.csv", "file:a", [line("a", "77", "VIR XX", date=story.bank.now.date())])
	import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	put(story.bank, "77", "VIR XX", story.bank.now.date())
	put(story.bank)
	assert story.sync().linked == 1


def test_a_deleted_row_of_two_sources_is_one_cause(story):
	stated_twice(story)
	story.ledger.remove(next(one.name for one in story.transactions() if one.amount == 77))
	story.sync()
	[cause] = prove(story.ledger, "Current").causes
	assert (cause.amount, cause.exact, len(cause.items)) == (77, True, 1)
	assert len(certify(story.ledger, "Current", story.bank.now.date()).held) == 1


def test_an_opening_balance_leaves_out_once_what_two_sources_report(story):
	rows = FileRows("a.csv", "file:a", [line("a", "77", "VIR XX", date=story.bank.now.date())])
	shown = dry_run.plan_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	plan = dry_run.approve(story.ledger, shown.key, [row.id for row in shown.rows])
	import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now, plan=plan)
	put(story.bank, "77", "VIR XX", story.bank.now.date())
	put(story.bank, day=DAY - timedelta(days=1))
	run = story.sync()
	assert [one.reason for one in story.ledger.lines() if one.amount == 77] == ["Left out by a user"] * 2
	assert run.checks[0].opening == OPENING


# -- as the books are now ----------------------------------------------------------------------------------
def wrong_file(story, amount="-7.77", day=0, name="wrong.csv"):
	rows = [line("w", amount=amount, label="CB NOBODY", date=START.date() + timedelta(days=day))]
	return import_rows(
		story.ledger, "Current", FileRows(name, f"file:{name}", rows), clock=lambda: story.bank._tick()
	)


def test_rows_of_a_file_imported_since_the_check_are_named_and_gone_with_its_undo(story):
	put(story.bank, "10", day=START.date())
	story.sync()
	story.ledger.clock = lambda: story.bank._tick()
	assert prove(story.ledger, "Current").complete
	run = wrong_file(story)
	found = prove(story.ledger, "Current")
	assert (found.complete, found.checked.check.difference) == (False, Decimal("7.77"))
	[cause] = [one for one in found.causes if one.exact]
	assert (cause.origin.subject, [item.day for item in cause.items]) == ("wrong.csv", [START.date()])
	assert found.first_day == START.date()
	story.ledger.undo(run.name)
	assert prove(story.ledger, "Current").complete


def test_a_row_of_a_later_day_than_the_balance_is_not_proven_and_no_difference(story):
	put(story.bank, "10", day=START.date())
	story.sync()
	wrong_file(story, day=40)
	found = prove(story.ledger, "Current")
	assert (found.complete, found.since) == (True, Decimal("-7.77"))


def test_the_balance_of_an_old_file_does_not_hide_the_difference_of_the_feed(story):
	put(story.bank, "10", day=START.date())
	story.sync()
	[row] = story.transactions()
	story.ledger.delete_transaction(row.name)
	story.sync()
	old = START.date() - timedelta(days=60)
	rows = FileRows("old.csv", "file:old", [line("o", amount="1", date=old)], (), OPENING + 1, old)
	import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	assert not prove(story.ledger, "Current").complete


def test_the_two_rows_that_are_the_difference_are_found_among_others(story):
	put(story.bank, "10", day=START.date())
	story.sync()
	story.ledger.clock = lambda: story.bank._tick()
	amounts = ("-1", "-2", "-40", "-800")
	lines = [line(a, amount=a, label=f"CB {a}", date=START.date()) for a in amounts]
	import_rows(story.ledger, "Current", FileRows("w.csv", "file:w", lines), clock=story.ledger.clock)
	story.bank.balance = lambda: OPENING + 10 - 42
	story.sync()
	[cause] = [one for one in prove(story.ledger, "Current").causes if one.origin]
	assert (cause.exact, sorted(item.amount for item in cause.items)) == (True, [1, 800])


def test_an_opening_balance_founded_on_a_misreading_is_corrected_with_the_reading(story):
	ledger, now = story.ledger, lambda: story.bank.now
	ledger.add_bank_account("Dollars", "Banque du Port", "USD")
	day = START.date()

	def taken(amounts):
		lines = [
			line(f"{n}", amount=a, label=f"SUPPLIER {n}", date=day, currency="USD")
			for n, a in enumerate(amounts)
		]
		return import_rows(
			ledger, "Dollars", FileRows("d.csv", "file:d", lines, (), Decimal(900), day), clock=now
		)

	taken(["33.50", "66.50"])
	assert ledger.bank_account("Dollars").opening_balance == 800
	taken(["-33.50", "-66.50"])
	assert ledger.bank_account("Dollars").opening_balance == 1000
	assert prove(ledger, "Dollars").checked.check.difference == 0


def imports(story, name, given, balance):
	rows = FileRows(name, f"file:{name}", given, balance=Decimal(balance), balance_day=given[-1].date)
	return import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)


def test_a_file_that_was_imported_twice_and_undone_is_compared_no_more(story):
	given = [line("1"), line("2", day=4)]
	balance = OPENING + sum(one.amount for one in given)
	first, _again = (imports(story, "a.csv", given, balance) for _ in range(2))
	story.ledger.undo(first.name)
	assert prove(story.ledger, "Current").checked is None
	imports(story, "a.csv", given, balance)
	assert prove(story.ledger, "Current").complete


@pytest.mark.parametrize("times", [1, 2])
def test_undone_rows_of_a_file_are_named_as_the_cause(story, times):
	november = [line("1", day=3), line("2", day=4)]
	december = [line("3", day=13), line("4", day=14)]
	middle = OPENING + sum(one.amount for one in november)
	imports(story, "december.csv", december, middle + sum(one.amount for one in december))
	first, *_ = [imports(story, "november.csv", november, middle) for _ in range(times)]
	assert prove(story.ledger, "Current").complete
	story.ledger.undo(first.name)
	[cause] = prove(story.ledger, "Current").causes
	assert (cause.exact, cause.amount) == (True, sum(one.amount for one in november))
	assert [item.day for item in cause.items] == [one.date for one in november]
	imports(story, "november.csv", november, middle)
	assert prove(story.ledger, "Current").complete


def test_a_row_that_was_undone_twice_is_named_once(story):
	november, december = [line("1", day=3)], [line("2", day=14)]
	middle = OPENING + november[0].amount
	imports(story, "december.csv", december, middle + december[0].amount)
	for _ in range(2):
		story.ledger.undo(imports(story, "november.csv", november, middle).name)
	[cause] = prove(story.ledger, "Current").causes
	assert (cause.exact, [item.amount for item in cause.items]) == (True, [november[0].amount])


# -- what was undone ---------------------------------------------------------------------------------------
def _file(name, *lines):
	return FileRows(name, f"file:{name}", lines)


def _sums_undone(story):
	return [c.amount for c in prove(story.ledger, "Current").causes if c.reason is Reason.UNDONE]


@pytest.fixture
def undone(story):
	"""The bank and the books agreed; then a file of two equal rows and another one was imported and undone."""
	put(story.bank, day=START.date())
	story.sync()
	story.ledger.clock = lambda: story.bank.now
	rows = [line(*one, date=START.date()) for one in (("1", "-3"), ("2", "-3"), ("3", "-8"))]
	story.bank.now += timedelta(minutes=1)
	run = import_rows(story.ledger, "Current", _file("a", *rows), clock=lambda: story.bank.now)
	story.bank.now += timedelta(minutes=1)
	story.ledger.undo(run.name)
	story.bank.now += timedelta(minutes=1)
	story.ledger.set_opening("Current", OPENING + 1, START.date())
	assert _sums_undone(story) == [-14]
	return story


def test_rows_that_another_file_brought_since_are_not_named_as_undone(undone):
	again = [line("7", "-3", "OTHER", date=START.date()), line("8", "-8", date=START.date())]
	import_rows(undone.ledger, "Current", _file("b", *again), clock=lambda: undone.bank.now)
	assert _sums_undone(undone) == [-3]
	named = [c.origin.subject for c in prove(undone.ledger, "Current").causes if c.origin]
	assert named == ["SYNC-RUN-0000002"]


def test_rows_that_a_connection_brought_since_are_not_named_as_undone(undone):
	put(undone.bank, "-3", day=START.date())
	undone.sync()
	assert _sums_undone(undone) == [-11]
