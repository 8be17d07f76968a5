"""Statement files beside one another and beside a feed: never a duplicate, never a hole, twins stay twins."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import Busy, InvalidData
from dokos_banksync.core.importing import file_import, importer, sync
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import Action, Line, LineState, RejectedRow
from dokos_banksync.core.trigger import Trigger
from tests.core.books import FIRST, NOW, Books
from tests.core.pretend import FakeProvider, PretendBank

COFFEE = ("-3.20", "CB CAFE DU PORT")


def coffees(*days):
	return [(day, *COFFEE) for day in days]


def on(*days):
	return Counter((FIRST + timedelta(day), Decimal("-3.20")) for day in days)


def test_the_same_file_twice_brings_nothing(books):
	first = books.take(*coffees(1, 1, 5))
	assert (first.status, first.connection, first.trigger, first.subject) == ("Success", "", "file", "a.csv")
	assert (first.fetched, first.created) == (3, 3)
	again = books.take(*coffees(1, 1, 5))
	assert (again.created, again.linked, again.unchanged) == (0, 0, 3)
	assert books.ledger.run(again.name) == again
	assert books.held() == on(1, 1, 5)


def test_twins_in_files_that_overlap_stay_twins(books):
	books.take(*coffees(1, 5, 5, 8), name="a")
	run = books.take(*coffees(5, 5, 8, 8, 9), name="b")
	assert (run.linked, run.created) == (3, 2)
	assert books.held() == on(1, 5, 5, 8, 8, 9)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_files_that_follow_one_another_share_no_coffee(books, order):
	months = [coffees(28, 30), coffees(31, 33)]
	for place in order:
		books.take(*months[place], name=str(place))
	assert books.held() == on(28, 30, 31, 33)


@settings(max_examples=100, deadline=None)
@given(
	truth=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["-3.20", "-1"])), min_size=4, max_size=30),
	cuts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=6),
)
def test_any_files_in_any_order_add_up_to_what_they_tell(tmp_path_factory, truth, cuts):
	books = Books(tmp_path_factory.mktemp("books"))
	with books.ledger:
		message = Counter()
		for number, (one, other) in enumerate(cuts):
			first, last = sorted((one, other))
			rows = [(day, amount, "CB CAFE") for day, amount in sorted(truth) if first <= day <= last]
			books.take(*rows, name=str(number))
			message |= Counter((FIRST + timedelta(day), Decimal(amount)) for day, amount, _ in rows)
		assert books.held() == message


def test_a_preview_writes_nothing(books):
	seen = []
	run = books.take(*coffees(1, 2), refused=[RejectedRow("", "x", "Row 3: no", "?")], preview=seen.append)
	assert (run.name, run.created, run.refused) == ("", 2, 1)
	assert [made.action for made in seen] == [Action.NEW] * 2
	assert not books.held()
	assert books.ledger.runs() == []
	assert books.ledger.lines() == []


def test_a_locked_period_is_held_and_comes_in_with_the_file_when_it_is_opened(books):
	books.ledger.set_lock_date("Current", FIRST + timedelta(3))
	assert books.take(*coffees(1, 5)).held == 1
	books.ledger.set_lock_date("Current", None)
	assert books.take(*coffees(1, 5)).created == 1
	assert books.held() == on(1, 5)


def test_what_a_person_deleted_does_not_come_back_in_another_file(books):
	books.take(*coffees(1, 5), name="a")
	books.ledger.delete_transaction(books.ledger.transactions()[0].name)
	books.take(*coffees(1, 5, 6), name="b")
	assert books.held() == on(1, 6)


def test_a_file_that_is_read_otherwise_the_second_time_is_put_right(books):
	def line(day):
		return Line("", "row-1", day, Decimal(-5), "EUR", "Pain", "PAIN")

	for day in (date(2026, 2, 1), date(2026, 1, 2)):
		import_rows(books.ledger, "Current", FileRows("a", "file:1", [line(day)]), clock=lambda: NOW)
	assert [row.date for row in books.ledger.transactions()] == [date(2026, 1, 2)]


def test_a_file_belongs_to_one_bank_account(books):
	books.ledger.add_bank_account("Savings", "Banque du Port", "EUR")
	books.take(*coffees(1))
	with pytest.raises(InvalidData, match="imported into Current already"):
		books.take(*coffees(1), account="Savings")


def test_one_file_at_a_time_goes_into_a_bank_account(books):
	with books.ledger.hold("files of Current"), pytest.raises(Busy):
		books.take(*coffees(1))


def test_a_row_that_cannot_be_read_is_kept_once_with_its_reason(books):
	refused = [RejectedRow("", "k1", "Row 3: abc is not an amount", "02/01 | abc")]
	for _ in range(2):
		run = books.take(*coffees(1), refused=refused)
		assert (run.status, run.refused) == ("Partial", 1)
	[kept] = books.ledger.waiting("Current", 10)
	assert (kept.reason, kept.note, kept.bank_account) == (
		"Refused",
		"Row 3: abc is not an amount",
		"Current",
	)


def test_an_amount_that_no_ledger_can_keep_is_refused(books):
	run = books.take((1, "0.00001", "X"), (2, "-1", "Y"))
	assert (run.created, run.refused) == (1, 1)


def test_an_interrupted_import_is_told_and_can_be_done_again(books, monkeypatch):
	def cut(*_):
		raise KeyboardInterrupt

	with monkeypatch.context() as patch:
		patch.setattr("dokos_banksync.core.importing.importer.plan_by_content", cut)
		with pytest.raises(KeyboardInterrupt):
			books.take(*coffees(1))
	assert [run.status for run in books.ledger.runs()] == ["Failed"]
	books.take(*coffees(1))
	assert books.held() == on(1)


def test_a_run_that_a_killed_process_left_open_is_closed_by_the_next_of_the_file(books):
	left = books.ledger.begin_run("", Trigger.FILE, NOW, "a.csv")
	other = books.ledger.begin_run("", Trigger.FILE, NOW, "b.csv")
	books.take(*coffees(1))
	assert books.ledger.run(left.name).status == "Failed"
	assert books.ledger.run(other.name).status == "Running"


# -- the closing balance ------------------------------------------------------------------------------
def test_the_first_closing_balance_founds_the_opening_and_a_later_one_is_held_against_it(books):
	end = FIRST + timedelta(9)
	[check] = books.take(*coffees(1, 5), name="a", balance=("93.60", end)).checks
	assert (check.opening, check.complete) == (Decimal("100.00"), True)
	[check] = books.take(*coffees(12), name="b", balance=("90.00", end + timedelta(9))).checks
	assert (check.complete, check.difference) == (False, Decimal("-0.40"))
	assert books.ledger.bank_account("Current").opening_balance == 100


def test_a_closing_balance_counts_at_its_own_day(books):
	books.take(*coffees(1), name="a", balance=("96.80", FIRST + timedelta(2)))
	[check] = books.take(*coffees(1, 2, 20), name="b", balance=("93.60", FIRST + timedelta(2))).checks
	assert check.complete


def test_older_history_moves_the_opening_when_its_balance_proves_it(books):
	books.take(*coffees(20), name="a", balance=("96.80", FIRST + timedelta(21)))
	[check] = books.take(*coffees(1), name="b", balance=("100.00", FIRST + timedelta(2))).checks
	assert check.complete
	account = books.ledger.bank_account("Current")
	assert (account.opening_balance, account.opening_date) == (Decimal("103.20"), FIRST + timedelta(1))


def test_no_opening_is_founded_while_rows_are_missing(books):
	refused = [RejectedRow("", "k", "Row 2: no", "?")]
	assert books.take(*coffees(1), refused=refused, balance=("10", FIRST + timedelta(2))).checks == []
	assert books.ledger.bank_account("Current").opening_balance is None


# -- beside a feed ------------------------------------------------------------------------------------
def feed(folder, rows):
	books = Books(folder)
	bank = PretendBank(3)
	provider = FakeProvider(bank)
	for _ in range(rows):
		bank.book()
	bank.twin()
	complete_connect(books.ledger, provider, books.connection, {})
	[account] = books.ledger.accounts(books.connection)
	return books, bank, provider, account.source


def export(bank):
	"""The bank's own file of the same account."""
	rows = [row for row in bank.rows.values() if row.state is LineState.BOOKED]
	return [((row.day - FIRST).days, str(row.amount), row.label) for row in sorted(rows, key=lambda r: r.day)]


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_beside_a_feed_adds_nothing(tmp_path, file_first):
	books, bank, provider, source = feed(tmp_path, 30)
	steps = [
		lambda: books.take(*export(bank)),
		lambda: sync.sync(books.ledger, provider, books.connection, clock=lambda: bank.now),
	]
	connect.link(books.ledger, books.connection, [connect.Choice(source, "Current", date(2000, 1, 1))])
	first, second = (step() for step in (steps if file_first else reversed(steps)))
	assert (first.created, second.created, second.linked) == (31, 0, 31)
	assert books.held() == bank.truth()
	books.ledger.close()


