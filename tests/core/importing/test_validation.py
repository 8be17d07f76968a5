"""What enters from a provider is made storable, or is left out, before anything is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import ProviderBug
from dokos_banksync.core.importing import validation
from dokos_banksync.core.model import (
	Category,
	ConnectionStatus,
	LineState,
	Page,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import Completed
from tests.core.build import line

HALF = "x\ud83dy"
WRITTEN = "x\\ud83dy"
YEAR_1 = datetime(1, 1, 1, tzinfo=timezone.utc)
YEAR_9999 = datetime(9999, 12, 31, tzinfo=timezone.utc)
NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
ACCOUNT = RemoteAccount("1", "Courant", "checking", "EUR")


@pytest.mark.parametrize(
	("given", "kept"),
	[
		("0.30000000000000004", "0.30"),
		("-1234.5600000000002", "-1234.56"),
		("99999999999.12001", None),
		("0.1234", "0.1234"),
		("0.12345", None),
		("0.300000000000001", None),
		("1e-9", None),
		("1e-9999999", None),
		("1e9999999", None),
		("-1e9999999", None),
		("100000000000", None),
		("99999999999.99", "99999999999.99"),
	],
)
def test_the_noise_of_a_binary_float_is_rounded_away_and_nothing_else(given: str, kept: str | None) -> None:
	page = validation.checked(Page([line()._replace(amount=Decimal(given))]))
	assert [str(one.amount) for one in page.lines] == ([] if kept is None else [kept])
	assert len(page.rejected) == (kept is None)


@pytest.mark.parametrize("written", ["eur", "Eur", " EUR", "EUR\n"])
def test_a_currency_is_the_same_in_small_letters(written: str) -> None:
	[one] = validation.checked(Page([line()._replace(currency=written)])).lines
	assert one.currency == "EUR"
	[account] = validation.checked_accounts([replace(ACCOUNT, currency=written)])
	assert account.currency == "EUR"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e9999999", "0.123456"])
def test_a_removal_bears_no_amount_that_cannot_be_stored(amount: str) -> None:
	gone = line()._replace(amount=Decimal(amount), state=LineState.REMOVED)
	assert [one.amount for one in validation.checked(Page([gone])).lines] == [0]


@pytest.mark.parametrize("moment", [YEAR_1, YEAR_9999])
def test_a_line_can_do_without_days_that_no_bank_means(moment: datetime) -> None:
	odd = line()._replace(updated_at=moment, value_date=moment.date(), transaction_date=moment.date())
	[kept] = validation.checked(Page([odd])).lines
	assert (kept.updated_at, kept.value_date, kept.transaction_date) == (None, None, None)


def test_good_days_are_kept() -> None:
	good = line()._replace(updated_at=NOW, value_date=date(2026, 11, 2), transaction_date=date(2026, 10, 31))
	assert validation.checked(Page([good])).lines == [good]


def test_a_cursor_that_cannot_be_stored_is_not_moved_and_an_id_is_written_out() -> None:
	page = validation.checked(Page([], cursors={"a": HALF, "b": "good"}, removed=[("a", HALF)]))
	assert page.cursors == {"b": "good"}
	assert page.removed == [("a", WRITTEN)]


def test_nul_is_written_out() -> None:
	[kept] = validation.checked(Page([line()._replace(party_name="a\0b")])).lines
	assert kept.party_name == "a\\x00b"


def test_every_text_and_instant_of_an_account_is_made_fit() -> None:
	odd = RemoteAccount(HALF, HALF, HALF, HALF, HALF, balance_at=YEAR_1, details={HALF: HALF})
	[kept] = validation.checked_accounts([odd])
	assert kept == RemoteAccount(
		*[WRITTEN] * 3, currency=WRITTEN.upper(), iban=WRITTEN, details={WRITTEN: WRITTEN}
	)
	assert validation.checked_accounts([replace(ACCOUNT, balance_at=NOW)]) == [
		replace(ACCOUNT, balance_at=NOW)
	]


@pytest.mark.parametrize(
	("balance", "kept"),
	[
		("1000000000000", None),
		("-25000000000000.5", None),
		("NaN", None),
		("Infinity", None),
		("1e9999999", None),
		("99999999999.99", Decimal("99999999999.99")),
		("12.340000000000002", Decimal("12.34")),
		("-0.5", Decimal("-0.5")),
	],
)
def test_a_balance_that_no_ledger_holds_is_unknown(balance: str, kept: Decimal | None) -> None:
	given = replace(ACCOUNT, balance=Decimal(balance), balance_available=Decimal(balance))
	[checked] = validation.checked_accounts([given])
	assert (checked.balance, checked.balance_available) == (kept, kept)


def test_a_state_and_the_end_of_a_visit_are_made_fit() -> None:
	odd = RemoteConnection(HALF, HALF, ConnectionStatus.WAITING, HALF, HALF, HALF, YEAR_1, YEAR_9999)
	good = RemoteConnection(
		remote_id=WRITTEN,
		institution_id=WRITTEN,
		status=ConnectionStatus.WAITING,
		code=WRITTEN,
		message=WRITTEN,
		reference=WRITTEN,
	)
	assert validation.checked_state(odd) == good
	assert validation.checked_state(odd).status is ConnectionStatus.WAITING
	found = validation.checked_completion(Completed(odd, message=HALF, reference=HALF, remote_user=HALF))
	assert found == Completed(good, message=WRITTEN, reference=WRITTEN, remote_user=WRITTEN)
	assert validation.checked_completion(Completed(None)) == Completed(None)


def test_categories_are_made_fit() -> None:
	assert validation.checked_categories([Category("1", HALF, HALF)]) == [Category("1", WRITTEN, WRITTEN)]


def test_an_error_that_quotes_the_provider_can_be_stored() -> None:
	error = ProviderBug("It says {0}", HALF, reference=HALF)
	assert (str(error), error.reference) == (f"It says {WRITTEN}", WRITTEN)


class TestARun:
	"""The same through a whole run: it succeeds, and so does the next one."""

	def test_odd_accounts_states_and_categories_end_no_run(self, story):
		story.bank.book()
		story.sync()
		[account] = story.provider.accounts(None)
		state = story.provider.status(None)
		odd = replace(account, account_name=HALF, balance=Decimal(10) ** 13, balance_at=YEAR_1)
		story.provider.accounts = lambda access, context=None: [odd]
		story.provider.status = lambda access: replace(
			state, message=HALF, reference=HALF, consent_expires_at=YEAR_1
		)
		story.provider.categories = lambda: [Category("79", HALF)]
		for _ in range(2):
			run = story.sync()
			assert (run.status, run.checks) == ("Success", [])
		[held] = story.ledger.accounts(story.connection)
		assert (held.remote.account_name, held.remote.balance) == (WRITTEN, None)

	def test_a_visit_with_odd_values_is_stored(self, story):
		state = replace(story.provider.status(None), message=HALF, last_refresh_at=YEAR_9999)
		story.provider.complete = lambda query, access, session: Completed(state, remote_user=HALF)
		[account] = story.provider.accounts(None)
		story.provider.accounts = lambda access, context=None: [replace(account, account_name=HALF)]
		result = complete_connect(story.ledger, story.provider, story.connection, {})
		assert [a.remote.account_name for a in result.accounts] == [WRITTEN]
		story.provider.status = lambda access: state
		[again] = connect.refresh(story.ledger, story.provider, story.connection)
		assert again.remote.account_name == WRITTEN


def test_a_booked_day_of_more_than_five_years_ahead_is_rejected() -> None:
	today = date(2026, 11, 29)
	days = (date(2026, 11, 30), date(2031, 12, 3), date(2031, 12, 4), date(2062, 11, 5))
	lines = [line(str(day))._replace(date=day) for day in days]
	pending = lines[3]._replace(state=LineState.PENDING)
	page = validation.without_unlikely_days(Page([*lines, pending]), today)
	assert [one.date for one in page.lines] == [*days[:2], days[3]]
	assert ["2031-12-04" in str(row.reason) for row in page.rejected] == [True, False]
