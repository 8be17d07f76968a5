"""What the provider has now against what the ledger has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.errors import InvalidData, NotFound, TemporaryError
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import LineState, Page
from dokos_banksync.core.review.missing import Kind, look, take
from tests.core.build import line
from tests.core.importing.test_histories import EVENTS, Story
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import OPENING, START, FakeProvider
from tests.core.review.test_undo import table, transactions

SINCE = START.date() - timedelta(days=100)
TABLES = (
	"bank_transaction",
	"sync_line",
	"sync_run",
	"sync_journal_entry",
	"bank_account",
	"sync_remote_account",
)


def clock(story):
	return lambda: story.bank.now


def view_of(story, since=SINCE):
	[view] = look(story.ledger, story.provider, story.connection, since, clock(story))
	return view


def kinds(story):
	return {one.line.remote_id: one.kind for one in view_of(story).findings}


def taken(story, *ids):
	chosen = ids or None
	return take(story.ledger, story.provider, story.connection, SINCE, clock(story), chosen)


def test_where_all_is_there_nothing_is_missing(story):
	put(story.bank)
	story.sync()
	view = view_of(story)
	assert (view.findings, view.correct, view.refused) == ([], 1, [])


def test_looking_writes_nothing(story):
	put(story.bank)
	story.sync()
	put(story.bank, "7")
	story.bank.announce()
	was = [story.ledger.db.rows(f"SELECT * FROM {name}") for name in TABLES]
	assert len(view_of(story).findings) == 2
	assert [story.ledger.db.rows(f"SELECT * FROM {name}") for name in TABLES] == was


def test_the_peers_failure_a_late_row_with_an_old_stamp_never_comes(story):
	"""Row 5 of the pains: the row lies before the cursor, so no fetch asks for it. Here it is found and taken."""
	put(story.bank)
	story.sync()
	late = put(story.bank, "7")
	story.bank.rows[late.id] = replace(late, at=START)
	assert story.sync().created == 0
	assert kinds(story) == {late.id: Kind.MISSING}
	run = taken(story)
	assert (run.created, run.status, run.trigger) == (1, "Success", "missing")
	assert story.booked() == story.bank.truth()
	assert run.checks[0].complete
	assert kinds(story) == {}


def test_some_are_taken_and_others_left(story):
	rows = [put(story.bank, f"{n}.00") for n in (1, 2, 3)]
	run = taken(story, rows[0].id, rows[2].id)
	assert (run.created, run.checks) == (2, [])
	assert kinds(story) == {rows[1].id: Kind.MISSING}
	last = story.sync()
	assert (last.created, last.checks[0].opening) == (1, OPENING)
	assert story.booked() == story.bank.truth()


def test_pending_is_shown_and_cannot_be_taken(story):
	story.bank._put(LineState.PENDING, story.bank.now.date(), "-3", "CB")
	[(remote_id, kind)] = kinds(story).items()
	assert kind is Kind.PENDING
	with pytest.raises(InvalidData, match="Pending"):
		taken(story, remote_id)
	assert taken(story).created == 0


def test_what_the_bank_no_longer_lists_is_reported_and_removed_when_named(story):
	row = put(story.bank)
	put(story.bank, "7")
	story.sync()
	del story.bank.rows[row.id]
	assert kinds(story) == {row.id: Kind.GONE}
	assert taken(story).removed == 0
	assert len(story.transactions()) == 2
	assert taken(story, row.id).removed == 1
	assert story.booked() == story.bank.truth()


def test_rows_before_the_first_day_are_not_gone(story):
	row = put(story.bank, day=SINCE)
	put(story.bank)
	story.sync()
	del story.bank.rows[row.id]
	assert view_of(story, SINCE + timedelta(days=1)).findings == []


def test_new_ids_are_reported_and_taken_over(story):
	"""The provider renumbers, and the second look of a run was not there to see it."""
	row = put(story.bank)
	story.sync()
	del story.bank.rows[row.id]
	new = put(story.bank, day=row.day)
	assert kinds(story) == {new.id: Kind.RENUMBERED}
	was = story.transactions()
	run = taken(story)
	assert (run.linked, run.removed, run.created) == (1, 1, 0)
	assert [t.name for t in story.transactions()] == [t.name for t in was]
	assert kinds(story) == {}


def test_what_a_file_brought_is_there_by_another_way(story):
	row = put(story.bank)
	rows = FileRows("a.csv", "file:a", [line("1", label="CB CAFE", date=row.day)])
	import_rows(story.ledger, "Current", rows, clock=clock(story))
	assert kinds(story) == {row.id: Kind.ELSEWHERE}
	assert taken(story).linked == 1
	assert len(story.transactions()) == 1
	assert kinds(story) == {}


@pytest.mark.parametrize("bound", ["start", "lock"])
def test_what_is_held_back_by_a_date_is_listed_and_taken_when_named(story, bound):
	row = put(story.bank, day=START.date())
	day = START.date() + timedelta(days=1)
	if bound == "start":
		[account] = story.ledger.accounts(story.connection)
		story.ledger.link(account.source, "Current", day)
	else:
		story.ledger.set_lock_date("Current", day)
	story.sync()
	assert story.transactions() == []
	assert kinds(story) == {row.id: Kind.HELD}
	assert taken(story).created == 0
	assert taken(story, row.id).created == 1
	assert story.booked() == story.bank.truth()
	assert story.sync().created == 0
	assert kinds(story) == {}


def test_what_a_user_deleted_comes_back_when_named(story):
	row = put(story.bank)
	story.sync()
	story.ledger.delete_transaction(story.transactions()[0].name)
	assert kinds(story) == {row.id: Kind.HELD}
	assert taken(story, row.id).created == 1
	assert story.booked() == story.bank.truth()
	assert story.sync().created == 0


def test_a_deleted_equal_row_does_not_come_back_with_the_one_that_was_named(story):
	rows = [put(story.bank), put(story.bank, day=story.bank.now.date())]
	rows[1] = replace(rows[1], day=rows[0].day)
	story.bank.rows[rows[1].id] = rows[1]
	story.sync()
	for row in story.transactions():
		story.ledger.delete_transaction(row.name)
	taken(story, rows[0].id)
	assert len(story.transactions()) == 1
	assert kinds(story) == {rows[1].id: Kind.HELD}


def test_a_taking_is_undone(story):
	put(story.bank)
	story.sync()
	was = transactions(story)
	row = put(story.bank, "7")
	run = taken(story, row.id)
	story.ledger.undo(run.name)
	assert transactions(story) == was
	assert kinds(story) == {row.id: Kind.HELD}


def test_an_id_that_is_not_there_is_not_found_and_nothing_is_taken(story):
	row = put(story.bank)
	with pytest.raises(NotFound, match="nobody"):
		taken(story, row.id, "nobody")
	assert story.transactions() == []
	assert story.ledger.runs()[0].status == "Failed"


def test_a_connection_that_feeds_nothing(story):
	[account] = story.ledger.accounts(story.connection)
	story.ledger.link(account.source, "", None)
	with pytest.raises(NotFound):
		look(story.ledger, story.provider, story.connection, SINCE, clock(story))


def test_a_line_that_is_cut_takes_nothing(story):
	for number in range(9):
		put(story.bank, f"{number + 1}.00")
	story.provider.fail_after = 1
	with pytest.raises(TemporaryError):
		taken(story)
	assert (story.transactions(), story.ledger.runs()[0].status) == ([], "Failed")


@settings(max_examples=40, deadline=None)
@given(st.lists(EVENTS, max_size=25), st.integers(0, 2**32))
def test_after_any_history_nothing_is_missing(tmp_path_factory, events, seed):
	story = Story(tmp_path_factory.mktemp("story"), seed)
	with story.ledger:
		for event in events:
			story.simulate(event)
		story.sync()
		assert {one.kind for one in view_of(story).findings} <= {Kind.PENDING}


@settings(max_examples=40, deadline=None)
@given(st.lists(EVENTS, max_size=25), st.integers(0, 2**32))
def test_taking_all_instead_of_the_last_run_gives_the_banks_truth(tmp_path_factory, events, seed):
	story = Story(tmp_path_factory.mktemp("story"), seed)
	with story.ledger:
		for event in events:
			story.simulate(event)
		taken(story)
		gone = [one.line.remote_id for one in view_of(story).findings if one.kind is Kind.GONE]
		if gone:
			taken(story, *gone)
		story.sync()
		assert story.booked() == story.bank.truth()
		assert table(story, "sync_run")[-1]["status"] == "Success"


def test_a_taking_is_held_against_the_balance_of_now(story):
	"""The balance of the last run knows nothing of the row; the opening balance would make up for it."""
	story.sync()
	put(story.bank, day=START.date() - timedelta(days=1))
	[check] = taken(story).checks
	assert (check.opening, check.bank_balance, check.complete) == (OPENING, story.bank.balance(), True)
	assert story.sync().checks[0].opening == OPENING


def test_what_a_user_deleted_and_the_bank_took_back_is_no_longer_offered(story):
	row = put(story.bank)
	story.sync()
	story.ledger.delete_transaction(story.transactions()[0].name)
	story.bank._tombstone(row)
	assert kinds(story) == {}
	story.sync()
	assert kinds(story) == {}


class TwoAccounts(FakeProvider):
	"""The account, and another one with one row."""

	def accounts(self, access, context=None):
		[first] = super().accounts(access)
		return [first, replace(first, remote_id="other", iban="", balance=None)]

	def changes(self, access, asks, context=None):
		for ask in asks:
			if ask.remote_account == "other":
				yield Page([line("x", amount="77")._replace(remote_account="other")], cursors={"other": "c"})
			else:
				yield from super().changes(access, [ask])


def test_one_bank_account_of_several_is_looked_at_and_taken(story):
	story.provider = TwoAccounts(story.bank)
	_, other = story.ledger.save_accounts(story.connection, story.provider.accounts(None))
	story.ledger.add_bank_account("Savings", "Banque du Port", "EUR")
	story.ledger.link(other.source, "Savings", None)
	row = put(story.bank, "5")
	given = (story.ledger, story.provider, story.connection, SINCE, clock(story))
	assert len(look(*given)) == 2
	[view] = look(*given, bank_account="Savings")
	assert [one.line.remote_id for one in view.findings] == ["x"]
	with pytest.raises(NotFound):
		take(*given, [row.id], bank_account="Savings")
	assert take(*given, bank_account="Savings").created == 1
	assert story.transactions() == []
	assert {one.bank_account for one in story.ledger.covered("Savings")} == {"Savings"}
	assert not any(one.first == SINCE for one in story.ledger.covered("Current"))
	with pytest.raises(NotFound):
		look(*given, bank_account="nobody")


def test_what_was_deleted_before_the_opening_balance_was_founded_and_is_taken(story):
	"""A file's row is deleted before the feed is ever read: the opening balance makes up for it, until it is taken."""
	put(story.bank, "5")
	row = put(story.bank, "12.34")
	rows = FileRows("a.csv", "file:a", [line("1", "12.34", row.label, date=row.day)])
	import_rows(story.ledger, "Current", rows, clock=clock(story))
	story.ledger.clock = clock(story)
	story.ledger.remove(story.transactions()[0].name)
	[check] = story.sync().checks
	assert check.complete
	taken(story, row.id)
	[check] = story.sync().checks
	assert (check.complete, check.difference) == (True, 0)
	assert story.booked() == story.bank.truth()


