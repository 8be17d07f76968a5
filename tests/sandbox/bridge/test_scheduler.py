"""What the scheduler's refresh changes, and what can be made to happen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.sandbox.bridge.model import Account, Item, User
from dokos_banksync.sandbox.bridge.rows import Row, Window
from dokos_banksync.sandbox.bridge.simulations import SIMULATIONS, simulate
from dokos_banksync.sandbox.bridge.state import Bridge
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.world import World


def connect(bridge: Bridge, institution: int = 574, login: str = "success") -> Item:
	"""A consent without the pages."""
	application = next(iter(bridge.applications.values()))
	user = application.users.setdefault("u", User("u", None))
	bank: Institution = bridge.world.institutions[institution]
	item = bridge.open_item(user, bank, login, "all")
	for account in bridge.discover(item):
		account.data_access = "enabled"
	item.authentication_expires_at = bridge.now() + timedelta(days=180)
	bridge.scheduler.consented(user, item, new=True)
	return item


def rows_of(account: Account) -> list[Row]:
	return [row for _, row in account.scan(Window()) if isinstance(row, Row)]


def cents(account: Account) -> int:
	return sum(row.cents for row in rows_of(account) if not row.deleted and not row.future)


def assert_true(item: Item, world: World) -> None:
	today = world.clock.today()
	for account in item.accounts.values():
		real = account.real
		assert real.facts.opening_cents + cents(account) == real.balance_cents(today)
		live = [row.movement.key for row in rows_of(account) if not row.deleted and not row.future]
		assert sorted(live) == sorted(movement.key for movement in world.truth(real))


@pytest.fixture
def bridge(world: World) -> Bridge:
	return Bridge(world)


def main(item: Item) -> Account:
	return next(iter(item.accounts.values()))


def test_the_rows_follow_the_truth_day_after_day(bridge: Bridge, world: World) -> None:
	item = connect(bridge)
	for _ in range(40):
		world.advance(days=1)
		assert_true(item, world)


def test_what_was_announced_books_under_the_same_id_or_a_new_one(bridge: Bridge, world: World) -> None:
	account, fates = main(connect(bridge)), set()
	for _ in range(60):
		future = [row for row in rows_of(account) if row.future and not row.deleted]
		world.advance(days=1)
		for row in future:
			now = account.feed.rows[row.id]
			if now.deleted:
				booked = account.feed.of(row.movement.key)
				assert booked is not None
				assert booked.id != row.id
				assert not booked.future
				fates.add("new id, new amount" if booked.cents != row.cents else "new id")
			elif not now.future:
				fates.add("same id")
				assert now.updated_ms > row.updated_ms
	assert fates == {"same id", "new id", "new id, new amount"}


def test_some_rows_are_categorised_later(bridge: Bridge, world: World) -> None:
	account = main(connect(bridge))
	world.advance(days=30)
	unclear = {row.id for row in rows_of(account) if row.category_id == 1}
	assert unclear
	world.advance(days=4)
	assert not unclear & {row.id for row in rows_of(account) if row.category_id == 1}


def test_changes_move_to_the_end_of_the_order(bridge: Bridge, world: World) -> None:
	account = main(connect(bridge))
	last = account.feed.last_ms
	before = {row.id: row for row in rows_of(account)}
	world.advance(days=5)
	for row in rows_of(account):
		assert before.get(row.id) == row or row.updated_ms > last


def test_a_consent_ends_after_its_time(bridge: Bridge, world: World) -> None:
	item = connect(bridge)
	world.advance(days=179)
	assert item.status == 0
	world.advance(days=1)
	assert (item.status, item.status_code_info) == (1010, "otp_required")
	assert item.last_successful_refresh is not None
	stopped, count = item.last_successful_refresh, len(rows_of(main(item)))
	world.advance(days=10)
	assert (item.last_successful_refresh, len(rows_of(main(item)))) == (stopped, count)
	assert {account.last_refresh_status for account in item.accounts.values()} == {"failed"}


def test_a_bank_that_wants_its_customer_is_not_fetched(bridge: Bridge, world: World) -> None:
	item = connect(bridge, 603)
	assert item.status == 0
	world.advance(days=1)
	assert (item.status, item.status_code_info) == (1010, "sca_required_webview")


def test_a_slow_bank_gives_the_rest_later(bridge: Bridge, world: World) -> None:
	item = connect(bridge, 607)
	first = rows_of(main(item))
	assert item.status == -2
	assert first
	oldest = min(row.movement.day for row in first)
	assert oldest >= world.clock.today() - timedelta(days=30)
	world.advance(timedelta(minutes=5))
	assert item.status == 0
	assert min(row.movement.day for row in rows_of(main(item))) < oldest
	assert_true(item, world)


def test_a_bank_that_fails_is_tried_again(bridge: Bridge, world: World) -> None:
	item = connect(bridge)
	item.script = ["1003", "success"]
	world.refresh()
	assert item.status == 1003
	world.refresh()
	assert item.status == 0


def test_a_running_clock_is_refreshed_when_due(world: World) -> None:
	rounds: list[int] = []
	world.on_refresh(lambda: rounds.append(1))
	world.clock.advance(timedelta(hours=11))
	world.refresh_when_due()
	assert not rounds
	world.clock.advance(timedelta(hours=1))
	world.refresh_when_due()
	world.refresh_when_due()
	assert len(rounds) == 1


def test_a_late_row_shows_in_every_item(bridge: Bridge, world: World) -> None:
	items = [connect(bridge), connect(bridge)]
	last = [main(item).feed.last_ms for item in items]
	late = simulate(bridge, "late_row", account_id=main(items[0]).id, days=50)
	for item, before in zip(items, last, strict=True):
		newest = rows_of(main(item))[-1]
		assert newest.movement == late
		assert newest.updated_ms > before
		assert newest.date == world.clock.today() - timedelta(days=50)
		assert_true(item, world)


def test_a_deletion_leaves_a_tombstone(bridge: Bridge, world: World) -> None:
	item = connect(bridge)
	removed = simulate(bridge, "delete", account_id=main(item).id, number=3)
	newest = rows_of(main(item))[-1]
	assert newest.deleted
	assert newest.movement.key == removed.key
	assert_true(item, world)


def test_a_recategorisation_keeps_the_id(bridge: Bridge) -> None:
	account = main(connect(bridge))
	ids = {row.id for row in rows_of(account)}
	simulate(bridge, "recategorise", account_id=account.id, category="fuel")
	assert rows_of(account)[-1].category_id == 87
	assert {row.id for row in rows_of(account)} == ids


def test_a_row_books_anew(bridge: Bridge, world: World) -> None:
	item = connect(bridge)
	simulate(bridge, "rebook", account_id=main(item).id, number=2, cents=-777)
	gone, booked = rows_of(main(item))[-2:]
	assert gone.deleted
	assert (booked.deleted, booked.cents) == (False, -777)
	assert_true(item, world)


@pytest.mark.parametrize("tombstones", [True, False])
def test_rows_get_other_ids(bridge: Bridge, world: World, tombstones: bool) -> None:
	item = connect(bridge)
	before = {row.id for row in rows_of(main(item))}
	count = simulate(bridge, "renumber", account_id=main(item).id, tombstones=tombstones)
	after = rows_of(main(item))
	assert count == len(before)
	assert {row.id for row in after if row.deleted} == (before if tombstones else set())
	assert not before & {row.id for row in after if not row.deleted}
	assert_true(item, world)


def test_what_nobody_knows_is_a_key_error(bridge: Bridge) -> None:
	item = connect(bridge)
	for what, values in [
		("nothing", {}),
		("late_row", {"account_id": 1}),
		("expire", {"item_id": 1}),
		("touch_row", {"account_id": main(item).id, "row_id": 1}),
	]:
		with pytest.raises(KeyError):
			simulate(bridge, what, **values)


EVENTS = st.lists(
	st.one_of(
		st.tuples(st.just("advance"), st.integers(0, 9)),
		st.tuples(st.sampled_from(["delete", "rebook", "recategorise"]), st.integers(1, 30)),
		st.tuples(st.just("late_row"), st.integers(0, 60)),
		st.tuples(st.just("renumber"), st.booleans()),
		st.tuples(st.just("connect"), st.just(0)),
	),
	max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(EVENTS, st.integers(0, 4))
def test_whatever_happens_the_rows_are_the_truth(events: list[tuple[str, Any]], seed: int) -> None:
	world = World(seed, years=0.25)
	bridge = Bridge(world)
	items = [connect(bridge)]
	names = {"delete": "number", "rebook": "number", "recategorise": "number", "late_row": "days"}
	for what, value in events:
		if what == "advance":
			world.advance(days=value)
		elif what == "connect":
			items.append(connect(bridge))
		else:
			name = names.get(what, "tombstones")
			simulate(bridge, what, account_id=main(items[-1]).id, **{name: value})
	for item in items:
		assert_true(item, world)


def test_every_simulation_is_documented() -> None:
	assert all(function.__doc__ for function in SIMULATIONS.values())


def test_ids_and_tokens_are_the_same_for_the_same_seed() -> None:
	def story() -> tuple[object, ...]:
		bridge = Bridge(World(4, years=0.1))
		item = connect(bridge)
		return item.id, list(item.accounts), [row.id for row in rows_of(main(item))], bridge.new_uuid()

	assert story() == story()


def test_balances_are_decimals_of_the_day(world: World) -> None:
	account = world.accounts()[0]
	assert isinstance(world.balance(account), Decimal)
