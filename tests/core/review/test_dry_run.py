"""What a user is shown before a run, and that exactly that is done, or nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import InvalidData, NotFound, PlanChanged
from dokos_banksync.core.importing import approved_plan, sync
from dokos_banksync.core.importing.approved_plan import PlanKind, row_id
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.review import dry_run, missing
from dokos_banksync.core.review.explain import explain_line
from dokos_banksync.core.review.proof import prove
from dokos_banksync.core.review.questions import answer
from tests.core.build import line
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import OPENING


def plan(story):
	return dry_run.plan_sync(story.ledger, story.provider, story.connection, clock=lambda: story.bank.now)


def apply(story, key, *leave_out):
	agreed = dry_run.approve(story.ledger, key, leave_out)
	return sync.sync(
		story.ledger, story.provider, story.connection, clock=lambda: story.bank.now, plan=agreed
	)


def by_label(shown):
	return {row.line.original: row for row in shown.rows}


def everything(story):
	return story.transactions(), story.ledger.lines()


FILE = FileRows("a.csv", "file:a", [line("1", amount="5.00"), line("2", amount="6.00")])


def plan_file(story, rows=FILE):
	return dry_run.plan_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)


def apply_file(story, key, *leave_out, rows=FILE):
	agreed = dry_run.approve(story.ledger, key, leave_out)
	return import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now, plan=agreed)


@pytest.fixture
def kinds(story):
	"""One row of each kind that a feed can tell of."""
	[account] = story.ledger.accounts(story.connection)
	story.ledger.link(account.source, "Current", story.bank.now.date() - timedelta(days=10))
	changed, gone, _ = put(story.bank, "1"), put(story.bank, "2"), put(story.bank, "3")
	story.sync()
	other = line("f", amount="7.00", label="VIR MARTIN", date=changed.day)
	import_rows(story.ledger, "Current", FileRows("f.csv", "file:f", [other]), clock=lambda: story.bank.now)
	story.bank.rows[changed.id] = replace(changed, label="CB CHANGED", at=story.bank._tick())
	story.bank._tombstone(gone)
	put(story.bank, "4", "CB NEW")
	put(story.bank, "7.00", "VIR MARTIN", changed.day)
	put(story.bank, "8", "CB OLD", changed.day - timedelta(days=40))
	story.bank.announce()
	return story


def test_each_row_is_reported_by_its_kind(kinds):
	shown = plan(kinds)
	assert {label: row.kind for label, row in by_label(shown).items()} == {
		"CB NEW": PlanKind.NEW,
		"VIR MARTIN": PlanKind.LOOK_ALIKE,
		"CB OLD": PlanKind.OUTSIDE_DATES,
		"AUTORISATION CB": PlanKind.PENDING,
		"CB CHANGED": PlanKind.CHANGED,
		"CB CAFE": PlanKind.REMOVED,
	}
	assert shown.kinds[PlanKind.NEW] == 1
	assert (shown.run.name, shown.run.created, shown.run.linked) == ("", 1, 1)
	assert by_label(shown)["VIR MARTIN"].note == "Same day, amount and label"


def test_what_is_locked_is_reported(story):
	story.ledger.set_lock_date("Current", story.bank.now.date())
	put(story.bank)
	[row] = plan(story).rows
	assert (row.kind, row.reason) == (PlanKind.LOCKED, Reason.LOCKED)


def test_looking_writes_nothing_but_the_plan(kinds):
	was, runs = everything(kinds), kinds.ledger.runs()
	first = plan(kinds)
	assert (everything(kinds), kinds.ledger.runs()) == (was, runs)
	assert plan(kinds).key == first.key


def test_what_was_shown_is_done(kinds):
	run = apply(kinds, plan(kinds).key)
	assert (run.status, run.created, run.linked, run.updated, run.removed) == ("Success", 1, 1, 1, 1)
	assert plan(kinds).rows == []
	assert sorted(row.amount for row in kinds.transactions()) == [1, 3, 4, 7]


def test_a_run_as_agreed_leaves_what_any_other_leaves(tmp_path):
	from tests.core.importing.test_histories import Story

	left = []
	for number, agreed in enumerate((False, True)):
		(tmp_path / str(number)).mkdir()
		story = Story(tmp_path / str(number), 11)
		with story.ledger:
			for event in ["book"] * 9 + ["twin", "announce"]:
				story.simulate(event)
			story.sync()
			for event in ["book", "renumber", "amend", "delete", "book_announced", "twin"]:
				story.simulate(event)
			if agreed:
				apply(story, plan(story).key)
			else:
				story.sync()
			left.append(everything(story))
			assert story.booked() == story.bank.truth()
	assert left[0] == left[1]


def test_a_row_is_left_out_and_stays_away(story):
	put(story.bank, "4", "CB NO")
	put(story.bank, "5", "CB YES")
	shown = plan(story)
	run = apply(story, shown.key, by_label(shown)["CB NO"].id)
	assert (run.created, run.held) == (1, 1)
	assert [row.amount for row in story.transactions()] == [5]
	[held] = story.ledger.lines(held=True)
	assert held.reason == Reason.EXCLUDED.value
	again = story.sync()
	assert (again.created, again.held, again.updated) == (0, 0, 0)
	assert len(story.transactions()) == 1


@pytest.mark.parametrize("how", ["told", "silent", "new consent", "changed", "file"])
def test_a_row_that_was_left_out_does_not_come_under_another_id(story, how):
	row = put(story.bank, "4", "CB NO")
	[shown] = plan(story).rows
	apply(story, plan(story).key, shown.id)
	if how == "told":
		story.bank._tombstone(row)
		put(story.bank, "4", "CB NO", row.day)
	elif how == "silent":
		del story.bank.rows[row.id]
		put(story.bank, "4", "CB NO", row.day)
	elif how == "new consent":
		story.reconnect()
	elif how == "changed":
		story.bank.rows[row.id] = replace(row, category="90", at=story.bank._tick())
	else:
		given = line("x", amount="4", label="CB NO", date=row.day)
		import_rows(
			story.ledger, "Current", FileRows("x.csv", "file:x", [given]), clock=lambda: story.bank.now
		)
	story.sync()
	assert story.transactions() == []
	assert {one.reason for one in story.ledger.lines(held=True)} == {Reason.EXCLUDED.value}


def test_a_row_equal_to_one_that_was_left_out_is_imported(story):
	row = put(story.bank, "4", "CB NO")
	[shown] = plan(story).rows
	apply(story, plan(story).key, shown.id)
	put(story.bank, "4", "CB NO", row.day)
	assert story.sync().created == 1


def test_a_row_that_was_left_out_can_be_taken(story):
	row = put(story.bank, "4", "CB NO")
	[shown] = plan(story).rows
	apply(story, plan(story).key, shown.id)
	looked = (story.ledger, story.provider, story.connection, row.day, lambda: story.bank.now)
	[view] = missing.look(*looked)
	assert [(one.kind, one.reason) for one in view.findings] == [(missing.Kind.HELD, Reason.EXCLUDED)]
	assert missing.take(*looked).created == 0
	assert missing.take(*looked, [row.id]).created == 1
	assert story.booked() == story.bank.truth()


def test_the_opening_balance_counts_on_a_row_that_was_left_out(story):
	"""It is taken one day, and then all adds up; until then it is the named difference."""
	put(story.bank, "1")
	row = put(story.bank, "4", "CB NO")
	put(story.bank, "5", "CB YES")
	shown = plan(story)
	apply(story, shown.key, by_label(shown)["CB NO"].id)
	assert story.ledger.bank_account("Current").opening_balance == OPENING
	story.sync()
	[cause] = prove(story.ledger, "Current").causes
	assert (cause.exact, cause.reason, cause.amount) == (True, Reason.EXCLUDED, 4)
	missing.take(story.ledger, story.provider, story.connection, row.day, lambda: story.bank.now, [row.id])
	[check] = story.sync().checks
	assert check.complete


def test_an_undo_takes_the_plan_back_and_brings_it_again(story):
	put(story.bank, "4", "CB NO")
	put(story.bank, "5", "CB YES")
	shown = plan(story)
	run = apply(story, shown.key, by_label(shown)["CB NO"].id)
	was = everything(story)
	undone = story.ledger.undo(run.name)
	assert story.transactions() == []
	story.ledger.undo(undone.run.name)
	assert everything(story) == was


def _first_day(story):
	return min(row.day for row in story.bank.rows.values())


CHANGES = {
	"more": lambda story: put(story.bank, "9", "CB MORE"),
	"gone": lambda story: story.bank.rows.pop(next(iter(story.bank.rows))),
	"other amount": lambda story: _change(story, amount=put(story.bank).amount),
	"other label": lambda story: _change(story, label="CB OTHER"),
	"booked": lambda story: _change(story, state=LineState.FUTURE),
	"there by a file": lambda story: import_rows(
		story.ledger,
		"Current",
		FileRows("b.csv", "file:b", [line("1", amount="4", label="CB ONE", date=_first_day(story))]),
		clock=lambda: story.bank.now,
	),
	"locked": lambda story: story.ledger.set_lock_date("Current", story.bank.now.date()),
}


def _change(story, **to):
	row = next(iter(story.bank.rows.values()))
	story.bank.rows[row.id] = replace(row, at=story.bank._tick(), **to)


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_meanwhile_is_reported_and_nothing_is_stored(story, what):
	put(story.bank, "4", "CB ONE", story.bank.now.date())
	put(story.bank, "5", "CB TWO")
	key = plan(story).key
	CHANGES[what](story)
	was, [account] = everything(story), story.ledger.accounts(story.connection)
	state = story.ledger.connection(story.connection)
	with pytest.raises(PlanChanged) as caught:
		apply(story, key)
	assert caught.value.code == "BS-603"
	assert caught.value.changes
	assert everything(story) == was
	assert story.ledger.accounts(story.connection)[0].cursor == account.cursor
	assert story.ledger.connection(story.connection) == state
	[run, *_] = story.ledger.runs()
	assert (run.status, run.created, run.fetched) == ("Failed", 0, 0)
	assert apply(story, plan(story).key).status == "Success"


def test_each_change_is_reported_by_what_it_was_and_is(story):
	gone, later = put(story.bank, "4", "CB ONE"), put(story.bank, "5", "CB TWO")
	key = plan(story).key
	del story.bank.rows[gone.id]
	story.bank.rows[later.id] = replace(later, state=LineState.FUTURE)
	more = put(story.bank, "6", "CB THREE")
	with pytest.raises(PlanChanged) as caught:
		apply(story, key)
	assert sorted(change[1:] for change in caught.value.changes) == [
		(gone.id, "Will be imported", ""),
		(later.id, "Will be imported", "Pending"),
		(more.id, "", "Will be imported"),
	]


def test_what_changes_while_it_is_stored_takes_all_of_it_back(story, monkeypatch):
	"""Between the dry run and the end the ledger decides otherwise than the dry run did."""
	put(story.bank, "4", "CB ONE")
	put(story.bank, "5", "CB TWO")
	key = plan(story).key
	whole, calls = story.ledger.batch, []

	def batch(**more):
		calls.append(1)
		opened = whole(**more)
		return opened

	monkeypatch.setattr(story.ledger, "batch", batch)
	from dokos_banksync.core.importing import importer

	plan_by_content, asked = importer.plan_by_content, []

	def turned(feed, fresh, released, known):
		asked.append(1)
		made = plan_by_content(feed, fresh, released, known)
		if len(asked) == 3:
			return [one._replace(action=one.action.HOLD, reason=Reason.LOCKED) for one in made]
		return made

	monkeypatch.setattr(importer, "plan_by_content", turned)
	with pytest.raises(PlanChanged):
		apply(story, key)
	assert everything(story) == ([], [])


def test_a_plan_is_of_one_connection_or_file(story):
	put(story.bank)
	key = plan(story).key
	with pytest.raises(InvalidData, match="another preview"):
		apply_file(story, key)
	assert story.transactions() == []


def test_a_plan_that_nobody_was_shown(story):
	with pytest.raises(NotFound):
		dry_run.approve(story.ledger, "x")
	put(story.bank)
	with pytest.raises(NotFound):
		dry_run.approve(story.ledger, plan(story).key, ["x"])


def test_what_is_there_already_is_not_left_out(kinds):
	rows = by_label(plan(kinds))
	for label in ("CB CHANGED", "CB CAFE"):
		assert not rows[label].may_be_left_out
		with pytest.raises(InvalidData, match="left out"):
			dry_run.approve(kinds.ledger, plan(kinds).key, [rows[label].id])


def test_the_new_half_of_a_renumbered_row_is_not_left_out(story):
	row = put(story.bank, "4", "CB ONE")
	story.sync()
	story.bank._tombstone(row)
	put(story.bank, "4", "CB ONE", row.day)
	rows = plan(story).rows
	assert {one.kind for one in rows} == {PlanKind.LOOK_ALIKE, PlanKind.ALREADY_THERE}
	assert not any(one.may_be_left_out for one in rows)


def test_a_look_alike_that_is_left_out_leaves_the_other_alone(story):
	import_rows(
		story.ledger,
		"Current",
		FileRows("f.csv", "file:f", [line("f", amount="7.00", date=story.bank.now.date())]),
		clock=lambda: story.bank.now,
	)
	was = story.transactions()
	put(story.bank, "7.00", "CB CAFE DU PORT")
	[shown] = plan(story).rows
	assert shown.kind is PlanKind.LOOK_ALIKE
	apply(story, plan(story).key, shown.id)
	assert story.transactions() == was
	assert story.sync().created == 0


# -- files -------------------------------------------------------------------------------------------


def test_a_file_goes_in_as_it_was_shown(story):
	shown = plan_file(story)
	assert [row.kind for row in shown.rows] == [PlanKind.NEW] * 2
	run = apply_file(story, shown.key, row_id("file:a", "1"))
	assert (run.created, run.held) == (1, 1)
	assert [row.amount for row in story.transactions()] == [6]
	assert import_rows(story.ledger, "Current", FILE, clock=lambda: story.bank.now).created == 0


def test_a_file_that_meets_new_rows_is_shown_again(story):
	key = plan_file(story).key
	put(story.bank, "5.00", "CB CAFE DU PORT", FILE.lines[0].date)
	story.sync()
	with pytest.raises(PlanChanged) as caught:
		apply_file(story, key)
	assert [change[2:] for change in caught.value.changes] == [
		("Will be imported", "Matched to an existing transaction")
	]
	assert len(story.transactions()) == 1


def test_thousands_of_rows_cost_no_query_each(story):
	def calls(count):
		rows = FileRows(
			f"{count}.csv",
			f"file:{count}",
			[line(str(n), amount=f"{n}.{count % 90:02d}", label=f"CB {count}") for n in range(1, count)],
		)
		shown = plan_file(story, rows)
		before = story.ledger.db.calls
		apply_file(story, shown.key, rows=rows)
		kept = story.ledger.stored_plan(shown.key)
		assert len(kept) < 110 * count
		return story.ledger.db.calls - before

	assert calls(1500) - calls(150) <= 2


@pytest.mark.parametrize("there", [False, True])
def test_a_row_of_a_file_that_was_left_out_is_taken_by_an_answer(story, there):
	"""Nothing can be asked for it again: the file is all there is."""
	name = ""
	if there:
		put(story.bank, "5.00", "CB CAFE DU PORT", FILE.lines[0].date)
		story.sync()
		[name] = [row.name for row in story.transactions() if row.amount == 5]
	shown = plan_file(story)
	apply_file(story, shown.key, row_id("file:a", "1"))
	[held] = [one for one in story.ledger.lines(held=True) if one.reason == Reason.EXCLUDED.value]
	assert "left it out" in explain_line(story.ledger.line_story(held.name)).message
	run = answer(story.ledger, held.name, name, lambda: story.bank.now)
	assert (run.created, run.linked) == (not there, there)
	assert sorted(row.amount for row in story.transactions()) == [5, 6]
	assert import_rows(story.ledger, "Current", FILE, clock=lambda: story.bank.now).unchanged == 2
	story.ledger.undo(run.name)
	[again] = [one for one in story.ledger.lines(held=True) if one.name == held.name]
	assert again.reason == Reason.EXCLUDED.value


def test_a_pending_row_that_was_left_out_is_no_open_question(story):
	story.bank.announce()
	[row] = plan(story).rows
	apply(story, plan(story).key, row.id)
	[held] = story.ledger.lines(held=True)
	with pytest.raises(InvalidData, match="not an open question"):
		answer(story.ledger, held.name, "", lambda: story.bank.now)


def test_a_row_in_another_currency_is_not_left_out(story):
	"""It is not a part of the account, and would be taken off the opening balance."""
	day = story.bank.now.date()
	lines = [line("a", "50", "ONE", date=day, currency="USD"), line("b", "51", "TWO", date=day)]
	rows = FileRows("a.csv", "file:a", lines)
	shown = dry_run.plan_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	assert {row.line.currency: row.may_be_left_out for row in shown.rows} == {"USD": False, "EUR": True}
	with pytest.raises(InvalidData):
		dry_run.approve(story.ledger, shown.key, [row.id for row in shown.rows])


def test_a_deleted_row_under_another_id_is_shown_as_what_it_will_be(story):
	row = put(story.bank)
	story.sync()
	story.ledger.remove(story.transactions()[0].name)
	story.bank._tombstone(row)
	put(story.bank, day=row.day)
	clock = {"clock": lambda: story.bank.now}
	shown = dry_run.plan_sync(story.ledger, story.provider, story.connection, **clock)
	assert PlanKind.NEW not in shown.kinds
	agreed = dry_run.approve(story.ledger, shown.key)
	run = sync.sync(story.ledger, story.provider, story.connection, plan=agreed, **clock)
	assert (run.created, story.transactions()) == (0, [])


def test_a_plan_of_an_earlier_version_is_refused_as_such_and_not_row_by_row(kinds, monkeypatch):
	"""An update may have other words for what a row becomes: nothing changed at the bank."""
	key = plan(kinds).key
	before = everything(kinds)
	stored = kinds.ledger.stored_plan(key)
	for earlier in (
		re.sub('"program":"[^"]+",', "", stored),
		stored.replace(approved_plan.PROGRAM, "0" * 16),
	):
		data = json.loads(earlier)
		data["rows"] = {
			one: [kind, "another digest", *rest] for one, (kind, _, *rest) in data["rows"].items()
		}
		monkeypatch.setattr(kinds.ledger, "stored_plan", lambda _, data=data: json.dumps(data))
		with pytest.raises(PlanChanged, match="The program was updated since the preview") as caught:
			apply(kinds, key)
		assert list(caught.value.changes) == []
	assert everything(kinds) == before


def test_a_plan_of_an_earlier_version_whose_rows_are_the_same_is_done(kinds, monkeypatch):
	shown = plan(kinds)
	stored = kinds.ledger.stored_plan(shown.key).replace(approved_plan.PROGRAM, "0" * 16)
	monkeypatch.setattr(kinds.ledger, "stored_plan", lambda _: stored)
	assert apply(kinds, shown.key).created == shown.run.created
