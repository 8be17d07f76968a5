"""Salt Edge's keys, signatures, customers, widget, consents and refreshes, seen from a client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from dokos_banksync.sandbox.salt_edge.keys import public_pem, sign
from dokos_banksync.sandbox.salt_edge.model import APP_ID, SECRET, Client, Settings
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.windows import Windows
from dokos_banksync.sandbox.world import World
from tests.sandbox.salt_edge.client import AGENT, BACK, SaltClient

AT_ONCE = Settings(stage_time=timedelta(0))
SCOPES = {"scopes": ["accounts", "transactions"]}


def served(*clients: Client, settings: Settings = AT_ONCE, **values: Any) -> SandboxServer:
	return SandboxServer(
		World(seed=3, years=0.2),
		salt_edge=lambda world: SaltEdge(world, clients or None, settings, **values),
	)


@pytest.fixture
def bank() -> Iterator[SandboxServer]:
	with served() as server:
		yield server


@pytest.fixture
def salt(bank: SandboxServer) -> SaltClient:
	return SaltClient(bank.salt_edge_url)


@pytest.fixture
def customer(salt: SaltClient) -> str:
	return salt.customer()


def simulate(bank: SandboxServer, what: str, **values: Any) -> Any:
	return bank.app.faces["salt-edge"].simulations[what](**values)


@pytest.mark.parametrize(
	("headers", "refused"),
	[
		({}, (400, "AppIdNotProvided")),
		({"App-id": APP_ID}, (400, "SecretNotProvided")),
		({"App-id": APP_ID, "Secret": "wrong"}, (404, "ApiKeyNotFound")),
	],
)
def test_keys(bank: SandboxServer, headers: dict[str, str], refused: tuple[int, str]) -> None:
	answer = requests.get(f"{bank.salt_edge_url}/countries", headers={**AGENT, **headers}, timeout=60)
	assert (answer.status_code, answer.json()["error"]["class"]) == refused


def test_the_firewall_and_wrong_paths_answer_html(bank: SandboxServer, salt: SaltClient) -> None:
	keys = {"App-id": APP_ID, "Secret": SECRET}
	blocked = requests.get(f"{bank.salt_edge_url}/countries", headers=keys, timeout=60)
	assert (blocked.status_code, blocked.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
	for path in ("/accounts/1", "/connect_sessions/create", "/nothing"):
		lost = salt.send("GET", path)
		assert (lost.status_code, lost.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


class TestSignedRequests:
	key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

	@pytest.fixture
	def bank(self) -> Iterator[SandboxServer]:
		with served(Client(public_key=public_pem(self.key))) as server:
			yield server

	def headers(self, bank: SandboxServer, url: str, seconds: float = 60, body: str = "") -> dict[str, str]:
		expires = str(int(bank.world.clock.now().timestamp() + seconds))
		method = "POST" if body else "GET"
		signature = sign(self.key, f"{expires}|{method}|{url}|{body}".encode())
		return {"App-id": APP_ID, "Secret": SECRET, "Expires-at": expires, "Signature": signature, **AGENT}

	def test_the_very_url_and_body_are_signed(self, bank: SandboxServer) -> None:
		url = f"{bank.salt_edge_url}/providers?country_code=FR&per_page=5"
		assert requests.get(url, headers=self.headers(bank, url), timeout=60).status_code == 200
		other = requests.get(f"{url}0", headers=self.headers(bank, url), timeout=60).json()
		assert other["error"]["class"] == "SignatureNotMatch"
		url, body = f"{bank.salt_edge_url}/customers", '{"data": {"identifier": "é"}}'
		made = requests.post(url, data=body.encode(), headers=self.headers(bank, url, body=body), timeout=60)
		assert made.status_code == 200
		spaced = requests.post(
			url, data=f"{body} ".encode(), headers=self.headers(bank, url, body=body), timeout=60
		)
		assert spaced.json()["error"]["class"] == "SignatureNotMatch"

	@pytest.mark.parametrize(("seconds", "name"), [(-1, "RequestExpired"), (3601, "ExpiresAtInvalid")])
	def test_the_time_of_a_signature(self, bank: SandboxServer, seconds: float, name: str) -> None:
		url = f"{bank.salt_edge_url}/countries"
		answer = requests.get(url, headers=self.headers(bank, url, seconds), timeout=60)
		assert answer.json()["error"]["class"] == name

	@pytest.mark.parametrize(
		("left_out", "name"), [("Expires-at", "MissingExpiresAt"), ("Signature", "MissingSignature")]
	)
	def test_what_is_missing(self, bank: SandboxServer, left_out: str, name: str) -> None:
		url = f"{bank.salt_edge_url}/countries"
		headers = self.headers(bank, url)
		del headers[left_out]
		assert requests.get(url, headers=headers, timeout=60).json()["error"]["class"] == name


def test_customers(salt: SaltClient, customer: str) -> None:
	assert len(customer) == 19
	assert salt.refused("POST", "/customers", {"identifier": "u1"}) == (409, "DuplicatedCustomer")
	assert salt.get(f"/customers/{customer}")["data"]["identifier"] == "u1"
	second = salt.customer("u2")
	assert [one["customer_id"] for one in salt.rows("/customers", per_page=1)] == [customer, second]
	salt.send("DELETE", f"/customers/{customer}")
	assert salt.refused("GET", f"/customers/{customer}") == (404, "CustomerNotFound")


def test_the_id_of_a_customer_may_be_elsewhere() -> None:
	with served(settings=Settings(customer_key="id", integer_customer_ids=True)) as bank:
		salt = SaltClient(bank.salt_edge_url)
		made = salt.post("/customers", {"identifier": "u1"})
		assert "customer_id" not in made
		asked = salt.asked(made["id"])
		assert salt.refused("POST", "/connections/connect", asked) == (400, "WrongRequestFormat")
		assert salt.post("/connections/connect", {**asked, "customer_id": int(made["id"])})["connect_url"]


def test_providers(salt: SaltClient) -> None:
	french = salt.rows("/providers", country_code="FR", per_page=3)
	assert {one["country_code"] for one in french} == {"FR"}
	assert "credit_lavandiere_fr" in {one["code"] for one in french}
	assert "XF" not in {one["country_code"] for one in salt.rows("/providers")}
	(fake,) = salt.rows("/providers", country_code="XF", include_sandboxes="true")
	assert (fake["code"], fake["refresh_timeout"]) == ("fakebank_simple_xf", 60)
	assert salt.get("/providers/fakebank_simple_xf")["data"] == fake
	assert salt.refused("GET", "/providers/nothing") == (404, "ProviderNotFound")
	down = salt.get("/providers/banque_des_trois_rivieres_fr")["data"]
	assert down["status"] == "inactive"


def test_a_user_connects(bank: SandboxServer, salt: SaltClient, customer: str) -> None:
	back = salt.give_consent("/connections/connect", salt.asked(customer))
	found = salt.get(f"/connections/{back['connection_id']}")["data"]
	assert (found["status"], found["provider_code"], found["customer_id"]) == (
		"active",
		"fakebank_simple_xf",
		customer,
	)
	attempt = found["last_attempt"]
	assert (attempt["finished"], attempt["last_stage"]["name"]) == (True, "finish")
	assert attempt["custom_fields"] == {"c": "42"}
	assert salt.rows("/connections", customer_id=customer) == [found]
	assert found["next_refresh_possible_at"] == "2026-11-16T09:00:00Z"


def test_the_return_address_shows_nothing_unless_asked(salt: SaltClient, customer: str) -> None:
	asked = salt.asked(customer)
	del asked["return_connection_id"]
	assert salt.give_consent("/connections/connect", asked) == {}


def test_data_come_stage_by_stage() -> None:
	with served(settings=Settings(stage_time=timedelta(seconds=2))) as bank:
		salt = SaltClient(bank.salt_edge_url)
		connection = salt.connect(salt.customer())
		busy = salt.refused("POST", f"/connections/{connection}/refresh", {})
		assert busy == (409, "ConnectionAlreadyProcessing")
		seen = []
		for _ in range(10):
			found = salt.get(f"/connections/{connection}")["data"]["last_attempt"]
			accounts = salt.rows("/accounts", connection_id=connection)
			rows = salt.rows("/transactions", connection_id=connection, per_page=1000)
			seen.append((found["last_stage"]["name"], found["finished"], len(accounts), bool(rows)))
			bank.world.clock.advance(timedelta(seconds=2))
		assert seen[0] == ("start", False, 0, False)
		assert seen[4] == ("fetch_accounts", False, 12, False)
		assert seen[5] == ("fetch_recent", False, 12, True)
		assert seen[8] == ("finish", True, 12, True)


@pytest.mark.parametrize(
	("change", "refused"),
	[
		({"customer_id": "1"}, (404, "CustomerNotFound")),
		({"consent": {}}, (400, "WrongRequestFormat")),
		({"consent": {"scopes": ["account_details"]}}, (400, "WrongRequestFormat")),
		({"consent": {**SCOPES, "period_days": 181}}, (400, "InvalidAispConsentPeriod")),
		({"consent": {**SCOPES, "from_date": "2026-11-17"}}, (400, "InvalidAispConsentFromDate")),
		({"attempt": {"fetch_scopes": ["holder_info"]}}, (400, "FetchScopesNotAllowed")),
		({"attempt": {"fetch_from_date": "2024-11-15"}}, (400, "DateOutOfAispConsentRange")),
		({"attempt": {"unduplication_strategy": "none"}}, (400, "WrongRequestFormat")),
		({"provider": {"code": "nothing"}}, (404, "ProviderNotFound")),
	],
)
def test_a_wrong_request_is_refused(
	salt: SaltClient, customer: str, change: dict[str, Any], refused: tuple[int, str]
) -> None:
	assert salt.refused("POST", "/connections/connect", {**salt.asked(customer), **change}) == refused


def test_a_pending_client_has_fake_banks_only() -> None:
	with served(Client(state="pending", connection_limit=1)) as bank:
		salt = SaltClient(bank.salt_edge_url)
		customer = salt.customer()
		asked = {**salt.asked(customer), "provider": {"code": "banque_aurore_fr"}}
		assert salt.refused("POST", "/connections/connect", asked) == (406, "ProviderDisabled")
		salt.connect(customer)
		again = salt.refused("POST", "/connections/connect", salt.asked(customer))
		assert again == (406, "ConnectionLimitReached")


def test_disabled_clients() -> None:
	with served(Client(state="disabled")) as bank:
		assert SaltClient(bank.salt_edge_url).refused("GET", "/countries") == (406, "ClientDisabled")


def test_the_same_login_twice_is_a_duplicate(salt: SaltClient, customer: str) -> None:
	salt.connect(customer)
	again = salt.give_consent("/connections/connect", salt.asked(customer))
	assert again["error_class"] == "ConnectionDuplicated"
	assert "connection_id" not in again
	assert salt.connect(customer, Customer(login="another"))
	assert salt.connect(salt.customer("u2"))


def test_a_user_who_gives_up_or_fails(salt: SaltClient, customer: str) -> None:
	address = salt.post("/connections/connect", salt.asked(customer))["connect_url"]
	assert "error_class=ProviderAccessNotGranted" in Customer().cancel(address)
	assert requests.get(address, timeout=60).status_code == 410
	wrong = salt.give_consent(
		"/connections/connect", salt.asked(customer), Customer(login="InvalidCredentials")
	)
	assert wrong == {"error_class": "InvalidCredentials", "error_message": "InvalidCredentials occurred."}
	assert salt.rows("/connections", customer_id=customer) == []


def test_the_widget_closes_after_an_hour(bank: SandboxServer, salt: SaltClient, customer: str) -> None:
	address = salt.post("/connections/connect", salt.asked(customer))["connect_url"]
	bank.world.clock.advance(timedelta(hours=1))
	assert requests.get(address, timeout=60).status_code == 410


def test_reconnect_gives_a_new_consent_and_keeps_the_ids(
	bank: SandboxServer, salt: SaltClient, customer: str
) -> None:
	connection = salt.connect(customer)
	accounts = [one["id"] for one in salt.rows("/accounts", connection_id=connection)]
	simulate(bank, "expire_consent", connection_id=connection)
	assert salt.get(f"/connections/{connection}")["data"]["status"] == "inactive"
	assert salt.rows("/transactions", connection_id=connection, per_page=1000), "old rows are still served"
	refused = salt.refused("POST", f"/connections/{connection}/background_refresh", {})
	assert refused == (406, "AispConsentExpired")
	asked = {key: value for key, value in salt.asked(customer).items() if key != "customer_id"}
	back = salt.give_consent(f"/connections/{connection}/reconnect", asked)
	assert back["connection_id"] == connection
	assert salt.get(f"/connections/{connection}")["data"]["status"] == "active"
	assert [one["id"] for one in salt.rows("/accounts", connection_id=connection)] == accounts
	consents = salt.rows("/consents", connection_id=connection)
	assert [(one["status"], one["revoke_reason"]) for one in consents] == [
		("expired", "expired"),
		("active", None),
	]
	assert consents[1]["expires_at"] == "2027-05-15T08:00:00Z"
	other = salt.give_consent(f"/connections/{connection}/reconnect", asked, Customer(login="somebody"))
	assert other["error_class"] == "CredentialsNotMatch"


def test_consents_are_revoked_once(salt: SaltClient, customer: str) -> None:
	connection = salt.connect(customer)
	consent = salt.get(f"/connections/{connection}")["data"]["last_consent_id"]
	revoked = salt.send("PUT", f"/consents/{consent}/revoke").json()["data"]
	assert (revoked["status"], revoked["revoke_reason"]) == ("revoked", "client")
	assert salt.get(f"/consents/{consent}")["data"] == revoked
	assert salt.refused("PUT", f"/consents/{consent}/revoke") == (409, "AispConsentAlreadyRevoked")
	assert salt.refused("GET", "/consents/1") == (404, "ConsentNotFound")


def test_background_refreshes_are_limited(bank: SandboxServer, salt: SaltClient, customer: str) -> None:
	connection = salt.connect(customer)
	path = f"/connections/{connection}/background_refresh"
	early = salt.send("POST", path, {}).json()
	assert early["error"]["class"] == "ConnectionCannotBeRefreshed"
	assert early["next_refresh_possible_at"] == "2026-11-16T09:00:00Z"
	for _ in range(4):
		bank.world.clock.advance(timedelta(hours=1))
		assert salt.post(path)["last_attempt"]["user_present"] is False
	bank.world.clock.advance(timedelta(hours=1))
	assert salt.refused("POST", path, {}) == (406, "BackgroundFetchLimitExceeded")
	bank.world.clock.advance(timedelta(hours=20))
	salt.post(path)


def test_a_bank_that_wants_its_user_is_not_refreshed_in_the_background(
	salt: SaltClient, customer: str
) -> None:
	connection = salt.connect(customer, Customer(login="u", institution=602))
	assert salt.get(f"/connections/{connection}")["data"]["next_refresh_possible_at"] is None
	refused = salt.send("POST", f"/connections/{connection}/background_refresh", {}).json()
	assert refused["error"]["class"] == "ConnectionCannotBeRefreshed"
	assert refused["next_refresh_possible_at"] is None
	assert salt.post(f"/connections/{connection}/refresh")["connect_url"]
	at_once = salt.post(f"/connections/{connection}/refresh", {"show_widget": False})
	assert at_once["last_attempt"]["user_present"] is True


def test_nothing_is_fetched_by_itself_unless_asked(
	bank: SandboxServer, salt: SaltClient, customer: str
) -> None:
	still = salt.connect(customer)
	fed = salt.connect(customer, Customer(login="other"), automatic_refresh=True)
	before = {one: len(salt.rows("/transactions", connection_id=one, per_page=1000)) for one in (still, fed)}
	bank.world.advance(days=10)
	after = {one: len(salt.rows("/transactions", connection_id=one, per_page=1000)) for one in (still, fed)}
	assert after[still] == before[still]
	assert after[fed] > before[fed]


def test_a_removed_connection(salt: SaltClient, customer: str) -> None:
	connection = salt.connect(customer)
	assert salt.send("DELETE", f"/connections/{connection}").json() == {
		"data": {"id": connection, "removed": True}
	}
	for path in (f"/connections/{connection}", f"/accounts?connection_id={connection}"):
		assert salt.refused("GET", path) == (404, "ConnectionNotFound")


def test_a_wrong_code_in_the_widget(salt: SaltClient, customer: str) -> None:
	back = salt.give_consent(
		"/connections/connect", salt.asked(customer), Customer(login="u", institution=602, code="0")
	)
	assert back["error_class"] == "InvalidInteractiveCredentials"


def test_too_many_requests() -> None:
	now = [0.0]
	with served(rate=2, windows=Windows(lambda: now[0])) as bank:
		salt = SaltClient(bank.salt_edge_url)
		for _ in range(2):
			salt.get("/countries")
		assert salt.refused("GET", "/countries") == (429, "TooManyRequests")
		now[0] = 60.0
		salt.get("/countries")


def test_a_return_address_keeps_its_own_parameters(salt: SaltClient, customer: str) -> None:
	asked = salt.asked(customer)
	asked["attempt"]["return_to"] = f"{BACK}?state=7"
	assert salt.give_consent("/connections/connect", asked)["state"] == "7"
