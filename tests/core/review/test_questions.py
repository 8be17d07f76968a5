"""Lines that may be one of several bank transactions: the user is asked, never guessed for, and seldom."""

from __future__ import annotations

import random
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import Busy, InvalidData, NotFound
from dokos_banksync.core.importing import sync
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.matching.exact import match
from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.review import explain, missing
from dokos_banksync.core.review.proof import prove
from dokos_banksync.core.review.questions import answer, questions
from dokos_banksync.core.trigger import Trigger
from tests.chaos.chaos import SecondProvider
from tests.core.build import held, line
from tests.core.importing.test_histories import Story
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import OPENING
from tests.core.review.test_undo import reconcile
from tests.effort import calls

BY_HAND = frozenset()


def ambiguous(lines, known, released=()):
	return sorted(one.remote_id for one in match(lines, known, "new", released).ambiguous)


def ties(lines, known, released=()):
	return {m.line.remote_id: m.transaction.name for m in match(lines, known, "new", released).matches}


# -- what is in doubt --------------------------------------------------------------------------------
@pytest.mark.parametrize(
	"other",
	[
		held("T2", reconciled=True),
		held("T2", category="Mine"),
		held("T2", sources=BY_HAND),
	],
	ids=["reconciled", "category", "by hand"],
)
def test_of_two_alike_of_which_a_user_has_done_something_with_one(other):
	lines, known = [line("1")], [held("T1"), other]
	assert (ambiguous(lines, known), ties(lines, known)) == (["1"], {})
	both = [line("1"), line("2")]
	assert ambiguous(both, known) == [], "whichever is whose, none is left over"
	assert set(ties(both, known).values()) == {"T1", "T2"}


def test_equal_rows_are_counted():
	known = [held("T1"), held("T2"), held("T3")]
	assert ambiguous([line("1"), line("2")], known) == []
	assert len(ties([line("1"), line("2")], known)) == 2


def test_a_line_between_two_transactions_at_equal_distance():
	lines, known = [line("1", day=1)], [held("T1", day=0), held("T2", day=2)]
	assert ambiguous(lines, known) == ["1"]
	assert ties([line("1", day=1)], [held("T1", day=0), held("T2", day=4)]) == {"1": "T1"}, "the nearer one"
	more = [line("1", day=1), line("2", day=3)]
	assert ambiguous(more, [*known, held("T3", day=4)]) == [], "several days of one thing are counted"


def test_labels_that_are_half_alike_to_two():
	lines = [line("1", label="VIR MARTIN")]
	known = [held("T1", label="VIR MARTIN LOYER"), held("T2", label="VIR MARTIN CHARGES")]
	assert (ambiguous(lines, known), ties(lines, known)) == (["1"], {})


def test_the_more_alike_one_stands_out():
	lines = [line("1", label="CAFE DU PORT 12 03")]
	known = [held("T1", label="CB CAFE DU PORT 12 03"), held("T2", label="CB CAFE DU PORT 13 03")]
	assert ties(lines, known) == {"1": "T1"}


def test_the_nearer_one_stands_out_unless_the_other_is_more_alike():
	lines = [line("1", label="VIR MARTIN", day=1)]
	near, far = held("T1", label="VIR MARTIN LOYER", day=1), held("T2", label="VIR MARTIN CHARGES", day=3)
	assert ties(lines, [near, far]) == {"1": "T1"}
	like = held("T2", label="CB VIR MARTIN", day=3)
	less = held("T1", label="LOYER VIR MARTIN MARS", day=1)
	assert ambiguous(lines, [less, like]) == ["1"]


def test_two_lines_for_one_transaction():
	lines = [line("1", label="VIR MARTIN LOYER"), line("2", label="VIR MARTIN CHARGES")]
	known = [held("T1", label="VIR MARTIN")]
	assert (ambiguous(lines, known), ties(lines, known)) == (["1", "2"], {})
	assert len(ties([line("1", label="VIR MARTIN LOYER"), line("2", label="VIR MARTIN LOYER")], known)) == 1


