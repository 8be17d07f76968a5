"""The running totals of the standalone ledger: they are the sums of the bank transactions, whoever writes."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.model import Action, Decision, Line
from dokos_banksync.hosts.standalone.ledger import documents
from tests.hosts.standalone.ledger.build import connected_ledger

_PUT = """
	INSERT INTO bank_transaction (name, date, bank_account, deposit, withdrawal, currency, origin)
	VALUES (?, ?, ?, ?, ?, 'EUR', ?)
"""


@pytest.fixture
def ledger(tmp_path):
	made, _connection = connected_ledger(tmp_path)
	with made:
		made.add_bank_account("Current", "Banque du Port", "EUR")
		made.add_bank_account("Savings", "Banque du Port", "EUR")
		with made.db.write():
			# Ten-thousandths: 100.00 in, 30.50 out, and 7.25 in a month later.
			for name, day, paid_in, paid_out in (
				("A", "2026-10-31", 1_000_000, 0),
				("B", "2026-10-05", 0, 305_000),
				("C", "2026-11-02", 72_500, 0),
			):
				made.db.run(_PUT, (name, day, "Current", paid_in, paid_out, name))
		yield made


def totals(ledger):
	rows = ledger.db.rows("SELECT * FROM movement_total WHERE number <> 0 ORDER BY 1, 2")
	return [(row["bank_account"], row["month"], row["amount"], row["number"]) for row in rows]


def test_each_month_has_its_sum_and_its_number(ledger):
	assert totals(ledger) == [("Current", "2026-10", 695_000, 2), ("Current", "2026-11", 72_500, 1)]


@pytest.mark.parametrize(
	("before", "sum_of_it"),
	[
		(None, "76.75"),
		(date(2026, 10, 1), "0"),
		(date(2026, 10, 5), "0"),
		(date(2026, 10, 6), "-30.50"),
		(date(2026, 11, 1), "69.50"),
		(date(2026, 11, 2), "69.50"),
		(date(2026, 11, 3), "76.75"),
		(date(2027, 1, 1), "76.75"),
	],
)
def test_movements_before_a_day(ledger, before, sum_of_it):
	assert ledger.movements("Current", before=before) == Decimal(sum_of_it)


def test_an_account_without_movements_has_zero_and_an_unknown_one_is_refused(ledger):
	assert ledger.movements("Savings") == 0
	assert ledger.movements("Savings", before=date(2026, 11, 1)) == 0
	with pytest.raises(NotFound):
		ledger.movements("Nothing")


@pytest.mark.parametrize(
	("change", "left"),
	[
		("UPDATE bank_transaction SET deposit = 80000 WHERE name = 'C'", "77.50"),
		("UPDATE bank_transaction SET bank_account = 'Savings' WHERE name = 'A'", "-23.25"),
		("UPDATE bank_transaction SET date = '2020-01-01' WHERE name = 'A'", "76.75"),
		("UPDATE bank_transaction SET description = 'Other' WHERE name = 'A'", "76.75"),
		("DELETE FROM bank_transaction WHERE name = 'B'", "107.25"),
		("DELETE FROM bank_transaction", "0"),
	],
)
def test_a_change_by_another_program_moves_the_totals(ledger, tmp_path, change, left):
	with sqlite3.connect(tmp_path / "banksync.db") as other:
		other.execute(change)
	other.close()
	assert ledger.movements("Current") == Decimal(left)
	before = totals(ledger)
	ledger.verify_totals("Current")
	assert totals(ledger) == before


def test_the_last_day_that_there_is_counts(ledger):
	ledger.db.run("UPDATE bank_transaction SET date = '9999-12-31' WHERE name = 'C'")
	extent = ledger.extent("Current")
	assert (extent.account.name, extent.first_day) == ("Current", date(2026, 10, 5))
	assert extent.movements == Decimal("76.75")


def test_what_is_rolled_back_leaves_the_totals_as_they_were(ledger):
	with pytest.raises(ZeroDivisionError), ledger.db.write():
		ledger.db.run("DELETE FROM bank_transaction")
		raise ZeroDivisionError
	assert ledger.movements("Current") == Decimal("76.75")


@pytest.mark.parametrize(
	"damage",
	[
		"UPDATE movement_total SET amount = 1",
		"DELETE FROM movement_total",
		"INSERT INTO movement_total VALUES ('Current', '1999-01', 'EUR', 5, 5, 1)",
	],
)
def test_wrong_totals_are_found_and_made_anew(ledger, damage):
	ledger.db.run(damage)
	assert ledger.movements("Current") != Decimal("76.75")
	ledger.verify_totals("Current")
	assert totals(ledger) == [("Current", "2026-10", 695_000, 2), ("Current", "2026-11", 72_500, 1)]


def test_the_sum_of_an_account_reads_no_bank_transaction(ledger):
	plan = ledger.db.rows(
		"EXPLAIN QUERY PLAN SELECT sum(amount) FROM movement_total WHERE bank_account = 'Current'"
	)
	assert [row["detail"] for row in plan] == ["SEARCH movement_total USING PRIMARY KEY (bank_account=?)"]


def made(ledger, number, day=date(2026, 12, 24)):
	"""Insert bank transactions of 1.50 as a run does."""
	decisions = [
		Decision(
			action=Action.NEW,
			line=Line(
				remote_account="S",
				remote_id=f"R{each}",
				date=day,
				amount=Decimal("1.50"),
				currency="EUR",
				description="",
				original="",
			),
			source="S",
			bank_account="Current",
		)
		for each in range(number)
	]
	ledger.documents.make(decisions, {}, datetime(2026, 12, 25, tzinfo=timezone.utc))


@pytest.fixture
def _five_are_many(monkeypatch):
	monkeypatch.setattr(documents, "_MANY", 5)


@pytest.mark.usefixtures("_five_are_many")
@pytest.mark.parametrize("number", [0, 1, 4, 5, 250])
def test_few_and_many_new_rows_are_counted_alike(ledger, number):
	with ledger.db.write():
		made(ledger, number)
	assert totals(ledger) == [
		("Current", "2026-10", 695_000, 2),
		("Current", "2026-11", 72_500, 1),
		*([("Current", "2026-12", 15_000 * number, number)] if number else []),
	]


@pytest.mark.usefixtures("_five_are_many")
def test_many_new_rows_are_added_to_the_month_that_has_some(ledger):
	with ledger.db.write():
		made(ledger, 100, date(2026, 11, 30))
	assert totals(ledger)[1] == ("Current", "2026-11", 72_500 + 1_500_000, 101)


@pytest.mark.usefixtures("_five_are_many")
def test_many_new_rows_are_not_counted_one_by_one(ledger):
	with ledger.db.write():
		before = ledger.db.value("SELECT total_changes()")
		made(ledger, 100)
		# The rows, the number of the series, and one total.
		assert ledger.db.value("SELECT total_changes()") - before == 102


@pytest.mark.usefixtures("_five_are_many")
def test_rows_after_a_failed_insert_of_many_are_counted_again(ledger):
	with ledger.db.write():
		ledger.db.run(_PUT, ("D", "2026-11-30", "Current", 10_000, 0, "S/R99"))
		with pytest.raises(sqlite3.IntegrityError):
			made(ledger, 100)
		ledger.db.run("DELETE FROM bank_transaction WHERE name = 'D'")
		ledger.db.run(_PUT, ("E", "2026-11-30", "Current", 20_000, 0, "E"))
	before = totals(ledger)
	ledger.verify_totals("Current")
	assert totals(ledger) == before
	assert before[1] == ("Current", "2026-11", 92_500, 2)


@pytest.mark.usefixtures("_five_are_many")
def test_another_connection_never_sees_the_table_without_its_trigger(ledger, tmp_path):
	with sqlite3.connect(tmp_path / "banksync.db") as other:
		trigger = "SELECT count(*) FROM sqlite_master WHERE name = 'movement_added'"
		with ledger.db.write():
			made(ledger, 5)
			assert other.execute(trigger).fetchone() == (1,)
		assert other.execute(trigger).fetchone() == (1,)
		other.execute(_PUT, ("D", "2026-12-31", "Current", 10_000, 0, "D"))
	other.close()
	assert totals(ledger)[2] == ("Current", "2026-12", 85_000, 6)


@pytest.mark.usefixtures("_five_are_many")
def test_what_is_rolled_back_after_many_new_rows_leaves_the_trigger(ledger):
	with pytest.raises(ZeroDivisionError), ledger.db.write():
		made(ledger, 5)
		raise ZeroDivisionError
	ledger.db.run(_PUT, ("D", "2026-12-31", "Current", 10_000, 0, "D"))
	assert totals(ledger)[2] == ("Current", "2026-12", 10_000, 1)


def test_the_totals_of_a_list_are_read_from_those_of_the_months(ledger):
	every = {"first": None, "last": None, "category": "", "search": ""}
	ledger.db.run(_PUT.replace("'EUR'", "'CHF'"), ("D", "2026-11-03", "Savings", 0, 40_000, "D"))
	ledger.db.run("UPDATE bank_transaction SET currency = 'CHF' WHERE name = 'A'")
	for account in ("", "Current", "Savings"):
		kept = ledger.totals(bank_account=account, **every)
		added_up = ledger.totals(bank_account=account, **{**every, "first": date(2000, 1, 1)})
		assert kept == added_up
		assert ledger.count_transactions(account) == sum(one.transactions for one in kept)
