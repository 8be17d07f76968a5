"""The balance to come, and what becomes of rows that are announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import LineState
from dokos_banksync.core.review.projected_balance import Due, projected_balances
from tests.chaos.chaos import SecondProvider
from tests.core.build import line
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import OPENING, FakeProvider

DAY = timedelta(days=1)


def announce(bank, amount="-18", label="AUTORISATION CB", days=3, state=LineState.FUTURE):
	bank._put(state, bank.now.date() + timedelta(days=days), amount, label)
	return list(bank.rows.values())[-1]


def message(story):
	return projected_balances(story.ledger, "Current")


def test_what_is_announced_is_added_by_day(story):
	put(story.bank, "100")
	today = story.bank.now.date()
	first, second = announce(story.bank), announce(story.bank, "-2.50", "AUTORISATION PEAGE", days=2)
	third = announce(story.bank, "40", "VIR A VENIR", days=9, state=LineState.PENDING)
	story.bank.rows[second.id] = replace(second, day=first.day)
	story.sync()
	found = message(story)
	assert (found.balance, found.currency) == (OPENING + 100, "EUR")
	assert found.days == [Due(first.day, Decimal("-20.50"), 2), Due(third.day, Decimal(40), 1)]
	assert found.balance_to_come == OPENING + 100 - Decimal("20.50") + 40
	assert today < first.day
	assert [row.amount for row in story.transactions()] == [100], "and none of it is in the books"
	assert story.sync().checks[0].complete


def test_nothing_announced(story):
	put(story.bank, "100")
	story.sync()
	found = message(story)
	assert (found.days, found.announced, found.balance_to_come) == ([], 0, OPENING + 100)


def test_without_an_opening_balance_there_is_no_balance_to_come(story):
	import_rows(story.ledger, "Current", FileRows("a", "file:a", [line()]), clock=lambda: story.bank.now)
	assert (message(story).balance, message(story).balance_to_come) == (None, None)
	with pytest.raises(NotFound):
		projected_balances(story.ledger, "nobody")


def test_a_row_that_two_providers_announce_counts_once(story):
	from dokos_banksync.core.importing import sync

	announce(story.bank)
	announce(story.bank)
	story.sync()
	record = story.ledger.add_connection("Banque du Port", "bridge")
	second = SecondProvider(story.bank)
	complete_connect(story.ledger, second, record.name, {})
	[account] = story.ledger.accounts(record.name)
	story.ledger.link(account.source, "Current", None)
	sync.sync(story.ledger, second, record.name, clock=lambda: story.bank.now)
	assert len(story.ledger.announced("Current")) == 4
	assert sum(due.rows for due in message(story).days) == 2


def test_what_is_in_another_currency_does_not_count(story):
	class InDollars(FakeProvider):
		def _line(self, row):
			given = super()._line(row)
			return given._replace(currency="USD") if row.state is LineState.FUTURE else given

	story.provider = InDollars(story.bank)
	announce(story.bank)
	story.sync()
	assert message(story).days == []


@pytest.mark.parametrize(
	("amount", "days", "label"),
	[
		("-20", 0, "CB RESTAURANT"),
		("-17.31", 5, "CB RESTAURANT NEW YORK USD 20,00"),
		("-18", 1, "AUTORISATION CB"),
	],
	ids=["a tip", "another currency", "as announced"],
)
def test_the_booked_row_takes_its_place_under_another_id(story, amount, days, label):
	row = announce(story.bank)
	story.sync()
	story.bank._tombstone(row)
	put(story.bank, amount, label, row.day + timedelta(days=days))
	story.sync()
	assert [one.amount for one in story.transactions()] == [Decimal(amount)]
	assert (message(story).days, story.ledger.lines(held=True)) == ([], [])


@pytest.mark.parametrize("amount", ["-18", "-20", "-17.31"])
def test_the_booked_row_takes_its_place_under_the_same_id(story, amount):
	row = announce(story.bank)
	story.sync()
	booked = replace(row, state=LineState.BOOKED, amount=Decimal(amount), day=row.day + DAY)
	story.bank.rows[row.id] = replace(booked, label="CB RESTAURANT", at=story.bank._tick())
	story.sync()
	[made] = story.transactions()
	assert (made.amount, made.date) == (Decimal(amount), row.day + DAY)
	assert message(story).days == []


def test_what_the_bank_drops_is_dropped(story):
	row = announce(story.bank)
	story.sync()
	story.bank._tombstone(row)
	story.sync()
	assert (message(story).days, story.transactions()) == ([], [])


@pytest.mark.parametrize("booked", [True, False])
def test_what_the_bank_drops_without_a_word_is_dropped_within_a_week(story, booked):
	row, stays = announce(story.bank), announce(story.bank, "-5", days=9)
	story.sync()
	del story.bank.rows[row.id]
	if booked:
		put(story.bank, "-20", "CB RESTAURANT")
	story.sync()
	assert len(message(story).items) == 2
	story.bank.now += 7 * DAY
	story.sync()
	assert [one.line.remote_id for one in message(story).items] == [stays.id]
	assert len(story.transactions()) == booked


def test_what_is_announced_again_comes_back(story):
	row = announce(story.bank)
	story.sync()
	gone = story.bank.rows.pop(row.id)
	story.bank.now += 7 * DAY
	story.sync()
	assert message(story).items == []
	story.bank.rows[row.id] = replace(gone, at=story.bank._tick())
	story.sync()
	assert len(message(story).items) == 1


def test_an_account_that_is_left_announces_nothing(story):
	announce(story.bank)
	story.sync()
	[account] = story.ledger.accounts(story.connection)
	story.ledger.link(account.source, "", None)
	assert message(story).items == []
