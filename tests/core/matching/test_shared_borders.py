"""Labels with other words on a day of which two sources may have a part only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dokos_banksync.core.importing.split_days import SPLIT_DAY
from dokos_banksync.core.matching.known_days import KnownDays, Span
from dokos_banksync.core.matching.shared_borders import is_half_known
from dokos_banksync.core.records import Covered
from dokos_banksync.core.review.questions import questions
from tests.core.scripted import DAY
from tests.core.two_sources import TwoSources

PAUL, ANNE = (3, "-40.00", "VIR MARTIN PAUL LOYER"), (3, "-40.00", "VIR MARTIN ANNE LOYER")
FIRST, LAST = (-4, "-1.00", "DEBUT"), (9, "-2.00", "FIN")


@pytest.fixture
def books(tmp_path):
	made = TwoSources(tmp_path)
	with made.ledger:
		yield made


def test_one_file_ends_and_another_begins_on_the_day(books):
	books.take(FIRST, PAUL)
	run = books.take(ANNE, LAST, name="b.csv")
	assert (run.created, run.linked, run.held) == (1, 0, 1)
	assert books.asked() == {"-40.00": ["-40.00"]}


def test_a_day_that_both_cover_as_a_whole_proves_it(books):
	"""Each has one row of the amount, so that it is the same one."""
	books.take(FIRST, PAUL, LAST)
	run = books.take(FIRST, ANNE, LAST, name="b.csv")
	assert (run.created, run.linked, books.asked()) == (0, 3, {})


@pytest.mark.parametrize("label", ["VIREMENT MARTIN PAUL", "VIR MARTIN PAUL LOYER MARS", "MARTIN PAUL LOYER"])
def test_words_of_one_source_alone_are_no_difference(books, label):
	books.take(FIRST, PAUL)
	run = books.take((*PAUL[:2], label), LAST, name="b.csv")
	assert (run.created, run.linked, books.asked()) == (1, 1, {})


def test_the_question_of_a_feed_ends_when_the_day_is_over(books):
	"""Both feeds are at their last day. A later fetch knows that it has the whole day."""
	other = books.second_feed()
	other(FIRST, (10, *PAUL[1:]))
	assert books.fetch(FIRST, (10, *ANNE[1:])).held == 1
	books.next_day()
	other()
	run = books.fetch()
	assert (run.linked, books.asked(), books.amounts()) == (1, {}, ["-40.00", "-1.00"])


@pytest.mark.parametrize(("closing", "created"), [("958", 0), ("918", 1)])
def test_the_balance_decides(books, closing, created):
	"""1,000 at the beginning."""
	books.take(FIRST, PAUL, balance=("959", DAY + timedelta(3)))
	day = (closing, DAY + timedelta(9))
	run = books.take(ANNE, (9, "-1.00", "FIN"), name="b.csv", balance=day)
	assert (run.created, books.asked()) == (1 + created, {})


def test_the_same_label_is_linked_as_before(books):
	books.take(FIRST, PAUL)
	run = books.take(PAUL, LAST, name="b.csv")
	assert (run.linked, run.held) == (1, 0)
	assert SPLIT_DAY not in [one.line.description for one in questions(books.ledger)]


@pytest.mark.parametrize(
	("source", "day", "expected"),
	[("file:b", 3, True), ("file:b", 2, False), ("feed", 3, True), ("file:b", 9, False)],
)
def test_a_border_of_all_sources_is_half_known(source, day, expected):
	"""File a ends on the 3rd, where file b begins; nothing is known of the days of a feed that never ran."""
	first = DAY.toordinal()
	known = KnownDays([Covered("R1", "file:a", "A", DAY, DAY + timedelta(3), complete=True)])
	own = Span(first + 3, first + 9)
	assert is_half_known(known, own, source, DAY + timedelta(day)) is expected
