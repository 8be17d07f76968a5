"""Rows, accounts and errors in the shapes of the documents, written by hand."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	InstitutionDown,
	LoginRequired,
	NotFound,
	ProviderBug,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.model import ConnectionStatus, Line, LineState, RejectedRow
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.ponto import accounts, errors, rows

TODAY = date(2026, 11, 20)
ATTRIBUTES: dict[str, Any] = {
	"amount": -12.5,
	"currency": "EUR",
	"valueDate": "2026-11-19T00:00:00.000Z",
	"executionDate": "2026-11-18T00:00:00.000Z",
	"description": "Card payment",
	"remittanceInformationType": "unstructured",
	"remittanceInformation": "CAFE DE  LA PAIX",
	"counterpartName": "Café de la Paix",
	"counterpartReference": "BE62467153327786",
	"bankTransactionCode": "PMNT-CCRD-POSD",
	"endToEndId": "e2e-1",
	"mandateId": "m-1",
	"internalReference": "x1",
	"digest": "2acc",
}


def row(row_id: str = "a4a47c21", **changes: Any) -> dict[str, Any]:
	return {"type": "transaction", "id": row_id, "attributes": {**ATTRIBUTES, **changes}}


def read(given: Any, state: LineState = LineState.BOOKED) -> Line | RejectedRow:
	((value, raw),) = rawjson.loads_rows(json.dumps({"data": [given]}), "data")["data"]
	return rows.line(value, raw, "an account", state, TODAY)


def test_a_booked_row() -> None:
	found = read(row())
	assert isinstance(found, Line)
	assert found._replace(raw="") == Line(
		remote_account="an account",
		remote_id="a4a47c21",
		date=date(2026, 11, 18),
		amount=Decimal("-12.5"),
		currency="EUR",
		description="CAFE DE LA PAIX",
		original="CAFE DE LA PAIX",
		state=LineState.BOOKED,
		value_date=date(2026, 11, 19),
		kind="PMNT-CCRD-POSD",
		party_name="Café de la Paix",
		party_iban="BE62467153327786",
		reference="e2e-1",
	)


def test_money_never_passes_through_a_float() -> None:
	((value, raw),) = rawjson.loads_rows('{"data": [{"id": "1", "attributes": {"amount": 0.1, "currency": "EUR", "valueDate": "2026-11-01"}}]}', "data")["data"]  # fmt: skip
	found = rows.line(value, raw, "a", LineState.BOOKED, TODAY)
	assert isinstance(found, Line)
	assert str(found.amount) == "0.1"


@pytest.mark.parametrize(
	("changes", "label"),
	[
		({"remittanceInformation": None, "additionalInformation": "More"}, "More"),
		({"remittanceInformation": " "}, "Café de la Paix"),
		({"remittanceInformation": None, "counterpartName": None}, "Card payment"),
	],
)
def test_labels_fall_back(changes: dict[str, Any], label: str) -> None:
	found = read(row(**changes))
	assert isinstance(found, Line)
	assert found.original == label


@pytest.mark.parametrize("number", ["1234567890", "", None, "BE62", "XX-not-an-iban-0000"])
def test_a_number_that_is_no_iban_is_none(number: str | None) -> None:
	found = read(row(counterpartReference=number))
	assert isinstance(found, Line)
	assert found.party_iban == ""


def test_dates_fall_back_and_a_pending_row_may_have_none() -> None:
	found = read(row(executionDate=None))
	assert isinstance(found, Line)
	assert found.date == date(2026, 11, 19)
	undated = row(executionDate=None, valueDate=None)
	assert isinstance(read(undated), RejectedRow)
	pending = read(undated, LineState.PENDING)
	assert isinstance(pending, Line)
	assert (pending.date, pending.state) == (TODAY, LineState.PENDING)


@pytest.mark.parametrize(
	("given", "reason"),
	[
		(row(""), "no id"),
		(row(amount=None), "no amount"),
		(row(amount="12.50"), "no amount"),
		(row(currency=None), "no currency"),
		(row(executionDate="x", valueDate=None), "no date"),
		({"id": "1"}, "no amount"),
		("text", "no id"),
	],
)
def test_rows_that_cannot_be_read_are_rejected(given: Any, reason: str) -> None:
	found = read(given)
	assert isinstance(found, RejectedRow)
	assert reason in found.reason
	assert json.loads(found.raw) == given


# -- accounts ----------------------------------------------------------------------------------------
def account(meta: Any = None, **changes: Any) -> dict[str, Any]:
	attributes = {
		"subtype": "checking", "referenceType": "IBAN", "reference": "BE53586671384412", "product": "Current account",
		"holderName": "Malvina", "description": "Compte", "deprecated": False, "currency": "EUR", "currentBalance": 6386.04,
		"currentBalanceReferenceDate": "2026-11-16T08:00:00.000Z", "availableBalance": 6000,
		"authorizationExpirationExpectedAt": "2027-02-14T12:00:00.000Z", **changes,
	}  # fmt: skip
	return rawjson.loads(json.dumps({"id": "8804", "attributes": attributes, "meta": meta}))  # type: ignore[no-any-return]


def test_an_account_with_both_balances() -> None:
	found = rows.account(account())
	assert (found.remote_id, found.account_name, found.kind, found.currency) == (
		"8804",
		"Compte",
		"checking",
		"EUR",
	)
	assert found.iban == "BE53586671384412"
	assert (found.balance, found.balance_available) == (Decimal("6386.04"), Decimal(6000))
	assert found.balance_at == datetime(2026, 11, 16, 8, tzinfo=timezone.utc)
	assert (found.enabled, found.failed) == (True, False)
	assert found.details["authorizationExpirationExpectedAt"] == "2027-02-14T12:00:00.000Z"


def test_accounts_that_are_less_than_whole() -> None:
	assert rows.account(account(deprecated=True)).enabled is False
	assert rows.account(account(currentBalance=None)).balance is None
	card = rows.account(
		account(referenceType="MASKEDPAN", reference="**** 1234", description=None, product=None)
	)
	assert (card.iban, card.account_name) == ("", "**** 1234")
	failed = {"latestSynchronization": {"attributes": {"status": "error"}}}
	assert rows.account(account(failed)).failed is True


def test_the_institution_of_an_account() -> None:
	related = {"relationships": {"financialInstitution": {"data": {"id": "b1"}}}}
	assert rows.institution_of(related) == "b1"
	assert rows.institution_of({}) == ""


# -- errors ------------------------------------------------------------------------------------------
def answer(status: int, data: Any) -> Answer:
	return Answer(status, {"Ibanity-Request-Id": "r-1"}, data)


@pytest.mark.parametrize(
	("status", "kind"),
	[(401, LoginRequired), (403, ConsentRevoked), (404, NotFound), (400, ProviderBug), (422, ProviderBug)],
)
def test_errors_of_the_api(status: int, kind: type[SyncError]) -> None:
	found = errors.error(
		answer(status, {"errors": [{"code": "resourceNotFound", "detail": "Not s3cret"}]}), [Secret("s3cret")]
	)
	assert type(found) is kind
	assert found.reference == f"HTTP {status}: resourceNotFound Not …: request r-1"


@pytest.mark.parametrize(
	("status", "code", "kind"),
	[
		(401, "invalid_client", ConfigurationError),
		(401, "", ConfigurationError),
		(400, "unauthorized_client", ConfigurationError),
		(400, "invalid_scope", ConfigurationError),
		(400, "invalid_grant", ConsentRevoked),
		(400, "a_code_of_tomorrow", ProviderBug),
	],
)
def test_errors_of_the_token_endpoint(status: int, code: str, kind: type[SyncError]) -> None:
	data = {"error": code, "error_description": "Said"} if code else None
	assert type(errors.of_token(answer(status, data))) is kind


@pytest.mark.parametrize(
	("code", "bank", "kind"),
	[
		("authorizationInvalid", 500, ConsentExpired),
		("authorizationActionRequired", 401, LoginRequired),
		("financialInstitutionError", 503, InstitutionDown),
		("anythingElse", None, TemporaryError),
	],
)
def test_why_a_synchronization_failed(code: str, bank: int | None, kind: type[SyncError]) -> None:
	meta = {"financialInstitutionResponse": {"statusCode": bank}}
	failed = {"status": "error", "errors": [{"code": code, "detail": "Said", "meta": meta}]}
	found = errors.of_synchronization(failed)
	assert type(found) is kind
	assert found.reference == f"{code} Said"


def test_synchronizations_that_did_not_fail() -> None:
	for status in ("success", "running", "pending", None):
		assert errors.of_synchronization({"status": status, "errors": []}) is None
	assert type(errors.of_synchronization({"status": "error", "errors": None})) is TemporaryError


# -- the state of a connection -------------------------------------------------------------------------
def read_account(
	code: str = "", ends: str = "2027-02-14T12:00:00.000Z", availability: str = "available"
) -> dict[str, Any]:
	"""An account whose last synchronization failed with a code, or succeeded."""
	errors_of = [{"code": code, "detail": "Said"}] if code else []
	latest = {"attributes": {"status": "error" if code else "success", "errors": errors_of}}
	meta = {
		"synchronizedAt": "2026-11-16T08:00:00.000Z",
		"latestSynchronization": latest,
		"availability": availability,
	}
	return {**account(meta, authorizationExpirationExpectedAt=ends), "meta": meta}


NOW = datetime(2026, 11, 16, 9, 0, tzinfo=timezone.utc)
KEY = accounts.ConnectionKey("org", "bank")


@pytest.mark.parametrize(
	("found", "status", "code"),
	[
		([read_account(), read_account()], ConnectionStatus.ACTIVE, ""),
		([read_account(), read_account("technicalFailure")], ConnectionStatus.ACTIVE, ""),
		(
			[read_account("technicalFailure"), read_account("other")],
			ConnectionStatus.BANK_UNAVAILABLE,
			"BS-400",
		),
		([read_account(availability="readonly")], ConnectionStatus.BANK_UNAVAILABLE, "BS-401"),
		([read_account(), read_account("authorizationInvalid")], ConnectionStatus.CONSENT_EXPIRED, "BS-201"),
		(
			[read_account(), read_account("authorizationSuspended")],
			ConnectionStatus.ACTION_REQUIRED,
			"BS-200",
		),
		(
			[read_account(), read_account(ends="2026-11-16T09:00:00.000Z")],
			ConnectionStatus.CONSENT_EXPIRED,
			"BS-201",
		),
	],
)
def test_what_needs_the_user_counts_for_one_account_and_what_passes_for_all(
	found: list[dict[str, Any]], status: ConnectionStatus, code: str
) -> None:
	state = accounts.state_of(found, KEY, NOW)
	assert (state.status, state.code, bool(state.message)) == (status, code, bool(code))
	assert state.remote_id == "org:bank"
	assert state.reference.startswith("org:bank") == bool(code)


def test_the_end_that_comes_first() -> None:
	state = accounts.state_of([read_account(), read_account(ends="2026-12-01T00:00:00.000Z")], KEY, NOW)
	assert state.consent_expires_at == datetime(2026, 12, 1, tzinfo=timezone.utc)
	assert state.last_refresh_at == datetime(2026, 11, 16, 8, tzinfo=timezone.utc)


def test_the_account_that_was_read_the_longest_ago() -> None:
	older = read_account()
	older["meta"] = {**older["meta"], "synchronizedAt": "2026-11-09T08:00:00.000Z"}
	state = accounts.state_of([read_account(), older, account({"synchronizedAt": None})], KEY, NOW)
	assert state.last_refresh_at == datetime(2026, 11, 9, 8, tzinfo=timezone.utc)
