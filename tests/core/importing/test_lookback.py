"""Once a week a fetch looks further back: what a provider forgets to tell of does not stay away for ever."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from dokos_banksync.core.errors import InvalidData, TemporaryError
from dokos_banksync.core.importing import lookback
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import ConnectionStatus, LineState, Page
from dokos_banksync.core.review import dry_run
from dokos_banksync.core.review.coverage import DayState, strip
from dokos_banksync.providers.process_stores import ProcessSecretStore
from tests.core.build import line, linked
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import START, FakeProvider

DAY = timedelta(days=1)


class ByDay(FakeProvider):
	"""A provider that tells of the days since the last fetch: what is booked later under an older day never comes."""

	def __init__(self, bank):
		super().__init__(bank)
		self.asked = []
		self.fails_wide = False

	def changes(self, access, asks, context=None):
		[ask] = asks
		self.asked.append(ask)
		if not ask.cursor and len(self.asked) > 1 and self.fails_wide:
			raise TemporaryError("The line was cut")
		first = date.fromisoformat(ask.cursor) if ask.cursor else ask.first_day or date.min
		rows = [row for row in self._rows() if row.day >= first and row.state is not LineState.REMOVED]
		yield Page([self._line(row) for row in rows])
		yield Page([], cursors={self._account: self.bank.now.date().isoformat()})


@pytest.fixture
def weekly(story):
	story.provider = ByDay(story.bank)
	put(story.bank)
	story.sync()
	return story


def after(story, days):
	story.bank.now += timedelta(days=days)
	return story.sync()


def test_a_late_row_of_an_old_day_comes_within_a_week(weekly):
	put(weekly.bank, "8", day=START.date() - 40 * DAY)
	assert after(weekly, 1).created == 0
	assert after(weekly, 6).created == 1
	assert weekly.booked() == weekly.bank.truth()


def test_it_looks_once_a_week_and_never_in_the_first_run(weekly):
	begun = weekly.bank.now
	wide = []
	for day in range(1, 30):
		weekly.bank.now = begun + timedelta(days=day)
		before = len(weekly.provider.asked)
		weekly.sync()
		wide += [day for ask in weekly.provider.asked[before:] if not ask.cursor]
	assert wide == [7, 14, 21, 28]


def test_it_asks_for_ninety_days_and_not_for_what_is_not_imported(weekly):
	after(weekly, 7)
	assert weekly.provider.asked[-1].first_day == weekly.bank.now.date() - 90 * DAY
	[account] = weekly.ledger.accounts(weekly.connection)
	start = weekly.bank.now.date()
	weekly.ledger.link(account.source, "Current", start)
	weekly.sync()
	after(weekly, 7)
	assert weekly.provider.asked[-1].first_day == start


def test_what_is_there_stays_as_it_is_and_the_cursor_too(weekly):
	put(weekly.bank, "8")
	after(weekly, 1)
	was = weekly.transactions()
	run = after(weekly, 7)
	assert (run.created, run.linked, run.updated, run.removed, run.held) == (0, 0, 0, 0, 0)
	assert weekly.transactions() == was
	assert weekly.ledger.accounts(weekly.connection)[0].cursor == weekly.bank.now.date().isoformat()


def test_when_it_fails_what_is_new_is_safe_and_it_is_tried_again_until_it_succeeds(weekly):
	put(weekly.bank, "8", day=START.date() - 40 * DAY)
	weekly.bank.now += timedelta(days=7)
	put(weekly.bank, "9")
	weekly.provider.fails_wide = True
	for _ in range(3):
		with pytest.raises(TemporaryError):
			weekly.sync()
	assert sorted(row.amount for row in weekly.transactions()) == sorted([put_amount(weekly), 9])
	weekly.provider.fails_wide = False
	assert weekly.sync().created == 1
	assert weekly.booked() == weekly.bank.truth()
	assert weekly.sync().created == 0


def put_amount(story):
	return next(iter(story.bank.rows.values())).amount


def test_a_gap_of_the_last_weeks_is_covered_by_it(weekly):
	after(weekly, 7)
	today = weekly.bank.now.date()
	covered = weekly.ledger.covered("Current")
	states = {one.state for one in strip(covered, {}, today - 90 * DAY, today)}
	assert states == {DayState.EMPTY}


def test_a_dry_run_and_a_plan_look_no_further_than_what_they_show(weekly):
	put(weekly.bank, "8", day=START.date() - 40 * DAY)
	weekly.bank.now += timedelta(days=7)
	put(weekly.bank, "9")
	plan = dry_run.plan_sync(weekly.ledger, weekly.provider, weekly.connection, clock=lambda: weekly.bank.now)
	assert [row.line.amount for row in plan.rows] == [9]
	assert weekly.sync().created == 2


@pytest.mark.parametrize(
	("message", "due"),
	[(None, True), (-6 * DAY, False), (-7 * DAY, True), (timedelta(0), False), (2 * DAY, True)],
	ids=["never", "lately", "a week ago", "now", "in the future"],
)
def test_when_it_is_due(message, due):
	"""An instant that lies ahead was noted by a clock that was wrong."""
	now = datetime.fromisoformat("2026-03-10T09:00:00+00:00")
	secret_store = ProcessSecretStore(lambda: now)
	if message is not None:
		lookback.looked(secret_store, "C1", now + message)
	assert lookback.is_due(secret_store, "C1", now) is due
	assert lookback.is_due(secret_store, "C2", now)


def test_only_what_the_bank_was_asked_for_and_left_out_is_no_longer_listed():
	"""And what is older than anybody is asked for: it will not be booked any more."""
	today = date(2026, 3, 10)
	first = today - 10 * DAY
	dates = {
		"listed": today,
		"on the first day": first,
		"the day before": first - DAY,
		"as old as can be asked for": today - 90 * DAY,
		"older": today - 91 * DAY,
	}
	waiting = [linked(line(key, date=day, state=LineState.PENDING)) for key, day in dates.items()]
	gone = lookback.no_longer_listed(waiting, {"listed"}, first, today)
	assert [one.remote_id for one in gone] == ["on the first day", "older"]
	assert {one.state for one in gone} == {LineState.REMOVED}


# -- a period that failed ------------------------------------------------------------------------------
def test_a_failed_period_is_asked_for_again_until_it_succeeded(weekly):
	"""However often it fails, and whatever was fetched by hand or a file meanwhile: the cursor has not moved."""
	cursor = weekly.ledger.accounts(weekly.connection)[0].cursor
	whole, failures = weekly.provider.changes, 4

	def cut(access, asks, context=None):
		nonlocal failures
		for page in whole(access, asks):
			if failures:
				failures -= 1
				raise TemporaryError("The line was cut")
			yield page

	weekly.provider.changes = cut
	for day in range(1, 5):
		weekly.bank.now += DAY
		put(weekly.bank, f"{day}.00")
		with pytest.raises(TemporaryError):
			weekly.sync()
		assert weekly.ledger.accounts(weekly.connection)[0].cursor == cursor
	asked = [ask.cursor for ask in weekly.provider.asked[1:]]
	assert asked == [cursor] * 4
	states = strip(weekly.ledger.covered("Current"), {}, START.date(), weekly.bank.now.date())
	assert states[-1].state is DayState.FAILED
	assert weekly.sync().created == 4
	assert weekly.booked() == weekly.bank.truth()
	states = strip(weekly.ledger.covered("Current"), {}, START.date(), weekly.bank.now.date())
	assert {one.state for one in states} == {DayState.EMPTY}


# -- a provider that will not, and days that lie ahead ------------------------------------------------
def test_a_provider_that_refuses_old_days_spoils_no_run(weekly):
	"""It will refuse them the next time too: what is new comes all the same, and the balance is compared."""
	whole = weekly.provider.changes

	def recent_only(access, asks, context=None):
		if not asks[0].cursor:
			weekly.provider.asked.append(asks[0])
			raise InvalidData("Not more than 60 days", reference="HTTP 400")
		yield from whole(access, asks)

	weekly.provider.changes = recent_only
	weekly.bank.now += 7 * DAY
	put(weekly.bank, "9")
	run = weekly.sync()
	assert (run.status, run.error_code, run.error_reference) == ("Partial", "BS-600", "HTTP 400")
	assert (run.created, run.checks[0].complete) == (1, True)
	assert weekly.ledger.connection(weekly.connection).status is ConnectionStatus.ACTIVE
	before = len(weekly.provider.asked)
	assert after(weekly, 1).status == "Success"
	assert [bool(ask.cursor) for ask in weekly.provider.asked[before:]] == [True], "a week later again"
	assert after(weekly, 6).status == "Partial"
	old = weekly.bank.now.date() - 80 * DAY
	assert all(one.first > old for one in weekly.ledger.covered("Current") if one.first != date.min)


def test_what_starts_on_a_later_day_is_not_looked_back_at(weekly):
	[account] = weekly.ledger.accounts(weekly.connection)
	weekly.ledger.link(account.source, "Current", weekly.bank.now.date() + 30 * DAY)
	weekly.sync()
	before = len(weekly.provider.asked)
	after(weekly, 7)
	assert all(ask.cursor for ask in weekly.provider.asked[before:])
	assert all(one.first <= one.last for one in weekly.ledger.covered("Current"))


def test_the_days_of_a_file_end_no_period_of_a_feed(weekly):
	"""The feed goes on from its own cursor: the days before those of the file are fetched too."""
	first = weekly.bank.now.date()
	weekly.bank.now += 5 * DAY
	rows = FileRows("a.csv", "file:a", [line("a", "5", "VIR A", date=first + 4 * DAY)])
	import_rows(weekly.ledger, "Current", rows, clock=lambda: weekly.bank.now)
	weekly.bank.now += DAY
	weekly.sync()
	[only] = strip(weekly.ledger.covered("Current"), {}, first, weekly.bank.now.date())
	assert only.state is DayState.EMPTY
