"""Plaid's objects, written by hand after its documents, as the neutral model."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
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
	RateLimited,
	SyncError,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import LineState
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.plaid import accounts, categories, errors, lines

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)
COFFEE = """{"transaction_id":"T2","account_id":"A1","amount":12.5,"iso_currency_code":"EUR",
 "unofficial_currency_code":null,"date":"2026-11-18","datetime":null,"authorized_date":"2026-11-17",
 "authorized_datetime":null,"name":"CAFE DE LA PAIX","merchant_name":"Café de la Paix",
 "original_description":"CB CAFE DE LA PAIX 171126","pending":false,"pending_transaction_id":"T1",
 "account_owner":null,"payment_channel":"in store","transaction_code":null,"check_number":null,
 "payment_meta":{"reference_number":null,"payee":null,"payer":null,"by_order_of":null},
 "personal_finance_category":{"primary":"FOOD_AND_DRINK","detailed":"FOOD_AND_DRINK_COFFEE","version":"v1"}}"""


def row(**changes: Any) -> dict[str, Any]:
	return {**rawjson.loads(COFFEE), **changes}


class TestTransactions:
	def test_money_out_is_negative_here(self) -> None:
		line = lines.line(row(), "FOOD_AND_DRINK_COFFEE", COFFEE)
		assert line == lines.Line(
			remote_account="A1",
			remote_id="T2",
			date=date(2026, 11, 18),
			amount=Decimal("-12.5"),
			currency="EUR",
			description="Café de la Paix",
			original="CB CAFE DE LA PAIX 171126",
			state=LineState.BOOKED,
			transaction_date=date(2026, 11, 17),
			category="FOOD_AND_DRINK_COFFEE",
			kind="in store",
			party_name="Café de la Paix",
			raw=COFFEE,
		)

	def test_money_in_and_nothing_at_all(self) -> None:
		assert lines.line(row(amount=-3), "", "").amount == Decimal(3)  # type: ignore[union-attr]
		zero = lines.line(row(amount=0), "", "").amount  # type: ignore[union-attr]
		assert (zero, str(zero)) == (Decimal(0), "0")

	def test_a_pending_row_is_no_booked_one(self) -> None:
		line = lines.line(row(pending=True), "", "")
		assert isinstance(line, lines.Line)
		assert line.state is LineState.PENDING

	def test_currencies_without_an_iso_code(self) -> None:
		line = lines.line(row(iso_currency_code=None, unofficial_currency_code="btc"), "", "")
		assert isinstance(line, lines.Line)
		assert line.currency == "BTC"

	def test_a_transfer_names_the_other_party(self) -> None:
		meta = {"payee": "SARL OPALINE", "payer": "NOUS", "reference_number": "FA-12"}
		party = [
			{"name": "Opaline", "account_numbers": {"international": {"iban": "FR76 1234", "bic": None}}}
		]
		given = row(merchant_name=None, payment_meta=meta, counterparties=party, transaction_code="transfer")
		line = lines.line(given, "", "")
		assert isinstance(line, lines.Line)
		assert (line.party_name, line.party_iban, line.reference, line.kind) == (
			"SARL OPALINE", "FR761234", "FA-12", "transfer",
		)  # fmt: skip
		incoming = lines.line({**given, "amount": Decimal("-12.5")}, "", "")
		assert isinstance(incoming, lines.Line)
		assert incoming.party_name == "NOUS"

	@pytest.mark.parametrize(
		("value", "reason"),
		[
			("text", "not a transaction"),
			(row(transaction_id=None), "no id"),
			(row(account_id=""), "no account"),
			(row(amount="12.5"), "no amount"),
			(row(amount=True), "no amount"),
			(row(amount=10**15), "no amount"),
			(row(date="18/11/2026"), "no date"),
			(row(date=None), "no date"),
			(row(iso_currency_code=None), "no currency"),
		],
	)
	def test_what_cannot_be_read_has_a_reason(self, value: object, reason: str) -> None:
		found = lines.line(value, "", "")
		assert isinstance(found, str)
		assert reason in found

	def test_removed_rows(self) -> None:
		assert lines.removed({"transaction_id": "T1", "account_id": "A1"}) == ("A1", "T1")
		assert lines.removed({"transaction_id": "T1"}) == ("", "T1")
		assert lines.removed({}) is None


def account(kind: str, subtype: str, **balances: Any) -> dict[str, Any]:
	values = {"available": None, "current": None, "limit": None, "iso_currency_code": "USD", **balances}
	return {
		"account_id": "A1", "name": "Plaid Checking", "official_name": "Plaid Gold", "mask": "0000", "type": kind,
		"subtype": subtype, "balances": values,
	}  # fmt: skip


class TestAccounts:
	@pytest.mark.parametrize(
		("given", "booked", "available"),
		[
			(account("depository", "checking", current=Decimal("110.5"), available=100), "110.5", "100"),
			(account("credit", "credit card", current=410, available=9500, limit=10000), "-410", "-500"),
			(account("credit", "credit card", current=-12, available=None, limit=10000), "12", None),
			(account("credit", "credit card", current=0, available=10000, limit=10000), "0", "0"),
			(account("loan", "mortgage", current=Decimal("56302.06")), "-56302.06", None),
			(account("investment", "brokerage", current=320), "320", None),
			(account("depository", "checking"), None, None),
		],
	)
	def test_what_is_owed_is_negative(
		self, given: dict[str, Any], booked: str | None, available: str | None
	) -> None:
		found = accounts.read(given)
		assert found.balance == (None if booked is None else Decimal(booked))
		assert found.balance_available == (None if available is None else Decimal(available))

	def test_the_rest_of_an_account(self) -> None:
		found = accounts.read(account("credit", "credit card", limit=10000))
		assert (found.remote_id, found.account_name, found.kind) == ("A1", "Plaid Checking (0000)", "card")
		assert (found.currency, found.iban, found.enabled) == ("USD", "", True)
		assert found.details["credit_limit"] == "10000"
		assert found.details["mask"] == "0000"

	@pytest.mark.parametrize(
		("kind", "subtype", "ours"),
		[
			("depository", "savings", "savings"),
			("depository", "cd", "checking"),
			("loan", "student", "loan"),
			("other", "other", "other"),
			("", "", "unknown"),
		],
	)
	def test_kinds(self, kind: str, subtype: str, ours: str) -> None:
		assert accounts.read(account(kind, subtype)).kind == ours

	def test_an_account_without_an_id(self) -> None:
		with pytest.raises(ProviderBug):
			accounts.read({"name": "x"})


class TestCategories:
	def test_the_tree(self) -> None:
		tree = categories.categories("en")
		seen: set[str] = set()
		for one in tree:
			assert one.parent == "" or one.parent in seen
			assert one.id not in seen
			assert one.name
			seen.add(one.id)
		assert len([one for one in tree if not one.parent]) == 18
		assert {one.id: one.name for one in tree}["FOOD_AND_DRINK_COFFEE"] == "Coffee"

	def test_the_tree_in_french(self) -> None:
		english, french = categories.categories("en"), categories.categories("fr_FR")
		assert [(one.id, one.parent) for one in french] == [(one.id, one.parent) for one in english]
		names = {one.id: one.name for one in french}
		assert (names["FOOD_AND_DRINK_COFFEE"], names["TRANSFER_OUT_WIRE"]) == (
			"Cafés",
			"Virements bancaires",
		)

	@pytest.mark.parametrize(
		("given", "kept"),
		[
			({"primary": "FOOD_AND_DRINK", "detailed": "FOOD_AND_DRINK_COFFEE"}, "FOOD_AND_DRINK_COFFEE"),
			({"primary": "FOOD_AND_DRINK", "detailed": "FOOD_AND_DRINK_BRUNCH"}, "FOOD_AND_DRINK"),
			({"primary": "SPACE", "detailed": "SPACE_TOURISM"}, ""),
			(None, ""),
		],
	)
	def test_an_unknown_code_falls_back(self, given: object, kept: str) -> None:
		assert categories.category_of({"personal_finance_category": given}) == kept


def failed(code: str, kind: str = "ITEM_ERROR", reason: str | None = None, message: str = "m") -> SyncError:
	body = {
		"error_type": kind, "error_code": code, "error_code_reason": reason, "error_message": message,
		"display_message": None, "request_id": "r4",
	}  # fmt: skip
	return errors.error(errors.read(body), NOW, [Secret("s3cret")])


class TestErrors:
	@pytest.mark.parametrize(
		("code", "kind", "expected"),
		[
			("ITEM_LOGIN_REQUIRED", "ITEM_ERROR", LoginRequired),
			("INVALID_CREDENTIALS", "ITEM_ERROR", LoginRequired),
			("INVALID_MFA", "ITEM_ERROR", LoginRequired),
			("ITEM_LOCKED", "ITEM_ERROR", LoginRequired),
			("USER_SETUP_REQUIRED", "ITEM_ERROR", LoginRequired),
			("INSUFFICIENT_CREDENTIALS", "ITEM_ERROR", LoginRequired),
			("PASSWORD_RESET_REQUIRED", "ITEM_ERROR", LoginRequired),
			("SOMETHING_NEW", "ITEM_ERROR", LoginRequired),
			("ACCESS_NOT_GRANTED", "ITEM_ERROR", ConsentRevoked),
			("ITEM_NOT_FOUND", "ITEM_ERROR", ConsentRevoked),
			("INVALID_ACCESS_TOKEN", "INVALID_INPUT", ConsentRevoked),
			("ACCOUNTS_LIMIT", "RATE_LIMIT_EXCEEDED", RateLimited),
			("SOMETHING_NEW", "RATE_LIMIT_EXCEEDED", RateLimited),
			("INSTITUTION_DOWN", "INSTITUTION_ERROR", InstitutionDown),
			("INSTITUTION_NOT_RESPONDING", "INSTITUTION_ERROR", InstitutionDown),
			("SOMETHING_NEW", "INSTITUTION_ERROR", InstitutionDown),
			("INSTITUTION_NO_LONGER_SUPPORTED", "INSTITUTION_ERROR", UnsupportedByInstitution),
			("PRODUCTS_NOT_SUPPORTED", "ITEM_ERROR", UnsupportedByInstitution),
			("NO_ACCOUNTS", "ITEM_ERROR", UnsupportedByInstitution),
			("MFA_NOT_SUPPORTED", "ITEM_ERROR", UnsupportedByInstitution),
			("INTERNAL_SERVER_ERROR", "API_ERROR", TemporaryError),
			("PRODUCT_NOT_READY", "ITEM_ERROR", TemporaryError),
			("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", "TRANSACTIONS_ERROR", errors.Mutation),
			("INVALID_API_KEYS", "INVALID_INPUT", ConfigurationError),
			("INVALID_PRODUCT", "INVALID_INPUT", ConfigurationError),
			("UNAUTHORIZED_ENVIRONMENT", "INVALID_INPUT", ConfigurationError),
			("ADDITION_LIMIT", "RATE_LIMIT_EXCEEDED", ConfigurationError),
			("TRIAL_CONNECTION_LIMIT", "RATE_LIMIT_EXCEEDED", ConfigurationError),
			("CREDITS_EXHAUSTED", "RATE_LIMIT_EXCEEDED", ConfigurationError),
			("INSTITUTION_RATE_LIMIT", "RATE_LIMIT_EXCEEDED", RateLimited),
			("ITEM_GET_LIMIT", "RATE_LIMIT_EXCEEDED", RateLimited),
			("TRANSACTIONS_SYNC_LIMIT", "RATE_LIMIT_EXCEEDED", RateLimited),
			("TRANSACTIONS_REFRESH_LIMIT", "RATE_LIMIT_EXCEEDED", RateLimited),
			("INSTITUTIONS_GET_LIMIT", "RATE_LIMIT_EXCEEDED", RateLimited),
			("INSTITUTIONS_GET_BY_ID_LIMIT", "RATE_LIMIT_EXCEEDED", RateLimited),
			("ITEM_CONCURRENTLY_DELETED", "ITEM_ERROR", ConsentRevoked),
			("ITEM_NOT_SUPPORTED", "ITEM_ERROR", UnsupportedByInstitution),
			("INVALID_OTP", "ITEM_ERROR", LoginRequired),
			("INVALID_SEND_METHOD", "ITEM_ERROR", LoginRequired),
			("INVALID_PHONE_NUMBER", "ITEM_ERROR", LoginRequired),
			("INVALID_UPDATED_USERNAME", "ITEM_ERROR", LoginRequired),
			("MANUAL_VERIFICATION_REQUIRED", "ITEM_ERROR", LoginRequired),
			("PRODUCT_NOT_ENABLED", "ITEM_ERROR", LoginRequired),
			("USER_INPUT_TIMEOUT", "ITEM_ERROR", LoginRequired),
			("INSTITUTION_NOT_AVAILABLE", "INSTITUTION_ERROR", InstitutionDown),
			("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT", "INSTITUTION_ERROR", ConfigurationError),
			("INSTITUTION_REGISTRATION_REQUIRED", "INSTITUTION_ERROR", ConfigurationError),
			("UNAUTHORIZED_INSTITUTION", "INSTITUTION_ERROR", ConfigurationError),
			("UNSUPPORTED_RESPONSE", "INSTITUTION_ERROR", UnsupportedByInstitution),
			("PLANNED_MAINTENANCE", "API_ERROR", TemporaryError),
			("ADDITIONAL_CONSENT_REQUIRED", "INVALID_INPUT", LoginRequired),
			("INVALID_ACCOUNT_ID", "INVALID_INPUT", NotFound),
			("INVALID_INSTITUTION", "INVALID_INPUT", ConfigurationError),
			("INVALID_PUBLIC_TOKEN", "INVALID_INPUT", LoginRequired),
			("INVALID_LINK_TOKEN", "INVALID_INPUT", LoginRequired),
			("INVALID_WEBHOOK_VERIFICATION_KEY_ID", "INVALID_INPUT", ConfigurationError),
			("UNAUTHORIZED_ROUTE_ACCESS", "INVALID_INPUT", ConfigurationError),
			("USER_PERMISSION_REVOKED", "INVALID_INPUT", ConsentRevoked),
			("RECAPTCHA_REQUIRED", "RECAPTCHA_ERROR", LoginRequired),
			("RECAPTCHA_BAD", "RECAPTCHA_ERROR", LoginRequired),
			("INCORRECT_OAUTH_NONCE", "OAUTH_ERROR", LoginRequired),
			("INCORRECT_LINK_TOKEN", "OAUTH_ERROR", LoginRequired),
			("OAUTH_STATE_ID_ALREADY_PROCESSED", "OAUTH_ERROR", LoginRequired),
			("OAUTH_STATE_ID_NOT_FOUND", "OAUTH_ERROR", LoginRequired),
			("UNKNOWN_FIELDS", "INVALID_REQUEST", ProviderBug),
			("INVALID_BODY", "INVALID_REQUEST", ProviderBug),
			("INVALID_CONFIGURATION", "INVALID_REQUEST", ProviderBug),
			("INCOMPATIBLE_API_VERSION", "INVALID_REQUEST", ProviderBug),
			("SANDBOX_ONLY", "INVALID_REQUEST", ProviderBug),
			("MISSING_FIELDS", "INVALID_REQUEST", ProviderBug),
			("", "", ProviderBug),
		],
	)
	def test_each_code_has_its_reaction(self, code: str, kind: str, expected: type[SyncError]) -> None:
		assert type(failed(code, kind)) is expected

	@pytest.mark.parametrize(
		("reason", "expected"),
		[
			("OAUTH_CONSENT_EXPIRED", ConsentExpired),
			("OAUTH_USER_REVOKED", ConsentRevoked),
			("OAUTH_INVALID_TOKEN", LoginRequired),
		],
	)
	def test_the_reason_says_more_than_the_code(self, reason: str, expected: type[SyncError]) -> None:
		assert type(failed("ITEM_LOGIN_REQUIRED", reason=reason)) is expected

	def test_a_token_of_another_environment(self) -> None:
		message = "provided access token is for the wrong Plaid environment"
		error = failed("INVALID_ACCESS_TOKEN", "INVALID_INPUT", message=message)
		assert type(error) is ConfigurationError
		assert "another Plaid environment" in str(error)

	def test_a_refused_cursor(self) -> None:
		stale = failed("INVALID_FIELD", "INVALID_REQUEST", message="cursor not associated with access_token")
		assert type(stale) is errors.StaleCursor
		assert type(failed("INVALID_FIELD", "INVALID_REQUEST", message="count must be …")) is ProviderBug

	def test_a_limit_names_when_to_go_on(self) -> None:
		error = failed("RATE_LIMIT", "RATE_LIMIT_EXCEEDED")
		assert isinstance(error, RateLimited)
		assert error.until == NOW + timedelta(seconds=60)

	def test_a_limit_of_the_bank_lasts_longer_than_a_minute(self) -> None:
		error = failed("INSTITUTION_RATE_LIMIT", "RATE_LIMIT_EXCEEDED")
		assert isinstance(error, RateLimited)
		assert error.until == NOW + timedelta(hours=1)

	@pytest.mark.parametrize(
		("status", "body", "kind"),
		[
			(
				429,
				b'{"error_type": "RATE_LIMIT_EXCEEDED", "error_code": "ADDITION_LIMIT"}',
				ConfigurationError,
			),
			(
				429,
				b'{"error_type": "RATE_LIMIT_EXCEEDED", "error_code": "INSTITUTION_RATE_LIMIT"}',
				RateLimited,
			),
			(429, b'{"error_type": "RATE_LIMIT_EXCEEDED", "error_code": "ITEM_GET_LIMIT"}', type(None)),
			(429, b"<html>", type(None)),
			(400, b'{"error_type": "RATE_LIMIT_EXCEEDED", "error_code": "ADDITION_LIMIT"}', type(None)),
		],
	)
	def test_only_a_limit_that_a_minute_does_not_end_is_not_tried_again(
		self, status: int, body: bytes, kind: type
	) -> None:
		assert type(errors.lasting_limit(lambda: NOW, Secret("s"), status, {}, body)) is kind

	def test_the_reference_is_for_the_support_and_holds_no_secret(self) -> None:
		error = failed("ITEM_LOCKED", message="for s3cret")
		assert error.reference == "ITEM_LOCKED for … (request r4)"