def test_what_was_deleted_after_the_last_proof_and_is_taken(story):
	"""The opening balance knows nothing of that."""
	put(story.bank, "5")
	row = put(story.bank, "12.34")
	story.ledger.clock = clock(story)
	story.sync()
	story.bank._tick()
	story.ledger.remove(next(r.name for r in story.transactions() if r.amount == row.amount))
	story.bank._tick()
	taken(story, row.id)
	[check] = story.sync().checks
	assert (check.complete, check.opening) == (True, OPENING)


class Renumbering(FakeProvider):
	"""Gives each fetch ids of its own, and every booked row."""

	fetches = 0

	def changes(self, access, asks, context=None):
		self.fetches += 1
		rows = [self._line(row) for row in self.bank.rows.values() if row.state is LineState.BOOKED]
		lines = [one._replace(remote_id=f"{self.fetches}-{one.remote_id}") for one in rows]
		account = frozenset({self._account})
		yield Page(
			lines, cursors={self._account: "x"}, unstable_ids=account, complete_from={self._account: SINCE}
		)


def test_rows_under_ids_that_change_at_every_call_are_not_missing(story):
	story.provider = Renumbering(story.bank)
	put(story.bank)
	story.sync()
	assert (view_of(story).findings, view_of(story).correct) == ([], 1)
	put(story.bank, "-7.00")
	assert [one.kind for one in view_of(story).findings] == [Kind.MISSING]
	assert taken(story).created == 1
	run = story.sync()
	assert (run.created, run.removed, run.updated) == (0, 0, 0)


def test_an_account_that_fails_alone_is_an_error_and_not_all_gone(story, monkeypatch):
	put(story.bank)
	story.sync()
	failed = Page([], errors={"account-1": TemporaryError("Later")})
	monkeypatch.setattr(FakeProvider, "changes", lambda *_args, **_named: iter([failed]))
	with pytest.raises(TemporaryError, match="Later"):
		view_of(story)
