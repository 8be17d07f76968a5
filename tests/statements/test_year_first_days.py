"""Days with the year in front, of which the day, and not the month, comes second: `2026-30-11`."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.days import YDM, YMD, year_first_orders
from dokos_banksync.statements.registry import read


def _table(*days):
	rows = "".join(f"{day};CAFE {number};-{number},00\n" for number, day in enumerate(days, 1))
	return f"Date;Libellé;Montant\n{rows}".encode()


def _days(content, **options):
	statement = read(content, ReadingOptions("EUR", **options))
	return [str(line.date) for line in statement.accounts[0].lines], statement


@pytest.mark.parametrize(
	("texts", "orders"),
	[
		(["2026-30-11"], (YDM,)),
		(["2026-11-30"], (YMD,)),
		(["2026-10-11"], (YMD, YDM)),
		(["2026-30-11", "2026-11-30"], ()),
		(["2026-30-11", "30-11-2026"], ()),
		(["20263011"], ()),
		(["2026/30/11", "2026/01/11"], (YDM,)),
		(["2026-13-01", *(f"2026-11-{day:02d}" for day in range(1, 11))], (YMD, YDM)),
		([], ()),
	],
)
def test_the_order_behind_the_year(texts, orders):
	assert year_first_orders(texts) == orders


def test_a_file_that_proves_the_order_is_read_and_the_order_is_remembered():
	found, statement = _days(_table("2026-30-11", "2026-01-12"))
	assert found == ["2026-11-30", "2026-12-01"]
	assert (statement.mapping["date_format"], "date_format" in statement.assumed) == ("YDM", False)


def test_the_next_file_follows_the_one_before_unless_its_days_rule_it_out():
	days = "2026-01-12", "2026-02-12"
	assert _days(_table(*days))[0] == ["2026-01-12", "2026-02-12"]
	assert _days(_table(*days), recall=lambda _: {"date_format": "YDM"})[0] == ["2026-12-01", "2026-12-02"]
	assert _days(_table("2026-01-13"), recall=lambda _: {"date_format": "YDM"})[0] == ["2026-01-13"]


def test_a_user_may_say_so():
	found, statement = _days(_table("2026-01-12"), dates="YDM")
	assert (found, statement.mapping["date_format"]) == (["2026-12-01"], "YDM")


def test_a_slip_among_many_days_is_rejected():
	found, statement = _days(_table("2026-13-01", *(f"2026-11-{day:02d}" for day in range(1, 11))))
	assert (found[0], len(found), len(statement.accounts[0].refused)) == ("2026-11-01", 10, 1)
