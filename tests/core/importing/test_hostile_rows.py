"""What banks, clocks and users do to a feed at their worst, one bad thing at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import get_type_hints

import pytest

from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.importing import validation
from dokos_banksync.core.matching.exact import match
from dokos_banksync.core.model import ConnectionStatus, Line, LineState, Page, RejectedRow
from tests.core.build import held, line
from tests.core.pretend import OPENING, PretendBank
from tests.effort import calls


def put(bank: PretendBank, amount="-3.20", label="CB CAFE", day: date | None = None):
	bank._put(LineState.BOOKED, day or bank.now.date(), amount, label)
	return list(bank.rows.values())[-1]


def test_what_a_user_deleted_stays_away_when_the_bank_renumbers_it(story):
	row = put(story.bank)
	story.sync()
	story.ledger.delete_transaction(story.transactions()[0].name)
	story.bank._tombstone(row)
	put(story.bank)
	story.sync()
	assert story.transactions() == []
	[old, new] = sorted(story.ledger.lines(), key=lambda one: one.state)
	assert (old.reason, new.reason) == ("Deleted by a user",) * 2


def test_a_deleted_one_that_was_renumbered_is_one_not_two(story):
	"""The twin of a deleted coffee that arrives later is a coffee of its own."""
	row = put(story.bank)
	story.sync()
	story.ledger.delete_transaction(story.transactions()[0].name)
	story.bank._tombstone(row)
	put(story.bank)
	put(story.bank)
	story.sync()
	assert len(story.transactions()) == 1


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31), date(1899, 12, 31), date(2200, 1, 1)])
def test_a_day_that_no_bank_books_on_is_refused_and_the_others_come(story, day):
	put(story.bank, day=day)
	put(story.bank, "5")
	run = story.sync()
	assert (run.created, run.refused) == (1, 1)


def test_half_a_character_stops_no_run(story):
	put(story.bank, label="CB \ud83d CAFE")
	assert story.sync().created == 1
	assert story.transactions()[0].description == "Cb \\ud83d Cafe"


def test_every_text_of_a_row_is_made_fit():
	names = [name for name, kind in get_type_hints(Line).items() if kind is str]
	bad = line()._replace(**dict.fromkeys(names, "\udc00"))
	page = validation.checked(Page([bad], [RejectedRow("acc", "\udc00", "why", "\udc00")]))
	assert {getattr(page.lines[0], name) for name in names if name != "currency"} == {"\\udc00"}
	assert page.lines[0].currency == "\\UDC00"
	assert page.rejected == [RejectedRow("acc", "\\udc00", "why", "\\udc00")]


def test_a_removal_is_taken_whatever_else_it_says(story):
	row = put(story.bank)
	story.sync()
	gone = replace(row, state=LineState.REMOVED, amount=Decimal("NaN"), day=date.max, at=story.bank._tick())
	story.bank.rows[row.id] = gone
	assert story.sync().removed == 1
	assert story.transactions() == []


def test_a_booked_row_that_becomes_pending_again_is_shown_as_pending(story):
	row = put(story.bank)
	story.sync()
	story.bank.rows[row.id] = replace(row, state=LineState.PENDING, at=story.bank._tick())
	story.sync()
	[shown] = story.ledger.lines()
	assert (shown.state, shown.reason, story.transactions()) == ("Pending", "Pending at the bank", [])


def test_an_account_that_the_bank_no_longer_shows_is_no_peace(story):
	story.provider.accounts = lambda access, context=None: []
	run = story.sync()
	assert (run.status, run.error_code) == ("Partial", "BS-200")
	assert "Courant" in run.error_message
	record = story.ledger.connection(story.connection)
	assert record.status is ConnectionStatus.ACTION_REQUIRED
	del story.provider.accounts
	assert story.sync().status == "Success"
	assert story.ledger.connection(story.connection).status is ConnectionStatus.ACTIVE


def test_an_opening_balance_is_not_founded_while_a_row_is_missing(story):
	row = put(story.bank)
	put(story.bank, "7")
	story.bank.rows[row.id] = replace(row, amount=Decimal("NaN"))
	story.bank.balance = lambda: OPENING + Decimal("3.80")
	assert story.sync().checks == []
	story.bank.rows[row.id] = replace(row, at=story.bank._tick())
	[check] = story.sync().checks
	assert (check.opening, check.complete) == (OPENING, True)


def test_labels_in_other_scripts_are_distinguished():
	assert match([line(label="東京 カフェ")], [held(label="大阪 ホテル")], "new").matches == []
	assert len(match([line(label="東京 カフェ")], [held(label="東京　カフェ")], "new").matches) == 1


def test_a_history_of_one_amount_is_matched_in_moderate_effort():
	"""A merchant sells one thing at one price: equal amounts by the thousand, each with its own label."""

	def side(make, word):
		return [make(f"{word}{i}", label=f"ORDER {word}{i}", day=i % 30) for i in range(5_000)]

	lines, known = side(line, "shop"), side(held, "store")
	assert calls(lambda: match(lines, known, "new")) < 2000 * len(lines)
	assert match(lines, known, "new").matches == []
	assert len(match(lines, side(held, "shop"), "new").matches) == len(lines)


def test_a_twin_of_a_later_day_does_not_take_the_place_of_the_exact_one():
	known = [held("T1", day=0), held("T2", day=timedelta(days=3).days)]
	found = match([line("a", day=3), line("b", day=0)], known, "new").matches
	assert {(m.line.remote_id, m.transaction.name) for m in found} == {("a", "T2"), ("b", "T1")}


def test_an_iban_written_otherwise_after_a_reconnect_is_the_same_account(story):
	put(story.bank)
	story.sync()
	story.bank.replace_consent()
	whole = story.provider.accounts
	grouped = "fr76 9999 9000 0100 0000 0001 764"
	story.provider.accounts = lambda access, context=None: [replace(a, iban=grouped) for a in whole(access)]
	complete_connect(story.ledger, story.provider, story.connection, {})
	run = story.sync()
	assert (run.status, run.linked, len(story.transactions())) == ("Success", 1, 1)
