"""Salt Edge's accounts, transactions, categories and callbacks, seen from a client."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.salt_edge.keys import service_key
from dokos_banksync.sandbox.salt_edge.model import Client, Settings
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox.salt_edge.client import SaltClient

AT_ONCE = Settings(stage_time=timedelta(0))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
	with receiving() as server:
		yield server


@pytest.fixture
def bank(receiver: Receiver) -> Iterator[SandboxServer]:
	kinds = ("success", "failure", "notify", "destroy")
	client = Client(callbacks={kind: f"{receiver.url}/{kind}" for kind in kinds})
	with SandboxServer(
		World(seed=3, years=0.5), salt_edge=lambda world: SaltEdge(world, (client,), AT_ONCE)
	) as server:
		yield server


@pytest.fixture
def salt(bank: SandboxServer) -> SaltClient:
	return SaltClient(bank.salt_edge_url)


@pytest.fixture
def connection(salt: SaltClient) -> str:
	return salt.connect(salt.customer(), automatic_refresh=True)


def simulate(bank: SandboxServer, what: str, **values: Any) -> Any:
	return bank.app.faces["salt-edge"].simulations[what](**values)


def account(salt: SaltClient, connection: str, name: str = "Compte courant pro") -> dict[str, Any]:
	found = salt.rows("/accounts", connection_id=connection)
	return next(one for one in found if one["extra"]["account_name"] == name)


def posted(salt: SaltClient, connection: str, **query: Any) -> list[dict[str, Any]]:
	return salt.rows("/transactions", connection_id=connection, per_page=1000, **query)


def test_accounts_with_both_balances(bank: SandboxServer, salt: SaltClient) -> None:
	world, connection = bank.world, salt.connect(salt.customer())
	current, card = account(salt, connection), account(salt, connection, "Carte à débit différé")
	assert (current["nature"], current["currency_code"]) == ("account", "EUR")
	assert current["balance"] == float(world.balance("574:alex:checking"))
	assert current["extra"]["iban"].startswith("FR")
	assert (card["nature"], card["extra"]["credit_limit"]) == ("credit_card", 10000.0)
	assert card["balance"] == float(world.balance("574:alex:card")) < 0
	assert card["extra"]["available_amount"] <= 10000.0 + card["balance"]
	bank.world.clock.advance(timedelta(days=3))
	assert account(salt, connection) == current, "balances are those of the last fetch"


def test_money_out_is_negative(bank: SandboxServer, salt: SaltClient, connection: str) -> None:
	key = account(salt, connection)["id"]
	rows = posted(salt, connection, account_id=key)
	shown = Counter(
		(row["extra"]["posting_date"], round(row["amount"] * 100)) for row in rows if row["account_id"] == key
	)
	assert shown == Counter((str(one.day), one.cents) for one in bank.world.truth("574:alex:checking"))
	assert {row["status"] for row in rows} == {"posted"}


def test_history_begins_with_the_consent(salt: SaltClient) -> None:
	customer = salt.customer("short")
	scopes = {"scopes": ["accounts", "transactions"]}
	default = salt.connect(customer, consent=scopes)
	days = [row["extra"]["posting_date"] for row in posted(salt, default)]
	assert "2026-08-18" <= min(days) < "2026-08-25"
	dated = salt.connect(customer, Customer(login="two"), consent={**scopes, "from_date": "2026-11-02"})
	assert min(row["extra"]["posting_date"] for row in posted(salt, dated)) >= "2026-11-02"


def test_pages_begin_with_the_given_id(salt: SaltClient, connection: str) -> None:
	rows = posted(salt, connection)
	ids = [int(row["id"]) for row in rows]
	assert ids == sorted(ids)
	assert salt.rows("/transactions", connection_id=connection, per_page=7) == rows
	assert posted(salt, connection, from_id=rows[-2]["id"]) == rows[-2:]
	page = salt.get("/transactions", connection_id=connection, per_page=2)
	assert page["meta"]["next_page"] == (
		f"/api/v6/transactions?connection_id={connection}&per_page=2&from_id={rows[2]['id']}"
	)
	refused = salt.refused("GET", "/transactions", connection_id=connection, per_page=1001)
	assert refused == (400, "WrongRequestFormat")
	assert salt.refused("GET", "/transactions") == (400, "WrongRequestFormat")


def test_pending_rows_have_other_ids_after_each_fetch(
	bank: SandboxServer, salt: SaltClient, connection: str
) -> None:
	seen = 0
	for _ in range(20):
		bank.world.advance(days=1)
		before = posted(salt, connection, pending="true")
		simulate(bank, "fetch", connection_id=connection)
		after = posted(salt, connection, pending="true")
		assert [(row["made_on"], row["amount"]) for row in after] == [
			(row["made_on"], row["amount"]) for row in before
		]
		assert not {row["id"] for row in before} & {row["id"] for row in after}
		assert {row["status"] for row in after} <= {"pending"}
		seen += len(after)
	assert seen > 5
	assert not [row for row in posted(salt, connection) if row["status"] == "pending"]


def test_late_removed_and_rebooked_rows(bank: SandboxServer, salt: SaltClient, connection: str) -> None:
	key = account(salt, connection)["id"]
	before = posted(salt, connection)
	late = simulate(bank, "late_row", account_id=key)
	(fresh,) = posted(salt, connection, from_id=int(before[-1]["id"]) + 1)
	assert (fresh["extra"]["posting_date"], fresh["amount"]) == (str(late.day), -42.5)
	count = len(posted(salt, connection))
	simulate(bank, "delete", account_id=key)
	assert len(posted(salt, connection)) == count - 1
	simulate(bank, "rebook", account_id=key)
	assert len(posted(salt, connection)) == count - 1
	assert posted(salt, connection)[-1]["amount"] == -19.99


def test_a_row_that_turns_out_a_duplicate(bank: SandboxServer, salt: SaltClient, connection: str) -> None:
	key = account(salt, connection)["id"]
	before = posted(salt, connection)
	movement = simulate(bank, "duplicate", account_id=key)
	after = posted(salt, connection)
	assert len(after) == len(before)
	assert after[-1]["description"] == movement.clean
	(duplicate,) = posted(salt, connection, duplicated="true")
	assert duplicate["duplicated"] is True
	assert duplicate in [{**row, "duplicated": True} for row in before]
	assert duplicate["id"] not in {row["id"] for row in after}


def test_dates_of_a_window(salt: SaltClient, connection: str) -> None:
	rows = posted(salt, connection, from_date="2026-11-02", to_date="2026-11-05")
	assert {row["made_on"] for row in rows} <= {f"2026-11-0{day}" for day in range(2, 6)}
	assert rows
	refused = salt.refused("GET", "/transactions", connection_id=connection, from_date="soon")
	assert refused == (400, "WrongRequestFormat")


def test_categories(salt: SaltClient) -> None:
	tree = salt.get("/categories")["data"]
	assert "cafes_and_restaurants" in tree["personal"]["food_and_dining"]
	for kind in ("personal", "business", "none"):
		connection = salt.connect(salt.customer(kind), categorization=kind)
		used = {row["category"] for row in posted(salt, connection)}
		known = {one for group in tree.get(kind, {}).items() for one in (group[0], *group[1])}
		assert used <= known | {"uncategorized"}
		assert len(used) == 1 if kind == "none" else len(used) > 5


def test_callbacks_are_signed_over_their_address(
	bank: SandboxServer, receiver: Receiver, connection: str
) -> None:
	assert bank.wait_for_webhooks()
	kinds = [call.label for call in bank.salt_edge.outbox.log]
	assert (kinds.count("notify"), kinds.count("success")) == (9, 3)
	headers, body = next(
		(head, body) for head, body in receiver.taken if json.loads(body)["data"].get("stage") == "finish"
	)
	content = json.loads(body)
	assert content["data"]["connection_id"] == connection
	assert content["data"]["custom_fields"] == {"c": "42"}
	assert content["meta"]["version"] == "6"
	assert headers["Signature-key-version"] == "6.0"
	signature, key = base64.b64decode(headers["Signature"]), service_key().public_key()
	signed = f"{receiver.url}/notify|".encode() + body
	key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
	with pytest.raises(InvalidSignature):
		key.verify(signature, f"{receiver.url}/success|".encode() + body, padding.PKCS1v15(), hashes.SHA256())


def test_failures_and_removals_are_called_back(
	bank: SandboxServer, salt: SaltClient, receiver: Receiver, connection: str
) -> None:
	simulate(bank, "fail", connection_id=connection, error_class="InvalidCredentials", status="inactive")
	assert (
		salt.get(f"/connections/{connection}")["data"]["last_attempt"]["fail_error_class"]
		== "InvalidCredentials"
	)
	salt.send("DELETE", f"/connections/{connection}")
	assert bank.wait_for_webhooks()
	log = bank.salt_edge.outbox.log
	assert [call.label for call in log[-2:]] == ["failure", "destroy"]
	assert log[-2].content["data"]["error_class"] == "InvalidCredentials"


@pytest.mark.parametrize(
	("fault", "status", "name"),
	[
		(Fault("status", "/salt-edge/", status=429, retry_after=9), 429, "TooManyRequests"),
		(Fault("status", "/salt-edge/", status=500), 500, "InternalServerError"),
		(
			Fault("status", "/salt-edge/", code="ConnectionAlreadyProcessing"),
			409,
			"ConnectionAlreadyProcessing",
		),
	],
)
def test_errors_on_demand(
	bank: SandboxServer, salt: SaltClient, fault: Fault, status: int, name: str
) -> None:
	bank.faults.add(fault)
	answer = salt.send("GET", "/countries")
	assert (answer.status_code, answer.json()["error"]["class"]) == (status, name)
	assert answer.headers.get("Retry-After") == ("9" if status == 429 else None)


def test_the_firewall_on_demand(bank: SandboxServer, salt: SaltClient) -> None:
	bank.faults.add(Fault("status", "/salt-edge/", status=403))
	assert salt.send("GET", "/countries").headers["Content-Type"].startswith("text/html")


def test_a_page_that_leads_to_itself(bank: SandboxServer, salt: SaltClient, connection: str) -> None:
	bank.faults.add(Fault("repeat_page", "/salt-edge/api/v6/transactions", count=None))
	first = salt.get("/transactions", connection_id=connection)
	again = salt.get("/transactions", connection_id=connection, from_id=first["meta"]["next_id"])
	assert again == {**first, "meta": {**first["meta"], "next_page": again["meta"]["next_page"]}}


def test_two_worlds_made_alike_give_the_same_rows() -> None:
	seen = []
	for _ in range(2):
		with SandboxServer(
			World(seed=9, years=0.1), salt_edge=lambda world: SaltEdge(world, settings=AT_ONCE)
		) as server:
			client = SaltClient(server.salt_edge_url)
			seen.append(posted(client, client.connect(client.customer())))
	assert seen[0] == seen[1]
