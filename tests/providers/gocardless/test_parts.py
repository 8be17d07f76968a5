"""Errors, limits, labels and balances, each alone."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	InstitutionDown,
	LoginRequired,
	NotFound,
	ProviderBug,
	RateLimited,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.model import Line, LineState, RejectedRow
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.gocardless import accounts, errors, institutions
from dokos_banksync.providers.gocardless.quotas import Remaining, remaining
from dokos_banksync.providers.gocardless.rows import Reader
from dokos_banksync.providers.http import Answer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
	("status", "body", "kind"),
	[
		(
			401,
			{"type": "AccessExpiredError", "summary": "Couldn't update account transactions"},
			ConsentExpired,
		),
		(401, {"summary": "End User Agreement (EUA) 2dea1b84 has expired"}, ConsentExpired),
		(401, {"summary": "Invalid token", "detail": "Token is invalid or expired"}, ConfigurationError),
		(401, {"summary": "Authentication failed"}, ConfigurationError),
		(401, {"type": "AccountInactiveError"}, LoginRequired),
		(402, {"summary": "Payment required"}, ConfigurationError),
		(403, {"type": "AccountAccessForbidden"}, ConsentRevoked),
		(403, {"type": "AccountValidEUAError"}, ConsentExpired),
		(403, {"summary": "IP address access denied"}, ConfigurationError),
		(404, {"summary": "Not found."}, NotFound),
		(409, {"id": "3fa8", "status": "SUSPENDED"}, LoginRequired),
		(409, {"id": "3fa8", "status": "EXPIRED"}, ConsentExpired),
		(409, {"id": "3fa8", "status": "PROCESSING"}, TemporaryError),
		(409, {"summary": "Account suspended", "detail": "numerous errors"}, LoginRequired),
		(409, {"summary": "AccountProcessing", "detail": "Poll it"}, TemporaryError),
		(409, {"type": "AccountSuspendedError"}, LoginRequired),
		(409, {"id": "3fa8", "status": "DISCOVERED"}, TemporaryError),
		(409, {"id": "3fa8", "status": "ERROR"}, LoginRequired),
		(401, {"summary": "AccessExpiredError", "detail": "Access has expired"}, ConsentExpired),
		(401, {"type": "EUAExpiredError"}, ConsentExpired),
		(402, {"type": "PaymentRequired"}, ConfigurationError),
		(403, {"type": "IPAccessDenied"}, ConfigurationError),
		(403, {"type": "AccountEUAScopeError"}, LoginRequired),
		(500, {"type": "UnknownRequestError"}, InstitutionDown),
		(503, {"type": "ServiceError"}, InstitutionDown),
		(503, {"type": "ConnectionError"}, InstitutionDown),
		(
			503,
			{"summary": "Institution DEMO is not operational", "detail": "Try again later"},
			InstitutionDown,
		),
		(
			400,
			{"redirect": {"summary": "Invalid redirect URI", "detail": "must be valid"}},
			ConfigurationError,
		),
		(400, {"summary": "Incorrect max_historical_days"}, ProviderBug),
		(400, {"summary": "Unknown fields x in the payload"}, ProviderBug),
		(400, {"reference": {"summary": "Client reference must be unique"}}, ProviderBug),
		(400, None, ProviderBug),
	],
)
def test_each_error_names_its_reaction(status: int, body: object, kind: type[SyncError]) -> None:
	found = errors.error(Answer(status, {}, body))
	assert type(found) is kind
	assert found.reference.startswith(f"HTTP {status}")


def test_a_token_is_replaced_only_where_the_token_is_meant() -> None:
	assert errors.refuses_token(Answer(401, {}, {"summary": "Invalid token"}))
	assert not errors.refuses_token(Answer(401, {}, {"summary": "End User Agreement (EUA) 1 has expired"}))
	assert not errors.refuses_token(Answer(401, {}, {"type": "AccessExpiredError"}))
	assert not errors.refuses_token(Answer(403, {}, {}))


def test_the_reference_names_the_field_and_hides_the_key() -> None:
	body = {"reference": {"summary": "must be unique", "detail": "key-91ab"}, "status_code": 400}
	said = errors.reference(Answer(400, {}, body), (Secret("key-91ab"),))
	assert said == "HTTP 400: reference: must be unique …"


@pytest.mark.parametrize(
	("headers", "body", "wait"),
	[
		({"HTTP_X_RATELIMIT_ACCOUNT_SUCCESS_REMAINING": "0", "HTTP_X_RATELIMIT_ACCOUNT_SUCCESS_RESET": "3600"},
			{"type": "RateLimitError"}, timedelta(hours=1)),
		({}, {"type": "RateLimitError"}, timedelta(hours=6)),
		({}, {"detail": "The rate limit for this resource is 2/second. Please try again in 5 seconds"}, timedelta(seconds=5)),
		({}, {"summary": "Rate limit exceeded"}, timedelta(seconds=60)),
	],
)  # fmt: skip
def test_how_long_a_limit_lasts(headers: dict[str, str], body: object, wait: timedelta) -> None:
	found = errors.too_many(lambda: NOW, 429, headers, json.dumps(body).encode())
	assert isinstance(found, RateLimited)
	assert found.until == NOW + wait


def test_a_bank_that_is_down_and_a_gocardless_that_is_down() -> None:
	down = json.dumps({"type": "ServiceError", "summary": "Institution service unavailable"}).encode()
	assert isinstance(errors.too_many(lambda: NOW, 503, {}, down), InstitutionDown)
	assert errors.too_many(lambda: NOW, 503, {}, b"<html>") is None
	assert errors.too_many(lambda: NOW, 500, {}, b'{"summary": "Internal error"}') is None


def test_an_error_of_the_bank_is_not_tried_again_at_once() -> None:
	"""After ten failures in a row GoCardless suspends an account."""
	unknown = json.dumps(
		{"type": "UnknownRequestError", "summary": "Request to Institution returned an error"}
	)
	found = errors.too_many(lambda: NOW, 500, {}, unknown.encode())
	assert isinstance(found, InstitutionDown)
	closed = json.dumps({"summary": "Institution X is not operational"})
	assert isinstance(errors.too_many(lambda: NOW, 503, {}, closed.encode()), InstitutionDown)


@pytest.mark.parametrize("prefix", ["HTTP_X_RATELIMIT_", "X-RateLimit-", "http_x_ratelimit_"])
def test_the_headers_of_the_limit_in_each_form(prefix: str) -> None:
	mark = "-" if "-" in prefix else "_"
	names = [f"{prefix}ACCOUNT{mark}SUCCESS{mark}{end}" for end in ("REMAINING", "RESET")]
	assert remaining(dict(zip(names, ["3", "120"], strict=True)), NOW) == Remaining(
		3, NOW + timedelta(seconds=120)
	)


@pytest.mark.parametrize("value", ["", "-1", "many"])
def test_headers_that_say_nothing(value: str) -> None:
	headers = {"X-RateLimit-Account-Success-Remaining": value, "X-RateLimit-Account-Success-Reset": "5"}
	assert remaining(headers, NOW) is None


def test_the_headers_say_how_many_readings_there_are_in_all() -> None:
	headers = {"X-RateLimit-Account-Success-Limit": "10", "X-RateLimit-Account-Success-Remaining": "7"}
	headers["X-RateLimit-Account-Success-Reset"] = "60"
	assert remaining(headers, NOW) == Remaining(7, NOW + timedelta(seconds=60), 10)


# -- rows ----------------------------------------------------------------------------------------------
def read(state: LineState = LineState.BOOKED, **changes: object) -> Line | RejectedRow:
	row = {
		"bookingDate": "2026-11-18",
		"transactionAmount": {"amount": "-12.50", "currency": "EUR"},
		**changes,
	}
	lines, rejected = Reader("account", date(2026, 11, 20)).read([(row, "raw")], state)
	return [*lines, *rejected][0]


def line(state: LineState = LineState.BOOKED, **changes: object) -> Line:
	found = read(state, **changes)
	assert isinstance(found, Line)
	return found


@pytest.mark.parametrize(
	("given", "label"),
	[
		({"remittanceInformationUnstructured": "CB  CAFE\n17/11"}, "CB CAFE 17/11"),
		({"remittanceInformationUnstructuredArray": ["CB CAFE", "17/11"]}, "CB CAFE 17/11"),
		({"remittanceInformationStructured": "RF18 5390"}, "RF18 5390"),
		({"additionalInformation": "Frais", "creditorName": "Banque"}, "Frais"),
		({"creditorName": "Café de la Paix"}, "Café de la Paix"),
	],
)
def test_the_label(given: dict[str, object], label: str) -> None:
	assert line(**given).original == label


def test_the_party_is_the_other_side() -> None:
	both = {
		"creditorName": "Fournisseur",
		"debtorName": "Client",
		"debtorAccount": {"iban": "FR7630006000011234567890189"},
	}
	assert line(**both).party_name == "Fournisseur"
	income = line(**both, transactionAmount={"amount": "12.50", "currency": "EUR"})
	assert (income.party_name, income.party_iban) == ("Client", "FR7630006000011234567890189")
	assert income.amount == Decimal("12.50")


def test_days() -> None:
	assert line(bookingDate=None, bookingDateTime="2026-11-17T23:30:00Z").date == date(2026, 11, 17)
	assert line(bookingDate=None, valueDate="2026-11-19").date == date(2026, 11, 19)
	assert line(LineState.PENDING, bookingDate=None).date == date(2026, 11, 20)


@pytest.mark.parametrize(
	("changes", "why"),
	[
		({"bookingDate": None}, "no date"),
		({"transactionAmount": {"amount": "12,50", "currency": "EUR"}}, "no amount"),
		({"transactionAmount": {"amount": "12.50"}}, "no currency"),
		({"transactionAmount": None}, "no amount"),
	],
)
def test_a_row_that_cannot_be_read_is_rejected_with_its_reason(changes: dict[str, object], why: str) -> None:
	found = read(**changes)
	assert isinstance(found, RejectedRow)
	assert why in found.reason


def test_rows_keep_their_own_text() -> None:
	answer = '{"transactions": {"booked": [{"a":  1.50}], "pending": []}, "last_updated": "x"}'
	found = rawjson.loads_rows(answer, ("transactions", "booked", "pending"))
	assert found["transactions"] == {"booked": [({"a": Decimal("1.50")}, '{"a":  1.50}')], "pending": []}


def test_balances_in_the_currency_of_the_account() -> None:
	rows = [
		{"balanceAmount": {"amount": "1.00", "currency": "USD"}, "balanceType": "closingBooked"},
		{"balanceAmount": {"amount": "2.00", "currency": "EUR"}, "balanceType": "interimBooked"},
		{"balanceAmount": {"amount": "3.00", "currency": "EUR"}, "balanceType": "expected"},
		{"balanceAmount": {"amount": "x", "currency": "EUR"}, "balanceType": "closingBooked"},
	]
	assert accounts.choose(rows, "EUR") == (Decimal("2.00"), Decimal("3.00"))
	assert accounts.choose([], "EUR") == (None, None)


@pytest.mark.parametrize(
	("value", "days"), [("730", 730), (90, 90), ("", 14), ("many", 14), ("0", 14), (None, 14)]
)
def test_days_that_are_written_as_text(value: object, days: int) -> None:
	assert institutions.days({"n": value}, "n", 14) == days
