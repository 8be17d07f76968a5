"""What goes wrong elsewhere, in plain words, one test each: it is seen to go wrong there, and then what happens here.

Here is held against the bank, never against ourselves: `bank.truth()` is what the pretend bank has in its books.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.importing import sync
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import LineState
from dokos_banksync.core.review import dry_run
from dokos_banksync.core.review.missing import Kind, look, take
from dokos_banksync.core.review.proof import prove
from tests.core.build import line
from tests.core.importing.test_hostile_rows import put
from tests.core.peer import Peer
from tests.core.pretend import OPENING, START


@pytest.fixture
def peer(story):
	"""An importer as many are, at the same bank."""
	return Peer(story.provider)


def from_file(story, *lines, name="a.csv"):
	rows = FileRows(name, f"file:{name}", lines)
	return import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)


def looked(story):
	since = START.date() - timedelta(days=100)
	return story.ledger, story.provider, story.connection, since, lambda: story.bank.now


# -- 1 -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["told", "silent", "new consent"])
def test_the_bank_changes_its_ids_and_everything_is_there_twice(story, peer, how):
	rows = [put(story.bank, f"-{number}.50", f"CB SHOP {number}") for number in range(1, 9)]
	peer.import_by_id()
	story.sync()
	if how == "new consent":
		story.reconnect()
	for row in rows if how != "new consent" else ():
		if how == "told":
			story.bank._tombstone(row)
		else:
			del story.bank.rows[row.id]
		put(story.bank, str(row.amount), row.label, row.day)
	peer.import_by_id()
	assert len(peer.rows) == 16, "there: each row twice"
	names = [row.name for row in story.transactions()]
	assert story.sync().created == 0
	assert story.booked() == story.bank.truth()
	assert [row.name for row in story.transactions()] == names


def test_the_bank_changes_a_label_and_the_row_is_there_twice(story, peer):
	row = put(story.bank, "-12", "CB SHOP 4711")
	peer.import_by_content()
	story.sync()
	story.bank.rows[row.id] = replace(row, label="SHOP (CARTE 4711)", at=story.bank._tick())
	peer.import_by_content()
	assert len(peer.rows) == 2
	story.sync()
	assert story.booked() == story.bank.truth()


# -- 3 -----------------------------------------------------------------------------------------------
def test_the_pending_row_stays_beside_its_booked_twin(story, peer):
	"""It books under another id, on another day, with a tip."""
	story.bank.announce()
	peer.import_pending_too()
	story.sync()
	assert story.transactions() == []
	story.bank.book_announced()
	peer.import_pending_too()
	assert sorted(row.amount for row in peer.rows) == [-20, -18], "there: the meal is paid twice"
	story.sync()
	assert story.booked() == story.bank.truth()
	assert [row.amount for row in story.transactions()] == [-20]
	assert [row.state for row in story.ledger.lines(held=True)] == []


def test_the_pending_row_that_never_books_stays_for_ever(story, peer):
	story.bank.announce()
	peer.import_pending_too()
	story.sync()
	[row] = story.bank.rows.values()
	story.bank._tombstone(row)
	peer.import_pending_too()
	assert len(peer.rows) == 1
	story.sync()
	assert (story.transactions(), story.ledger.lines(held=True)) == ([], [])


# -- 5 -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pages", [0, 1, 2])
def test_a_period_that_failed_is_skipped_by_the_next_run(story, peer, pages):
	for number in range(1, 12):
		put(story.bank, f"{number}.00")
	story.provider.fail_after = pages
	peer.import_since_last_day(story.bank.now.date())
	with pytest.raises(TemporaryError):
		story.sync()
	story.provider.fail_after = None
	put(story.bank, "99")
	peer.import_since_last_day(story.bank.now.date())
	assert story.bank.truth() - peer.booked(), "there: a hole that nobody tells of"
	story.sync()
	assert story.booked() == story.bank.truth()


def test_a_row_that_the_bank_posts_late_never_comes(story, peer):
	put(story.bank)
	peer.import_since_last_day(story.bank.now.date())
	story.sync()
	put(story.bank, "-8", day=START.date() - timedelta(days=40))
	peer.import_since_last_day(story.bank.now.date())
	assert [row.amount for row in peer.rows] == [Decimal("-3.20")]
	assert story.sync().created == 1
	assert story.booked() == story.bank.truth()


# -- 10 ----------------------------------------------------------------------------------------------
def test_an_import_cannot_be_undone(story, peer):
	put(story.bank, "250", "VIR CLIENT", START.date())
	day = next(iter(story.bank.rows.values())).day
	wrong = [line(str(n), amount=f"{n}.00", date=day) for n in range(1, 30)]
	peer.import_by_id()
	peer.import_file(wrong)
	peer.clear_since(day)
	assert peer.rows == [], "there: to be rid of a wrong file one loses the right rows of its days"
	story.sync()
	was = story.transactions()
	run = from_file(story, *wrong)
	assert len(story.transactions()) == 30
	story.ledger.undo(run.name)
	assert story.transactions() == was
	assert story.booked() == story.bank.truth()


# -- 12 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["again", "changed", "renumbered", "in silence", "new consent", "file"])
def test_what_was_deleted_comes_back(story, peer, how):
	row = put(story.bank)
	peer.import_by_id()
	story.sync()
	peer.delete(peer.rows[0])
	story.ledger.delete_transaction(story.transactions()[0].name)
	if how == "changed":
		story.bank.rows[row.id] = replace(row, category="90", at=story.bank._tick())
	elif how == "renumbered":
		story.bank._tombstone(row)
		put(story.bank, day=row.day)
	elif how == "in silence":
		del story.bank.rows[row.id]
		put(story.bank, day=row.day)
	elif how == "new consent":
		story.reconnect()
	elif how == "file":
		from_file(story, line("1", label="CB CAFE", date=row.day))
	peer.import_by_id()
	assert len(peer.rows) == 1, "there: it is back"
	story.sync()
	assert story.transactions() == []


def test_deleted_rows_can_never_be_had_again(story):
	"""Where they do stay away elsewhere, it is for good: the id is on a list that nobody shows."""
	row = put(story.bank)
	story.sync()
	story.ledger.delete_transaction(story.transactions()[0].name)
	[view] = look(*looked(story))
	assert [(one.kind, one.line.remote_id) for one in view.findings] == [(Kind.HELD, row.id)]
	take(*looked(story), [row.id])
	assert story.booked() == story.bank.truth()


# -- 14 ----------------------------------------------------------------------------------------------
def test_the_balance_differs_and_nobody_knows_why(story, peer):
	put(story.bank, "12.34")
	put(story.bank)
	peer.import_by_id()
	story.sync()
	peer.delete(next(row for row in peer.rows if row.amount == Decimal("12.34")))
	gone = next(row for row in story.transactions() if row.amount == Decimal("12.34"))
	story.ledger.delete_transaction(gone.name)
	story.sync()
	assert story.bank.balance() - OPENING - peer.total() == Decimal("12.34"), "there: a number, and no more"
	found = prove(story.ledger, "Current")
	assert found.checked.check.difference == Decimal("12.34")
	assert [(c.exact, [i.label for i in c.items]) for c in found.causes] == [(True, [gone.description])]
	assert found.first_day == gone.date


# -- 17 ----------------------------------------------------------------------------------------------
def test_nothing_can_be_seen_or_chosen_before_it_is_imported(story, peer):
	wanted, unwanted = put(story.bank, "40", "VIR CLIENT"), put(story.bank, "-9", "CB PRIVE")
	peer.import_by_id()
	assert len(peer.rows) == 2, "there: all of it is in the books before anybody has seen it"
	shown = dry_run.plan_sync(story.ledger, story.provider, story.connection, clock=lambda: story.bank.now)
	assert {row.line.remote_id for row in shown.rows} == {wanted.id, unwanted.id}
	assert (story.transactions(), story.ledger.runs()) == ([], [])
	out = next(row.id for row in shown.rows if row.line.remote_id == unwanted.id)
	agreed = dry_run.approve(story.ledger, shown.key, [out])
	sync.sync(story.ledger, story.provider, story.connection, clock=lambda: story.bank.now, plan=agreed)
	story.sync()
	assert [row.amount for row in story.transactions()] == [wanted.amount]


# -- 18 ----------------------------------------------------------------------------------------------
def test_a_reconnect_imports_the_history_anew(story, peer):
	for number in range(1, 30):
		put(story.bank, f"{number}.00")
	peer.import_by_id()
	story.sync()
	was = [row.name for row in story.transactions()]
	story.reconnect()
	peer.import_by_id()
	assert len(peer.rows) == 58, "there: the whole history, once more"
	assert [row.name for row in story.transactions()] == was
	assert story.sync().created == 0
	assert story.booked() == story.bank.truth()


# -- 23 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["same", "saved again", "longer"])
def test_the_same_file_twice_doubles_its_rows(story, peer, how):
	rows = [line(str(n), amount=f"{n}.00") for n in range(1, 6)]
	peer.import_file(rows)
	peer.import_file(rows)
	assert len(peer.rows) == 10
	from_file(story, *rows)
	if how == "same":
		assert from_file(story, *rows).unchanged == 5
	elif how == "saved again":
		assert from_file(story, *rows, name="b.csv").linked == 5
	else:
		more = [*rows, line("9", amount="9.00", day=2)]
		assert from_file(story, *more, name="b.csv").created == 1
	assert sorted(row.amount for row in story.transactions()) == [1, 2, 3, 4, 5] + [9] * (how == "longer")


# -- 24 ----------------------------------------------------------------------------------------------
def test_rows_from_before_the_books_spoil_the_opening_balance(story, peer):
	"""The books begin on a day, with what the account held then."""
	[account] = story.ledger.accounts(story.connection)
	story.ledger.link(account.source, "Current", START.date())
	put(story.bank, "40", day=START.date() - timedelta(days=1))
	entered = story.bank.balance()
	put(story.bank, "-5", day=START.date())
	peer.import_by_id()
	assert entered + peer.total() - story.bank.balance() == 40, "there: what came before counts twice"
	[check] = story.sync().checks
	assert (check.opening, check.movements, check.difference) == (entered, -5, 0)
	assert [row.reason for row in story.ledger.lines(held=True)] == ["Before the start date"]


# -- 29 ----------------------------------------------------------------------------------------------
def test_two_real_purchases_are_taken_for_one(story, peer):
	first = put(story.bank)
	put(story.bank, day=first.day)
	story.sync()
	from_file(story, *(line(str(n), label="CB CAFE", date=first.day) for n in (1, 2)))
	put(story.bank, day=first.day)
	peer.import_by_content()
	assert len(peer.rows) == 1, "there: three coffees are one"
	story.sync()
	assert story.booked() == story.bank.truth()
	assert sum(story.booked().values()) == 3


# -- 40 ----------------------------------------------------------------------------------------------
def test_a_merge_is_for_ever_or_confuses_the_next_import(story, peer):
	first = put(story.bank)
	put(story.bank, day=first.day)
	peer.import_by_id()
	story.sync()
	peer.delete(peer.rows[1])
	peer.import_by_id()
	assert len(peer.rows) == 2, "there: to merge is to delete one, and the next import brings it again"
	was = story.transactions()
	run = story.ledger.merge(*(row.name for row in was))
	assert story.sync().created == 0
	assert len(story.transactions()) == 1
	story.ledger.undo(run.name)
	assert story.sync().created == 0
	assert story.transactions() == was
	assert story.booked() == story.bank.truth()


def test_the_peer_is_right_where_nothing_goes_wrong(story, peer):
	"""That it fails above is the bank's doing, not the test's."""
	for number in range(1, 9):
		put(story.bank, f"{number}.00", f"CB {number}")
	story.bank._put(LineState.FUTURE, START.date(), "-18", "AUTORISATION")
	for _ in range(2):
		peer.import_by_id()
	assert peer.booked() == story.bank.truth()
