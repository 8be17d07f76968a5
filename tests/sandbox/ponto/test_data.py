"""Accounts, transactions and the synchronizations that read them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.sandbox.client import query
from tests.sandbox.ponto.client import CALLBACK, Client

MAIN = "574:alex:checking"


def main(client: Client) -> dict[str, Any]:
	found: list[dict[str, Any]] = client.rows("/accounts")
	return next(one for one in found if one["attributes"]["internalReference"] == MAIN)


def late(day: date, key: str = "late") -> Movement:
	return Movement(key, day, -4250, "CB TARD", "Tard", "work_other", "card")


def test_banks(client: Client) -> None:
	found = client.rows("/financial-institutions", limit=5)
	names = [one["attributes"]["name"] for one in found]
	assert len(names) == len(set(names)) == 15
	one = client.get(f"/financial-institutions/{found[0]['id']}")["data"]
	assert one == found[0]
	assert one["attributes"]["country"] == "FR"


def test_an_account(linked: Client, server: SandboxServer) -> None:
	attributes = main(linked)["attributes"]
	assert attributes["reference"] == server.world.account(MAIN).facts.iban
	assert (attributes["subtype"], attributes["currency"], attributes["deprecated"]) == (
		"checking",
		"EUR",
		False,
	)
	assert Decimal(str(attributes["currentBalance"])) == server.world.balance(MAIN)
	assert attributes["authorizationExpirationExpectedAt"] == "2027-05-15T08:00:00.000Z"


def test_all_that_was_booked_newest_first(linked: Client, server: SandboxServer) -> None:
	rows = linked.rows(f"/accounts/{main(linked)['id']}/transactions")
	days = [row["attributes"]["executionDate"] for row in rows]
	assert days == sorted(days, reverse=True)
	booked = Counter(
		(row["attributes"]["executionDate"][:10], Decimal(str(row["attributes"]["amount"]))) for row in rows
	)
	assert booked == Counter((str(one.day), one.amount) for one in server.world.truth(MAIN))


def test_pages_follow_ids(linked: Client) -> None:
	place = f"/accounts/{main(linked)['id']}/transactions"
	first = linked.get(place, **{"page[limit]": 2})
	assert first["meta"]["paging"] == {"limit": 2, "before": None, "after": first["data"][1]["id"]}
	second = linked.get(place, **{"page[limit]": 2, "page[after]": first["meta"]["paging"]["after"]})
	assert not {row["id"] for row in first["data"]} & {row["id"] for row in second["data"]}
	for limit in ("0", "101", "x"):
		assert linked.error_of("GET", place, params={"page[limit]": limit})[1] == "invalidPaginationParameter"
	assert linked.error_of("GET", place, params={"page[after]": "x"})[1] == "invalidPaginationParameter"


def test_ponto_keeps_what_it_read_until_it_reads_again(linked: Client, server: SandboxServer) -> None:
	account_id = main(linked)["id"]
	before = len(linked.rows(f"/accounts/{account_id}/transactions"))
	server.world.account(MAIN).add(late(server.world.clock.today()))
	assert len(linked.rows(f"/accounts/{account_id}/transactions")) == before
	done = linked.synchronize(account_id)
	assert done["attributes"]["status"] == "success"
	assert len(linked.rows(f"/accounts/{account_id}/transactions")) == before + 1
	updated = linked.rows(f"/synchronizations/{done['id']}/updated-transactions")
	assert [row["attributes"]["remittanceInformation"] for row in updated] == ["CB TARD"]


def test_a_late_row_stands_among_the_old_ones(linked: Client, server: SandboxServer) -> None:
	account_id = main(linked)["id"]
	known = {row["id"] for row in linked.rows(f"/accounts/{account_id}/transactions")}
	server.world.account(MAIN).add(late(server.world.clock.today() - timedelta(days=60)))
	linked.synchronize(account_id)
	newest = next(linked.pages(f"/accounts/{account_id}/transactions", limit=10))
	assert {row["id"] for row in newest} <= known


def test_a_synchronization_goes_through_its_states(linked: Client) -> None:
	answer = linked.post(
		"/synchronizations", "synchronization", resourceType="account", resourceId=main(linked)["id"],
		subtype="accountDetails", customerIpAddress="192.0.2.7",
	)  # fmt: skip
	found = answer.json()["data"]
	states = [found["attributes"]["status"]]
	for _ in range(3):
		found = linked.get(f"/synchronizations/{found['id']}")["data"]
		states.append(found["attributes"]["status"])
	assert states == ["pending", "running", "success", "success"]


def test_synchronizations_are_limited_by_account_and_subtype(linked: Client, server: SandboxServer) -> None:
	account_id = main(linked)["id"]
	linked.synchronize(account_id)
	again = linked.post(
		"/synchronizations", "synchronization", resourceType="account", resourceId=account_id,
		subtype="accountTransactionsWithUnsettled", customerIpAddress="192.0.2.7",
	)  # fmt: skip
	assert (again.status_code, again.headers["Retry-After"]) == (429, "300")
	assert linked.synchronize(account_id, "accountDetails")["attributes"]["status"] == "success"
	server.world.clock.advance(timedelta(minutes=5))
	assert linked.synchronize(account_id)["attributes"]["status"] == "success"


@pytest.mark.parametrize(
	"attributes",
	[
		{"resourceType": "user", "subtype": "accountDetails"},
		{"resourceType": "account", "subtype": "everything"},
		{"resourceType": "account", "subtype": "accountDetails", "customerIpAddress": "home"},
	],
)
def test_synchronizations_that_make_no_sense(linked: Client, attributes: dict[str, str]) -> None:
	answer = linked.post("/synchronizations", "synchronization", resourceId=main(linked)["id"], **attributes)
	assert answer.status_code == 400


def test_pending_rows_are_another_resource(linked: Client, server: SandboxServer) -> None:
	account_id = main(linked)["id"]
	seen: set[str] = set()
	for _ in range(6):
		rows = linked.rows(f"/accounts/{account_id}/pending-transactions")
		assert {row["type"] for row in rows} <= {"pendingTransaction"}
		seen |= {row["id"] for row in rows}
		server.world.advance(days=1)
		linked.keep(linked.token(grant_type="refresh_token", refresh_token=linked.refresh_token).json())
	assert seen
	booked = {row["id"] for row in linked.rows(f"/accounts/{account_id}/transactions")}
	assert not booked & seen
	assert not seen <= {row["id"] for row in linked.rows(f"/accounts/{account_id}/pending-transactions")}


def test_a_consent_that_ended_reads_no_more_and_is_renewed(linked: Client, server: SandboxServer) -> None:
	account_id = main(linked)["id"]
	server.ponto.simulations["expire"](account_id=account_id)
	latest = linked.get(f"/accounts/{account_id}")["data"]["meta"]["latestSynchronization"]
	assert latest["attributes"]["status"] == "error"
	assert latest["attributes"]["errors"][0]["code"] == "authorizationInvalid"
	assert linked.rows(f"/accounts/{account_id}/transactions")
	asked = linked.post(
		f"/accounts/{account_id}/reauthorization-requests", "reauthorizationRequest", redirectUri=CALLBACK
	)
	back = Customer().consent(asked.json()["data"]["links"]["redirect"])
	assert back == CALLBACK
	assert (
		linked.get(f"/accounts/{account_id}")["data"]["meta"]["latestSynchronization"]["attributes"]["status"]
		== "success"
	)


def test_a_renewal_returns_to_a_registered_address_only(linked: Client) -> None:
	place = f"/accounts/{main(linked)['id']}/reauthorization-requests"
	answer = linked.post(place, "reauthorizationRequest", redirectUri="https://evil.example/")
	assert answer.status_code == 400


def test_giving_up_a_renewal(linked: Client) -> None:
	place = f"/accounts/{main(linked)['id']}/reauthorization-requests"
	asked = linked.post(place, "reauthorizationRequest", redirectUri=CALLBACK).json()
	assert query(Customer().cancel(asked["data"]["links"]["redirect"]))["error"] == "access_denied"


def test_a_bank_that_wants_the_customer(client: Client) -> None:
	client.connect(Customer(institution=603))
	account = client.rows("/accounts")[0]
	assert (
		account["meta"]["latestSynchronization"]["attributes"]["errors"][0]["code"]
		== "authorizationActionRequired"
	)
	assert client.synchronize(account["id"])["attributes"]["status"] == "success"


def test_an_account_that_is_taken_out(linked: Client) -> None:
	account_id = main(linked)["id"]
	assert linked.call("DELETE", f"/accounts/{account_id}").ok
	assert linked.error_of("GET", f"/accounts/{account_id}/transactions") == (404, "resourceNotFound")
	assert account_id not in {one["id"] for one in linked.rows("/accounts")}


def test_what_the_bank_takes_back_goes(linked: Client, server: SandboxServer) -> None:
	account_id = main(linked)["id"]
	removed = server.world.truth(MAIN)[-1]
	server.world.account(MAIN).remove(removed.key)
	before = len(linked.rows(f"/accounts/{account_id}/transactions"))
	linked.synchronize(account_id)
	assert len(linked.rows(f"/accounts/{account_id}/transactions")) == before - 1


def test_answers_have_a_request_id_and_errors_their_shape(linked: Client, server: SandboxServer) -> None:
	assert linked.call("GET", "/accounts").headers["ibanity-request-id"]
	server.faults.add(
		Fault("status", path="/ponto/", status=429, retry_after=9),
		Fault("repeat_page", path="/ponto/", after=1),
	)
	limited = linked.call("GET", "/accounts")
	assert (limited.status_code, limited.headers["Retry-After"]) == (429, "9")
	page = linked.call("GET", "/accounts")
	assert page.json()["links"]["next"] == page.request.url
