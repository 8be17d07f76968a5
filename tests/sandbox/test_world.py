"""The world alone: the same seed gives the same world, and every cent is accounted for."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.sandbox.accounts import BulkAccount
from dokos_banksync.sandbox.clock import Clock, from_ms, iso, to_ms
from dokos_banksync.sandbox.iban import is_valid
from dokos_banksync.sandbox.institutions import ALL
from dokos_banksync.sandbox.movements import is_due, is_last_working_day
from dokos_banksync.sandbox.world import World

MAIN = "574:alex:checking"


def test_the_same_seed_gives_the_same_world() -> None:
	one, other = World(7, years=0.4), World(7, years=0.4)
	other.truth("574:alex:loan")  # the order of questions must not matter
	assert [one.truth(a) for a in one.accounts()] == [other.truth(a) for a in other.accounts()]
	assert [a.facts for a in one.accounts()] == [a.facts for a in other.accounts()]


def test_another_seed_gives_another_world() -> None:
	assert World(1, years=0.2).truth(MAIN) != World(2, years=0.2).truth(MAIN)


def test_history_does_not_depend_on_the_steps_of_the_clock() -> None:
	leap, crawl = World(5, years=0.1), World(5, years=0.1)
	leap.advance(days=20)
	for _ in range(40):
		crawl.advance(timedelta(hours=12))
	assert leap.truth(MAIN) == crawl.truth(MAIN)


def test_every_account_balances_every_day() -> None:
	world = World(2, years=0.5)
	for account in world.accounts():
		since, running = world.opening(account)
		by_day: Counter[date] = Counter()
		for movement in world.truth(account):
			by_day[movement.day] += movement.cents
		day = since
		while day <= world.clock.today():
			running += Decimal(by_day[day]).scaleb(-2)
			assert world.balance(account, day) == running
			day += timedelta(days=1)


def test_the_main_account_pays_what_the_cards_owe() -> None:
	world = World(2, years=0.5)
	paid = [m for m in world.truth(MAIN) if m.category == "card_debit"]
	settled = [m for key in ("card", "card2") for m in world.truth(f"574:alex:{key}") if m.cents > 0]
	assert sorted((m.day, -m.cents) for m in paid) == sorted((m.day, m.cents) for m in settled)
	assert len(paid) >= 10
	assert all(is_last_working_day(m.day) for m in paid)


def test_a_card_is_even_once_it_was_settled() -> None:
	world = World(2, years=0.5)
	for movement in world.truth("574:alex:card"):
		if movement.cents > 0:
			assert world.balance("574:alex:card", movement.day) == 0


def test_a_loan_is_repaid_little_by_little() -> None:
	world = World(2, years=1)
	balances = [world.balance("574:alex:loan", m.day) for m in world.truth("574:alex:loan")]
	assert len(balances) == 12
	assert balances == sorted(balances)
	assert all(balance < 0 for balance in balances)


def test_demo_bank_has_the_documented_accounts() -> None:
	kinds = Counter(account.facts.kind for account in World(years=0.1).accounts())
	assert kinds == {"checking": 4, "card": 2, "savings": 1, "brokerage": 3, "loan": 2}


def test_accounts_have_several_currencies_and_not_all_an_iban() -> None:
	facts = [account.facts for account in World(years=0.1).accounts()]
	assert {one.currency for one in facts} == {"EUR", "USD"}
	checking = [one for one in facts if one.kind == "checking"]
	assert {one.iban is None for one in checking} == {True, False}


def test_check_digits_hold_and_ibans_differ() -> None:
	world = World(years=0.1)
	found = [a.facts.iban for i in world.institutions for a in world.accounts(i) if a.facts.iban]
	assert all(is_valid(iban) for iban in found)
	assert len(set(found)) == len(found)
	assert {iban[:2] for iban in found} == {"FR", "NL", "BE", "ES", "IT", "DE", "LU"}
	assert not is_valid(found[0][:-1] + str((int(found[0][-1]) + 1) % 10))


def test_some_movements_are_equal() -> None:
	twins = Counter((m.day, m.cents, m.label) for m in World(1, years=1).truth(MAIN))
	assert any(count == 2 for count in twins.values())


def test_a_business_lives() -> None:
	labels = " ".join(m.label for m in World(1, years=1).truth(MAIN))
	for word in (
		"URSSAF",
		"TVA",
		"LOYER",
		"SALAIRE",
		"REMISE CB",
		"PRLV SEPA",
		"VIR SEPA",
		"CB ",
		"ECHEANCE PRET",
	):
		assert word in labels


def test_the_usual_company_does_not_go_broke() -> None:
	for seed in (1, 2, 3):
		assert World(seed).balance(MAIN) > 0


def test_two_users_of_a_bank_have_accounts_of_their_own() -> None:
	world = World(years=0.1)
	assert world.accounts(601, "otp") == world.accounts(601, "anything")
	alex, camille = world.accounts(601), world.accounts(601, "camille")
	assert not {a.facts.iban for a in alex if a.facts.iban} & {a.facts.iban for a in camille}


def test_the_banks_are_as_promised() -> None:
	assert len({one.id for one in ALL}) == len(ALL) >= 12
	assert sum(one.beta for one in ALL) == sum(one.down for one in ALL) == 1
	assert sum(one.sms_code for one in ALL) == sum(one.needs_user_present for one in ALL) == 1
	assert len({one.country for one in ALL}) >= 5


def test_unknown_things_are_a_key_error() -> None:
	world = World(years=0.1)
	for ask in (lambda: world.accounts(1), lambda: world.account("574:alex:nothing")):
		with pytest.raises(KeyError):
			ask()


def test_coming_movements_are_booked_later_with_the_same_key() -> None:
	world = World(1, years=0.2)
	account = world.account(MAIN)
	coming = [m for day in range(10) for m in account.coming(world.clock.today() + timedelta(days=day))]
	assert coming
	world.advance(days=20)
	assert {m.key for m in coming} <= {m.key for m in world.truth(account)}


def test_a_bulk_account_has_exactly_as_many_movements() -> None:
	world = World(1, years=1)
	account = world.add_bulk_account(12_345)
	truth = world.truth(account)
	assert len(truth) == account.count(world.clock.today()) == 12_345
	assert len({m.key for m in truth}) == 12_345
	assert [m.day for m in truth] == sorted(m.day for m in truth)
	for day in (world.since, world.since + timedelta(days=100), world.clock.today()):
		total = sum(m.cents for m in truth if m.day <= day)
		assert account.balance_cents(day) == account.facts.opening_cents + total


def test_a_volume_login_has_ten_millions_at_most() -> None:
	for login in ("volume-10000000", "volume-99999999"):
		(account,) = World(years=0.1).accounts(574, login)
		assert isinstance(account, BulkAccount)
		assert account.total == 10_000_000


def test_a_volume_login_has_one_account() -> None:
	(account,) = World(years=0.1).accounts(574, "volume-500")
	assert account.count(World().clock.today()) == 500


def test_what_a_bank_corrects_shows_in_its_truth() -> None:
	world = World(1, years=0.2)
	account = world.account(MAIN)
	before, first = world.balance(account), world.truth(account)[0]
	account.remove(first.key)
	assert world.balance(account) == before - first.amount
	second = world.truth(account)[0]
	booked = account.rebook(second.key, second.cents - 100)
	assert world.balance(account) == before - first.amount - 1
	assert account.find(booked.key).cents == second.cents - 100
	with pytest.raises(KeyError):
		account.find(second.key)


@settings(max_examples=30)
@given(st.integers(2020, 2035), st.integers(1, 28))
def test_what_is_due_is_due_once_a_month(year: int, on: int) -> None:
	days = [date(year, 1, 1) + timedelta(days=ahead) for ahead in range(2, 365)]
	nominal = [date(year, month, on) for month in range(1, 13)]
	expected = {day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0)) for day in nominal}
	assert {day for day in days if is_due(day, on)} == expected & set(days)


def test_a_frozen_clock_stands_still_and_a_running_one_does_not() -> None:
	ticks = iter([0.0, 5.0, 7.0])
	running = Clock(datetime(2026, 1, 1, tzinfo=timezone.utc), running=True, monotonic=lambda: next(ticks))
	assert running.now().second == 5
	assert running.now().second == 7
	frozen = Clock()
	assert frozen.now() == frozen.now()


def test_time_does_not_go_back() -> None:
	clock = Clock()
	with pytest.raises(ValueError, match="back"):
		clock.advance(timedelta(seconds=-1))
	with pytest.raises(ValueError, match="back"):
		clock.set(clock.now() - timedelta(days=1))
	with pytest.raises(ValueError, match="aware"):
		clock.set(datetime(2030, 1, 1))  # noqa: DTZ001 - a naive one is what is tried


def test_instants_are_written_with_milliseconds() -> None:
	instant = datetime(2026, 10, 27, 18, 44, 9, 523000, tzinfo=timezone.utc)
	assert iso(instant) == "2026-10-27T18:44:09.523Z"
	assert from_ms(to_ms(instant)) == instant
