from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.importing import staging as staging_module
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.model import LineState
from dokos_banksync.core.staged_row import canonical
from tests.core.build import DAY, line

NOON = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)


def everything(staging, size=100):
	return [(source, one) for source, lines in staging.by_id(size) for one in lines]


def test_a_line_comes_out_as_it_went_in():
	full = line(
		updated_at=NOON,
		value_date=DAY,
		transaction_date=DAY,
		category="79",
		kind="card",
		party_name="Café",
		party_iban="FR76",
		reference="R1",
		raw='{"id": 1}',
		state=LineState.FUTURE,
	)
	with Staging() as staging:
		staging.put([("s", full)])
		assert everything(staging) == [("s", full)]


def test_the_later_state_of_a_line_wins_whichever_page_came_first():
	old, new = line(amount="-1", updated_at=NOON), line(amount="-2", updated_at=NOON.replace(hour=13))
	for order in ([old, new], [new, old]):
		with Staging() as staging:
			staging.put(("s", one) for one in order)
			assert staging.count() == 1
			assert everything(staging) == [("s", new)]


@pytest.mark.parametrize("at", [NOON, None])
def test_of_two_states_of_one_instant_the_last_one_wins(at):
	first, last = line(amount="-1", updated_at=at), line(amount="-2", updated_at=at)
	with Staging() as staging:
		staging.put([("s", first)])
		staging.put([("s", last)])
		assert everything(staging) == [("s", last)]


def test_sources_do_not_share_ids():
	with Staging() as staging:
		staging.put([("a", line("1")), ("b", line("1"))])
		assert staging.count() == 2


def test_chunks_are_of_one_source_and_of_the_asked_size():
	with Staging() as staging:
		staging.put(("b" if i % 3 else "a", line(f"{i:03}")) for i in range(30))
		chunks = [(source, len(lines)) for source, lines in staging.by_id(8)]
	assert chunks == [("a", 8), ("a", 2), ("b", 8), ("b", 8), ("b", 4)]


def test_chunks_hold_no_more_text_than_is_handed_out_at_a_time(monkeypatch):
	monkeypatch.setattr(staging_module, "MOST_TEXT", 1000)
	with Staging() as staging:
		lines = [line(f"{i:03}", str(i + 1), raw="x" * 400) for i in range(10)]
		staging.put(("s", one) for one in lines)
		assert [[one.remote_id for one in chunk] for _, chunk in staging.by_id(100)] == [
			["000", "001", "002"],
			["003", "004", "005"],
			["006", "007", "008"],
			["009"],
		]
		assert [len(chunk.fresh) for chunk in staging.by_amount(100)] == [3, 3, 3, 1]


def test_marking_between_chunks_disturbs_nothing():
	with Staging() as staging:
		staging.put(("s", line(f"{i:03}")) for i in range(20))
		for source, lines in staging.by_id(7):
			staging.decided(source, lines[1:])
		[chunk] = staging.by_amount(100)
	assert (chunk.source, [one.remote_id for one in chunk.fresh]) == ("s", ["000", "007", "014"])
	assert chunk.released == {}


def test_an_amount_is_never_torn_apart():
	with Staging() as staging:
		lines = [line(f"{a}-{i}", amount=f"-{a}.50") for a in range(1, 5) for i in range(5)]
		staging.put(("s", one) for one in lines)
		groups = [{one.amount for one in chunk.fresh} for chunk in staging.by_amount(3)]
	assert [len(g) for g in groups] == [1, 1, 1, 1]


def test_a_freed_line_travels_with_the_new_ones_of_its_amount():
	with Staging() as staging:
		staging.put([("s", line("new", "-3.20")), ("s", line("old", "0", state=LineState.REMOVED))])
		staging.released("s", [(line("old", "-3.2", state=LineState.REMOVED), "T1")])
		[chunk] = staging.by_amount(1)
	assert [one.remote_id for one in chunk.fresh] == ["new"]
	assert chunk.released["T1"].amount == Decimal("-3.2")


def test_a_line_that_waited_gives_way_to_the_one_just_fetched():
	with Staging() as staging:
		staging.put([("s", line("1", "-5"))])
		staging.add_waiting([("s", line("1", "-4")), ("s", line("2", "-4"))])
		assert {one.remote_id: one.amount for _, one in everything(staging)} == {
			"1": Decimal("-5"),
			"2": Decimal("-4"),
		}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_one_amount_has_one_text(amount):
	assert canonical(amount) == canonical(amount * Decimal("1.000"))
	assert Decimal(canonical(amount)) == amount