def test_what_comes_out_even_is_no_question():
	lines = [line("1", label="VIR MARTIN LOYER"), line("2", label="VIR MARTIN CHARGES")]
	known = [held("T1", label="VIR MARTIN"), held("T2", label="MARTIN VIR")]
	assert ambiguous(lines, known) == []
	assert set(ties(lines, known)) == {"1", "2"}


def test_what_stands_out_leaves_the_rest_without_a_doubt():
	lines = [line("1", label="VIR MARTIN LOYER MARS"), line("2", label="VIR MARTIN")]
	known = [held("T1", label="VIREMENT MARTIN LOYER MARS"), held("T2", label="VIREMENT MARTIN VIR")]
	assert ties(lines, known) == {"1": "T1", "2": "T2"}


def test_one_weak_candidate_of_another_day_is_proposed_and_asked_about():
	lines, known = [line("1", label="VIR MARTIN", day=4)], [held(label="VIR MARTIN LOYER")]
	found = match(lines, known, "new")
	assert (found.matches, found.ambiguous) == ([], [])
	assert [(m.line.remote_id, m.transaction.name) for m in found.proposals] == [("1", "T1")]


def test_what_a_user_deleted_gives_way_unless_it_stands_out():
	lines = [line("1", label="VIR MARTIN")]
	live, gone = held("T1", label="VIR MARTIN LOYER"), held("A", label="VIR MARTIN CHARGES", deleted=True)
	assert ties(lines, [live, gone]) == {"1": "T1"}
	assert ties([line("1", label="CB VIR MARTIN CHARGES")], [live, gone]) == {"1": "A"}


def test_what_a_user_deleted_is_taken_last():
	known = [held("A", deleted=True), held("T1")]
	assert ties([line("1")], known) == {"1": "T1"}
	assert ties([line("1"), line("2")], known) == {"1": "T1", "2": "A"}


def test_what_the_source_gives_back_under_another_id_is_no_question():
	"""The bank takes the old id back, and the same comes under a new one: it is that, whatever lies beside."""
	known = [held("T1", sources=BY_HAND), held("T2", reconciled=True)]
	assert ties([line("1")], known, {"T1"}) == {"1": "T1"}
	other = [held("T1", label="VIR MARTIN LOYER"), held("T2", label="VIR MARTIN CHARGES")]
	assert ties([line("1", label="VIR MARTIN")], other, {"T2"}) == {"1": "T2"}


def test_of_two_that_the_source_gives_back_the_reconciled_one_is_kept():
	known = [held("T1"), held("T2", reconciled=True)]
	assert ties([line("1")], known, {"T1", "T2"}) == {"1": "T2"}


LABELS = st.sampled_from(
	["VIR MARTIN", "VIR MARTIN LOYER", "VIR MARTIN CHARGES", "VIREMENT MARTIN", "VIR LOYER", "CB PORT"]
)
SIDE = st.lists(st.tuples(LABELS, st.integers(-5, 5), st.booleans()), max_size=7)


@given(SIDE, SIDE, st.integers(0, 1000))
def test_doubts_do_not_depend_on_the_order_and_leave_nothing_twice(ours, theirs, seed):
	lines = [line(f"l{i}", label=label, day=day) for i, (label, day, _) in enumerate(ours)]
	known = [
		held(f"t{i:02}", label=label, day=day, reconciled=on) for i, (label, day, on) in enumerate(theirs)
	]
	found, mixed = match(lines, known, "new"), random.Random(seed)
	again = match(mixed.sample(lines, len(lines)), mixed.sample(known, len(known)), "new")
	assert {m[:2] for m in found.matches} == {m[:2] for m in again.matches}
	assert {one.remote_id for one in found.ambiguous} == {one.remote_id for one in again.ambiguous}
	linked = [m.line.remote_id for m in found.matches] + [one.remote_id for one in found.ambiguous]
	assert len(set(linked)) == len(linked)
	assert len({m.transaction.name for m in found.matches}) == len(found.matches)


