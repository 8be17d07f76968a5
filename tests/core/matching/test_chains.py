"""A price that is paid again after some days, in two sources of which one dates each row later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dokos_banksync.core.matching.chains import _Days, ask_about_chains
from dokos_banksync.core.matching.exact import Match, Matched, match
from dokos_banksync.core.matching.known_days import ALWAYS
from dokos_banksync.core.model import MatchEvidence
from dokos_banksync.core.review.questions import answer, questions
from tests.core.build import held, line
from tests.core.scripted import DAY, NOW
from tests.core.two_sources import TwoSources

FIRST, LAST = (-4, "-1.00", "DEBUT"), (12, "-2.00", "FIN")
POOL = "CB PISCINE"


def pool(*days, label=POOL):
	return [(day, "-15.00", label) for day in days]


@pytest.fixture
def books(tmp_path):
	made = TwoSources(tmp_path)
	with made.ledger:
		yield made


@pytest.mark.parametrize("first", ["feed", "file"])
def test_rows_that_are_left_over_at_both_ends_are_asked_about(books, first):
	"""The row of the middle is on one day in both, and is the second one here and the first one there."""
	earlier, later = [FIRST, *pool(0, 4), LAST], [FIRST, *pool(4, 8), LAST]
	if first == "feed":
		books.fetch(*earlier)
		run = books.take(*later)
	else:
		books.take(*earlier)
		run = books.fetch(*later)
	assert (run.created, run.linked, run.held) == (0, 2, 2)
	assert books.amounts() == ["-15.00", "-15.00", "-2.00", "-1.00"]


def test_answers_link_them(books):
	books.take(FIRST, *pool(0, 4), LAST)
	books.fetch(FIRST, *pool(4, 8), LAST)
	first, second = questions(books.ledger)
	on_days = [[one.known.date for one in asked.candidates] for asked in (first, second)]
	assert on_days == [[DAY + timedelta(4), DAY], [DAY + timedelta(4)]]
	for asked in (first, second):
		answer(books.ledger, asked.name, asked.candidates[-1].known.name, lambda: NOW)
	assert books.amounts() == ["-15.00", "-15.00", "-2.00", "-1.00"]
	assert books.fetch().created == 0


@pytest.mark.parametrize(("closing", "expected"), [("967", (2, 0)), ("952", (2, 2))])
def test_the_balance_decides(books, closing, expected):
	"""1,000 at the beginning, and 15 less for each: of three, it does not say which two are the same."""
	books.take(FIRST, *pool(0, 4), LAST, balance=("967", DAY + timedelta(12)))
	books.balance = closing
	books.fetch(FIRST, *pool(4, 8), LAST)
	assert (books.amounts().count("-15.00"), len(questions(books.ledger))) == expected


@pytest.mark.parametrize(
	"later",
	[
		[*pool(4), *pool(8, label="CB CINEMA")],
		pool(4, 9),
		[(4, "-15.00", POOL), (8, "-16.00", POOL)],
	],
	ids=["another label", "too far away", "another amount"],
)
def test_what_is_no_such_chain_is_imported(books, later):
	books.take(FIRST, *pool(0, 4), LAST)
	run = books.fetch(FIRST, *later, LAST)
	assert (run.created, run.held) == (1, 0)


def test_rows_outside_the_days_of_the_other_source_are_imported(books):
	books.take(FIRST, *pool(0, 4))
	run = books.take(*pool(4, 8), name="b.csv")
	assert (run.created, run.held) == (1, 0)


@pytest.mark.parametrize(
	("released", "reference", "asked"),
	[((), "", 2), (("T4",), "", 0), ((), "E2E-0000001", 0)],
	ids=["plain", "given back by the source itself", "with references of their own"],
)
def test_what_else_is_known_of_the_rows_of_the_middle(released, reference, asked):
	theirs = held(reference=reference)
	known = [theirs._replace(name=f"T{day}", date=theirs.date + timedelta(day)) for day in (0, 4)]
	other = reference.replace("1", "2")
	lines = [line(f"L{day}", day=day, reference=reference if day == 4 else other) for day in (4, 8)]
	found = ask_about_chains(
		match(lines, known, "new"),
		lines,
		known,
		source="new",
		released=released,
		known_days=None,
		own_days=ALWAYS,
	)
	assert len(found.proposals) == asked


def test_the_rows_of_a_price_of_every_day_are_compared_with_near_ones_only(monkeypatch):
	"""One source has more of them than the other, at another time of the year."""
	compared = []
	plain = _Days.may_be
	monkeypatch.setattr(_Days, "may_be", lambda *args: compared.append(args) or plain(*args))

	def comparisons(days):
		lines = [line(f"L{day}", "-1", "CB PAIN", day) for day in range(2 * days)]
		known = [held(f"T{day}", "-1", "CB PAIN", day) for day in [*range(days), *range(3 * days, 4 * days)]]
		matches = [
			Match(one, other, MatchEvidence.SAME_DAY_SAME_LABEL)
			for one, other in zip(lines[:days], known[:days], strict=True)
		]
		compared.clear()
		found = ask_about_chains(
			Matched(matches), lines, known, source="a", released=(), known_days=None, own_days=ALWAYS
		)
		assert (len(found.matches), found.proposals) == (days, [])
		return len(compared)

	assert comparisons(200) == comparisons(100) < 100
