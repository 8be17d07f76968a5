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
	],
)
def test_money(amount: str, currency: str, language: str, shown: str) -> None:
	plain = formats.money(Decimal(amount), currency, language)
	assert plain.replace("\u202f", " ").replace("\u00a0", " ") == shown


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
