"""Items, accounts and transactions as the API gives them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dokos_banksync.sandbox.bridge.categories import flat
from dokos_banksync.sandbox.bridge.feed import BulkFeed
from dokos_banksync.sandbox.bridge.rows import Window
from dokos_banksync.sandbox.clock import from_ms, iso
from dokos_banksync.sandbox.iban import is_valid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import Client

ALWAYS = {
	"id", "account_id", "clean_description", "provider_description", "amount", "currency_code", "date", "updated_at",
	"category_id", "operation_type", "deleted", "future",
}  # fmt: skip
SOMETIMES = {"booking_date", "value_date", "transaction_date"}


def booked_sum(rows: list[dict[str, Any]]) -> Decimal:
	return sum((Decimal(str(r["amount"])) for r in rows if not r["deleted"] and not r["future"]), Decimal(0))


@pytest.fixture
def connected(user: Client) -> Client:
	user.connect(account_types="all")
	return user


def test_the_rows_of_every_account_add_up_to_the_truth(connected: Client, world: World) -> None:
	for account in connected.rows("accounts"):
		truth = connected.control("GET", "truth", account=account["id"]).json()
		rows = connected.rows(account_id=account["id"])
		assert Decimal(truth["opening"]) + booked_sum(rows) == Decimal(str(account["balance"]))
		assert Decimal(truth["balance"]) == Decimal(str(account["balance"]))
		booked = [row for row in rows if not row["deleted"] and not row["future"]]
		assert len(booked) == len(truth["movements"])
		assert sorted((row["provider_description"], row["date"]) for row in booked) == sorted(
			(one["label"], one["day"]) for one in truth["movements"]
		)


def test_accounts_show_what_is_documented(connected: Client) -> None:
	accounts = connected.rows("accounts")
	assert accounts[0] == connected.get(f"accounts/{accounts[0]['id']}")
	for one in accounts:
		assert one["last_refresh_status"] == "successful"
		assert one["id"] > 2**32
		assert "iban" not in one or is_valid(one["iban"])
	loan = next(one for one in accounts if one["type"] == "loan")["loan_details"]
	assert loan["repaid_capital"] + loan["remaining_capital"] == pytest.approx(loan["borrowed_capital"])
	assert loan["opening_date"] < loan["next_payment_date"] < loan["maturity_date"]
	assert connected.call("GET", "accounts/1").status_code == 404
	assert connected.call("GET", "accounts", params={"item_id": 1}).status_code == 404


def test_the_instant_balance_holds_what_is_to_come(connected: Client) -> None:
	seen = 0
	for account in connected.rows("accounts"):
		if "instant_balance" in account:
			future = [row for row in connected.rows(account_id=account["id"]) if row["future"]]
			coming = sum(Decimal(str(row["amount"])) for row in future)
			difference = Decimal(str(account["instant_balance"])) - Decimal(
				str(account["accounting_balance"])
			)
			assert difference == coming
			seen += len(future)
	assert seen


def test_the_holders(connected: Client) -> None:
	(entry,) = connected.rows("accounts-information")
	assert (entry["first_name"], entry["last_name"]) == ("Alex", "Demonstration")
	assert len(entry["accounts"]) == 12


def test_rows_show_what_is_documented(connected: Client) -> None:
	rows = connected.rows(limit=500)
	known = {row["id"] for row in flat(french=False)}
	for row in rows:
		assert set(row) >= ALWAYS
		assert set(row) - ALWAYS <= SOMETIMES
		assert row["id"] > 2**32
		assert row["category_id"] in known
		assert row["operation_type"] in {"card", "transfer", "direct_debit", "check", "unknown"}
	assert len({row["id"] for row in rows}) == len(rows)
	assert {type(row["amount"]) for row in rows} == {int, float}
	assert connected.get(f"transactions/{rows[0]['id']}") == rows[0]
	assert connected.call("GET", "transactions/1").status_code == 404


@pytest.mark.parametrize(
	("institution", "present"),
	[(601, SOMETIMES), (606, set()), (608, SOMETIMES)],
)
def test_dates_depend_on_the_bank(user: Client, institution: int, present: set[str]) -> None:
	user.connect(Customer(institution=institution))
	rows = [row for row in user.rows(limit=500) if not row["future"]]
	assert {name for row in rows for name in SOMETIMES & set(row)} == present
	cards = [row for row in rows if row["operation_type"] == "card" and "transaction_date" in row]
	chosen = "transaction_date" if institution == 608 else "booking_date"
	assert all(row["date"] == row[chosen] for row in cards)


def test_a_page_has_fifty_rows_unless_asked_otherwise(connected: Client) -> None:
	assert len(connected.get("transactions")["resources"]) == 50
	assert len(connected.get("transactions", limit=500)["resources"]) == 500
	for limit in (0, 501):
		assert connected.call("GET", "transactions", params={"limit": limit}).status_code == 400


def test_the_next_page_is_a_path_that_carries_everything(connected: Client) -> None:
	account = connected.rows("accounts")[0]["id"]
	answer = connected.get("transactions", account_id=account, limit=7, since="2026-01-01T00:00:00.000Z")
	path = answer["pagination"]["next_uri"]
	assert path.startswith("/v3/aggregation/transactions?")
	following = connected.get(path)
	assert len(following["resources"]) == 7
	assert {row["account_id"] for row in following["resources"]} == {account}


@pytest.mark.parametrize("limit", [3, 50, 499])
def test_pages_hold_every_row_once(connected: Client, limit: int) -> None:
	account = connected.rows("accounts")[0]["id"]
	whole = connected.rows(account_id=account, limit=500)
	rows = connected.rows(account_id=account, limit=limit)
	assert rows == whole
	assert len({row["id"] for row in rows}) == len(rows)


def test_some_rows_share_their_instant(connected: Client) -> None:
	stamps = [row["updated_at"] for row in connected.rows(limit=500)]
	assert stamps == sorted(stamps)
	assert 1 < len(set(stamps)) < len(stamps)


def test_the_last_page_in_its_three_shapes(connected: Client) -> None:
	last = {"since": "2040-01-01T00:00:00Z"}
	assert connected.get("transactions", **last) == {"resources": [], "pagination": {}}
	connected.control("POST", "settings", {"null_next_uri": True})
	assert connected.get("transactions", **last)["pagination"] == {"next_uri": None}
	connected.control("POST", "settings", {"no_pagination_at_end": True})
	assert connected.get("transactions", **last) == {"resources": []}
	assert connected.get("categories")["resources"]


def test_nulls_may_be_shown(connected: Client) -> None:
	hidden = connected.rows(limit=500)
	connected.control("POST", "settings", {"show_nulls": True})
	shown = connected.rows(limit=500)
	assert all(set(row) == ALWAYS | SOMETIMES | {"bridge_payment_information"} for row in shown)
	assert [{k: v for k, v in row.items() if v is not None} for row in shown] == hidden
	assert connected.rows("items")[0]["status_code_description"] is None


def test_since_and_until_look_at_the_last_change(connected: Client, world: World) -> None:
	before = iso(world.clock.now() + timedelta(hours=1))
	old = {row["id"]: row for row in connected.rows(limit=500)}
	world.advance(days=3)
	connected.authorise(connected.rows("users")[0]["uuid"])
	changed = connected.rows(since=before, limit=500)
	assert changed
	assert all(row["updated_at"] > before for row in changed)
	unchanged = connected.rows(until=before, limit=500)
	assert all(old[row["id"]] == row for row in unchanged)
	everything = connected.rows(limit=500)
	assert {row["id"] for row in changed} | {row["id"] for row in unchanged} == {
		row["id"] for row in everything
	}


def test_min_and_max_date_look_at_the_day(connected: Client) -> None:
	low, high = "2026-09-01", "2026-09-30"
	inside = connected.rows(min_date=low, max_date=high, limit=500)
	every = connected.rows(limit=500)
	assert inside == [row for row in every if low <= row["date"] <= high]
	assert inside


@pytest.mark.parametrize(
	"params",
	[
		{"min_date": "yesterday"},
		{"max_date": "2026-13-01"},
		{"since": "now"},
		{"until": "12"},
		{"account_id": "abc"},
		{"after": "bm9uc2Vuc2U"},
		{"after": "****"},
	],
)
def test_odd_queries_are_400(connected: Client, params: dict[str, str]) -> None:
	answer = connected.call("GET", "transactions", params=params)
	assert (answer.status_code, answer.json()["property"]) == (400, next(iter(params)))


def test_the_account_of_another_user_is_not_found(connected: Client) -> None:
	account = connected.rows("accounts")[0]["id"]
	connected.register("other")
	assert connected.call("GET", "transactions", params={"account_id": account}).status_code == 404
	assert connected.rows() == []


def test_a_deleted_item_is_gone_with_its_data(connected: Client) -> None:
	(item,) = connected.rows("items")
	assert connected.call("DELETE", f"items/{item['id']}").status_code == 204
	assert connected.rows("items") == connected.rows("accounts") == connected.rows() == []
	assert connected.call("GET", f"items/{item['id']}").status_code == 404
	assert connected.call("DELETE", f"items/{item['id']}").status_code == 404


def test_tombstones_may_be_left_out_of_a_full_read(connected: Client) -> None:
	account = connected.rows("accounts")[0]["id"]
	connected.control("POST", "simulate", {"what": "delete", "account_id": account})
	assert sum(row["deleted"] for row in connected.rows(limit=500)) == 1
	connected.control("POST", "settings", {"tombstones_without_since": False})
	assert not any(row["deleted"] for row in connected.rows(limit=500))
	assert sum(row["deleted"] for row in connected.rows(limit=500, since="2020-01-01T00:00:00Z")) == 1


def test_a_bulk_account_is_read_whole(user: Client) -> None:
	user.connect(Customer(login="volume-2500"))
	(account,) = user.rows("accounts")
	rows = user.rows(limit=500)
	truth = user.control("GET", "truth", account=account["id"]).json()
	assert len({row["id"] for row in rows}) == len(rows) == 2500
	assert Decimal(truth["opening"]) + booked_sum(rows) == Decimal(str(account["balance"]))
	assert user.get(f"transactions/{rows[1234]['id']}") == rows[1234]


def test_a_bulk_account_is_found_by_bisection(user: Client) -> None:
	user.connect(Customer(login="volume-2500"))
	rows = user.rows(limit=500)
	pivot = rows[1700]
	assert user.rows(limit=500, since=pivot["updated_at"]) == rows[1701:]
	assert user.rows(limit=500, until=pivot["updated_at"]) == rows[:1700]
	low, high = rows[400]["date"], rows[900]["date"]
	assert user.rows(limit=500, min_date=low, max_date=high) == [r for r in rows if low <= r["date"] <= high]


def test_a_bulk_row_may_change(user: Client) -> None:
	user.connect(Customer(login="volume-1200"))
	rows = user.rows(limit=500)
	moved = rows[3]
	body = {"what": "touch_row", "account_id": moved["account_id"], "row_id": moved["id"]}
	user.control("POST", "simulate", body)
	after = user.rows(limit=500)
	assert after[-1] == {**moved, "updated_at": after[-1]["updated_at"]}
	assert [row["id"] for row in after[:-1]] == [row["id"] for row in rows if row != moved]


@pytest.mark.parametrize("dates", ["all", "none"])
def test_a_bulk_row_as_text_is_the_row(dates: str) -> None:
	account = World(years=0.2).add_bulk_account(300)
	feed = BulkFeed(account, 48_000_000_001, 33_000_900_000_001, dates, 1_800_000_000_123)
	for (key, written), number in zip(feed.scan(Window()), range(300), strict=True):
		row = feed.row(number)
		assert written.encoded == row.encoded
		assert key == row.key
		assert json.loads(row.encoded)["updated_at"] == iso(from_ms(row.updated_ms))
		assert date.fromisoformat(json.loads(row.encoded)["date"]) == account.day_at(number)


def test_no_page_costs_a_walk_through_a_million_rows(server: SandboxServer, user: Client) -> None:
	account = server.world.add_bulk_account(1_000_000)
	looked_at = []
	real = account.day_at
	account.day_at = lambda number: looked_at.append(number) or real(number)  # type: ignore[method-assign]
	user.connect(Customer(accounts=["Compte 1000000 opérations"]))
	day = (server.world.clock.today() - timedelta(days=3)).isoformat()
	page = user.get("transactions", limit=500, min_date=day)["resources"]
	assert len(page) == 500
	assert page[0]["date"] == day
	assert len(looked_at) < 1000
