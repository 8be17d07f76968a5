"""From the list of banks to a session, and its end."""

from __future__ import annotations

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.sandbox.client import query
from tests.sandbox.enable_banking.client import CALLBACK, Client, account

REQUIRED = {"name", "country", "logo", "psu_types", "auth_methods", "maximum_consent_validity", "beta"}


def test_banks_are_listed_in_the_documented_shape(client: Client) -> None:
	found = client.get("/aspsps")["aspsps"]
	assert all(set(one) >= REQUIRED for one in found)
	names = {one["name"] for one in found}
	assert "Demo Bank" in names
	assert "Mühlental Zahldienst" not in names  # payments only
	assert {one["name"]: one["beta"] for one in found}["Papillon Néobanque"] is True


def test_banks_by_country_and_kind_of_user(client: Client) -> None:
	assert {one["country"] for one in client.get("/aspsps", country="NL")["aspsps"]} == {"NL"}
	business = client.get("/aspsps", psu_type="business")["aspsps"]
	assert "Spaarkas Lindeveld" not in {one["name"] for one in business}


def test_a_consent_gives_a_session_with_accounts(client: Client) -> None:
	session = client.connect()
	assert session["aspsp"] == {"name": "Demo Bank", "country": "FR"}
	main = account(session, details="Compte courant pro")
	assert main["cash_account_type"] == "CACC"
	assert main["currency"] == "EUR"
	shown = client.get(f"/sessions/{session['session_id']}")
	assert shown["status"] == "AUTHORIZED"
	assert main["uid"] in shown["accounts"]


def test_currencies_behind_one_number_share_its_hash(client: Client) -> None:
	session = client.connect()
	main, dollars = account(session, details="Compte courant pro"), account(session, currency="USD")
	assert main["account_id"] == dollars["account_id"]
	assert main["identification_hash"] == dollars["identification_hash"]
	assert main["uid"] != dollars["uid"]


def test_a_blocked_account_has_no_uid(client: Client) -> None:
	session = client.connect()
	assert account(session, details="Pret pro")["uid"] is None
	shown = client.get(f"/sessions/{session['session_id']}")
	assert len(shown["accounts_data"]) == len(session["accounts"]) - 1


def test_a_second_consent_gives_new_ids_and_the_same_hashes(client: Client) -> None:
	first, second = client.connect(), client.connect()
	assert first["session_id"] != second["session_id"]
	hashes = [{one["identification_hash"] for one in session["accounts"]} for session in (first, second)]
	assert hashes[0] == hashes[1]
	uids = [{one["uid"] for one in session["accounts"] if one["uid"]} for session in (first, second)]
	assert not uids[0] & uids[1]


def test_the_return_address_has_code_and_state(client: Client) -> None:
	address = Customer().consent(client.authorize())
	assert address.startswith(f"{CALLBACK}?")
	assert set(query(address)) == {"code", "state"}
	assert query(address)["state"] == "a-state"


def test_a_code_works_once_and_for_minutes(client: Client, server: SandboxServer) -> None:
	code = query(Customer().consent(client.authorize()))["code"]
	assert client.call("POST", "/sessions", json={"code": code}).ok
	assert client.error_of("POST", "/sessions", json={"code": code}) == (422, "ALREADY_AUTHORIZED")
	assert client.error_of("POST", "/sessions", json={"code": "never"}) == (422, "WRONG_AUTHORIZATION_CODE")
	late = query(Customer().consent(client.authorize()))["code"]
	server.world.advance(days=0.01)
	assert client.error_of("POST", "/sessions", json={"code": late}) == (422, "EXPIRED_AUTHORIZATION_CODE")


def test_giving_up_and_failing(client: Client) -> None:
	gave_up = query(Customer().cancel(client.authorize()))
	assert (gave_up["error"], gave_up["state"]) == ("access_denied", "a-state")
	assert "code" not in gave_up
	failed = query(Customer(login="fail").consent(client.authorize()))
	assert failed["error"] == "server_error"
	refused = query(Customer(login="402").consent(client.authorize()))
	assert refused["error"] == "access_denied"


def test_a_bank_with_a_code_by_text_message(client: Client) -> None:
	ponant = {"name": "Caisse du Ponant", "country": "FR"}
	assert client.connect(ponant)["accounts"]
	wrong = query(Customer(code="1").consent(client.authorize(ponant)))
	assert wrong["error"] == "server_error"


