"""Removing banks, moving categories, counts and totals of the standalone site."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.hosts.standalone.ledger.housekeeping import Totals
from tests.hosts.standalone.ledger.build import connected_ledger

NO_FILTER = {"bank_account": "", "first": None, "last": None, "category": "", "search": ""}


@pytest.fixture
def ledger(tmp_path):
	made, _connection = connected_ledger(tmp_path)
	yield made
	made.close()


def put(ledger, name, amount, day="2026-10-01", category=None, currency="EUR"):
	cents = int(Decimal(amount) * 10_000)
	ledger.db.run(
		"INSERT INTO bank_transaction (name, date, bank_account, deposit, withdrawal, currency, category)"
		" VALUES (?, ?, 'Current', ?, ?, ?, ?)",
		(name, day, max(cents, 0), max(-cents, 0), currency, category),
	)


def test_a_bank_is_removed_only_when_nothing_hangs_on_it(ledger):
	ledger.add_bank("Empty")
	ledger.remove_bank("Empty")
	assert ledger.banks() == ["Banque du Port"]
	with pytest.raises(InvalidData, match="accounts or connections"):
		ledger.remove_bank("Banque du Port")
	with pytest.raises(NotFound):
		ledger.remove_bank("Empty")
	ledger.add_bank_account("Alone", "Second", "EUR")
	with pytest.raises(InvalidData, match="accounts or connections"):
		ledger.remove_bank("Second")
	assert ledger.banks() == ["Banque du Port", "Second"]


def test_a_renamed_bank_keeps_its_accounts_and_connections(ledger):
	ledger.add_bank_account("Savings", "Banque du Port", "EUR")
	connections = [one.name for one in ledger.connections("Banque du Port")]
	ledger.db.run("INSERT INTO statement_mapping VALUES ('Banque du Port', 'titles', '{}')")
	assert ledger.rename_bank("Banque du Port", " Port ") == "Port"
	assert ledger.banks() == ["Port"]
	assert [one.name for one in ledger.bank_accounts("Port")] == ["Savings"]
	assert [one.name for one in ledger.connections("Port")] == connections
	assert len(connections) == 1
	assert ledger.db.value("SELECT bank FROM statement_mapping") == "Port"


@pytest.mark.parametrize(
	("name", "wanted", "error"),
	[
		("Banque du Port", "", InvalidData),
		("Banque du Port", "  ", InvalidData),
		("Banque du Port", "Second", InvalidData),
		("Nowhere", "Third", NotFound),
	],
)
def test_a_bank_is_not_renamed_to_nothing_or_to_another_one(ledger, name, wanted, error):
	ledger.add_bank("Second")
	with pytest.raises(error):
		ledger.rename_bank(name, wanted)
	assert ledger.banks() == ["Banque du Port", "Second"]


def test_a_category_moves_and_never_below_itself(ledger):
	top, middle = ledger.add_category("Top"), ledger.add_category("Middle")
	low = ledger.add_category("Low", middle)
	ledger.place_category(middle, top)
	assert ledger.category(middle).parent == top
	for place in (top, middle, low):
		with pytest.raises(InvalidData, match="below itself"):
			ledger.place_category(top, place)
	assert not ledger.category(top).parent
	ledger.place_category(low, "")
	assert not ledger.category(low).parent
	with pytest.raises(NotFound):
		ledger.place_category(low, "nowhere")


def test_counts_and_totals_are_of_what_is_listed(ledger):
	ledger.add_bank_account("Current", "Banque du Port", "EUR")
	food = ledger.add_category("Food")
	put(ledger, "A", "10.00", "2026-10-01")
	put(ledger, "B", "-3.20", "2026-10-02", food)
	put(ledger, "C", "-0.05", "2026-11-01", food)
	put(ledger, "D", "-7.00", "2026-10-03", None, "USD")
	assert ledger.category_counts() == {food: 2}
	assert ledger.totals(**NO_FILTER) == [
		Totals("EUR", 3, Decimal("10.00"), Decimal("3.25")),
		Totals("USD", 1, Decimal("0.00"), Decimal("7.00")),
	]
	october = {**NO_FILTER, "category": food, "last": date(2026, 10, 31)}
	assert ledger.totals(**october) == [Totals("EUR", 1, Decimal("0.00"), Decimal("3.20"))]
	assert ledger.totals(**{**NO_FILTER, "bank_account": "Other"}) == []


def test_transactions_are_sorted_and_paged(ledger):
	ledger.add_bank_account("Current", "Banque du Port", "EUR")
	for name, amount, day in (("A", "10.00", 1), ("B", "-3.20", 2), ("C", "-0.05", 3), ("D", "10.00", 4)):
		put(ledger, name, amount, f"2026-10-0{day}")

	def names(order, offset=0, limit=9):
		return "".join(row.name for row in ledger.sorted_transactions(order, offset, limit, **NO_FILTER))

	assert names("date") == "ABCD"
	assert names("amount") == "BCDA"
	assert names("-amount") == "DACB"
	assert names("-amount", 1, 2) == "AC"
