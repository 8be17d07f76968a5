"""Institutions, items, accounts and categories of Bridge in the neutral model."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from dokos_banksync.core.errors import ConfigurationError, ConsentRevoked, LoginRequired, TemporaryError
from dokos_banksync.core.model import Category, ConnectionStatus, RemoteAccount, RemoteConnection
from dokos_banksync.core.provider import NOBODY
from dokos_banksync.providers.bridge import BridgeProvider, cursors
from dokos_banksync.providers.bridge.categories import tree
from dokos_banksync.providers.bridge.connections import STATES
from dokos_banksync.providers.parsing import amount, instant
from tests.effort import growth
from tests.providers.conftest import ACCESS
from tests.providers.fake_server import Reply, Script

PROVIDERS = "GET /v3/providers"
ITEM = "GET /v3/aggregation/items/700001"
ACCOUNTS = "GET /v3/aggregation/accounts"

DEMO = {
	"id": 574,
	"name": "Demo Bank",
	"country_code": "FR",
	"group_name": "Démo",
	"images": {"logo": "https://sandbox.example/demo.png"},
	"capabilities": ["aggregation", "single_payment"],
	"health_status": {"aggregation": {"status": "healthy"}},
	"aggregation_metadata": {"release_status": "general_availability"},
	"tags": {"keywords": ["essai"]},
}
BARE = {"id": 7, "name": "Crédit Général"}
NEW = {
	"id": 8,
	"name": "Néo",
	"health_status": {"aggregation": {"status": "unhealthy"}},
	"aggregation_metadata": {"release_status": "beta"},
}
PAYER = {"id": 9, "name": "Payer", "capabilities": ["single_payment"]}


# -- institutions ----------------------------------------------------------------------------------------
@pytest.fixture
def banks(script: Script) -> Script:
	script.routes[PROVIDERS] = Reply(200, {"resources": [DEMO, BARE, NEW, PAYER]})
	return script


def test_an_institution(bridge: BridgeProvider, banks: Script) -> None:
	demo, bare, new = bridge.institutions(country="fr")
	assert (demo.id, demo.name, demo.country, demo.group) == ("574", "Demo Bank", "FR", "Démo")
	assert demo.logo == "https://sandbox.example/demo.png"
	assert [(bank.beta, bank.healthy) for bank in (demo, bare, new)] == [
		(False, True),
		(False, None),
		(True, False),
	]
	asked = banks.requests[0]
	assert asked.query == {"limit": "500", "capabilities": "aggregation", "country_code": "FR"}
	assert "authorization" not in asked.headers


@pytest.mark.parametrize(
	("search", "found"),
	[("CREDIT gen", ["7"]), ("général", ["7"]), ("demo", ["574"]), ("ESSAI bank", ["574"]), ("nothing", [])],
)
def test_search_without_accents_and_case(
	bridge: BridgeProvider, banks: Script, search: str, found: list[str]
) -> None:
	assert [bank.id for bank in bridge.institutions(search)] == found


def test_check_reports_a_sandbox(bridge: BridgeProvider, banks: Script) -> None:
	check = bridge.check()
	assert check.institutions == 3
	assert "sandbox" in check.remarks[0]


def test_check_reports_an_empty_subscription(bridge: BridgeProvider, script: Script) -> None:
	script.routes[PROVIDERS] = Reply(200, {"resources": []})
	assert "no bank" in bridge.check().remarks[0]


@pytest.mark.parametrize(
	("reply", "sentence"),
	[
		(Reply(401, {"code": "invalid_client_credentials"}), "Check the client ID and the client secret"),
		(Reply(403), "dashboard"),
		(Reply(404, b"<html></html>"), "Check the base URL"),
		(Reply(200, b"<html></html>"), "Check the base URL"),
		(Reply(200, {"hello": "world"}), "Check the base URL"),
		(Reply(302, {}, {"Location": "/login"}), "Check the base URL"),
	],
)
def test_check_reports_what_to_correct(
	bridge: BridgeProvider, script: Script, reply: Reply, sentence: str
) -> None:
	script.routes[PROVIDERS] = reply
	with pytest.raises(ConfigurationError, match=sentence):
		bridge.check()


def test_check_without_a_network(make: Callable[..., BridgeProvider]) -> None:
	with pytest.raises(TemporaryError, match="network"):
		make(base_url="http://127.0.0.1:1").check()


# -- items -----------------------------------------------------------------------------------------------
def read_item(bridge: BridgeProvider, script: Script, **fields: object) -> RemoteConnection:
	script.routes[ITEM] = Reply(200, {"id": 700001, "provider_id": 574, "status": 0, **fields})
	return bridge.status(ACCESS)


PAST, COMING = "2026-10-28T11:59:59Z", "2026-11-29T08:30:00.123456Z"


def test_a_fine_item(bridge: BridgeProvider, script: Script) -> None:
	found = read_item(
		bridge,
		script,
		status_code_info="ok",
		authentication_expires_at=COMING,
		last_successful_refresh="2026-10-28T05:12:09.000Z",
	)
	assert found == RemoteConnection(
		"700001",
		"574",
		ConnectionStatus.ACTIVE,
		consent_expires_at=datetime(2026, 11, 29, 8, 30, 0, 123456, timezone.utc),
		last_refresh_at=datetime(2026, 10, 28, 5, 12, 9, tzinfo=timezone.utc),
	)


@pytest.mark.parametrize(
	("status", "info", "expected", "code"),
	[
		(-2, "", "WAITING", "BS-410"),
		(-3, "", "WAITING", "BS-411"),
		(402, "invalid_creds", "ACTION_REQUIRED", "BS-210"),
		(429, "tos_to_validate", "ACTION_REQUIRED", "BS-211"),
		(430, "", "ACTION_REQUIRED", "BS-212"),
		(1003, "cnt_crash", "BANK_UNAVAILABLE", "BS-401"),
		(1005, "otp_not_supported", "NOT_SUPPORTED", "BS-500"),
		(1007, "", "BANK_UNAVAILABLE", "BS-412"),
		(1009, "", "ACTIVE", ""),
		(1010, "otp_required", "ACTION_REQUIRED", "BS-213"),
		(1099, "", "WAITING", "BS-413"),
		(1100, "", "ACTION_REQUIRED", "BS-214"),
		(4242, "news", "ACTION_REQUIRED", "BS-219"),
	],
)
def test_every_status(
	bridge: BridgeProvider, script: Script, status: int, info: str, expected: str, code: str
) -> None:
	found = read_item(
		bridge,
		script,
		status=status,
		status_code_info=info,
		authentication_expires_at=COMING,
		status_code_description="Bridge says so",
	)
	assert (found.status, found.code) == (ConnectionStatus[expected], code)
	assert found.message != "Bridge says so"
	assert bool(found.message) is bool(code)
	assert found.reference == (f"item 700001, {status} {info}".rstrip() if code else "")


def test_codes_are_not_shared() -> None:
	codes = [state.code for state in STATES.values() if state.code]
	assert len(codes) == len(set(codes))


@pytest.mark.parametrize("status", [None, "0", {}])
def test_a_status_that_is_none(bridge: BridgeProvider, script: Script, status: object) -> None:
	assert read_item(bridge, script, status=status).code == "BS-219"


@pytest.mark.parametrize(
	("status", "expires_at", "expired"),
	[
		(0, PAST, True),
		(0, COMING, False),
		(0, None, False),
		(1010, PAST, True),
		(1010, COMING, False),
		(1010, None, False),
		(1003, PAST, True),
		(402, PAST, False),
		(-3, PAST, False),
		(1010, "some day", False),
	],
)
def test_a_consent_that_has_ended(
	bridge: BridgeProvider, script: Script, status: int, expires_at: str | None, expired: bool
) -> None:
	found = read_item(bridge, script, status=status, authentication_expires_at=expires_at)
	assert (found.status is ConnectionStatus.CONSENT_EXPIRED) is expired
	assert (found.code == "BS-201") is expired


def test_another_language_gets_the_words_of_bridge(
	make: Callable[..., BridgeProvider], script: Script
) -> None:
	bridge = make(language="fr")
	fields: dict[str, Any] = {"status": 402, "status_code_description": "Identifiants refusés"}
	assert read_item(bridge, script, **fields).message == "Identifiants refusés"
	assert script.requests[-1].headers["accept-language"] == "fr"
	assert read_item(bridge, script, status=402).message.startswith("The bank refuses")
	expired = read_item(bridge, script, **{**fields, "status": 1010, "authentication_expires_at": PAST})
	assert expired.message.startswith("The consent")


def test_an_item_that_is_gone(bridge: BridgeProvider) -> None:
	with pytest.raises(ConsentRevoked) as caught:
		bridge.status(ACCESS)
	assert caught.value.reference == "item 700001, HTTP 404: not_found"


def test_a_connection_never_made(bridge: BridgeProvider, script: Script) -> None:
	with pytest.raises(LoginRequired):
		bridge.status(NOBODY)
	assert bridge.connections(NOBODY) == []
	assert script.requests == []


# -- accounts --------------------------------------------------------------------------------------------
CHECKING: dict[str, Any] = {
	"id": 48000101,
	"item_id": 700001,
	"name": "Compte courant pro",
	"type": "checking",
	"currency_code": "EUR",
	"balance": 2098.15,
	"accounting_balance": 2150.4,
	"instant_balance": 2098.15,
	"iban": "FR76 9999 9000 0100 0000 0001 764",
	"pro": True,
	"data_access": "enabled",
	"last_refresh_status": "successful",
	"updated_at": "2026-10-28T05:12:08.429Z",
}


def read_accounts(bridge: BridgeProvider, script: Script, *rows: dict[str, Any]) -> list[RemoteAccount]:
	script.routes[ACCOUNTS] = Reply(200, {"resources": list(rows), "pagination": {}})
	return bridge.accounts(ACCESS)


def test_an_account(bridge: BridgeProvider, script: Script) -> None:
	(account,) = read_accounts(bridge, script, CHECKING)
	assert account == RemoteAccount(
		"48000101",
		"Compte courant pro",
		"checking",
		"EUR",
		iban="FR7699999000010000000001764",
		balance=Decimal("2150.4"),
		balance_available=Decimal("2098.15"),
		balance_at=datetime(2026, 10, 28, 5, 12, 8, 429000, timezone.utc),
		details={"pro": "yes"},
	)
	assert script.requests[-1].query == {"limit": "500", "item_id": "700001"}


def test_balances_that_are_missing(bridge: BridgeProvider, script: Script) -> None:
	one, none = read_accounts(
		bridge, script, {"id": 1, "item_id": 700001, "balance": 0}, {"id": 2, "item_id": 700001}
	)
	assert (one.balance, one.balance_available) == (Decimal(0), None)
	assert (none.balance, none.balance_available, none.kind, none.currency) == (None, None, "unknown", "")


def test_a_balance_that_is_none_is_reported(
	bridge: BridgeProvider, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
	caplog.set_level(logging.WARNING)
	(account,) = read_accounts(bridge, script, {**CHECKING, "accounting_balance": "much", "balance": 5})
	assert account.balance == 5
	assert "48000101" in caplog.text


def test_an_account_that_is_not_shared(bridge: BridgeProvider, script: Script) -> None:
	(account,) = read_accounts(bridge, script, {**CHECKING, "data_access": "disabled"})
	assert not account.enabled
	assert (account.iban, account.balance, account.balance_available, account.details) == ("", None, None, {})


def test_a_loan_that_failed(bridge: BridgeProvider, script: Script) -> None:
	loan = {
		"id": 48000103,
		"item_id": 700001,
		"name": "Credit",
		"type": "loan",
		"balance": -81250,
		"last_refresh_status": "failed",
		"loan_details": {"interest_rate": 2.1, "next_payment_date": "2026-11-05", "type": "Pret pro"},
	}
	(account,) = read_accounts(bridge, script, loan)
	assert account.failed
	assert account.balance == -81250
	assert account.details == {
		"loan_interest_rate": "2.1",
		"loan_next_payment_date": "2026-11-05",
		"loan_type": "Pret pro",
	}


def test_accounts_of_other_items_are_left_out(bridge: BridgeProvider, script: Script) -> None:
	assert read_accounts(bridge, script, {**CHECKING, "item_id": 700002}) == []


# -- categories ------------------------------------------------------------------------------------------
NESTED = [
	{"id": 164, "name": "Banque", "categories": [{"id": 79, "name": "Frais"}, {"id": 89, "name": "Prêt"}]},
	{"id": 2, "name": "Entrées", "categories": []},
]
FLAT = [
	{"id": 79, "name": "Frais", "parent_id": 164},
	{"id": 164, "name": "Banque"},
	{"id": 89, "name": "Prêt", "parent": {"id": 164}},
	{"id": 2, "name": "Entrées"},
]
TREE = [
	Category("164", "Banque"),
	Category("79", "Frais", "164"),
	Category("89", "Prêt", "164"),
	Category("2", "Entrées"),
]


@pytest.mark.parametrize("rows", [NESTED, FLAT])
def test_a_tree(rows: list[object]) -> None:
	assert tree(rows) == TREE


def test_a_tree_is_asked_for_in_the_language(make: Callable[..., BridgeProvider], script: Script) -> None:
	script.routes["GET /v3/aggregation/categories"] = Reply(200, {"resources": NESTED})
	assert make(language="fr").categories() == TREE
	assert script.requests[0].headers["accept-language"] == "fr"


def test_an_odd_tree_is_still_a_tree() -> None:
	rows = [
		{"id": 1, "name": "one", "parent_id": 2},
		{"id": 2, "name": "two", "parent_id": 1},
		{"id": 3, "name": "self", "parent_id": 3},
		{"id": 4, "name": "orphan", "parent_id": 99},
		{"id": 4, "name": "again"},
	]
	found = tree(rows)
	seen: set[str] = {""}
	for category in found:
		assert category.parent in seen
		seen.add(category.id)
	assert sorted(category.name for category in found) == ["one", "orphan", "self", "two"]


def flat_chain(size: int) -> list[dict[str, object]]:
	return [{"id": n, "name": str(n), "parent_id": n - 1} for n in range(size, 0, -1)]


def nested_chain(size: int) -> list[dict[str, object]]:
	nested: list[dict[str, object]] = []
	for n in range(size, 0, -1):
		nested = [{"id": n, "name": str(n), "categories": nested}]
	return nested


@pytest.mark.parametrize("chain", [flat_chain, nested_chain])
def test_a_chain_of_categories_is_read_in_linear_effort_however_deep(
	chain: Callable[[int], list[dict[str, object]]],
) -> None:
	assert [(c.id, c.parent) for c in tree(chain(3000))] == [
		(str(n), str(n - 1) if n > 1 else "") for n in range(1, 3001)
	]

	def work(size: int) -> Callable[[], object]:
		rows = chain(size)
		return lambda: tree(rows)

	assert growth(work, 500, times=4) < 5


@pytest.mark.parametrize(
	"moment", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59Z", "1899-12-31T23:59:59Z"]
)
def test_an_instant_that_no_bank_means_is_missing(moment: str) -> None:
	assert instant(moment) is None
	assert cursors.read(json.dumps({"since": moment})) is None


def test_an_exponent_beyond_arithmetic_is_no_amount() -> None:
	assert [amount(Decimal(text)) for text in ("1e9999999", "-1e9999999", "1e-9999999")] == [None] * 3
