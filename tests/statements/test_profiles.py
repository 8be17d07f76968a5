"""Each export of a well-known bank: invented rows, beside what they mean, written by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import profiles
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read
from dokos_banksync.statements.roles import Role

SAMPLES = Path(__file__).parent / "profiles"
DATA = Path(profiles.__file__).parent
NAMES = sorted(path.stem for path in DATA.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_read_without_a_question(name):
	expected = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
	statement = read((SAMPLES / f"{name}.csv").read_bytes(), ReadingOptions(expected["currency"]))
	[account] = statement.accounts
	assert len(account.lines) == len(expected["lines"])
	for line, (day, amount, words, *state) in zip(account.lines, expected["lines"], strict=True):
		assert (str(line.date), line.amount, line.currency) == (day, Decimal(amount), expected["currency"])
		assert words in line.description
		assert line.state.value == (state[0] if state else "Booked")
	assert len(account.refused) == expected["rejected"], account.refused
	assert account.evidence.value == expected["evidence"]
	assert account.mismatches == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_names_known_roles_and_is_chosen_for_its_sample(name):
	data = json.loads((DATA / f"{name}.json").read_text("utf-8"))
	assert set(data["columns"]) <= set(Role)
	chosen = [profile.name for profile in profiles.profiles()]
	assert chosen.count(data["name"]) == 1


def test_every_sample_has_its_profile():
	assert {path.stem for path in SAMPLES.glob("*.csv")} == set(NAMES)


CHASE = "Transaction Date,Post Date,Description,Category,Type,Amount,Memo\n"


def _amounts(rows, **options):
	[account] = read((CHASE + rows).encode(), ReadingOptions("USD", **options)).accounts
	return [str(line.amount) for line in account.lines]


def test_kinds_decide_the_meaning_of_the_sign():
	rows = "11/06/2026,11/08/2026,SHOP,,Sale,{0}4.80,\n11/05/2026,11/06/2026,SHOP,,Return,{1}19.99,\n"
	assert _amounts(rows.format("-", "")) == ["-4.80", "19.99"]
	assert _amounts(rows.format("", "-")) == ["-4.80", "19.99"]


def test_kinds_without_a_side_decide_nothing():
	with pytest.raises(InvalidData, match="--sign"):
		_amounts("11/06/2026,11/08/2026,SHOP,,Adjustment,4.80,\n")


def test_kinds_that_contradict_one_another_decide_nothing():
	rows = "11/06/2026,11/08/2026,SHOP,,Sale,4.80,\n11/05/2026,11/06/2026,SHOP,,Return,9.00,\n"
	with pytest.raises(InvalidData, match="--sign"):
		_amounts(rows)
	assert _amounts(rows, sign="normal") == ["4.80", "9.00"]
