"""The balance decides what labels and days leave open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.importing.balance_evidence import Gap, decide_by_balance, may_be_refuted
from dokos_banksync.core.model import Action, Decision, MatchEvidence, Reason
from tests.core.books import FIRST, Books
from tests.core.build import line


def question(amount, proposed="T1", day=0):
	return Decision(
		action=Action.HOLD,
		line=line(f"{amount} {day}", amount, day=day),
		source="file",
		bank_account="Current",
		reason=Reason.AMBIGUOUS,
		proposed=proposed,
	)


def actions(decisions, gap):
	return [(made.action, made.transaction) for made in decide_by_balance(decisions, gap)]


def test_without_a_gap_a_proposal_is_right_and_a_question_with_several_answers_stays():
	message = actions([question("5"), question("7", proposed="")], Gap(Decimal(0), None))
	assert message == [(Action.LINK, "T1"), (Action.HOLD, "")]


def test_a_gap_that_is_one_line_makes_it_new_and_the_others_known():
	assert actions([question("5"), question("7")], Gap(Decimal(7), None)) == [
		(Action.LINK, "T1"),
		(Action.NEW, ""),
	]


def test_a_gap_that_two_choices_explain_decides_nothing():
	asked = [question("5", "T1"), question("5", "T2", day=1)]
	assert actions(asked, Gap(Decimal(5), None)) == [(Action.HOLD, "")] * 2


@pytest.mark.parametrize("gap", [None, Gap(Decimal(3), None)])
def test_a_balance_that_explains_nothing_decides_nothing(gap):
	assert actions([question("5")], gap) == [(Action.HOLD, "")]


def test_a_line_after_the_day_of_the_balance_is_no_part_of_it():
	assert actions([question("5", day=3)], Gap(Decimal(0), date(2026, 3, 10))) == [(Action.HOLD, "")]


def test_what_the_same_day_and_label_prove_is_not_put_in_question():
	sure = Decision(Action.LINK, line(), "file", "Current", evidence=MatchEvidence.SAME_DAY_SAME_LABEL)
	assert not may_be_refuted(sure)
	assert may_be_refuted(sure._replace(evidence=MatchEvidence.SAME_DAY_SIMILAR_LABEL))
	assert may_be_refuted(sure, borders=(sure.line.date,))


def linked(amount, label="CAFE", day=0):
	one = line(label, amount, day=day)
	return Decision(
		Action.LINK, one, "file", "Current", evidence=MatchEvidence.SAME_DAY_SAME_LABEL, transaction="T"
	)


def test_what_is_less_certain_explains_a_gap_first():
	made = decide_by_balance([question("5"), linked("5")], Gap(Decimal(5), None))
	assert [one.action for one in made] == [Action.NEW, Action.LINK]


def test_of_lines_that_are_the_same_any_may_be_the_new_one():
	made = decide_by_balance([linked("5"), linked("5")], Gap(Decimal(5), None))
	assert sorted(one.action.value for one in made) == sorted([Action.NEW.value, Action.LINK.value])
	two_days = [linked("5"), linked("5", day=1)]
	assert decide_by_balance(two_days, Gap(Decimal(5), None)) == two_days


def day(number):
	return date(2026, 1, 1 + number)


@pytest.mark.parametrize(("closing", "rows", "created"), [("90", 2, 0), ("80", 3, 1)])
def test_a_file_in_other_words_a_day_later_is_decided_by_its_closing_balance(
	tmp_path, closing, rows, created
):
	"""It says 90 where its row is the known one, and 80 where it is another of the same amount."""
	books = Books(tmp_path)
	books.take(
		(0, "100", "VIR CLIENT"),
		(2, "-10", "CB CAFE DU PORT"),
		(4, "0.01", "INTERETS"),
		balance=("90.01", day(4)),
	)
	run = books.take(
		(1, "0.02", "ARRONDI"),
		(3, "-10", "CAFE PORT"),
		(4, "-0.02", "ARRONDI"),
		name="b.csv",
		balance=(str(Decimal(closing) + Decimal("0.01")), day(4)),
	)
	assert run.created - 2 == created
	assert run.held == 0
	assert books.held()[day(2), Decimal("-10.00")] + books.held()[day(3), Decimal("-10.00")] == rows - 1
	books.ledger.close()


def test_without_a_balance_it_is_a_question_and_nothing_is_lost(tmp_path):
	books = Books(tmp_path)
	books.take((0, "100", "VIR CLIENT"), (2, "-10", "CB CAFE DU PORT"), (4, "0.01", "INTERETS"))
	run = books.take((1, "0.02", "ARRONDI"), (3, "-10", "CAFE PORT"), (4, "-0.02", "ARRONDI"), name="b.csv")
	assert (run.created, run.held) == (2, 1)
	[asked] = books.ledger.questions("Current")
	assert (asked.line.date, asked.line.amount) == (FIRST.replace(day=4), Decimal(-10))
	books.ledger.close()


@pytest.mark.parametrize(("closing", "created"), [("92", 2), ("94", 1)])
def test_a_file_that_begins_where_the_other_one_ended_in_the_midst_of_a_day(tmp_path, closing, created):
	"""It says 92 where its coffee came after that of the first file, and 94 where it is the same."""
	books = Books(tmp_path)
	books.take((1, "-2", "CAFE"), (2, "-2", "CAFE"), balance=("96", day(2)))
	run = books.take((2, "-2", "cafe"), (3, "-2", "THE"), name="b.csv", balance=(closing, day(3)))
	assert (run.created, run.linked) == (created, 2 - created)
	books.ledger.close()
