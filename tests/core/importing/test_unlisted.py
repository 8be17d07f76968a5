"""What the bank removes or changes while an account gets another id is asked about, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import Reason
from dokos_banksync.core.review.explain import explain_line
from dokos_banksync.core.review.proof import prove
from dokos_banksync.core.review.questions import answer, questions
from tests.core.build import line
from tests.core.importing.test_histories import Story
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import START

FIRST = START.date()


class Carried(Story):
	"""Five rows on five days, then a consent that gives every id anew."""

	def __init__(self, folder):
		super().__init__(folder, 1)
		for number in range(1, 6):
			self.put(f"-{number}.00", f"CB SHOP {number}", number)
		self.sync()

	def put(self, amount, label, day):
		put(self.bank, amount, label, FIRST + timedelta(days=day))

	def remove(self, amount):
		"""Remove the row of this amount at the bank."""
		[found] = [row.id for row in self.bank.rows.values() if row.amount == Decimal(amount)]
		del self.bank.rows[found]

	def renew(self):
		self.bank.replace_consent()
		complete_connect(self.ledger, self.provider, self.connection, {})
		return self.sync()

	def asked(self):
		return [one.line.amount for one in questions(self.ledger)]


@pytest.fixture
def story(tmp_path):
	made = Carried(tmp_path)
	with made.ledger:
		yield made


def test_a_row_that_the_bank_removed_meanwhile_is_a_question_that_names_it(story):
	story.remove("-3.00")
	run = story.renew()
	[asked] = questions(story.ledger, "Current")
	[candidate] = asked.candidates
	assert (asked.unlisted, asked.line.amount, candidate.known.amount) == (
		True,
		Decimal("-3.00"),
		Decimal("-3.00"),
	)
	assert (run.linked, run.updated, run.created) == (4, 1, 0)


def test_a_row_with_another_amount_is_new_and_the_old_one_a_question(story):
	story.remove("-3.00")
	story.put("-3.50", "CB SHOP 3", 3)
	assert story.renew().created == 1
	assert story.asked() == [Decimal("-3.00")]


def test_nothing_is_asked_where_the_bank_lists_all_rows(story):
	story.renew()
	assert story.asked() == []


def test_a_later_run_asks_what_the_run_of_the_new_id_could_not_know(story):
	"""The last day that is listed may be incomplete."""
	story.remove("-5.00")
	story.renew()
	assert story.asked() == []
	story.put("-9.00", "CB LATER", 6)
	story.sync()
	assert story.asked() == [Decimal("-5.00")]


def test_a_row_of_the_first_day_that_is_listed_is_a_question(story):
	story.put("-1.50", "CB SHOP 1B", 1)
	story.sync()
	story.remove("-1.00")
	run = story.renew()
	assert (story.asked(), run.created) == ([Decimal("-1.00")], 0)


def test_a_twin_of_the_first_day_that_is_listed_once_is_a_question(story):
	story.put("-1.00", "CB SHOP 1", 1)
	story.sync()
	[first, _second] = [row.id for row in story.bank.rows.values() if row.amount == Decimal("-1.00")]
	del story.bank.rows[first]
	story.renew()
	assert story.asked() == [Decimal("-1.00")]


def test_days_before_the_first_listed_row_are_not_asked_about(story):
	story.remove("-1.00")
	story.renew()
	story.put("-9.00", "CB LATER", 6)
	story.sync()
	assert story.asked() == []


def without_balance(story):
	"""The bank gives no balance that could prove or refute anything."""
	listed = story.provider.accounts
	story.provider.accounts = lambda *given: [replace(one, balance=None) for one in listed(*given)]


@pytest.mark.parametrize("day", [2, 3])
def test_a_late_row_is_not_taken_for_an_equal_one_of_a_day_that_is_not_listed(story, day):
	"""The new id lists from the second day on. Of the first day it may have the equal row, or not: a user is asked."""
	without_balance(story)
	story.remove("-1.00")
	story.put("-1.00", "CB SHOP 1", day)
	run = story.renew()
	[asked] = questions(story.ledger, "Current")
	assert (run.created, run.linked, asked.line.amount, asked.unlisted) == (0, 4, Decimal("-1.00"), False)
	assert [one.known.date for one in asked.candidates] == [FIRST + timedelta(days=1)]
	answer(story.ledger, asked.name, "", clock=lambda: story.bank.now)
	assert sorted(row.date for row in story.transactions() if row.amount == Decimal("-1.00")) == [
		FIRST + timedelta(days=1),
		FIRST + timedelta(days=day),
	]


def test_the_balance_answers_for_a_day_that_is_not_listed(story):
	"""The bank counts both rows, and lists one of them."""
	story.remove("-1.00")
	story.put("-1.00", "CB SHOP 1", 2)
	balance = story.bank.balance
	story.bank.balance = lambda: balance() - 1
	run = story.renew()
	assert (run.created, story.asked()) == (1, [])


def test_later_runs_know_from_which_day_on_the_bank_lists(story):
	without_balance(story)
	story.remove("-1.00")
	story.renew()
	story.put("-1.00", "CB SHOP 1", 2)
	story.sync()
	assert story.asked() == [Decimal("-1.00")]


def test_an_equal_row_of_a_listed_day_that_moved_is_linked(story):
	"""The first day is listed, without the row: it is the one that the bank lists on another day."""
	without_balance(story)
	story.put("-8.00", "CB OTHER", 1)
	story.sync()
	story.remove("-1.00")
	story.put("-1.00", "CB SHOP 1", 2)
	story.renew()
	assert story.asked() == []
	assert len([row for row in story.transactions() if row.amount == Decimal("-1.00")]) == 1


def test_the_answer_that_it_is_gone_removes_it_and_can_be_undone(story):
	story.remove("-3.00")
	story.renew()
	[asked] = questions(story.ledger)
	run = answer(story.ledger, asked.name, "", lambda: story.bank.now)
	assert (run.removed, story.booked(), story.asked()) == (1, story.bank.truth(), [])
	story.ledger.undo(run.name)
	assert story.asked() == [Decimal("-3.00")]


def test_the_answer_that_it_stays_is_not_asked_again(story):
	story.remove("-3.00")
	story.renew()
	[asked] = questions(story.ledger)
	answer(story.ledger, asked.name, asked.candidates[0].known.name, lambda: story.bank.now)
	story.put("-9.00", "CB LATER", 6)
	story.sync()
	assert story.asked() == []
	assert story.ledger.line_story(asked.name).reason is Reason.KEPT


def test_another_answer_is_refused(story):
	story.remove("-3.00")
	story.renew()
	[asked] = questions(story.ledger)
	with pytest.raises(InvalidData, match="whether"):
		answer(story.ledger, asked.name, "ACC-BTN-2026-99999", lambda: story.bank.now)


def test_the_question_ends_when_the_bank_lists_the_row_after_all(story):
	story.remove("-3.00")
	story.renew()
	story.put("-3.00", "CB SHOP 3", 3)
	story.sync()
	assert (story.asked(), story.booked()) == ([], story.bank.truth())


def test_what_a_file_of_the_bank_confirms_is_not_asked_about(story):
	lines = [line("1", "-3.00", "CB SHOP 3", date=FIRST + timedelta(days=3))]
	import_rows(
		story.ledger, "Current", FileRows("november.csv", "file:1", lines), clock=lambda: story.bank.now
	)
	story.remove("-3.00")
	story.renew()
	assert story.asked() == []


def test_the_undo_of_the_run_that_asked_closes_the_question(story):
	story.remove("-3.00")
	run = story.renew()
	story.ledger.undo(run.name, again=False)
	assert story.asked() == []


def test_the_balance_proof_names_the_row_as_the_cause(story):
	story.remove("-3.00")
	story.renew()
	proof = prove(story.ledger, "Current")
	[cause] = [one for one in proof.causes if one.exact]
	assert (cause.reason, [item.label for item in cause.items]) == (Reason.UNLISTED, ["Cb Shop 3"])


def test_the_history_of_the_line_says_what_is_asked(story):
	story.remove("-3.00")
	story.renew()
	[asked] = questions(story.ledger)
	explained = explain_line(story.ledger.line_story(asked.name))
	assert "a user must decide whether it stays" in str(explained.message)