def test_a_feed_that_starts_after_the_file_shares_no_coffee_with_it(tmp_path):
	books, bank, provider, source = feed(tmp_path, 0)
	day = bank.now.date()
	bank._put(LineState.BOOKED, day, *COFFEE)
	bank._put(LineState.BOOKED, day + timedelta(1), *COFFEE)
	books.take(*export(bank)[:1])
	choice = connect.Choice(source, "Current", day + timedelta(1))
	connect.link(books.ledger, books.connection, [choice])
	sync.sync(books.ledger, provider, books.connection, clock=lambda: bank.now)
	assert books.held() == bank.truth()
	books.ledger.close()


def test_a_file_is_the_same_in_whatever_parts_it_is_staged(books, monkeypatch):
	monkeypatch.setattr(file_import, "_STAGED_AT_ONCE", 2)
	too_large = (3, "100000000000", "CB CAFE DU PORT")
	run = books.take(
		*coffees(7, 1, 1), too_large, *coffees(5), refused=[RejectedRow("", "R1", "unreadable", "?")]
	)
	assert (run.fetched, run.created, run.refused) == (4, 4, 2)
	assert books.held() == on(1, 1, 5, 7)
	[covered] = books.ledger.covered("Current")
	assert (covered.first, covered.last, covered.complete) == (
		FIRST + timedelta(1),
		FIRST + timedelta(7),
		False,
	)


