"""What goes wrong elsewhere, in plain words, one test each; and what happens here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.engine import runner
from dokos_banksync.engine.files import FileRows, import_rows
from dokos_banksync.engine.missing import Kind, look
from dokos_banksync.engine.model import Verdict
from dokos_banksync.engine.proof import prove
from dokos_banksync.errors import TemporaryError
from tests.engine.build import line
from tests.engine.pretend import OPENING, START
from tests.engine.test_hostile import put


def from_file(story, *lines, name="a.csv"):
	rows = FileRows(name, f"file:{name}", lines)
	return import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)


@pytest.mark.parametrize("how", ["told", "silent", "new consent"])
def test_the_bank_changes_its_ids_and_everything_is_there_twice(story, how):
	rows = [put(story.bank, f"-{number}.50", f"CB SHOP {number}") for number in range(1, 9)]
	story.sync()
	if how == "new consent":
		story.reconnect()
	for row in rows if how != "new consent" else ():
		if how == "told":
			story.bank._tombstone(row)
		else:
			del story.bank.rows[row.id]
		put(story.bank, str(row.amount), row.label, row.day)
	assert story.sync().created == 0
	assert len(story.transactions()) == 8


def test_the_pending_row_stays_beside_its_booked_twin(story):
	"""It books under another id, on another day, with a tip."""
	story.bank.announce()
	story.sync()
	assert story.transactions() == []
	story.bank.book_announced()
	story.sync()
	[booked] = story.transactions()
	assert booked.amount == -20
	assert [row.state for row in story.ledger.lines(held=True)] == []


def test_the_pending_row_that_never_books_stays_for_ever(story):
	story.bank.announce()
	story.sync()
	[row] = story.bank.rows.values()
	story.bank._tombstone(row)
	story.sync()
	assert (story.transactions(), story.ledger.lines(held=True)) == ([], [])


@pytest.mark.parametrize("pages", [0, 1, 2])
def test_a_period_that_failed_is_skipped_by_the_next_run(story, pages):
	for number in range(1, 12):
		put(story.bank, f"{number}.00")
	story.connector.fail_after = pages
	with pytest.raises(TemporaryError):
		story.sync()
	story.connector.fail_after = None
	put(story.bank, "99")
	story.sync()
	assert story.booked() == story.bank.truth()


def test_a_row_that_the_bank_posts_late_never_comes(story):
	put(story.bank)
	story.sync()
	put(story.bank, "-8", day=START.date() - timedelta(days=40))
	assert story.sync().created == 1
	assert story.booked() == story.bank.truth()


def test_an_import_cannot_be_undone(story):
	put(story.bank)
	story.sync()
	was = story.transactions()
	run = from_file(story, *(line(str(n), amount=f"{n}.00") for n in range(1, 30)))
	story.ledger.undo(run.name)
	assert story.transactions() == was


@pytest.mark.parametrize("how", ["changed", "renumbered", "new consent", "file"])
def test_what_was_deleted_comes_back(story, how):
	row = put(story.bank)
	story.sync()
	story.ledger.delete_transaction(story.transactions()[0].name)
	if how == "changed":
		story.bank.rows[row.id] = replace(row, category="90", at=story.bank._tick())
	elif how == "renumbered":
		story.bank._tombstone(row)
		put(story.bank, day=row.day)
	elif how == "new consent":
		story.reconnect()
	else:
		from_file(story, line("1", label="CB CAFE", date=row.day))
	story.sync()
	assert story.transactions() == []


def test_deleted_rows_can_never_be_had_again(story):
	row = put(story.bank)
	story.sync()
	story.ledger.delete_transaction(story.transactions()[0].name)
	[view] = look(story.ledger, story.connector, story.connection, row.day, lambda: story.bank.now)
	assert [(one.kind, one.line.remote_id) for one in view.seen] == [(Kind.HELD, row.id)]


def test_the_balance_differs_and_nobody_knows_why(story):
	put(story.bank, "12.34")
	put(story.bank)
	story.sync()
	gone = next(row for row in story.transactions() if row.amount == Decimal("12.34"))
	story.ledger.delete_transaction(gone.name)
	story.sync()
	found = prove(story.ledger, "Current")
	assert [(c.exact, [i.label for i in c.items]) for c in found.causes] == [(True, [gone.description])]
	assert found.first_day == gone.date


def test_nothing_can_be_seen_before_it_is_imported(story):
	put(story.bank)
	seen = []
	runner.sync(
		story.ledger, story.connector, story.connection, clock=lambda: story.bank.now, preview=seen.append
	)
	assert [(d.verdict, d.line.description) for d in seen] == [(Verdict.NEW, "Cb Cafe")]
	assert (story.transactions(), story.ledger.runs()) == ([], [])


def test_a_reconnect_imports_the_history_anew(story):
	for number in range(1, 30):
		put(story.bank, f"{number}.00")
	story.sync()
	was = [row.name for row in story.transactions()]
	story.reconnect()
	assert [row.name for row in story.transactions()] == was
	assert story.sync().created == 0


@pytest.mark.parametrize("how", ["same", "saved again", "longer"])
def test_the_same_file_twice_doubles_its_rows(story, how):
	rows = [line(str(n), amount=f"{n}.00") for n in range(1, 6)]
	from_file(story, *rows)
	if how == "same":
		assert from_file(story, *rows).unchanged == 5
	elif how == "saved again":
		assert from_file(story, *rows, name="b.csv").adopted == 5
	else:
		more = [*rows, line("9", amount="9.00", day=2)]
		assert from_file(story, *more, name="b.csv").created == 1
	assert len(story.transactions()) == 5 + (how == "longer")


def test_rows_from_before_the_books_spoil_the_opening_balance(story):
	[account] = story.ledger.accounts(story.connection)
	story.ledger.link(account.source, "Current", START.date())
	put(story.bank, "40", day=START.date() - timedelta(days=1))
	put(story.bank, "-5", day=START.date())
	[check] = story.sync().checks
	assert (check.opening, check.complete) == (OPENING + 40, True)
	assert [row.reason for row in story.ledger.lines(held=True)] == ["Before the start date"]


def test_two_real_purchases_are_taken_for_one(story):
	first = put(story.bank)
	second = put(story.bank, day=first.day)
	story.sync()
	from_file(story, *(line(str(n), label="CB CAFE", date=first.day) for n in (1, 2)))
	third = put(story.bank, day=first.day)
	story.sync()
	assert len({first.id, second.id, third.id}) == len(story.transactions()) == 3


def test_a_merge_is_for_ever_or_confuses_the_next_import(story):
	first = put(story.bank)
	put(story.bank, day=first.day)
	story.sync()
	was = story.transactions()
	run = story.ledger.merge(*(row.name for row in was))
	assert story.sync().created == 0
	story.ledger.undo(run.name)
	assert story.sync().created == 0
	assert story.transactions() == was
