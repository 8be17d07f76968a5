"""Errors, states, cursors, rows and signatures, each alone."""

from __future__ import annotations

import json
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
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import ConnectionStatus, Line, LineState
from dokos_banksync.core.provider import Secret, Subscription, WebhookRequest
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.powens import (
	PowensProvider,
	categories,
	connections,
	cursors,
	errors,
	rows,
	webhooks,
)
from dokos_banksync.providers.powens.accounts import Account
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)
CURRENT = Account("7", "checking", "EUR", shared=True)


@pytest.mark.parametrize(
	("status", "code", "kind"),
	[
		(400, "wrongpass", LoginRequired),
		(400, "wrongPass", LoginRequired),
		(409, "noAccount", LoginRequired),
		(409, "conflict", DuplicateConnection),
		(409, "connectionLocked", TemporaryError),
		(429, "tooManySync", RateLimited),
		(400, "websiteUnavailable", InstitutionDown),
		(400, "bankMessage", LoginRequired),
		(400, "actionNeeded", LoginRequired),
		(500, "bug", TemporaryError),
		(400, "notSupported", UnsupportedByInstitution),
		(400, "config", ConfigurationError),
		(400, "keymanager", ConfigurationError),
		(403, "forbidden", ConfigurationError),
		(400, "dataError", ProviderBug),
		(400, "missingParameter", ProviderBug),
		(400, "invalidValue", ProviderBug),
		(405, "methodNotAllowed", ProviderBug),
		(401, "unauthorized", ConsentRevoked),
		(403, "", ConsentRevoked),
		(404, "", NotFound),
		(418, "somethingNew", ProviderBug),
	],
)
def test_each_error_names_its_reaction(status: int, code: str, kind: type[SyncError]) -> None:
	found = errors.error(Answer(status, {}, {"code": code, "description": "why"}), NOW)
	assert type(found) is kind
	assert found.reference.startswith(f"HTTP {status}")


def test_the_reference_names_the_request_and_hides_the_key() -> None:
	body = {"code": "config", "description": "key-91ab is wrong", "request_id": 17}
	said = errors.reference(Answer(400, {}, body), [Secret("key-91ab")])
	assert said == "HTTP 400: config; … is wrong; request 17"


def row(**changes: Any) -> dict[str, Any]:
	source = {"disabled": None, "access_expire": "2027-02-01 10:00:00"}
	return {
		"id": 12, "connector_uuid": "u-1", "state": None, "last_update": "2026-11-20 04:00:00", "sources": [source],
		"expire": "2026-11-20 05:00:00", **changes,
	}  # fmt: skip


