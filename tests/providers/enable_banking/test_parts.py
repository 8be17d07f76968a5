"""Accounts, balances, periods and the headers of a user who is there."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.providers import periods
from dokos_banksync.providers.enable_banking import balances, presence
from dokos_banksync.providers.enable_banking.identity import SessionAccount, account_keys, carry_over_keys
from dokos_banksync.providers.periods import Cursor, Period

TODAY = date(2026, 11, 16)


# -- accounts ----------------------------------------------------------------------------------------
def account(digest: str, currency: str = "EUR", kind: str = "CACC", uid: str = "u") -> dict[str, Any]:
	return {"identification_hash": digest, "currency": currency, "cash_account_type": kind, "uid": uid}


def keys(*rows: dict[str, Any]) -> list[str]:
	return [one.key for one in account_keys(rows)]


def test_an_account_is_its_hash_and_its_currency() -> None:
	assert keys(account("h1"), account("h1", "usd"), account("h2")) == ["h1|EUR", "h1|USD", "h2|EUR"]


def test_a_new_uid_changes_nothing() -> None:
	assert keys(account("h1", uid="one")) == keys(account("h1", uid="two"))


def test_a_card_under_the_number_of_its_account() -> None:
	assert keys(account("h1"), account("h1", kind="CARD")) == ["h1|EUR|CACC", "h1|EUR|CARD"]


def test_two_that_cannot_be_distinguished_get_no_key() -> None:
	assert keys(account("h1"), account("h1"), account("h2")) == ["", "", "h2|EUR"]


def known(key: str, *hashes: str, currency: str = "EUR") -> SessionAccount:
	return SessionAccount(key, "uid", "name", "CACC", currency, hashes=hashes)


def kept(before: list[SessionAccount], now: list[SessionAccount]) -> list[str]:
	return [one.key for one in carry_over_keys(before, now)]


def test_another_number_first_is_the_same_account() -> None:
	assert kept([known("h1|EUR", "h1", "h2")], [known("h2|EUR", "h2", "h1")]) == ["h1|EUR"]


def test_what_two_accounts_share_proves_nothing() -> None:
	shared = [known("a|EUR", "a", "bank"), known("b|EUR", "b", "bank")]
	assert kept(shared, [known("c|EUR", "c", "bank")]) == ["c|EUR"]
	assert kept([known("c|EUR", "c", "bank")], shared) == ["a|EUR", "b|EUR"]


def test_keys_that_are_still_there_are_left_alone() -> None:
	before = [known("h1|EUR", "h1", "h2"), known("h1|USD", "h1", "h2", currency="USD")]
	now = [known("h1|EUR", "h1"), known("h2|USD", "h2", "h1", currency="USD"), known("n|EUR", "n")]
	assert kept(before, now) == ["h1|EUR", "h1|USD", "n|EUR"]
	assert kept([], now) == [one.key for one in now]


# -- balances ----------------------------------------------------------------------------------------
def balance(kind: str, amount: Any, currency: str = "EUR", at: str | None = None) -> dict[str, Any]:
	money = {"currency": currency, "amount": amount}
	return {"name": kind, "balance_type": kind, "balance_amount": money, "last_change_date_time": at}


@pytest.mark.parametrize(
	("given", "booked", "available"),
	[
		([("CLBD", "1.00"), ("ITAV", "0.50")], "1.00", "0.50"),
		([("ITBD", "2.00"), ("CLBD", "1.00"), ("CLAV", "3"), ("ITAV", "0.5")], "1.00", "0.5"),
		([("ITBD", "2.00"), ("CLAV", "3")], "2.00", "3"),
		([("XPCD", "-4.10")], None, "-4.10"),
		([("OPBD", "1"), ("PRCD", "2"), ("INFO", "3"), ("FWAV", "4"), ("OTHR", "5")], None, None),
		([("CLBD", None), ("ITBD", "2")], "2", None),
		([], None, None),
	],
)
def test_the_booked_and_the_available_balance(
	given: list[tuple[str, Any]], booked: str | None, available: str | None
) -> None:
	found = balances.choose([balance(*one) for one in given], "EUR")
	assert found.booked == (None if booked is None else Decimal(booked))
	assert found.available == (None if available is None else Decimal(available))


def test_balances_of_other_currencies_are_not_the_accounts() -> None:
	found = balances.choose([balance("CLBD", "1", "USD"), balance("CLBD", "2", "EUR")], "EUR")
	assert found.booked == Decimal(2)


def test_the_time_of_a_balance() -> None:
	found = balances.choose([balance("CLBD", "1", at="2026-11-16T09:00:00+01:00")], "EUR")
	assert found.at == datetime(2026, 11, 16, 8, tzinfo=timezone.utc)


# -- periods -----------------------------------------------------------------------------------------
def cursor(until: str, deep: str, first: str = "2025-01-01") -> str:
	return f'{{"first": "{first}", "until": "{until}", "deep": "{deep}"}}'


def test_the_first_fetch_takes_all_that_the_bank_gives() -> None:
	assert periods.period("", None, TODAY) == Period(None, longest=True, deep=True)
	first_day = date(2026, 1, 1)
	assert periods.period("", first_day, TODAY) == Period(first_day, longest=True, deep=True)


def test_an_import_that_starts_tomorrow_asks_for_today() -> None:
	tomorrow = TODAY + timedelta(days=1)
	assert periods.period("", tomorrow, TODAY) == Period(TODAY, longest=True, deep=True)


def test_later_ones_take_a_month_and_once_a_week_all() -> None:
	assert periods.period(cursor("2026-11-15", "2026-11-10"), None, TODAY) == Period(
		date(2026, 10, 16), longest=False, deep=False
	)
	assert periods.period(cursor("2026-11-15", "2026-11-09"), None, TODAY) == Period(
		date(2026, 8, 19), longest=False, deep=True
	)


def test_after_months_without_a_fetch_the_bank_is_asked_for_all_since() -> None:
	assert periods.period(cursor("2026-08-01", "2026-08-01"), None, TODAY) == Period(
		date(2026, 7, 2), longest=True, deep=True
	)


def test_in_the_first_week_each_fetch_takes_all() -> None:
	"""Some banks give a month at first and the rest within days, without a word."""
	first_day = date(2026, 1, 1)
	early = cursor("2026-11-15", "2026-11-15", "2026-11-10")
	assert periods.period(early, first_day, TODAY) == Period(first_day, longest=True, deep=True)
	settled = cursor("2026-11-15", "2026-11-15", "2026-11-09")
	assert periods.period(settled, first_day, TODAY).since == date(2026, 10, 16)


@pytest.mark.parametrize("text", ["{", "[]", '"x"', '{"until": "2026-11-15"}', '{"until": 1, "deep": 2}'])
def test_a_cursor_that_cannot_be_read_is_none(text: str) -> None:
	assert periods.read(text) is None
	assert periods.period(text, None, TODAY).longest


def test_a_cursor_after_a_fetch() -> None:
	shallow = Period(date(2026, 10, 16), longest=False, deep=False)
	first = date(2025, 1, 1)
	assert periods.read(periods.next_cursor(cursor("2026-11-15", "2026-11-10"), shallow, TODAY)) == Cursor(
		first, TODAY, date(2026, 11, 10)
	)
	whole = Period(None, longest=True, deep=True)
	assert periods.read(periods.next_cursor("", whole, TODAY)) == Cursor(TODAY, TODAY, TODAY)
	assert periods.read(periods.next_cursor(cursor("2026-11-15", "2026-11-10"), whole, TODAY)) == Cursor(
		first, TODAY, TODAY
	)


WINDOW = TODAY - timedelta(days=90)


@pytest.mark.parametrize(
	("first_day", "oldest", "fresh", "expected"),
	[
		(None, WINDOW, False, WINDOW),
		(WINDOW - timedelta(days=1), WINDOW, False, WINDOW),
		(None, WINDOW, True, None),
		(WINDOW, WINDOW, False, None),
		(None, WINDOW - timedelta(days=1), False, None),
		(None, None, False, None),
	],
	ids=["all", "from an earlier day", "right after the consent", "no earlier day", "all is given", "no row"],
)
def test_a_first_fetch_that_came_too_late(
	first_day: date | None, oldest: date | None, fresh: bool, expected: date | None
) -> None:
	assert periods.limited_to("", first_day, TODAY, oldest=oldest, fresh=fresh) == expected


def test_a_cursor_remembers_it_until_the_next_consent() -> None:
	late = periods.next_cursor("", Period(None, longest=True, deep=True), TODAY, limited=WINDOW)
	later = TODAY + timedelta(days=9)
	assert periods.limited_to(late, None, later, oldest=later, fresh=False) == WINDOW
	assert not periods.period(late, None, later).longest
	assert periods.period(late, None, later, fresh=True) == Period(None, longest=True, deep=True)
	assert periods.limited_to(late, None, later, oldest=later, fresh=True) is None


@given(st.dates(date(2025, 1, 1), TODAY), st.dates(date(2025, 1, 1), TODAY))
def test_no_fetch_but_the_longest_asks_for_more_than_ninety_days(until: date, deep: date) -> None:
	asked = periods.period(cursor(str(until), str(deep)), None, TODAY)
	assert asked.since is not None
	assert asked.since <= until - timedelta(days=30) or asked.deep
	assert asked.longest or TODAY - timedelta(days=90) < asked.since <= TODAY


def test_a_period_that_was_refused_gets_shorter_and_ends() -> None:
	asked: Period | None = Period(None, longest=True, deep=True)
	seen = []
	while asked is not None:
		asked = periods.shorter(asked, TODAY)
		seen.append(asked.since if asked else None)
	assert seen == [date(2026, 8, 19), date(2026, 9, 17), date(2026, 10, 17), date(2026, 11, 9), None]


def test_rows_prove_how_far_the_bank_went() -> None:
	assert periods.complete_from(date(2026, 10, 20)) == date(2026, 10, 21)
	assert periods.complete_from(None) is None


# -- presence ----------------------------------------------------------------------------------------
def test_headers_of_a_user_who_is_there() -> None:
	both = {"Psu-Ip-Address": "192.0.2.7", "Psu-User-Agent": "Mozilla"}
	assert presence.headers("192.0.2.7", "Mozilla", []) == both
	assert presence.headers("192.0.2.7", "Mozilla", ["psu-ip-address", "Psu-User-Agent"]) == both
	assert presence.headers("192.0.2.7", "", []) == {"Psu-Ip-Address": "192.0.2.7"}


def test_all_that_is_required_or_none() -> None:
	assert presence.headers("192.0.2.7", "", ["Psu-User-Agent"]) == {}
	assert presence.headers("192.0.2.7", "Mozilla", ["Psu-Geo-Location"]) == {}
	assert presence.headers("", "Mozilla", []) == {}
