"""Authorization, tokens that rotate, and what ends them."""

from __future__ import annotations

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.sandbox.client import query
from tests.sandbox.ponto.client import CALLBACK, Client


def test_a_code_becomes_tokens(client: Client) -> None:
	back = query(Customer().consent(client.address()))
	assert back["state"] == "state-0001"
	tokens = client.exchange(back["code"]).json()
	assert (tokens["expires_in"], tokens["token_type"]) == (1799, "bearer")
	client.keep(tokens)
	assert len(client.get("/accounts")["data"]) == 10


def test_a_code_works_once(client: Client) -> None:
	code = query(Customer().consent(client.address()))["code"]
	assert client.exchange(code).ok
	assert client.exchange(code).json()["error"] == "invalid_grant"


def test_a_code_needs_its_verifier_its_address_and_its_time(client: Client, server: SandboxServer) -> None:
	for changes in ({"code_verifier": "other"}, {"redirect_uri": "http://127.0.0.1:9/other"}):
		code = query(Customer().consent(client.address()))["code"]
		assert client.exchange(code, **changes).status_code == 400
	code = query(Customer().consent(client.address()))["code"]
	server.world.advance(days=0.1)
	assert client.exchange(code).json()["error"] == "invalid_grant"


def test_keys_that_are_wrong(client: Client) -> None:
	answer = client.token(("ponto-client", "wrong"), grant_type="client_credentials")
	assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
	assert client.token(("nobody", "x"), grant_type="client_credentials").status_code == 401


def test_a_refresh_token_works_once(linked: Client) -> None:
	first = linked.refresh_token
	answer = linked.token(grant_type="refresh_token", refresh_token=first)
	tokens = linked.keep(answer.json())
	assert tokens["refresh_token"] != first
	assert linked.call("GET", "/accounts").ok


def test_a_refresh_token_that_is_used_twice_ends_the_grant(linked: Client) -> None:
	first = linked.refresh_token
	tokens = linked.keep(linked.token(grant_type="refresh_token", refresh_token=first).json())
	again = linked.token(grant_type="refresh_token", refresh_token=first)
	assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
	latest = linked.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
	assert latest.json()["error"] == "invalid_grant"
	assert linked.error_of("GET", "/accounts") == (401, "invalidAccessToken")


def test_an_access_token_lives_half_an_hour(linked: Client, server: SandboxServer) -> None:
	server.world.advance(days=1799 / 86400)
	assert linked.error_of("GET", "/accounts") == (401, "invalidAccessToken")
	assert linked.token(grant_type="refresh_token", refresh_token=linked.refresh_token).ok


def test_revoking_a_token(linked: Client) -> None:
	headers = {"data": {"token": linked.refresh_token}, "auth": linked.basic}
	assert linked.http.post(f"{linked.home}/oauth2/revoke", timeout=60, **headers).ok
	assert linked.error_of("GET", "/accounts")[0] == 401
	assert linked.http.post(f"{linked.home}/oauth2/revoke", timeout=60, **headers).ok


@pytest.mark.parametrize(
	("changes", "error"),
	[
		({"response_type": "token"}, "unsupported_response_type"),
		({"scope": "pi"}, "invalid_scope"),
		({"state": "short"}, "invalid_state"),
		({"code_challenge_method": "plain"}, "invalid_request"),
		({"onboarding_details_id": "unknown"}, "invalid_request"),
	],
)
def test_authorizations_that_cannot_be_asked_for(client: Client, changes: dict[str, str], error: str) -> None:
	answer = client.http.get(client.address(**changes), timeout=60, allow_redirects=False)
	assert answer.headers["Location"].startswith(CALLBACK)
	assert query(answer.headers["Location"])["error"] == error


def test_an_address_that_is_not_registered_gets_nobody(client: Client) -> None:
	for changes in ({"redirect_uri": "https://evil.example/"}, {"client_id": "nobody"}):
		answer = client.http.get(client.address(**changes), timeout=60, allow_redirects=False)
		assert answer.status_code == 400


def test_giving_up_and_failing(client: Client) -> None:
	gave_up = query(Customer().cancel(client.address()))
	assert (gave_up["error"], gave_up["state"]) == ("access_denied", "state-0001")
	failed = query(Customer(login="fail").consent(client.address()))
	assert failed["error"] == "server_error"


def test_the_bank_may_be_chosen_beforehand(client: Client) -> None:
	client.keep(client.token(grant_type="client_credentials").json())
	banks = client.rows("/financial-institutions")
	wanted = next(one["id"] for one in banks if one["attributes"]["name"] == "Banque Aurore")
	made = client.post(
		"/onboarding-details", "onboardingDetails", initialFinancialInstitutionId=wanted
	).json()
	person = Customer(institution=574)
	back = query(person.consent(client.address(onboarding_details_id=made["data"]["id"])))
	client.keep(client.exchange(back["code"]).json())
	related = {
		one["relationships"]["financialInstitution"]["data"]["id"] for one in client.get("/accounts")["data"]
	}
	assert related == {wanted}


def test_an_organizations_token_creates_no_onboarding(linked: Client) -> None:
	answer = linked.post("/onboarding-details", "onboardingDetails")
	assert answer.status_code == 403


def test_the_custom_integration_needs_no_visit(own: Client) -> None:
	assert [one["attributes"]["description"] for one in own.rows("/accounts")] == [
		"Compte courant pro", "Compte courant secondaire", "Carte à débit différé", "Livret entreprise",
	]  # fmt: skip
	assert own.token(grant_type="refresh_token", refresh_token="x").json()["error"] == "unauthorized_client"


def test_the_custom_integration_is_not_of_ponto_connect(own: Client, server: SandboxServer) -> None:
	answer = own.call("GET", f"{server.ponto_url}/ponto-connect/accounts")
	assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_two_organizations_see_their_own(client: Client, server: SandboxServer) -> None:
	client.connect()
	mine = {one["id"] for one in client.rows("/accounts")}
	with Client(server) as other:
		other.connect(Customer(login="camille"))
		theirs = {one["id"] for one in other.rows("/accounts")}
		assert not mine & theirs
		assert other.error_of("GET", f"/accounts/{mine.pop()}") == (404, "resourceNotFound")
		assert other.get("/userinfo")["sub"] != client.get("/userinfo")["sub"]


def test_a_second_visit_adds_its_accounts_to_the_integration(linked: Client) -> None:
	before = len(linked.rows("/accounts"))
	linked.connect(Customer(institution=601))
	assert len(linked.rows("/accounts")) == before + 4


def test_ending_the_integration(linked: Client) -> None:
	organization = linked.get("/userinfo")["sub"]
	assert linked.error_of("DELETE", "/organizations/other/integration")[0] == 404
	assert linked.call("DELETE", f"/organizations/{organization}/integration").ok
	assert linked.error_of("GET", "/accounts")[0] == 401
	refused = linked.token(grant_type="refresh_token", refresh_token=linked.refresh_token)
	assert refused.json()["error"] == "invalid_grant"
