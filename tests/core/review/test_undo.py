"""Runs that are undone and done again: what was there before is there after."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.review.missing import take
from dokos_banksync.core.trigger import Trigger
from tests.core.build import line
from tests.core.importing.test_histories import EVENTS, Story
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import OPENING, START

_STAMPS = {"modified", "creation", "run"}


def table(story, name):
	rows = story.ledger.db.rows(f"SELECT * FROM {name} ORDER BY name")
	return [{key: value for key, value in dict(row).items() if key not in _STAMPS} for row in rows]


def transactions(story):
	return table(story, "bank_transaction")


def reconcile(story, name):
	story.ledger.db.run("UPDATE bank_transaction SET status = 'Reconciled' WHERE name = ?", (name,))


def file_run(story, *lines, name="a.csv"):
	rows = FileRows(name, f"file:{name}", lines)
	return import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=15), st.lists(EVENTS, max_size=8), st.integers(0, 2**32), st.booleans())
def test_undo_gives_what_was_and_redo_what_came(tmp_path_factory, before, after, seed, again):
	story = Story(tmp_path_factory.mktemp("story"), seed)
	with story.ledger:
		for event in before:
			story.simulate(event)
		story.sync()
		was = transactions(story)
		for event in after:
			if hasattr(story.bank, event) and event != "replace_consent":
				story.simulate(event)
		run = story.sync()
		came = transactions(story)
		if not story.ledger.undoable(run.name):
			return
		undone = story.ledger.undo(run.name, again=again)
		assert undone.not_undone == []
		assert transactions(story) == was
		redone = story.ledger.undo(undone.run.name)
		assert transactions(story) == came
		twice = story.ledger.undo(redone.run.name)
		assert transactions(story) == was
		story.ledger.undo(twice.run.name)
		assert transactions(story) == came
		run = story.sync()
		assert story.booked() == story.bank.truth()
		assert run.checks[0].complete


def test_what_an_undo_removed_is_not_imported_again_automatically(story):
	row = put(story.bank)
	run = story.sync()
	undone = story.ledger.undo(run.name).run
	assert (undone.trigger, undone.subject) == ("undo", run.name)
	assert (undone.removed, undone.status) == (1, "Success")
	story.bank.rows[row.id] = replace(row, category="90", at=story.bank._tick())
	story.sync()
	assert story.transactions() == []
	assert story.ledger.lines()[0].reason == "Its run was undone"


def test_renumbered_by_the_bank_it_stays_away_too(story):
	row = put(story.bank)
	story.ledger.undo(story.sync().name)
	story.bank._tombstone(row)
	put(story.bank)
	story.sync()
	assert story.transactions() == []


def test_with_again_the_next_run_brings_all_of_it(story):
	put(story.bank)
	put(story.bank, "7")
	run = story.sync()
	story.ledger.undo(run.name, again=True)
	assert (story.transactions(), story.ledger.lines()) == ([], [])
	assert story.sync().created == 2


def test_a_file_that_went_into_the_wrong_account_can_go_into_the_right_one(story):
	story.ledger.add_bank_account("Right", "Banque du Port", "EUR")
	run = file_run(story, line("1"), line("2", amount="NaN"))
	story.ledger.undo(run.name)
	rows = FileRows("a.csv", "file:a.csv", [line("1")])
	assert import_rows(story.ledger, "Right", rows, clock=lambda: story.bank.now).created == 1
	assert [row.bank_account for row in story.ledger.transactions()] == ["Right"]


def test_reconciled_ones_stay_and_are_listed(story):
	put(story.bank)
	put(story.bank, "7")
	run = story.sync()
	[first, _] = story.transactions()
	reconcile(story, first.name)
	undone = story.ledger.undo(run.name)
	assert [row.name for row in story.transactions()] == [first.name]
	[row] = undone.not_undone
	assert (row.transaction, row.why) == (first.name, "It is reconciled: undo that first")
	assert undone.run.status == "Partial"


def test_what_the_bank_changed_on_a_reconciled_one_is_not_changed_back(story):
	row = put(story.bank)
	story.sync()
	story.bank.rows[row.id] = replace(row, amount=Decimal("-4"), at=story.bank._tick())
	run = story.sync()
	reconcile(story, story.transactions()[0].name)
	with pytest.raises(InvalidData, match="reconciled"):
		story.ledger.undo(run.name)
	assert story.transactions()[0].amount == -4


def test_what_changed_since_is_left_alone_until_that_is_undone(story):
	row = put(story.bank)
	story.sync()
	story.bank.rows[row.id] = replace(row, amount=Decimal("-4"), at=story.bank._tick())
	second = story.sync()
	story.bank.rows[row.id] = replace(row, amount=Decimal("-5"), at=story.bank._tick())
	third = story.sync()
	with pytest.raises(InvalidData, match=f"since by {third.name}"):
		story.ledger.undo(second.name)
	story.ledger.undo(third.name)
	story.ledger.undo(second.name)
	[found] = story.transactions()
	assert (found.amount, found.withdrawal) == (Decimal("-3.20"), Decimal("3.20"))


def test_a_users_category_outlives_the_undo_of_a_change(story):
	row = put(story.bank)
	story.sync()
	story.bank.rows[row.id] = replace(row, category="90", amount=Decimal("-4"), at=story.bank._tick())
	run = story.sync()
	mine = story.ledger.add_category("Mine")
	story.ledger.set_transaction_category(story.transactions()[0].name, mine)
	story.ledger.undo(run.name)
	[found] = story.transactions()
	assert (found.category, found.amount) == ("Mine", Decimal("-3.20"))


def test_one_that_another_source_has_too_stays(story):
	put(story.bank)
	feed = story.sync()
	day = story.transactions()[0].date
	file = file_run(story, line("1", label="CB CAFE", date=day))
	assert file.linked == 1
	with pytest.raises(InvalidData, match=f"undo {file.name} first"):
		story.ledger.undo(feed.name)
	story.ledger.undo(file.name)
	story.ledger.undo(feed.name)
	assert story.transactions() == []


def test_a_run_is_undone_once(story):
	put(story.bank)
	run = story.sync()
	assert story.ledger.undoable(run.name)
	story.ledger.undo(run.name)
	assert not story.ledger.undoable(run.name)
	with pytest.raises(InvalidData, match="any more"):
		story.ledger.undo(run.name)


def test_a_run_that_nobody_knows_or_that_is_running(story):
	with pytest.raises(NotFound):
		story.ledger.undo("SYNC-RUN-9999999")
	running = story.ledger.begin_run(story.connection, Trigger.MANUAL, story.bank.now)
	with pytest.raises(InvalidData, match="running"):
		story.ledger.undo(running.name)


def test_an_undo_that_fails_midway_changes_nothing(story, monkeypatch):
	put(story.bank)
	run = story.sync()
	was = (transactions(story), table(story, "sync_line"), table(story, "sync_run"))

	def broken(*_):
		raise ZeroDivisionError

	monkeypatch.setattr(type(story.ledger), "_cancel", broken)
	with pytest.raises(ZeroDivisionError):
		story.ledger.undo(run.name)
	assert (transactions(story), table(story, "sync_line"), table(story, "sync_run")) == was


def test_undo_asks_the_database_as_often_for_many_as_for_few(story):
	def calls(rows):
		for _ in range(rows):
			put(story.bank, "-1.00")
		run = story.sync()
		before = story.ledger.db.calls
		story.ledger.undo(run.name)
		return story.ledger.db.calls - before

	assert calls(3) == calls(60)


def test_the_opening_stays_when_a_feeds_rows_are_undone_and_come_again(story):
	"""The bank counts them, whether they are taken in or not."""
	put(story.bank, "7")
	taken = take(story.ledger, story.provider, story.connection, START.date(), lambda: story.bank.now)
	assert story.sync().checks[0].opening == OPENING
	story.ledger.undo(taken.name, again=True)
	[check] = story.sync().checks
	assert (check.opening, check.complete) == (OPENING, True)


def test_an_undo_of_a_fetch_does_not_delete_again_what_an_undo_restored(story):
	"""The fetch held the deleted line, and brought another; the deletion was undone before the fetch was."""
	put(story.bank)
	story.sync()
	[first] = story.transactions()
	deleted = story.ledger.remove(first.name)
	story.bank.recategorise()
	put(story.bank, "7", "CB OTHER")
	run = story.sync()
	story.ledger.undo(deleted.name)
	story.ledger.undo(run.name, again=True)
	assert [row.name for row in story.transactions()] == [first.name]
	story.sync()
	assert sorted(row.amount for row in story.transactions()) == [first.amount, 7]


def test_what_the_bank_removed_in_a_fetch_that_is_undone_and_forgotten_is_removed_again(story):
	row = put(story.bank)
	story.sync()
	story.bank._tombstone(row)
	run = story.sync()
	story.ledger.undo(run.name, again=True)
	assert len(story.transactions()) == 1
	story.sync()
	assert story.transactions() == []
