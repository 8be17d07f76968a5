"""Plaid's cursor feed of transactions, seen from a client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.plaid.limits import Limits
from dokos_banksync.sandbox.plaid.model import Settings
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.sandbox.plaid.client import PlaidClient

AT_ONCE = Settings(initial_after=timedelta(0), historical_after=timedelta(0))


@pytest.fixture
def bank() -> Iterator[SandboxServer]:
	with SandboxServer(
		World(seed=3, years=0.3), plaid=lambda world: Plaid(world, settings=AT_ONCE)
	) as server:
		yield server


@pytest.fixture
def plaid(bank: SandboxServer) -> PlaidClient:
	return PlaidClient(bank.plaid_url)


@pytest.fixture
def token(plaid: PlaidClient) -> str:
	return plaid.connect()


def accounts(plaid: PlaidClient, token: str) -> dict[str, str]:
	found = plaid.call("/accounts/get", access_token=token)["accounts"]
	return {one["name"]: one["account_id"] for one in found}


def simulate(bank: SandboxServer, what: str, **values: Any) -> Any:
	return bank.app.faces["plaid"].simulations[what](**values)


def test_the_first_stages(bank: SandboxServer) -> None:
	settings = Settings(initial_after=timedelta(seconds=10), historical_after=timedelta(seconds=60))
	with SandboxServer(World(years=0.5), plaid=lambda world: Plaid(world, settings=settings)) as server:
		plaid = PlaidClient(server.plaid_url)
		token = plaid.connect()
		first = plaid.call("/transactions/sync", access_token=token)
		assert first["transactions_update_status"] == "NOT_READY"
		assert (first["added"], first["next_cursor"], first["has_more"]) == ([], "", False)
		server.world.clock.advance(timedelta(seconds=10))
		recent = plaid.call("/transactions/sync", access_token=token, count=500)
		assert recent["transactions_update_status"] == "INITIAL_UPDATE_COMPLETE"
		assert {row["date"] for row in recent["added"]}
		assert min(row["date"] for row in recent["added"]) >= "2026-10-17"
		server.world.clock.advance(timedelta(seconds=50))
		rest, _ = plaid.sync(token, recent["next_cursor"], count=500)
		assert min(row["date"] for row in rest["added"]) < "2026-06-01"
		ids = Counter(row["transaction_id"] for row in [*recent["added"], *rest["added"]])
		assert set(ids.values()) == {1}


def test_money_out_is_positive(bank: SandboxServer, plaid: PlaidClient, token: str) -> None:
	account = accounts(plaid, token)["Compte courant pro"]
	found, _ = plaid.sync(token)
	rows = [row for row in found["added"] if row["account_id"] == account and not row["pending"]]
	shown = Counter((row["date"], round(row["amount"] * 100)) for row in rows)
	booked = bank.world.truth("109508:alex:checking")
	assert shown == Counter((str(one.day), -one.cents) for one in booked)


def test_history_is_as_long_as_was_asked_for(plaid: PlaidClient) -> None:
	token = plaid.connect(transactions={"days_requested": 31})
	found, _ = plaid.sync(token)
	assert min(row["date"] for row in found["added"]) >= "2026-10-16"
	default = plaid.connect(transactions={})
	dates = [row["date"] for row in plaid.sync(default)[0]["added"]]
	assert "2026-08-18" <= min(dates) < "2026-08-25"


def test_pages_follow_the_cursor(plaid: PlaidClient, token: str) -> None:
	whole, cursor = plaid.sync(token, count=500)
	small, same = plaid.sync(token, count=7)
	assert (small, same) == (whole, cursor)
	assert plaid.sync(token, cursor)[0] == {"added": [], "modified": [], "removed": []}
	for count in (0, 501):
		wanted = (400, "INVALID_REQUEST", "INVALID_FIELD")
		assert plaid.refused("/transactions/sync", access_token=token, count=count or -1) == wanted


def test_a_change_between_two_pages_refuses_the_next(
	bank: SandboxServer, plaid: PlaidClient, token: str
) -> None:
	first = plaid.call("/transactions/sync", access_token=token, count=5)
	simulate(bank, "late_row", account_id=first["added"][0]["account_id"])
	refused = plaid.refused("/transactions/sync", access_token=token, cursor=first["next_cursor"])
	assert refused == (400, "TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
	assert plaid.sync(token)[0]["added"]


def test_the_fault_touch_makes_a_mutation(bank: SandboxServer, plaid: PlaidClient, token: str) -> None:
	bank.faults.add(Fault("touch", "/plaid/transactions/sync"))
	first = plaid.call("/transactions/sync", access_token=token, count=5)
	refused = plaid.refused("/transactions/sync", access_token=token, cursor=first["next_cursor"])
	assert refused[2] == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


def test_a_page_that_repeats(bank: SandboxServer, plaid: PlaidClient, token: str) -> None:
	bank.faults.add(Fault("repeat_page", "/plaid/transactions/sync"))
	page = plaid.call("/transactions/sync", access_token=token, cursor="")
	assert (page["has_more"], page["next_cursor"]) == (True, "")


def test_cursors_of_others_are_refused(plaid: PlaidClient, token: str) -> None:
	_, cursor = plaid.sync(token)
	other = plaid.connect()
	stale = plaid.post("/transactions/sync", access_token=other, cursor=cursor).json()
	assert (stale["error_code"], stale["error_message"]) == (
		"INVALID_FIELD",
		"cursor not associated with access_token",
	)
	for nonsense in ("abc", "!!", "x" * 257):
		assert plaid.refused("/transactions/sync", access_token=token, cursor=nonsense)[2] == "INVALID_FIELD"
	assert plaid.refused("/transactions/sync", access_token=token, options=None)[2] == "INVALID_FIELD"


def test_one_account_has_a_stream_of_its_own(plaid: PlaidClient, token: str) -> None:
	account = accounts(plaid, token)["Livret entreprise"]
	found, cursor = plaid.sync(token, options={"account_id": account})
	assert {row["account_id"] for row in found["added"]} == {account}
	assert plaid.refused("/transactions/sync", access_token=token, cursor=cursor)[2] == "INVALID_FIELD"


def test_pending_rows_are_replaced_when_they_post(
	bank: SandboxServer, plaid: PlaidClient, token: str
) -> None:
	first, cursor = plaid.sync(token)
	pending: dict[str, dict[str, Any]] = {
		row["transaction_id"]: row for row in first["added"] if row["pending"]
	}
	linked = unlinked = 0
	for _ in range(60):
		bank.world.advance(days=1)
		found, cursor = plaid.sync(token, cursor)
		gone = {row["transaction_id"] for row in found["removed"]}
		for row in found["added"]:
			before = row["pending_transaction_id"]
			if before is not None:
				assert before in gone
				assert pending[before]["account_id"] == row["account_id"]
				linked += 1
		pending.update({row["transaction_id"]: row for row in found["added"] if row["pending"]})
		unlinked += len(gone) - sum(row["pending_transaction_id"] in gone for row in found["added"])
	assert linked > 5
	assert unlinked > 0, "some posted rows do not name their pending one"
	assert all(row["authorized_date"] == row["date"] for row in pending.values())


def test_late_removed_and_modified_rows(bank: SandboxServer, plaid: PlaidClient, token: str) -> None:
	account = accounts(plaid, token)["Compte courant pro"]
	_, cursor = plaid.sync(token)
	late = simulate(bank, "late_row", account_id=account, days=40)
	found, cursor = plaid.sync(token, cursor)
	assert [(row["date"], row["amount"]) for row in found["added"]] == [(str(late.day), 42.5)]
	simulate(bank, "recategorise", account_id=account)
	found, cursor = plaid.sync(token, cursor)
	(row,) = found["modified"]
	assert row["personal_finance_category"]["detailed"] == "FOOD_AND_DRINK_RESTAURANT"
	simulate(bank, "delete", account_id=account)
	found, cursor = plaid.sync(token, cursor)
	assert found["removed"] == [{"transaction_id": row["transaction_id"], "account_id": account}]
	simulate(bank, "rebook", account_id=account)
	found, _ = plaid.sync(token, cursor)
	assert [row["amount"] for row in found["added"]] == [19.99]
	assert len(found["removed"]) == 1


def test_an_account_id_that_changes(bank: SandboxServer, plaid: PlaidClient, token: str) -> None:
	account = accounts(plaid, token)["Compte courant pro"]
	before, cursor = plaid.sync(token)
	fresh = simulate(bank, "change_account_id", account_id=account)
	found, _ = plaid.sync(token, cursor)
	old = {row["transaction_id"] for row in before["added"] if row["account_id"] == account}
	assert {row["transaction_id"] for row in found["removed"]} == old
	assert {row["account_id"] for row in found["added"]} == {fresh}
	assert len(found["added"]) == len(old)
	assert accounts(plaid, token)["Compte courant pro"] == fresh


def test_the_shape_of_a_row(plaid: PlaidClient, token: str) -> None:
	found, _ = plaid.sync(token, options={"include_original_description": True})
	coffee = next(
		row for row in found["added"] if row["merchant_name"] == "Cafe Du Canal" and not row["pending"]
	)
	assert coffee["original_description"].startswith("CB CAFE DU CANAL ")
	assert coffee["name"] == "Cafe Du Canal"
	assert coffee["personal_finance_category"]["primary"] == "FOOD_AND_DRINK"
	assert coffee["personal_finance_category"]["version"] == "v2"
	assert coffee["iso_currency_code"] == "USD"
	assert coffee["payment_channel"] == "in store"
	older = plaid.sync(token, options={"personal_finance_category_version": "v1"})[0]["added"]
	assert {
		row["personal_finance_category"]["version"] for row in older if row["personal_finance_category"]
	} == {"v1"}


def test_refresh_fetches_now_and_may_not_be_bought(
	bank: SandboxServer, plaid: PlaidClient, token: str
) -> None:
	_, cursor = plaid.sync(token)
	bank.world.clock.advance(timedelta(days=3))
	assert set(plaid.call("/transactions/refresh", access_token=token)) == {"request_id"}
	assert plaid.sync(token, cursor)[0]["added"]
	bank.plaid.settings.refresh_product = False
	assert plaid.refused("/transactions/refresh", access_token=token)[2] == "INVALID_PRODUCT"
	bank.plaid.settings.refresh_product = True


@pytest.mark.parametrize(
	("fault", "refused"),
	[
		(Fault("status", "/plaid/", status=429), (429, "RATE_LIMIT_EXCEEDED", "RATE_LIMIT")),
		(Fault("status", "/plaid/", status=500), (500, "API_ERROR", "INTERNAL_SERVER_ERROR")),
		(Fault("status", "/plaid/", code="INSTITUTION_DOWN"), (400, "INSTITUTION_ERROR", "INSTITUTION_DOWN")),
	],
)
def test_errors_on_demand(
	bank: SandboxServer, plaid: PlaidClient, token: str, fault: Fault, refused: tuple[int, str, str]
) -> None:
	bank.faults.add(fault)
	answer = plaid.post("/item/get", access_token=token)
	assert "Retry-After" not in answer.headers
	bank.faults.clear()
	fault.seen = 0
	bank.faults.add(fault)
	assert plaid.refused("/item/get", access_token=token) == refused


def test_documented_limits() -> None:
	now = [0.0]
	limits = Limits.documented(lambda: now[0])
	with SandboxServer(World(years=0.05), plaid=lambda world: Plaid(world, limits=limits)) as server:
		plaid = PlaidClient(server.plaid_url)
		token = plaid.connect()
		for _ in range(15):
			plaid.call("/accounts/get", access_token=token)
		refused = plaid.refused("/accounts/get", access_token=token)
		assert refused == (429, "RATE_LIMIT_EXCEEDED", "ACCOUNTS_LIMIT")
		now[0] = 60.0
		plaid.call("/accounts/get", access_token=token)


def test_two_worlds_made_alike_give_the_same_feed() -> None:
	seen = []
	for _ in range(2):
		with SandboxServer(
			World(seed=9, years=0.1), plaid=lambda world: Plaid(world, settings=AT_ONCE)
		) as server:
			plaid = PlaidClient(server.plaid_url)
			seen.append(plaid.sync(plaid.connect()))
	assert seen[0] == seen[1]