def test_a_file_of_which_no_part_can_be_stored_covers_no_day(books, monkeypatch):
	monkeypatch.setattr(file_import, "_STAGED_AT_ONCE", 1)
	run = books.take((1, "100000000000", "One"), (2, "100000000000", "Two"))
	assert (run.fetched, run.created, run.refused) == (0, 0, 2)
	assert books.ledger.covered("Current") == []


# -- many rows of a source that nothing is known of ----------------------------------------------------
def _year_of_rows():
	"""Rows of a year, with amounts that come again, twins among them."""
	return [(number % 360, f"-{3 + number % 40}.20", f"CB SHOP {number % 7}") for number in range(500)]


@pytest.mark.parametrize("shortcut", [True, False], ids=["ids left out", "ids compared"])
@pytest.mark.parametrize("preview", [True, False], ids=["dry run", "import"])
def test_a_large_file_beside_a_feed_is_decided_alike_whether_its_ids_are_compared_or_not(
	tmp_path, monkeypatch, shortcut, preview
):
	books = Books(tmp_path)
	known = [row for row in _year_of_rows() if row[0] < 30]
	books.take(*known, name="january.csv")
	books.ledger.set_lock_date("Current", FIRST + timedelta(9))
	if not shortcut:
		monkeypatch.setattr(importer, "FEW_LINES", 10_000)
	decided = Counter()
	count = (lambda one: decided.update([one.action])) if preview else None
	run = books.take(*_year_of_rows(), name="year.csv", preview=count)
	# 500 rows on 360 days: 60 of them lie in the 30 days that are known, 20 of those in the locked period.
	assert (run.created, run.linked, run.held) == (440, 40, 20)
	if preview:
		assert decided == {Action.NEW: 440, Action.LINK: 40, Action.HOLD: 20}
	else:
		assert books.held() == Counter(
			(FIRST + timedelta(day), Decimal(amount)) for day, amount, _ in _year_of_rows()
		)


def test_a_large_new_file_is_read_once_and_looked_up_with_a_handful_of_statements(tmp_path):
	books = Books(tmp_path)
	before = books.ledger.db.calls
	assert books.take(*_year_of_rows()).created == 500
	first = books.ledger.db.calls - before
	before = books.ledger.db.calls
	assert books.take(*((day + 400, *rest) for day, *rest in _year_of_rows() * 3)).created == 1500
	assert books.ledger.db.calls - before <= first
