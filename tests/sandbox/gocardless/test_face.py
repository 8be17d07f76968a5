"""GoCardless's face, called as its documents say: no retry, no help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from dokos_banksync.sandbox.gocardless.model import SECRET_ID, SECRET_KEY
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import query

DEMO = "DEMO_BANK_BANKFR74"
MAIN = "574:alex:checking"


class Client:
	def __init__(self, server: SandboxServer) -> None:
		self.server, self.http = server, requests.Session()
		self.http.trust_env = False
		answer = self.call("POST", "token/new/", json={"secret_id": SECRET_ID, "secret_key": SECRET_KEY})
		self.http.headers["Authorization"] = f"Bearer {answer.json()['access']}"

	def call(self, method: str, path: str, **options: Any) -> requests.Response:
		url = f"{self.server.gocardless_url}/{path}"
		return self.http.request(method, url, timeout=60, allow_redirects=False, **options)

	def requisition(self, **agreement: Any) -> dict[str, Any]:
		given = {"institution_id": DEMO, "max_historical_days": 90, **agreement}
		made = self.call("POST", "agreements/enduser/", json=given).json()
		body = {"redirect": "http://127.0.0.1:9/back", "institution_id": DEMO, "agreement": made["id"]}
		answer = self.call("POST", "requisitions/", json=body)
		assert answer.status_code == 201
		found: dict[str, Any] = answer.json()
		return found

	def linked(self) -> dict[str, Any]:
		made = self.requisition()
		Customer().consent(made["link"])
		found: dict[str, Any] = self.call("GET", f"requisitions/{made['id']}/").json()
		return found

	def main(self) -> str:
		iban = self.server.world.account(MAIN).facts.iban
		ids = self.linked()["accounts"]
		return next(one for one in ids if self.call("GET", f"accounts/{one}/").json()["iban"] == iban)


@pytest.fixture
def client() -> Iterator[Client]:
	with SandboxServer(World(seed=3, years=0.3)) as server:
		made = Client(server)
		yield made
		made.http.close()


def test_wrong_keys_and_no_token(client: Client) -> None:
	body = {"secret_id": SECRET_ID, "secret_key": "other"}
	answer = client.call("POST", "token/new/", json=body)
	assert (answer.status_code, answer.json()["summary"]) == (401, "Authentication failed")
	answer = client.call("GET", "institutions/", headers={"Authorization": "Bearer x"})
	assert (answer.status_code, answer.json()["status_code"], "type" in answer.json()) == (401, 401, False)


def test_a_token_lives_a_day(client: Client) -> None:
	client.server.world.clock.advance(timedelta(hours=24))
	assert client.call("GET", "institutions/").status_code == 401


def test_institutions_of_a_country(client: Client) -> None:
	rows = client.call("GET", "institutions/?country=fr").json()
	assert {tuple(row["countries"]) for row in rows} == {("FR",)}
	demo = next(row for row in rows if row["id"] == DEMO)
	assert (demo["transaction_total_days"], demo["max_access_valid_for_days"]) == ("730", "180")


def test_a_requisition_goes_from_created_to_linked(client: Client) -> None:
	made = client.requisition()
	assert (made["status"], made["accounts"]) == ("CR", [])
	back = query(Customer().consent(made["link"]))
	assert back == {"ref": made["reference"]}
	linked = client.call("GET", f"requisitions/{made['id']}/").json()
	assert linked["status"] == "LN"
	assert len(linked["accounts"]) > 1


def test_who_gives_up_is_named(client: Client) -> None:
	made = client.requisition()
	back = query(Customer().cancel(made["link"]))
	assert (back["ref"], back["error"]) == (made["reference"], "UserCancelledSession")
	assert client.call("GET", f"requisitions/{made['id']}/").json()["status"] == "RJ"


def test_a_reference_is_used_once(client: Client) -> None:
	made = client.requisition()
	body = {
		"redirect": "http://127.0.0.1:9/back",
		"institution_id": DEMO,
		"agreement": made["agreement"],
		"reference": made["reference"],
	}
	answer = client.call("POST", "requisitions/", json=body)
	assert answer.status_code == 400
	assert set(answer.json()) == {"reference", "status_code"}


@pytest.mark.parametrize("days", [0, 731, "90"])
def test_an_agreement_on_more_than_the_bank_gives(client: Client, days: object) -> None:
	body = {"institution_id": DEMO, "max_historical_days": days}
	answer = client.call("POST", "agreements/enduser/", json=body)
	assert answer.status_code == 400
	assert "max_historical_days" in answer.json()


def test_rows_are_signed_texts_and_the_limit_is_in_the_headers(client: Client) -> None:
	account = client.main()
	answer = client.call("GET", f"accounts/{account}/transactions/")
	booked = answer.json()["transactions"]["booked"]
	truth = client.server.world.truth(MAIN)
	assert sorted(Decimal(row["transactionAmount"]["amount"]) for row in booked) == sorted(
		one.amount for one in truth if one.day >= client.server.world.clock.today() - timedelta(days=90)
	)
	assert answer.headers["HTTP_X_RATELIMIT_ACCOUNT_SUCCESS_REMAINING"] == "3"


def test_the_fifth_reading_of_a_scope_is_refused(client: Client) -> None:
	account = client.main()
	for _ in range(4):
		assert client.call("GET", f"accounts/{account}/balances/").status_code == 200
	refused = client.call("GET", f"accounts/{account}/balances/")
	assert (refused.status_code, refused.json()["type"]) == (429, "RateLimitError")
	assert refused.headers["HTTP_X_RATELIMIT_ACCOUNT_SUCCESS_RESET"] == "86400"
	assert client.call("GET", f"accounts/{account}/details/").status_code == 200


def test_a_day_before_the_agreed_history_is_refused(client: Client) -> None:
	account = client.main()
	early = client.server.world.clock.today() - timedelta(days=91)
	answer = client.call("GET", f"accounts/{account}/transactions/?date_from={early}")
	assert answer.status_code == 400


def test_a_consent_that_ended(client: Client) -> None:
	account = client.main()
	client.server.world.clock.advance(timedelta(days=90))
	client.http.headers["Authorization"] = Client(client.server).http.headers["Authorization"]
	answer = client.call("GET", f"accounts/{account}/balances/")
	assert answer.status_code == 401
	assert answer.json()["summary"].startswith("End User Agreement")
	assert client.call("GET", f"accounts/{account}/").json()["status"] == "EXPIRED"


def test_a_deleted_requisition_takes_its_accounts_along(client: Client) -> None:
	made = client.linked()
	assert client.call("DELETE", f"requisitions/{made['id']}/").status_code == 200
	assert client.call("GET", f"requisitions/{made['id']}/").status_code == 404
	assert client.call("GET", f"accounts/{made['accounts'][0]}/").status_code == 404


def test_a_path_without_its_slash_is_no_call(client: Client) -> None:
	assert client.call("GET", "institutions").status_code == 404