@pytest.mark.parametrize(
	("changes", "code"),
	[
		({"redirect_url": "https://elsewhere.example/"}, "REDIRECT_URI_NOT_ALLOWED"),
		({"redirect_url": f"{CALLBACK}/"}, "REDIRECT_URI_NOT_ALLOWED"),
		({"aspsp": {"name": "Demo Bank", "country": "BE"}}, "WRONG_ASPSP_PROVIDED"),
		({"state": ""}, "WRONG_REQUEST_PARAMETERS"),
		({"credentials": {"a": "b"}}, "WRONG_REQUEST_PARAMETERS"),
		({"access": {"valid_until": "2026-12-01T00:00:00"}}, "WRONG_REQUEST_PARAMETERS"),
		({"access": {"valid_until": "2026-11-01T00:00:00Z"}}, "WRONG_REQUEST_PARAMETERS"),
		({"access": {"valid_until": "2027-05-16T08:00:00Z"}}, "WRONG_REQUEST_PARAMETERS"),
		({"psu_type": "royal"}, "WRONG_REQUEST_PARAMETERS"),
	],
)
def test_consents_that_cannot_be_asked_for(client: Client, changes: dict[str, object], code: str) -> None:
	assert client.error_of("POST", "/auth", json={**client.order(), **changes}) == (422, code)


def test_the_longest_consent(client: Client) -> None:
	assert client.call("POST", "/auth", json=client.order(days=180)).ok
	ponant = {"name": "Caisse du Ponant", "country": "FR"}
	assert client.call("POST", "/auth", json=client.order(ponant, days=90)).ok
	assert not client.call("POST", "/auth", json=client.order(ponant, days=91)).ok


def test_an_application_that_is_not_active(client: Client, server: SandboxServer) -> None:
	application = server.enable_banking.state.application("c0ffee00-1111-4222-8333-444455556666")
	assert application is not None
	application.active = False
	assert client.error_of("POST", "/auth", json=client.order()) == (403, "NO_ACCOUNTS_ADDED")


def test_restricted_mode_shows_linked_accounts_only(client: Client, server: SandboxServer) -> None:
	application = server.enable_banking.state.application("c0ffee00-1111-4222-8333-444455556666")
	assert application is not None
	iban = server.world.account("574:alex:second").facts.iban
	application.linked = frozenset({iban or ""})
	assert [one["account_id"]["iban"] for one in client.connect()["accounts"]] == [iban]


def test_a_session_ends_when_it_was_to_end(client: Client, server: SandboxServer) -> None:
	session = client.connect(days=10)
	uid = account(session, details="Compte courant pro")["uid"]
	server.world.advance(days=10)
	assert client.get(f"/sessions/{session['session_id']}")["status"] == "EXPIRED"
	assert client.error_of("GET", f"/accounts/{uid}/balances") == (401, "EXPIRED_SESSION")


def test_a_session_that_the_application_or_the_user_ends(client: Client, server: SandboxServer) -> None:
	one, two = client.connect(), client.connect()
	assert client.call("DELETE", f"/sessions/{one['session_id']}").json() == {"message": "OK"}
	uid = account(one, details="Compte courant pro")["uid"]
	assert client.error_of("GET", f"/accounts/{uid}/transactions") == (401, "CLOSED_SESSION")
	assert client.error_of("DELETE", f"/sessions/{one['session_id']}")[1] == "CLOSED_SESSION"
	state = server.enable_banking.state
	state.end(state.sessions[two["session_id"]], "REVOKED")
	uid = account(two, details="Compte courant pro")["uid"]
	assert client.error_of("GET", f"/accounts/{uid}/transactions") == (401, "REVOKED_SESSION")


def test_what_another_application_created_is_not_there(client: Client, server: SandboxServer) -> None:
	session = client.connect()
	uid = account(session, details="Compte courant pro")["uid"]
	server.enable_banking.state.register("other-app", client.key.public_key(), (CALLBACK,))
	other = client.token(kid="other-app")
	place = f"/sessions/{session['session_id']}"
	assert client.error_of("GET", place, token=other) == (404, "SESSION_DOES_NOT_EXIST")
	assert client.error_of("GET", f"/accounts/{uid}/balances", token=other) == (404, "ACCOUNT_DOES_NOT_EXIST")