@given(SIDE)
def test_the_same_row_again_raises_no_question(rows):
	lines = [line(f"l{i}", label=label, day=day) for i, (label, day, _) in enumerate(rows)]
	known = [held(f"t{i:02}", label=label, day=day, reconciled=on) for i, (label, day, on) in enumerate(rows)]
	found = match(lines, known, "new")
	assert (len(found.matches), found.ambiguous) == (len(rows), [])


def test_a_crowd_of_numbered_labels_is_nothing_but_new():
	"""One price, labels that differ in a number: other numbers are other transactions."""
	lines = [line(f"l{i}", label=f"CB SHOP {i}", day=i % 10) for i in range(300)]
	known = [held(f"t{i:04}", label=f"CB SHOP {i + 5000}", day=i % 10) for i in range(300)]
	assert calls(lambda: match(lines, known, "new")) < 40 * len(lines) * len(known)
	found = match(lines, known, "new")
	assert (found.matches, found.proposals, found.ambiguous) == ([], [], [])


@pytest.mark.parametrize("count", [250, 2000])
def test_one_thing_every_other_day_for_years_is_proposed_in_linear_effort(count):
	"""Another provider tells of it a day later, in other words: each line lies between two."""
	lines = [line(f"l{i:05}", label="CB PARKING CENTRE VILLE", day=2 * i + 1) for i in range(count)]
	known = [held(f"t{i:05}", label="PARKING CENTRE", day=2 * i) for i in range(count)]
	found = match(lines, known, "new")
	assert (found.matches, len(found.proposals), found.ambiguous) == ([], count, [])
	assert calls(lambda: match(lines, known, "new")) < 2000 * count


# -- what becomes of it ------------------------------------------------------------------------------
LOYER, CHARGES = line("a", "500", "VIR MARTIN LOYER"), line("b", "500", "VIR MARTIN CHARGES")


def from_file(story, *lines, name="a.csv"):
	rows = FileRows(name, f"file:{name}", lines)
	return import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)


@pytest.fixture
def asked(story):
	"""Two bank transactions by a file, and a row of the feed that may be either."""
	put(story.bank, "1")
	story.sync()
	day = story.bank.now.date()
	from_file(story, LOYER._replace(date=day), CHARGES._replace(date=day))
	put(story.bank, "500", "VIR MARTIN", day)
	return story


def test_it_is_held_and_asked_once(asked):
	run = asked.sync()
	assert (run.created, run.linked, run.held) == (0, 0, 1)
	[question] = questions(asked.ledger, "Current")
	assert [c.known.description for c in question.candidates] == ["Vir Martin Loyer", "Vir Martin Charges"]
	assert questions(asked.ledger) == [question]
	entries = asked.ledger.line_story(question.name).entries
	again = asked.sync()
	assert (again.held, again.unchanged) == (0, 1)
	assert asked.ledger.line_story(question.name).entries == entries


def test_a_question_costs_no_query_of_its_own(asked):
	def calls():
		before = asked.ledger.db.calls
		questions(asked.ledger)
		return asked.ledger.db.calls - before

	asked.sync()
	one = calls()
	day = asked.bank.now.date()
	for number in range(2, 30):
		amount = f"{number * 1000}"
		from_file(
			asked,
			line("a", amount, "VIR MARTIN LOYER", date=day),
			line("b", amount, "VIR MARTIN CHARGES", date=day),
			name=f"{number}.csv",
		)
		put(asked.bank, amount, "VIR MARTIN", day)
	asked.sync()
	assert len(questions(asked.ledger)) == 29
	assert calls() == one


@pytest.mark.parametrize("choice", [0, 1])
def test_a_user_says_which(asked, choice):
	asked.sync()
	[question] = questions(asked.ledger)
	name = question.candidates[choice].known.name
	run = answer(asked.ledger, question.name, name, lambda: asked.bank.now)
	assert (run.trigger, run.subject, run.status, run.linked) == ("answer", question.name, "Success", 1)
	assert len(asked.ledger.transaction_story(name).lines) == 2
	assert questions(asked.ledger) == []
	again = asked.sync()
	assert (again.created, again.linked, again.held) == (0, 0, 0)


