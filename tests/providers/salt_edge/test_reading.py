"""Salt Edge's objects, written by hand after its documents, as the neutral model."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	DuplicateConnection,
	InstitutionDown,
	LoginRequired,
	NotFound,
	ProviderBug,
	RateLimited,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.model import Category, Line, LineState
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.salt_edge import accounts, categories, errors, lines

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)
COFFEE = """{"id":"1688015189000000001","account_id":"1688015187929471975","status":"posted","mode":"normal",
 "made_on":"2026-11-18","amount":-12.5,"currency_code":"EUR","description":"CAFE DE LA PAIX",
 "category":"cafes_and_restaurants","duplicated":false,"created_at":"2026-11-19T05:00:00Z",
 "updated_at":"2026-11-19T05:00:00Z","extra":{"payee":"Café de la Paix","posting_date":"2026-11-19","type":"card"}}"""
ACCOUNT = """{"id":"1688015187929471975","connection_id":"1","name":"FR7630006000011234567890189","nature":"account",
 "balance":2007.9,"currency_code":"EUR","extra":{"iban":"FR76 3000 6000 0112 3456 7890 189","account_name":"Compte pro",
 "available_amount":1900,"status":"active","updated_on_last_attempt":true,"holder_name":"ALEX"},
 "created_at":"2026-11-14T18:04:48Z","updated_at":"2026-11-14T18:04:48Z"}"""


def row(**changes: Any) -> dict[str, Any]:
	return {**rawjson.loads(COFFEE), **changes}


def line(**changes: Any) -> Line:
	found = lines.line(row(**changes), "")
	assert isinstance(found, Line)
	return found


class TestTransactions:
	def test_a_booked_row(self) -> None:
		assert lines.line(row(), COFFEE) == Line(
			remote_account="1688015187929471975",
			remote_id="1688015189000000001",
			date=date(2026, 11, 19),
			amount=Decimal("-12.5"),
			currency="EUR",
			description="CAFE DE LA PAIX",
			original="CAFE DE LA PAIX",
			transaction_date=date(2026, 11, 18),
			category="cafes_and_restaurants",
			kind="card",
			party_name="Café de la Paix",
			updated_at=datetime(2026, 11, 19, 5, 0, tzinfo=timezone.utc),
			raw=COFFEE,
		)

	def test_without_a_booking_day_the_day_it_was_made_counts(self) -> None:
		assert line(extra={}).date == date(2026, 11, 18)
		assert line(extra=None).kind == "normal"

	def test_states(self) -> None:
		assert line(status="pending").state is LineState.PENDING
		assert line(duplicated=True).state is LineState.REMOVED
		assert line().state is LineState.BOOKED

	def test_ids_may_be_numbers_or_under_another_name(self) -> None:
		assert line(id=1688015189000000001).remote_id == "1688015189000000001"
		assert line(id=None, transaction_id="7").remote_id == "7"

	def test_the_other_party(self) -> None:
		extra = {
			"payee": "NOUS", "payer": "SARL OPALINE", "payer_information": {"iban": "FR76 1"}, "end_to_end_id": "E2E",
		}  # fmt: skip
		incoming = line(amount=3, extra=extra)
		assert (incoming.party_name, incoming.party_iban, incoming.reference) == (
			"SARL OPALINE",
			"FR761",
			"E2E",
		)
		assert line(extra=extra).party_name == "NOUS"

	def test_a_row_without_a_text_still_says_something(self) -> None:
		assert line(description="").original == "Café de la Paix"
		assert line(description=None, extra={"additional": "PLUS"}).description == "PLUS"
		assert line(description="", extra={}).description == "1688015189000000001"

	def test_no_category(self) -> None:
		assert line(category="uncategorized").category == ""

	@pytest.mark.parametrize(
		("value", "reason"),
		[
			([], "not a transaction"),
			(row(id=None), "no id"),
			(row(account_id=None), "no account"),
			(row(amount="12"), "no amount"),
			(row(made_on=None, extra={}), "no date"),
			(row(currency_code=""), "no currency"),
		],
	)
	def test_what_cannot_be_read_has_a_reason(self, value: object, reason: str) -> None:
		found = lines.line(value, "")
		assert isinstance(found, str)
		assert reason in found


class TestAccounts:
	def test_an_account(self) -> None:
		found = accounts.read(rawjson.loads(ACCOUNT))
		assert (found.remote_id, found.account_name, found.kind) == (
			"1688015187929471975",
			"Compte pro",
			"checking",
		)
		assert (found.iban, found.currency) == ("FR7630006000011234567890189", "EUR")
		assert (found.balance, found.balance_available) == (Decimal("2007.9"), Decimal(1900))
		assert found.balance_at == datetime(2026, 11, 14, 18, 4, 48, tzinfo=timezone.utc)
		assert (found.enabled, found.failed) == (True, False)

	def test_a_card_owes(self) -> None:
		extra = {
			"credit_limit": 5000,
			"available_amount": Decimal("4588.5"),
			"updated_on_last_attempt": False,
		}
		given = {
			**rawjson.loads(ACCOUNT),
			"nature": "credit_card",
			"balance": Decimal("-400.25"),
			"extra": extra,
		}
		found = accounts.read(given)
		assert (found.kind, found.balance, found.balance_available) == (
			"card",
			Decimal("-400.25"),
			Decimal("-411.5"),
		)
		assert found.failed
		assert found.account_name == "FR7630006000011234567890189"

	def test_a_missing_balance_is_none(self) -> None:
		found = accounts.read({"id": 7, "balance": None})
		assert (found.remote_id, found.balance, found.balance_available, found.kind) == (
			"7",
			None,
			None,
			"unknown",
		)

	def test_an_account_without_an_id(self) -> None:
		with pytest.raises(ProviderBug):
			accounts.read({"name": "x"})


class TestCategories:
	def test_each_code_comes_once_under_its_first_group(self) -> None:
		data = {
			"personal": {"home": ["rent", "mortgage"], "transfer": [], "uncategorized": []},
			"business": {"office": ["rent", "phone"], "transfer": []},
		}
		assert categories.tree(data) == [
			Category("office", "Office"),
			Category("transfer", "Transfer"),
			Category("home", "Home"),
			Category("rent", "Rent", "office"),
			Category("phone", "Phone", "office"),
			Category("mortgage", "Mortgage", "home"),
		]

	def test_other_shapes_are_not_in_the_way(self) -> None:
		assert categories.tree({"home": ["rent"]}) == [
			Category("home", "Home"),
			Category("rent", "Rent", "home"),
		]
		assert categories.tree(None) == []


def failed(name: str, **extra: Any) -> SyncError:
	body = {"error": {"class": name, "message": "m s3cret", "documentation_url": "u"}, "request": {}, **extra}
	return errors.error(errors.read(body, 400), NOW, [Secret("s3cret")])


class TestErrors:
	@pytest.mark.parametrize(
		("names", "expected"),
		[
			(
				"ApiKeyNotFound SignatureNotMatch MissingSignature RequestExpired ExpiresAtInvalid",
				ConfigurationError,
			),
			(
				"ClientDisabled ProviderDisabled ConnectionLimitReached DateOutOfAispConsentRange",
				ConfigurationError,
			),
			(
				"InvalidCredentials InteractiveTimeout ProviderAccessNotGranted CredentialsNotMatch",
				LoginRequired,
			),
			("AispConsentExpired PartnerConsentExpired ConsentExpired", ConsentExpired),
			(
				"AispConsentRevoked AispConsentAlreadyRevoked AispConsentNotFound ConnectionNotFound",
				ConsentRevoked,
			),
			("RateLimitExceeded TooManyRequests BackgroundFetchLimitExceeded", RateLimited),
			("ConnectionAlreadyProcessing", errors.Processing),
			("ConnectionCannotBeRefreshed", errors.CannotRefresh),
			(
				"ProviderUnavailable ProviderError ConnectionFailed FetchingTimeout ExecutionTimeout",
				InstitutionDown,
			),
			("InternalServerError", TemporaryError),
			("ConnectionDuplicated ConnectionAlreadyAuthorized DuplicatedCustomer", DuplicateConnection),
			("ProviderNotFound", NotFound),
			("WrongRequestFormat SomethingNew", ProviderBug),
		],
	)
	def test_each_class_has_its_reaction(self, names: str, expected: type[SyncError]) -> None:
		assert {type(failed(name)) for name in names.split()} == {expected}

	def test_the_clock_of_this_server(self) -> None:
		assert "clock" in str(failed("RequestExpired"))

	def test_when_a_background_refresh_is_possible_again(self) -> None:
		known = failed("BackgroundFetchLimitExceeded", next_refresh_possible_at="2026-11-16T21:00:00Z")
		assert isinstance(known, RateLimited)
		assert known.until == datetime(2026, 11, 16, 21, 0, tzinfo=timezone.utc)
		unknown = failed("BackgroundFetchLimitExceeded")
		assert isinstance(unknown, RateLimited)
		assert unknown.until == NOW + timedelta(hours=6)

	def test_the_reference_holds_no_secret(self) -> None:
		assert failed("ClientDisabled").reference == "ClientDisabled m …"

	@pytest.mark.parametrize(
		("data", "status", "expected", "word"),
		[
			(None, 403, ConfigurationError, "firewall"),
			(None, 404, ConfigurationError, "base URL"),
			({"error": "something"}, 400, ProviderBug, "something"),
			("bare text", 400, ProviderBug, "bare text"),
			({"error_class": "ClientDisabled", "error_message": "m"}, 400, ConfigurationError, "restricted"),
		],
	)
	def test_errors_of_other_shapes(
		self, data: object, status: int, expected: type[SyncError], word: str
	) -> None:
		error = errors.error(errors.read(data, status), NOW)
		assert type(error) is expected
		assert word in str(error)

	def test_the_class_of_an_attempt(self) -> None:
		assert isinstance(errors.of_class("InvalidCredentials", "m", NOW), LoginRequired)