@pytest.mark.parametrize(
	("state", "status", "code"),
	[
		(None, ConnectionStatus.ACTIVE, ""),
		("SCARequired", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("webauthRequired", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("additionalInformationNeeded", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("decoupled", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("actionNeeded", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("passwordExpired", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("wrongpass", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("validating", ConnectionStatus.BANK_UNAVAILABLE, "BS-400"),
		("rateLimiting", ConnectionStatus.ACTIVE, ""),
		("websiteUnavailable", ConnectionStatus.BANK_UNAVAILABLE, "BS-401"),
		("bug", ConnectionStatus.BANK_UNAVAILABLE, "BS-400"),
		("notSupported", ConnectionStatus.NOT_SUPPORTED, "BS-500"),
		("somethingNew", ConnectionStatus.ERROR, "BS-700"),
	],
)
def test_each_state_asks_for_its_step(state: str | None, status: ConnectionStatus, code: str) -> None:
	found = connections.connection(row(state=state), NOW)
	assert (found.status, found.code) == (status, code)
	assert bool(found.message) == bool(code)
	assert (found.reference == f"connection 12, {state}") == bool(code)


def test_the_bank_s_own_message_is_shown() -> None:
	found = connections.connection(row(state="actionNeeded", error_message="Signez les CGU."), NOW)
	assert found.message == "The bank asks for something: Signez les CGU. Reconnect the bank."


def test_the_consent_ends_with_the_first_enabled_source() -> None:
	sources = [
		{"disabled": None, "access_expire": "2027-02-01 10:00:00"},
		{"disabled": None, "access_expire": "2027-01-15 10:00:00"},
		{"disabled": "2026-10-01 00:00:00", "access_expire": "2026-12-01 10:00:00"},
		{"disabled": None, "access_expire": None},
	]
	found = connections.connection(row(sources=sources), NOW)
	assert found.consent_expires_at == datetime(2027, 1, 15, 10, tzinfo=timezone.utc)
	assert connections.connection(row(sources=[]), NOW).consent_expires_at is None


@pytest.mark.parametrize("state", [None, "SCARequired", "webauthRequired"])
def test_a_consent_that_has_ended(state: str | None) -> None:
	ended = row(state=state, sources=[{"access_expire": "2026-11-20 08:59:59"}])
	found = connections.connection(ended, NOW)
	assert (found.status, found.code) == (ConnectionStatus.CONSENT_EXPIRED, ConsentExpired.code)


def test_a_wrong_password_outweighs_the_end_of_the_consent() -> None:
	ended = row(state="wrongpass", sources=[{"access_expire": "2026-11-20 08:59:59"}])
	assert connections.connection(ended, NOW).status is ConnectionStatus.ACTION_REQUIRED


def test_a_bank_that_is_being_read_for_the_first_time() -> None:
	found = connections.connection(row(last_update=None), NOW)
	assert (found.status, found.code) == (ConnectionStatus.WAITING, "BS-410")


def test_a_limit_lasts_until_the_next_attempt() -> None:
	later = NOW + timedelta(hours=3)
	found = errors.of_state("rateLimiting", "", NOW, later)
	assert isinstance(found, RateLimited)
	assert found.until == later
	past = errors.of_state("rateLimiting", "", NOW, NOW - timedelta(hours=3))
	assert isinstance(past, RateLimited)
	assert past.until == NOW + timedelta(hours=1)


# -- cursors --------------------------------------------------------------------------------------------
def test_a_cursor_asks_from_a_day_before_the_newest_row() -> None:
	cursor = cursors.Cursor("2026-11-18 05:00:00", summary=True)
	assert cursors.read(cursor.written()) == cursor
	assert cursor.since() == "2026-11-17 05:00:00"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seen": 5}', '{"seen": "never"}'])
def test_a_cursor_that_cannot_be_read_starts_anew(text: str) -> None:
	assert cursors.read(text) == cursors.Cursor()
	assert cursors.Cursor().written() == ""


def test_the_newest_of_two_instants() -> None:
	assert cursors.newest("", "2026-11-18 05:00:00") == "2026-11-18 05:00:00"
	assert cursors.newest("2026-11-18 05:00:00", "2026-11-17 23:00:00") == "2026-11-18 05:00:00"
	assert cursors.newest("2026-11-18 05:00:00", "soon") == "2026-11-18 05:00:00"


# -- rows -----------------------------------------------------------------------------------------------
def read(account: Account = CURRENT, **changes: object) -> Line | str:
	given = {
		"id": 101, "id_account": 7, "date": "2026-11-18", "rdate": "2026-11-17", "value": Decimal("-12.50"),
		"original_wording": "CB  CAFE DE LA PAIX", "wording": "Café de la Paix", "type": "card", "coming": False,
		"deleted": None, "last_update": "2026-11-19 05:00:00", **changes,
	}  # fmt: skip
	lines, rejected = rows.read([(given, "raw")], account, date(2026, 11, 20))
	return lines[0] if lines else rejected[0].reason


def line(**changes: object) -> Line:
	found = read(**changes)  # type: ignore[arg-type]
	assert isinstance(found, Line)
	return found


def test_a_booked_row() -> None:
	found = line()
	assert (found.remote_id, found.date, found.amount, found.currency) == (
		"101",
		date(2026, 11, 18),
		Decimal("-12.50"),
		"EUR",
	)
	assert (found.description, found.original) == ("Café de la Paix", "CB CAFE DE LA PAIX")
	assert (found.state, found.kind, found.transaction_date) == (LineState.BOOKED, "card", date(2026, 11, 17))
	assert found.updated_at == datetime(2026, 11, 19, 5, tzinfo=timezone.utc)


def test_states_of_rows() -> None:
	assert line(coming=True).state is LineState.PENDING
	assert line(coming=True, date=None).date == date(2026, 11, 17)
	gone = line(deleted="2026-11-19 05:00:00", coming=True, value=None, date=None, rdate=None)
	assert (gone.state, gone.amount, gone.date) == (LineState.REMOVED, Decimal(0), date(2026, 11, 19))


def test_the_party_and_its_iban() -> None:
	party = {
		"label": "Fournisseur",
		"account_scheme_name": "iban",
		"account_identification": "FR76 3000 6000 0112 3456 7890 189",
	}
	found = line(counterparty=party)
	assert (found.party_name, found.party_iban) == ("Fournisseur", "FR7630006000011234567890189")
	assert line(counterparty={**party, "account_scheme_name": "bban"}).party_iban == ""


@pytest.mark.parametrize(
	("changes", "why"),
	[
		({"value": None}, "no amount"),
		({"value": "12"}, "no amount"),
		({"date": None}, "no date"),
		({"id": None}, "no id"),
	],
)
def test_a_row_that_cannot_be_read_is_rejected_with_its_reason(changes: dict[str, object], why: str) -> None:
	found = read(**changes)  # type: ignore[arg-type]
	assert isinstance(found, str)
	assert why in found


def test_an_account_without_a_currency_takes_no_row() -> None:
	found = read(Account("7", "checking", "", shared=True))
	assert found == "The transaction has no currency."


def test_categories_by_group_and_code() -> None:
	given = [{"code": "others", "parent_code": "others"}]
	assert categories.category_id(given) == "others/others"
	assert categories.category_id(None) == categories.category_id([]) == ""
	assert "others/others" in {one.id for one in categories.tree("en")}


def test_categories_in_the_language_of_the_subscription() -> None:
	names = {
		language: {one.id: one.name for one in categories.tree(language)} for language in ("en", "fr", "de")
	}
	assert names["fr"]["bank_insurances/banking_fees"] == "Frais bancaires"
	assert names["en"]["bank_insurances/banking_fees"] == "Banking fees"
	assert names["de"] == names["en"]
	assert names["fr"].keys() == names["en"].keys()


# -- webhooks -------------------------------------------------------------------------------------------
SECRET = Secret("whk-2356")
BODY = b'{"id_webhook_data": 9, "user": {"id": 5}, "connection": {"id": 12, "id_user": 5}}'
DATE = "2026-11-20T08:59:58.577831Z"
CODE = "QBim9W/5wRSO8GDXYnV8iSy33muSUkPdyrgILsHzhHk="


def call(**changes: Any) -> WebhookRequest:
	given = {"headers": {"BI-Signature-Date": DATE, "BI-Signature": CODE}, "body": BODY, **changes}
	return WebhookRequest(
		given["headers"], given["body"], given.get("url", "https://books.example/v1/webhook-listener")
	)


def test_a_signature_that_was_made_elsewhere() -> None:
	"""The expected value is of openssl: printf 'POST.PATH.DATE.BODY' | openssl dgst -sha256 -hmac KEY -binary | base64"""
	assert webhooks.verify(call(), [Secret("old"), SECRET], NOW).minute == 59


@pytest.mark.parametrize(
	"changes",
	[
		{"body": BODY + b" "},
		{"url": "https://books.example/v1/other"},
		{"headers": {"BI-Signature": CODE}},
		{"headers": {"BI-Signature-Date": DATE}},
		{"headers": {"BI-Signature-Date": "2026-11-20T08:59:59Z", "BI-Signature": CODE}},
	],
)
def test_a_call_that_was_changed_is_refused(changes: dict[str, Any]) -> None:
	with pytest.raises(ConfigurationError, match="no signature"):
		webhooks.verify(call(**changes), [SECRET], NOW)


def test_a_call_that_is_too_old_is_refused() -> None:
	with pytest.raises(ConfigurationError, match="too old"):
		webhooks.verify(call(), [SECRET], NOW + timedelta(days=2))


def test_without_a_secret_no_call_is_believed() -> None:
	with pytest.raises(ConfigurationError, match="HMAC"):
		webhooks.verify(call(), [], NOW)


@pytest.mark.parametrize(
	("body", "kind", "ids"),
	[
		({"user": {"id": 5}, "connection": {"id": 12}}, "connection.refreshed", ("5", "12", "")),
		({"id": 7, "id_user": 5, "id_connection": 12, "disabled": None}, "account.updated", ("5", "12", "7")),
		({"id": 12, "id_user": 5, "connector_uuid": "u-1"}, "connection.removed", ("5", "12", "")),
	],
)
def test_what_a_webhook_is_about(body: dict[str, Any], kind: str, ids: tuple[str, str, str]) -> None:
	(event,) = webhooks.events(json.dumps(body).encode(), NOW)
	assert (event.kind, event.at) == (kind, NOW)
	assert (event.remote_user, event.remote_id, event.remote_account) == ids


def test_webhooks_that_say_nothing() -> None:
	assert webhooks.events(b'{"id": 5, "signin": "2026-11-20 08:00:00"}', NOW) == []
	with pytest.raises(ProviderBug):
		webhooks.events(b"<html>", NOW)


# -- the subscription -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
	"domain", ["acme-sandbox", "ACME-sandbox.biapi.pro", "https://acme-sandbox.biapi.pro/2.0/"]
)
def test_a_domain_in_each_form(domain: str) -> None:
	made = provider(domain)
	assert made._base_url == "https://acme-sandbox.biapi.pro/2.0"
	assert made._webview.url("connect", {"code": "a b"}) == (
		"https://webview.powens.com/fr/connect?domain=acme-sandbox.biapi.pro&code=a+b"
	)


@pytest.mark.parametrize("domain", ["", "acme.example.com", "a b", "acme_x"])
def test_a_domain_that_is_none(domain: str) -> None:
	with pytest.raises(ConfigurationError, match="acme-sandbox"):
		provider(domain)


def provider(domain: str) -> PowensProvider:
	texts = {"domain": domain, "client_id": "1"}
	keys = Subscription("P", texts, {"client_secret": Secret("s")}, language="fr")
	return PowensProvider(keys, ProcessSecretStore(lambda: NOW), ProcessRateLimitStore(), lambda: NOW)
