from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from dokos_banksync.actions import formats


@pytest.mark.parametrize(
	("amount", "currency", "language", "shown"),
	[
		("1234.5", "EUR", "fr", "1 234,50 €"),
		("1234.5", "EUR", "en", "€1,234.50"),
		("-0.07", "EUR", "fr", "−0,07 €"),
		("-12", "CHF", "en", "−12.00 CHF"),
		("1000000", "CHF", "fr", "1 000 000,00 CHF"),
		("0.123", "EUR", "en", "€0.123"),
		("0", "EUR", "en", "€0.00"),
		("1000", "JPY", "en", "¥1,000"),
		("1000.00", "JPY", "fr", "1 000 JPY"),
		("-1.5", "KWD", "en", "−1.500 KWD"),
		("1.5", "KWD", "fr", "1,500 KWD"),
		("2", "USD", "fr", "2,00 $US"),
		("-1234.5", "", "fr", "−1 234,50"),
		("3", "ZZZ", "en", "3.00 ZZZ"),
	],
)
def test_money(amount: str, currency: str, language: str, shown: str) -> None:
	plain = formats.money(Decimal(amount), currency, language)
	assert plain.replace("\u202f", " ").replace("\u00a0", " ") == shown


def test_an_amount_is_not_broken_over_two_lines() -> None:
	assert formats.money(Decimal("-1234.5"), "EUR", "fr") == "\u22121\u202f234,50\u00a0€"
	assert formats.money(Decimal("-12"), "CHF", "en") == "\u221212.00\u00a0CHF"


@pytest.mark.parametrize(("month", "shown"), [(1, "1 janv. 2026"), (9, "1 sept. 2026"), (12, "1 déc. 2026")])
def test_months_are_abbreviated(month: int, shown: str) -> None:
	assert formats.day(date(2026, month, 1), "fr") == shown.replace(" ", "\u00a0")


def test_an_unknown_amount_is_not_zero() -> None:
	assert formats.money(None, "EUR", "en") == ""


def test_amounts_of_any_size_keep_every_digit() -> None:
	assert formats.money(Decimal("12345678901234567.89"), "EUR", "en") == "€12,345,678,901,234,567.89"


def test_days_and_counts() -> None:
	day = date(2026, 8, 3)
	assert formats.day(day, "fr").split() == ["3", "août", "2026"]
	assert formats.day(day, "en").split() == ["3", "Aug", "2026"]
	assert formats.day(None, "en") == ""
	assert formats.count(1234567, "fr").split() == ["1", "234", "567"]
	assert formats.count(1234567, "en") == "1,234,567"


def test_an_instant_is_shown_in_the_time_of_this_machine() -> None:
	instant = datetime(2026, 1, 2, 12, 5, tzinfo=timezone.utc)
	assert formats.moment(instant, "en").split()[-1] == f"{instant.astimezone():%H:%M}"
	assert formats.moment(None, "fr") == ""


def test_an_iban_is_shown_in_groups_of_four() -> None:
	assert formats.iban("FR7612345678901").split("\u00a0") == ["FR76", "1234", "5678", "901"]
	assert formats.iban("") == ""