def test_a_user_says_that_it_is_neither(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	run = answer(asked.ledger, question.name, "", lambda: asked.bank.now)
	assert run.created == 1
	assert asked.sync().created == 0
	assert sum(row.amount for row in asked.transactions()) == 1501


def test_an_answer_is_reported(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	name = question.candidates[0].known.name
	message = explain.explain_line(asked.ledger.line_story(question.name)).message
	assert "could be one of several" in message
	answer(asked.ledger, question.name, name, lambda: asked.bank.now)
	found = explain.explain_line(asked.ledger.line_story(question.name))
	assert found.message.values == (name,)
	message = [event.message for event in found.provenance[0].events]
	assert f"Matched to {name}: A user decided it" in message


@pytest.mark.parametrize("choice", [None, 0, 1])
def test_an_answer_is_undone_and_given_again(asked, choice):
	asked.sync()
	[question] = questions(asked.ledger)
	name = "" if choice is None else question.candidates[choice].known.name
	was = asked.transactions()
	run = answer(asked.ledger, question.name, name, lambda: asked.bank.now)
	done = asked.transactions(), asked.ledger.lines()
	undone = asked.ledger.undo(run.name)
	assert asked.transactions() == was
	assert [one.name for one in questions(asked.ledger)] == [question.name]
	assert asked.sync().created == 0
	asked.ledger.undo(undone.run.name)
	assert (asked.transactions(), asked.ledger.lines()) == done


def test_the_run_that_asked_is_undone_after_the_answer(asked):
	run = asked.sync()
	[question] = questions(asked.ledger)
	answered = answer(asked.ledger, question.name, "", lambda: asked.bank.now)
	with pytest.raises(InvalidData, match=answered.name):
		asked.ledger.undo(run.name)


def test_it_answers_itself_when_the_other_one_is_claimed(asked):
	"""The feed tells of the charges too: then the first one is the rent."""
	asked.sync()
	assert len(questions(asked.ledger)) == 1
	put(asked.bank, "500", "VIR MARTIN CHARGES", asked.transactions()[0].date)
	run = asked.sync()
	assert (run.linked, questions(asked.ledger)) == (2, [])
	assert asked.sync().linked == 0


def test_it_answers_itself_when_one_is_deleted_or_merged(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	one, other = (c.known.name for c in question.candidates)
	asked.ledger.merge(one, other)
	assert asked.sync().linked == 1
	assert questions(asked.ledger) == []


def test_a_deleted_one_can_be_the_answer(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	asked.ledger.remove(question.candidates[1].known.name)
	[question] = questions(asked.ledger)
	assert [c.known.deleted for c in question.candidates] == [False, True]
	run = answer(asked.ledger, question.name, question.candidates[1].known.name, lambda: asked.bank.now)
	assert run.held == 1
	assert asked.ledger.line_story(question.name).reason is Reason.DELETED
	assert asked.sync().created == 0


def test_the_bank_takes_the_row_back_before_anybody_answers(asked):
	asked.sync()
	row = next(row for row in asked.bank.rows.values() if row.amount == 500)
	asked.bank._tombstone(row)
	asked.sync()
	assert questions(asked.ledger) == []


def test_what_cannot_be_the_answer(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	small = next(row for row in asked.transactions() if row.amount == 1)
	for wrong in (small.name, "nobody"):
		with pytest.raises(InvalidData, match="cannot be"):
			answer(asked.ledger, question.name, wrong, lambda: asked.bank.now)
	with pytest.raises(NotFound):
		answer(asked.ledger, "nobody", "", lambda: asked.bank.now)
	linked = next(one for one in asked.ledger.lines() if one.bank_transaction == small.name)
	with pytest.raises(InvalidData, match="not an open question"):
		answer(asked.ledger, linked.name, "", lambda: asked.bank.now)
	assert [run.trigger for run in asked.ledger.runs() if run.trigger is Trigger.ANSWER] == []


def test_nobody_answers_while_the_feed_is_read(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	with asked.ledger.hold(asked.connection), pytest.raises(Busy):
		answer(asked.ledger, question.name, "", lambda: asked.bank.now)


def test_an_answer_that_is_broken_off_once_it_is_stored_can_be_undone(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	whole, batches = asked.ledger.batch, []

	@contextmanager
	def batch(**more):
		with whole(**more) as opened:
			yield opened
		batches.append(opened)
		if len(batches) == 2:
			raise KeyboardInterrupt

	asked.ledger.batch = batch
	with pytest.raises(KeyboardInterrupt):
		answer(asked.ledger, question.name, "", lambda: asked.bank.now)
	del asked.ledger.batch
	run = asked.ledger.runs()[0]
	assert (run.status, run.error_message) == ("Failed", "Interrupted: KeyboardInterrupt")
	asked.ledger.undo(run.name)
	assert [one.name for one in questions(asked.ledger)] == [question.name]


def test_the_proof_names_the_question(asked):
	"""The file told of one too many: the bank has the rent only."""
	asked.sync()
	found = prove(asked.ledger, "Current")
	assert Reason.AMBIGUOUS in {cause.reason for cause in found.causes}
	asked.bank._put(asked.bank.rows[next(iter(asked.bank.rows))].state, asked.bank.now.date(), "5", "CB")
	asked.sync()
	causes = {cause.reason: cause for cause in prove(asked.ledger, "Current").causes}
	assert [item.amount for item in causes[Reason.AMBIGUOUS].items] == [500]


def test_no_opening_balance_is_founded_on_a_question(story):
	day = story.bank.now.date()
	from_file(story, LOYER._replace(date=day), CHARGES._replace(date=day))
	put(story.bank, "500", "VIR MARTIN", day)
	assert story.sync().checks == []
	assert story.ledger.bank_account("Current").opening_balance is None
	assert len(questions(story.ledger)) == 1
	put(story.bank, "500", "VIR MARTIN CHARGES", day)
	[check] = story.sync().checks
	assert (check.complete, check.opening) == (True, OPENING)


def test_what_is_asked_is_not_taken_as_missing(asked):
	asked.sync()
	[question] = questions(asked.ledger)
	looked = (asked.ledger, asked.provider, asked.connection, question.line.date, lambda: asked.bank.now)
	[view] = missing.look(*looked)
	assert [(one.kind, one.reason) for one in view.findings if one.line.amount == 500] == [
		(missing.Kind.HELD, Reason.AMBIGUOUS)
	]
	assert missing.take(*looked).created == 0
	with pytest.raises(InvalidData, match="answer the question"):
		missing.take(*looked, [question.line.remote_id])


def test_a_file_asks_too(story):
	put(story.bank, "500", "VIR MARTIN LOYER")
	put(story.bank, "500", "VIR MARTIN CHARGES", next(iter(story.bank.rows.values())).day)
	story.sync()
	reconcile(story, story.transactions()[0].name)
	rows = (line("1", "500", "VIR MARTIN", date=story.transactions()[0].date),)
	assert from_file(story, *rows).held == 1
	[question] = questions(story.ledger)
	assert question.source == "file:a.csv"
	answer(story.ledger, question.name, question.candidates[0].known.name, lambda: story.bank.now)
	assert from_file(story, *rows).unchanged == 1
	assert len(story.transactions()) == 2


# -- whole histories, and a user who knows -----------------------------------------------------------
NAMESAKES = ("VIR MARTIN LOYER", "VIR MARTIN CHARGES", "VIR MARTIN CAUTION")
EVENTS = st.sampled_from(
	["book"] * 4 + ["first", "second", "file", "answer", "reconcile", "edit", "reconnect"]
)


class Short(SecondProvider):
	"""Another provider, which cuts the labels off: what it tells may be any of the namesakes."""

	def _line(self, row):
		return super()._line(row)._replace(original="VIR MARTIN", description="VIR MARTIN")


class Namesakes:
	"""Two providers and files tell of one account, and somebody answers by the bank's own books."""

	def __init__(self, folder, seed):
		self.story = Story(folder, seed)
		self.ledger, self.bank = self.story.ledger, self.story.bank
		self.chance, self.files, self.asked = random.Random(seed), 0, 0
		record = self.ledger.add_connection("Banque du Port", "bridge")
		self.short, self.name = Short(self.bank), record.name
		complete_connect(self.ledger, self.short, record.name, {})
		[account] = self.ledger.accounts(record.name)
		self.ledger.link(account.source, "Current", None)

	def book(self):
		day = self.bank.now.date() - timedelta(days=self.chance.randint(0, 2))
		put(self.bank, self.chance.choice(("500", "600")), self.chance.choice(NAMESAKES), day)

	def first(self):
		return self.story.sync()

	def second(self):
		return sync.sync(self.ledger, self.short, self.name, clock=lambda: self.bank.now)

	def file(self):
		rows = [row for row in self.bank.rows.values() if row.state is LineState.BOOKED]
		if rows:
			self.files += 1
			lines = [line(f"F{row.true}", str(row.amount), "MARTIN VIR", date=row.day) for row in rows]
			from_file(self.story, *lines, name=f"{self.files}.csv")

	def answer(self):
		"""One after the other: an answer may leave others with one choice, or with none."""
		for _ in range(100):
			found = questions(self.ledger)
			if not found:
				return
			self.asked += 1
			answer(self.ledger, found[0].name, self._truth(found[0]), lambda: self.bank.now)

	def _truth(self, question):
		"""Whose it is by the bank's books; where that was given to another line of the source, that one's instead."""
		stories = [self.ledger.transaction_story(row.name) for row in self.story.transactions()]
		own = {self._true(one.line): s for s in stories for one in s.lines if one.source == question.source}
		others = {
			self._true(one.line): s for s in stories for one in s.lines if one.source != question.source
		}
		taken = {s.transaction.name: true for true, s in own.items()}
		true, seen = self._true(question.line), set()
		while true in others and others[true].transaction.name in taken and true not in seen:
			seen.add(true)
			true = taken[others[true].transaction.name]
		if true in seen:
			return question.candidates[0].known.name if question.candidates else ""
		return others[true].transaction.name if true in others else ""

	def _true(self, message):
		"""What a line is: in the end of its id, or in the bank's books."""
		if message.remote_id[0] in "BF":
			return int(message.remote_id[1:])
		return self.ids.setdefault(message.remote_id, None) or self.bank.rows[message.remote_id].true

	ids: ClassVar[dict] = {}

	def reconcile(self):
		if rows := self.story.transactions():
			reconcile(self.story, self.chance.choice(rows).name)

	def edit(self):
		if rows := self.story.transactions():
			own = next((c.name for c in self.ledger.all_categories() if c.category_name == "Mine"), "")
			own = own or self.ledger.add_category("Mine")
			self.ledger.set_transaction_category(self.chance.choice(rows).name, own)

	def reconnect(self):
		self.ids = {**self.ids, **{row.id: row.true for row in self.bank.rows.values()}}
		self.story.reconnect()

	def import_rows(self):
		"""Read and answer until nobody asks any more."""
		for _ in range(20):
			self.first()
			self.second()
			if not questions(self.ledger):
				return
			self.answer()
		raise AssertionError("questions without end")


@settings(max_examples=50, deadline=None)
@given(st.lists(EVENTS, max_size=25), st.integers(0, 2**32))
@example(
	["book", "second", "book", "book", "file", "book"], 12930
)  # two lines for one that waits for the balance
def test_with_the_right_answers_the_books_end_equal_to_the_bank(tmp_path_factory, events, seed):
	made = Namesakes(tmp_path_factory.mktemp("namesakes"), seed)
	with made.ledger:
		for event in events:
			getattr(made, event)()
		made.import_rows()
		assert made.story.booked() == made.bank.truth()
		for run in (made.first(), made.second()):
			assert (run.created, run.linked, run.removed, run.held) == (0, 0, 0, 0)
			assert all(check.complete for check in run.checks)
