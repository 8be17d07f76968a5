"""One row of a source whose amount is the sum of several rows of another one."""

import random
from decimal import Decimal

import pytest

from dokos_banksync.core.matching import sums
from dokos_banksync.core.matching.sums import MOST_SEARCHED, equal_sums
from tests.core.build import held, line


def lines(*amounts):
	return [line(f"L{place}", amount=amount) for place, amount in enumerate(amounts)]


def known(*amounts, label=None):
	more = {"label": label} if label else {}
	return [held(f"T{place}", amount=amount, **more) for place, amount in enumerate(amounts)]


def found(mine, theirs, **more):
	return [
		([str(one.amount) for one in same.lines], [str(one.amount) for one in same.transactions])
		for same in equal_sums(mine, theirs, **more)
	]


@pytest.mark.parametrize(
	("mine", "theirs", "expected"),
	[
		(["-300"], ["-100", "-200"], [(["-300"], ["-100", "-200"])]),
		(["-100", "-200"], ["-300"], [(["-100", "-200"], ["-300"])]),
		(["-300", "-7"], ["-100", "-200", "-9"], [(["-300"], ["-100", "-200"])]),
		(["-100", "-200", "-9"], ["-300", "-7"], [(["-100", "-200"], ["-300"])]),
		(["-300"], ["-300"], []),
		(["-300"], ["-100", "-201"], []),
		(["300"], ["-100", "-200"], []),
		(["100"], ["300", "-200"], []),
		(["0"], ["-100", "100"], []),
		([], ["-1", "-2"], []),
		(["-3"], [], []),
	],
)
def test_a_sum_and_its_parts_on_either_side(mine, theirs, expected):
	assert found(lines(*mine), known(*theirs)) == expected


def test_no_row_is_in_two_sums():
	assert found(lines("-3", "-3"), known("-1", "-2")) == [(["-3"], ["-1", "-2"])]
	assert found(lines("-1", "-2"), known("-3", "-3")) == [(["-1", "-2"], ["-3"])]


@pytest.mark.parametrize(
	("mine", "theirs", "expected"),
	[
		(["-300"], ["-100", "-200"], 1),
		(["-100", "-200"], ["-300"], 1),
		(["-300"], ["-100", "-200", "-9"], 0),
		(["-300", "-7"], ["-100", "-200", "-7"], 0),
		(["-300", "5"], ["-100", "-200", "6"], 1),
	],
)
def test_of_days_that_both_have_in_part_all_rows_are_one_sum(mine, theirs, expected):
	assert len(found(lines(*mine), known(*theirs), whole=True)) == expected


def test_of_many_rows_those_of_one_label_are_the_parts():
	fees = known(*["-1.10"] * 15, label="SEPA LASTSCHRIFT BEITRAG")
	others = [held("X", amount="-5", label="MIETE")]
	assert found(lines("-16.50"), [*others, *fees]) == [(["-16.50"], ["-1.10"] * 15)]


def test_of_many_rows_those_of_one_kind_are_the_parts():
	"""Each has a label of its own, and all begin with a word for the same kind, abbreviated or not."""
	words = ("VIR", "VIREMENT")
	parts = [
		held(f"T{place}", amount="-1.10", label=f"{words[place % 2]} {'ABCDEFGHIJKLMNO'[place]}")
		for place in range(15)
	]
	others = [held("X", amount="-5", label="CB MIDI")]
	assert found(lines("-16.50"), [*others, *parts]) == [(["-16.50"], ["-1.10"] * 15)]


@pytest.mark.parametrize(
	("gross", "fee", "label", "is_one"),
	[
		("3.00", "-0.40", "PAYPAL GEBUEHR", True),
		("3.00", "-0.51", "PAYPAL GEBUEHR", False),
		("0.40", "-0.40", "PAYPAL GEBUEHR", False),
		("10.00", "-2.64", "KAPITALERTRAGSTEUER", True),
		("10.00", "-3.00", "Prélèvements sociaux", True),
		("10.00", "-4.01", "QUELLENSTEUER", False),
		("10.00", "-2.64", "CB MIDI", False),
	],
)
def test_a_fixed_fee_of_a_small_amount_and_a_tax_are_parts_of_the_net_amount(gross, fee, label, is_one):
	net = str(Decimal(gross) + Decimal(fee))
	theirs = [held("T0", amount=gross, label="ZAHLUNG"), held("T1", amount=fee, label=label)]
	assert found(lines(net), theirs) == ([([net], [gross, fee])] if is_one else [])


def test_many_rows_are_not_searched():
	amounts = [str(Decimal(random.Random(7).randrange(1, 10**6)) / 100) for _ in range(MOST_SEARCHED + 1)]
	two = str(Decimal(amounts[0]) + Decimal(amounts[1]))
	theirs = [
		held(f"T{place}", amount=amount, label=f"SHOP {'ABCDEFGHIJKLMN'[place]}")
		for place, amount in enumerate(amounts)
	]
	assert found(lines(two), theirs) == []
	assert found(lines(two), theirs[:MOST_SEARCHED]) == [([two], amounts[:2])]


@pytest.mark.parametrize(
	("theirs", "most"),
	[(MOST_SEARCHED, 2 * 2**MOST_SEARCHED), (400, 20)],
	ids=["every selection of a few rows", "all of many rows, and all of a label"],
)
def test_rows_are_added_up_once_for_all_amounts(monkeypatch, theirs, most):
	added = []
	plain = sums._total
	monkeypatch.setattr(sums, "_total", lambda rows: added.append(rows) or plain(rows))
	of_others = known(*(f"-{7**5 + 11**4 * place}" for place in range(theirs)))
	assert found(lines(*(f"-0.{place:03}" for place in range(1, 400))), of_others) == []
	assert len(added) < most
