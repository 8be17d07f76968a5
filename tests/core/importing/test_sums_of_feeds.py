"""A feed that brings the parts of a batch that another source gives as one sum, or the other way round: it is asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.collective_rows import near_days
from dokos_banksync.core.model import LineState
from dokos_banksync.core.review.questions import questions
from dokos_banksync.hosts.storage.stored_rows import StoredRows
from tests.core.scripted import DAY
from tests.core.two_sources import TwoSources

LAST = DAY + timedelta(9)
BEFORE, AFTER = (2, "-5.00", "CB CAFE"), (9, "-8.00", "CB LIDL")
BATCH = (5, "-300.00", "VIREMENTS GROUPES 3 OPERATIONS")
PARTS = ((5, "-100.00", "VIR DUPONT"), (5, "-80.00", "VIR MARTIN"), (5, "-120.00", "VIR DURAND"))
ALONE = (5, "-42.00", "CB GARAGE")
ONE_BATCH = ["-300.00", "-8.00", "-5.00"]
ALL = sorted([*ONE_BATCH, *(amount for _, amount, _ in PARTS)], key=float)
OF_BATCH = {amount: ["-300.00"] for _, amount, _ in PARTS}


@pytest.fixture
def books(tmp_path):
	made = TwoSources(tmp_path)
	with made.ledger:
		yield made


def test_the_parts_of_a_batch_of_a_file_are_asked_about(books):
	books.take(BEFORE, BATCH, AFTER)
	run = books.fetch(BEFORE, *PARTS, ALONE, AFTER)
	assert (run.created, run.linked, run.held) == (1, 2, 3)
	assert books.amounts() == ["-300.00", "-42.00", "-8.00", "-5.00"]
	assert books.asked() == OF_BATCH


def test_a_batch_whose_parts_a_file_has_is_asked_about(books):
	books.take(BEFORE, *PARTS, AFTER)
	run = books.fetch(BEFORE, BATCH, ALONE, AFTER)
	assert (run.created, run.linked, run.held) == (1, 2, 1)
	assert books.asked() == {"-300.00": sorted(OF_BATCH)}


def test_a_batch_of_another_feed_is_asked_about(books):
	other = books.second_feed()
	other(BEFORE, BATCH, AFTER)
	run = books.fetch(BEFORE, *PARTS, AFTER)
	assert (run.created, run.linked, run.held) == (0, 2, 3)
	assert books.asked() == OF_BATCH


def test_answers_that_the_batch_counts_them_leave_the_batch_alone(books):
	books.take(BEFORE, BATCH, AFTER)
	lines = books.lines(BEFORE, *PARTS, AFTER)
	books.fetch(lines=lines)
	for _, amount, _ in PARTS:
		books.answer(amount, "-300.00")
	assert (books.amounts(), books.asked()) == (ONE_BATCH, {})
	again = books.fetch(lines=lines)
	assert (again.created, again.held, books.asked()) == (0, 0, {})


def test_answers_that_they_are_new_import_them(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS, AFTER)
	for _, amount, _ in PARTS:
		books.answer(amount)
	books.fetch()
	assert (books.amounts(), books.asked()) == (ALL, {})


def test_one_part_that_is_new_leaves_no_sum_to_ask_about(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS, AFTER)
	books.answer("-100.00")
	run = books.fetch()
	assert (run.created, books.amounts(), books.asked()) == (2, ALL, {})


def test_the_last_part_of_several_runs_is_asked_about_with_the_others(books):
	books.take(BEFORE, BATCH, AFTER)
	runs = [books.fetch(BEFORE, PARTS[0]), books.fetch(PARTS[1]), books.fetch(PARTS[2], AFTER)]
	assert [(run.created, run.held) for run in runs] == [(1, 0), (1, 0), (0, 1)]
	assert books.asked() == {"-120.00": ["-300.00"]}
	[asked] = questions(books.ledger)
	assert [str(one.known.amount) for one in asked.imported] == ["-100.00", "-80.00"]


def test_the_batch_may_come_between_the_parts(books):
	books.fetch(BEFORE, *PARTS[:2])
	books.take(BEFORE, BATCH, AFTER)
	assert books.asked() == {}
	books.fetch(PARTS[2], AFTER)
	assert books.asked() == {"-120.00": ["-300.00"]}


def test_an_answer_about_the_last_part_removes_those_that_were_imported(books):
	books.take(BEFORE, BATCH, AFTER)
	lines = books.lines(BEFORE, *PARTS, AFTER)
	books.fetch(lines=lines[:3])
	books.fetch(lines=lines[3:])
	run = books.answer("-120.00", "-300.00")
	assert (run.held, run.removed) == (1, 2)
	assert (books.amounts(), books.asked()) == (ONE_BATCH, {})
	again = books.fetch(lines=lines)
	assert (again.created, again.held, books.amounts()) == (0, 0, ONE_BATCH)


def test_the_undo_of_that_answer_brings_them_back(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS[:2])
	books.fetch(PARTS[2], AFTER)
	run = books.answer("-120.00", "-300.00")
	undone = books.ledger.undo(run.name)
	assert not undone.not_undone
	assert books.amounts() == [one for one in ALL if one != "-120.00"]
	assert books.asked() == {"-120.00": ["-300.00"]}
	again = books.ledger.undo(undone.run.name)
	assert (again.not_undone, books.amounts(), books.asked()) == ([], ONE_BATCH, {})


def test_two_parts_of_one_run_and_one_of_an_earlier_run(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, PARTS[0])
	books.fetch(*PARTS[1:], AFTER)
	assert books.asked() == {"-80.00": ["-300.00"], "-120.00": ["-300.00"]}
	books.answer("-80.00", "-300.00")
	assert books.amounts() == ONE_BATCH
	books.answer("-120.00", "-300.00")
	assert (books.amounts(), books.asked()) == (ONE_BATCH, {})


def test_what_a_user_called_new_is_not_removed_by_another_answer(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, PARTS[0])
	books.fetch(*PARTS[1:], AFTER)
	books.answer("-80.00")
	books.fetch()
	assert books.asked() == {}
	assert books.amounts() == ALL


def test_a_reconciled_part_is_not_removed(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS[:2])
	books.fetch(PARTS[2], AFTER)
	[asked] = questions(books.ledger)
	with books.ledger.db.write():
		books.ledger.db.run(
			"UPDATE `tabBank Transaction` SET status = 'Reconciled' WHERE name = %s",
			(asked.imported[0].known.name,),
		)
	with pytest.raises(InvalidData, match="is reconciled"):
		books.answer("-120.00", "-300.00")
	assert "-100.00" in books.amounts()
	books.answer("-120.00")
	assert books.amounts() == ALL


def test_an_equal_sum_by_accident_is_imported_once_the_other_source_gives_the_row_too(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS)
	run = books.fetch(BATCH, AFTER)
	assert (run.created, run.linked, books.asked()) == (3, 2, {})
	assert books.amounts() == ALL


def test_a_question_stays_when_further_rows_of_the_day_arrive(books):
	late = (6, *BATCH[1:])
	books.take(BEFORE, late, AFTER)
	books.fetch(BEFORE, *PARTS)
	assert books.asked() == OF_BATCH
	run = books.fetch(ALONE, AFTER)
	assert (run.created, books.asked()) == (1, OF_BATCH)


def test_the_parts_are_imported_when_the_batch_is_gone(books):
	taken = books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS, AFTER)
	books.ledger.undo(taken.name)
	run = books.fetch()
	assert (run.created, books.asked()) == (3, {})


def names_of(books):
	"""Return the names of the bank transactions, by amount."""
	return {str(one.amount): one.name for one in books.ledger.transactions(bank_account="A", limit=100)}


def merge_into_one_by_hand(books, row):
	"""Merge the bank transaction of a row into one that a user enters."""
	name = names_of(books)[row[1]]
	books.enter(row)
	books.ledger.merge("HAND-0", name)


@pytest.mark.parametrize("name", ["a.csv", "again.csv"])
def test_a_batch_that_is_imported_again_is_asked_about_again(books, name):
	"""It has another name since: an open question is about what it names no longer."""
	taken = books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS)
	books.ledger.undo(taken.name)
	books.take(BEFORE, BATCH, AFTER, name=name)
	run = books.fetch()
	assert (run.created, run.held, books.amounts(), books.asked()) == (0, 3, ONE_BATCH, OF_BATCH)
	again = books.fetch()
	assert (again.created, again.held) == (0, 0)


def test_a_batch_that_counts_rows_is_not_undone_before_the_answers(books):
	"""Nothing would bring the rows back."""
	taken = books.take(BEFORE, BATCH, AFTER)
	books.fetch(*PARTS)
	answers = books.answer_all()
	undone = books.ledger.undo(taken.name).not_undone
	assert [(one.why.template, one.label) for one in undone] == [
		("Rows of another source are counted in it: undo {0} first", BATCH[2].title())
	]
	assert books.amounts() == ["-300.00"]
	for run in reversed(answers):
		books.ledger.undo(run.name)
	books.ledger.undo(taken.name)
	books.fetch()
	assert (books.amounts(), books.asked()) == (["-120.00", "-100.00", "-80.00"], {})


def _with_answered_parts(books):
	"""Return the runs of the answers that the batch of a file counts the parts of a feed."""
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS, AFTER)
	return books.answer_all()


def test_parts_that_a_deleted_batch_counted_are_questions_again(books):
	"""Else their money would be nowhere, without a word."""
	_with_answered_parts(books)
	batch = names_of(books)["-300.00"]
	run = books.ledger.remove(batch)
	assert (run.removed, run.held) == (1, 3)
	assert sorted(books.asked()) == sorted(OF_BATCH)
	notes = {one.note for one in books.ledger.questions()}
	assert notes == {f"{batch}, which counted it, was deleted"}


def test_parts_that_a_deleted_batch_counted_are_imported_by_the_next_run(books):
	_with_answered_parts(books)
	books.ledger.remove(names_of(books)["-300.00"])
	run = books.fetch()
	assert (run.created, books.asked()) == (3, {})
	assert books.amounts() == [amount for amount in ALL if amount != "-300.00"]


def test_the_undo_of_a_deletion_brings_the_answers_back(books):
	_with_answered_parts(books)
	run = books.ledger.remove(names_of(books)["-300.00"])
	books.ledger.undo(run.name)
	assert (books.amounts(), books.asked()) == (ONE_BATCH, {})
	assert (books.fetch().created, books.amounts(), books.asked()) == (0, ONE_BATCH, {})


def test_a_deletion_whose_parts_were_imported_since_says_what_stays(books):
	_with_answered_parts(books)
	run = books.ledger.remove(names_of(books)["-300.00"])
	fetched = books.fetch()
	undone = books.ledger.undo(run.name).not_undone
	assert {one.why for one in undone} == {f"It was changed since by {fetched.name}: undo that first"}


def test_a_merged_batch_counts_its_parts_under_the_name_of_the_other(books):
	_with_answered_parts(books)
	merge_into_one_by_hand(books, BATCH)
	assert (books.fetch().created, books.asked()) == (0, {})
	books.ledger.remove("HAND-0")
	assert sorted(books.asked()) == sorted(OF_BATCH)


def test_the_undo_of_a_merge_lets_the_first_batch_count_its_parts_again(books):
	_with_answered_parts(books)
	name = names_of(books)["-300.00"]
	books.enter(BATCH)
	books.ledger.undo(books.ledger.merge("HAND-0", name).name)
	books.ledger.remove("HAND-0")
	assert books.asked() == {}
	books.ledger.remove(name)
	assert sorted(books.asked()) == sorted(OF_BATCH)


def test_an_answer_is_taken_back_after_the_deletion_of_the_batch(books):
	answers = _with_answered_parts(books)
	books.ledger.remove(names_of(books)["-300.00"])
	for run in reversed(answers):
		books.ledger.undo(run.name)
	assert (books.fetch().created, books.asked()) == (3, {})


def test_parts_of_a_batch_that_its_bank_removes_are_imported_by_the_next_run(books):
	other, [batch] = books.second_feed(), books.lines(BATCH)
	other(BEFORE, AFTER, lines=[batch])
	books.fetch(BEFORE, *PARTS, AFTER)
	books.answer_all()
	run = other(lines=[batch._replace(state=LineState.REMOVED)])
	assert (run.removed, sorted(books.asked())) == (1, sorted(OF_BATCH))
	assert (books.fetch().created, books.asked()) == (3, {})


def test_a_question_stays_where_the_file_is_undone_and_done_again(books):
	"""The days of the file are not known to be covered then."""
	taken = books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS, AFTER)
	undone = books.ledger.undo(taken.name)
	books.ledger.undo(undone.run.name)
	run = books.fetch()
	assert (run.created, books.amounts(), books.asked()) == (0, ONE_BATCH, OF_BATCH)


def test_a_batch_that_was_merged_into_another_one_is_asked_about_under_that_name(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS)
	merge_into_one_by_hand(books, BATCH)
	run = books.fetch()
	assert (run.created, books.amounts(), books.asked()) == (0, ONE_BATCH, OF_BATCH)
	assert {c.known.name for one in questions(books.ledger) for c in one.candidates} == {"HAND-0"}


def test_a_part_that_was_merged_into_another_one_is_still_a_part(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS[:2])
	books.fetch(PARTS[2], AFTER)
	merge_into_one_by_hand(books, PARTS[0])
	with pytest.raises(InvalidData, match="has changed since: fetch"):
		books.answer("-120.00", "-300.00")
	run = books.fetch()
	assert (run.created, books.asked()) == (0, {"-120.00": ["-300.00"]})
	books.answer("-120.00", "-300.00")
	assert (books.amounts(), books.asked()) == (ONE_BATCH, {})


@pytest.mark.parametrize("reread", [False, True])
@pytest.mark.parametrize("answered", [False, True])
def test_rows_in_question_that_the_feed_numbers_anew_are_asked_about_again(tmp_path, reread, answered):
	books = TwoSources(tmp_path)
	books.provider.capabilities = replace(books.provider.capabilities, reread=reread)
	with books.ledger:
		books.take(BEFORE, BATCH, AFTER)
		books.fetch(*PARTS)
		if answered:
			books.answer_all()
		run = books.fetch(*PARTS)
		assert (run.created, run.held, books.amounts()) == (0, 3, ONE_BATCH)
		again = books.fetch()
		assert (again.created, books.asked()) == (0, OF_BATCH)
		books.answer_all()
		assert (books.fetch().created, books.amounts(), books.asked()) == (0, ONE_BATCH, {})


def test_answers_that_contradict_each_other_leave_the_last_question_open(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS, AFTER)
	books.answer("-100.00", "-300.00")
	books.answer("-80.00")
	run = books.fetch()
	assert (run.created, books.asked()) == (0, {"-120.00": ["-300.00"]})
	books.answer("-120.00")
	assert (books.fetch().created, books.asked()) == (0, {})


@pytest.mark.parametrize("answered", ["10.00", "30.00"])
def test_parts_on_both_sides_of_their_sum_stay_a_question_when_one_is_answered(books, answered):
	books.take(BEFORE, (6, "60.00", "SUMUP"), (11, *AFTER[1:]))
	books.fetch(BEFORE, (3, "10.00", "V1"), (6, "20.00", "V2"), (9, "30.00", "V3"), (11, *AFTER[1:]))
	assert len(books.asked()) == 3
	books.answer("20.00", "60.00")
	books.answer(answered, "60.00")
	run = books.fetch()
	assert (run.created, len(books.asked())) == (0, 1)


def test_a_batch_that_was_answered_for_is_not_asked_about_again(books):
	books.take(BEFORE, BATCH, AFTER)
	books.fetch(BEFORE, *PARTS)
	for _, amount, _ in PARTS:
		books.answer(amount, "-300.00")
	run = books.fetch((5, "-150.00", "CB HOTEL"), (5, "-150.00", "CB TRAIN"), AFTER)
	assert (run.created, books.asked()) == (2, {})


@pytest.mark.parametrize(
	("bank", "created", "asked"),
	[("687", 0, 0), ("387", 3, 0), ("600", 0, 3)],
)
def test_the_balance_of_the_feed_decides(books, bank, created, asked):
	"""1,000 at the beginning: 687 with one of the two, 387 with both, and any other sum proves neither."""
	books.take(BEFORE, BATCH, AFTER, balance=("687", LAST))
	books.balance = bank
	run = books.fetch(BEFORE, *PARTS, AFTER)
	assert (run.created, len(books.asked())) == (created, asked)
	assert books.amounts() == (ALL if created else ONE_BATCH)


def test_the_balance_of_a_later_fetch_decides_too(books):
	books.take(BEFORE, BATCH, AFTER, balance=("687", LAST))
	books.balance = "600"
	books.fetch(BEFORE, *PARTS, AFTER)
	books.balance = "387"
	run = books.fetch()
	assert (run.created, books.asked(), books.amounts()) == (3, {}, ALL)


@pytest.mark.parametrize("source", ["feed", "file"])
def test_a_batch_that_a_user_entered_is_asked_about(books, source):
	"""No source covers its day."""
	books.enter(BATCH, (5, "-7.00", "Divers"))
	take = books.fetch if source == "feed" else books.take
	run = take(BEFORE, *PARTS, ALONE, AFTER)
	assert (run.created, run.held, books.asked()) == (3, 3, OF_BATCH)
	books.answer_all()
	assert books.amounts() == ["-300.00", "-42.00", "-8.00", "-7.00", "-5.00"]


def test_the_days_of_rows_that_a_user_entered_are_read(books):
	books.enter(BATCH, (8, "-7.00", "Divers"))
	books.fetch(BEFORE)
	with books.ledger.batch() as batch:
		assert batch.days_by_hand("A", DAY, DAY + timedelta(8)) == {DAY + timedelta(5), DAY + timedelta(8)}
		assert batch.days_by_hand("A", DAY, DAY + timedelta(7)) == {DAY + timedelta(5)}


def test_rows_of_other_days_than_those_that_a_user_entered_are_imported(books):
	books.enter((0, *BATCH[1:]))
	run = books.fetch(BEFORE, *PARTS, AFTER)
	assert (run.created, books.asked()) == (5, {})


def test_a_payout_of_several_days_is_asked_about(books):
	books.take(BEFORE, (6, "60.00", "SUMUP"), AFTER)
	run = books.fetch(BEFORE, (4, "10.00", "V1"), (5, "20.00", "V2"), (6, "30.00", "V3"), AFTER)
	assert (run.created, run.held) == (0, 3)
	assert books.asked() == {amount: ["60.00"] for amount in ("10.00", "20.00", "30.00")}
	again = books.fetch()
	assert (again.created, len(books.asked())) == (0, 3)


def test_a_dry_run_asks_the_same_and_stores_nothing(books):
	books.take(BEFORE, BATCH, AFTER)
	shown = []
	run = books.fetch(BEFORE, *PARTS, ALONE, AFTER, preview=shown.append)
	assert (run.created, run.linked, run.held) == (1, 2, 3)
	assert (len(shown), books.amounts()) == (6, ONE_BATCH)


def test_rows_that_another_feed_has_not_fetched_yet_are_imported(books):
	"""Both feeds are at their last day: each has rows that the other will give. No sum of a part of them says anything."""
	other = books.second_feed()
	other(BEFORE, (10, "-30.00", "CB HOTEL"), (10, "-7.00", "CB PAIN"))
	run = books.fetch(BEFORE, (10, "-10.00", "CB BUS"), (10, "-20.00", "CB TAXI"))
	assert (run.created, run.linked, books.asked()) == (2, 1, {})


def test_a_row_that_the_feed_numbers_anew_is_no_part(tmp_path):
	"""Equal rows of the own source are recognised first."""
	books = TwoSources(tmp_path)
	books.provider.capabilities = replace(books.provider.capabilities, reread=True)
	with books.ledger:
		books.fetch(BEFORE, *PARTS, AFTER)
		books.take(BEFORE, BATCH, AFTER)
		run = books.fetch(BEFORE, *PARTS, AFTER)
		assert run.created == 0
		assert books.asked() in ({}, {"-300.00": sorted(OF_BATCH)})


def test_no_row_waits_when_no_other_source_covers_the_day(books, monkeypatch):
	books.take((0, "-1.00", "CB PAIN"), BEFORE)
	monkeypatch.delattr(StoredRows, "on_days")
	run = books.fetch(*PARTS, AFTER)
	assert (run.created, books.asked()) == (4, {})


def test_those_days_are_read_once_in_a_run(books, monkeypatch):
	"""Rows are decided amount by amount, and those of each batch are of any day."""
	read = []
	plain = StoredRows.days_by_hand
	monkeypatch.setattr(
		StoredRows,
		"days_by_hand",
		lambda batch, *args: read.append(args) or plain(batch, *args),
	)
	monkeypatch.setattr(type(books.ledger), "batch_rows", 1)
	books.enter(BATCH)
	run = books.fetch(BEFORE, *PARTS, AFTER)
	assert (run.held, len(read)) == (3, 1)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_that_there_is_have_neighbours(day):
	near = near_days([day])
	assert day in near
	assert len(near) == 5
