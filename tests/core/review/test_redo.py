"""Undoing an undo does again what was undone: the same names, the same values, whatever it was that a run did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing import sync
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.review import dry_run
from dokos_banksync.core.review.duplicates import find
from dokos_banksync.core.review.missing import Kind, look, take
from dokos_banksync.core.review.questions import answer, questions
from tests.core.build import line
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import START
from tests.core.review.test_undo import table, transactions


def clock(story):
	return lambda: story.bank.now


def state(story):
	return transactions(story), table(story, "sync_line")


def from_file(story, *lines, name="a.csv"):
	rows = FileRows(name, f"file:{name}", lines)
	return import_rows(story.ledger, "Current", rows, clock=clock(story))


def fetched(story):
	put(story.bank, "9", "CB NEUF")
	return story.sync()


def changed(story):
	row = next(iter(story.bank.rows.values()))
	story.bank._tombstone(row)
	put(story.bank, str(row.amount + 1), "CB AUTRE", row.day)
	return story.sync()


def filed(story):
	return from_file(story, line("1", "6"), line("2", "7"))


def merged(story):
	[one, other] = [row for row in story.transactions() if row.amount == 5]
	return story.ledger.merge(one.name, other.name)


def deleted(story):
	return story.ledger.remove(story.transactions()[0].name)


def taken(story):
	put(story.bank, "9", "CB NEUF")
	return take(story.ledger, story.provider, story.connection, START.date(), clock(story))


def planned(story):
	put(story.bank, "9", "CB NEUF")
	put(story.bank, "10", "CB DIX")
	shown = dry_run.plan_sync(story.ledger, story.provider, story.connection, clock=clock(story))
	agreed = dry_run.approve(story.ledger, shown.key, [shown.rows[0].id])
	return sync.sync(story.ledger, story.provider, story.connection, clock=clock(story), plan=agreed)


def answered(story):
	day = story.bank.now.date()
	from_file(
		story, line("1", "6", "VIR MARTIN LOYER", date=day), line("2", "6", "VIR MARTIN CHARGES", date=day)
	)
	put(story.bank, "6", "VIR MARTIN", day)
	story.sync()
	[question] = questions(story.ledger)
	return answer(story.ledger, question.name, question.candidates[0].known.name, clock(story))


@pytest.fixture
def books(story):
	first = put(story.bank, "5", "CB CINQ")
	put(story.bank, "5", "CB CINQ", first.day)
	put(story.bank, "3", "CB TROIS")
	story.sync()
	return story


@pytest.mark.parametrize(
	"happen", [fetched, changed, filed, merged, deleted, taken, planned, answered], ids=lambda f: f.__name__
)
def test_to_and_fro_three_times_is_always_the_same(books, happen):
	run = happen(books)
	done = state(books)
	undone = books.ledger.undo(run.name, again=False)
	away = transactions(books)
	assert away != done[0]
	for _ in range(3):
		redone = books.ledger.undo(undone.run.name)
		assert redone.not_undone == []
		assert state(books) == done
		undone = books.ledger.undo(redone.run.name)
		assert undone.not_undone == []
		assert transactions(books) == away
	books.ledger.undo(undone.run.name)
	assert books.sync().created == 0


# -- a merge, then a fetch, then its undo ------------------------------------------------------------
def third_coffee(story, day):
	put(story.bank, "5", "CB CINQ", day)
	story.sync()


def both_by_file(story, day):
	from_file(story, line("1", "5", "CB CINQ", date=day), line("2", "5", "CB CINQ", date=day))


def one_by_file(story, day):
	from_file(story, line("1", "5", "CB CINQ", date=day))


def renumbered(story, day):
	row = next(iter(story.bank.rows.values()))
	story.bank._tombstone(row)
	put(story.bank, "5", "CB CINQ", day)
	story.sync()


def renumbered_in_silence(story, day):
	row = next(iter(story.bank.rows.values()))
	del story.bank.rows[row.id]
	put(story.bank, "5", "CB CINQ", day)
	story.sync()


def other_consent(story, day):
	story.reconnect()


@pytest.mark.parametrize(
	"meanwhile",
	[third_coffee, both_by_file, one_by_file, renumbered, renumbered_in_silence, other_consent],
	ids=lambda f: f.__name__,
)
def test_a_merge_is_undone_after_other_rows_came(books, meanwhile):
	"""Two real purchases were made one by mistake; the books end as if that had never been."""
	day = next(iter(books.bank.rows.values())).day
	run = merged(books)
	was = len(books.transactions())
	meanwhile(books, day)
	books.sync()
	assert len(books.transactions()) == was + (meanwhile is third_coffee), (
		"what was merged is not there again"
	)
	undone = books.ledger.undo(run.name)
	books.sync()
	message = {row.why for row in undone.not_undone}
	assert ("The bank has removed it since" in message) is (meanwhile in (renumbered, renumbered_in_silence))
	if "The bank has removed it since" in message:
		# It came under another id, and stood for the merged one: it is listed, and taken by name.
		looked = (books.ledger, books.provider, books.connection, day, clock(books))
		[view] = look(*looked)
		[held] = [one.line.remote_id for one in view.findings if one.kind is Kind.HELD]
		assert take(*looked, [held]).created == 1
	assert books.booked() == books.bank.truth()
	again = books.sync()
	assert (again.created, again.linked, again.removed) == (0, 0, 0)
	assert again.checks[0].complete


def test_a_merge_of_two_sources_is_undone_after_a_fetch(books):
	"""What a user made one by hand and the bank tells of anew stays a pair to be found, and nothing is lost."""
	day = next(iter(books.bank.rows.values())).day
	from_file(books, line("1", "3", "AUTRE LIBELLE", date=day))
	names = [row.name for row in books.transactions() if row.amount == 3]
	run = books.ledger.merge(*names)
	books.reconnect()
	books.ledger.undo(run.name)
	assert sorted(row.name for row in books.transactions() if row.amount == 3) == sorted(names)
	[pair] = find(books.ledger)
	assert {pair.first.known.name, pair.second.known.name} == set(names)
	assert books.sync().created == 0


# -- decisions that are undone in another order than they were made ------------------------------------
def seventy_seven(story):
	return [row.name for row in story.transactions() if row.amount == 77]


def taken(story):
	"""A row that was deleted, and taken again by its id at the bank."""
	row = put(story.bank, "77", "VIR XX", START.date())
	story.sync()
	deleted = story.ledger.remove(seventy_seven(story)[0])
	since = START.date() - timedelta(days=30)
	return deleted, take(story.ledger, story.provider, story.connection, since, clock(story), [row.id])


def test_what_was_taken_again_does_not_come_back_beside_itself(story):
	from_file(story, line("a", "77", "VIR XX", date=START.date()))
	deleted, run = taken(story)
	with pytest.raises(InvalidData, match=f"changed since by {run.name}"):
		story.ledger.undo(deleted.name)
	assert len(seventy_seven(story)) == 1


def test_a_taking_is_not_done_again_when_the_first_one_is_back(story):
	deleted, run = taken(story)
	undone = story.ledger.undo(run.name).run
	story.ledger.undo(deleted.name)
	with pytest.raises(InvalidData, match="changed it since"):
		story.ledger.undo(undone.name)
	assert len(seventy_seven(story)) == 1


def test_a_line_does_not_go_back_to_what_is_gone(story):
	"""A tie that was undone is not made again once the import that brought the bank transaction is undone too."""
	first = from_file(story, line("a", "77", "VIR XX", date=START.date()))
	put(story.bank, "77", "VIR XX", START.date())
	undone = story.ledger.undo(story.sync().name).run
	story.ledger.undo(first.name)
	with pytest.raises(InvalidData, match="gone already"):
		story.ledger.undo(undone.name)
	assert seventy_seven(story) == []
