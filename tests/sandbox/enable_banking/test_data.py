"""Balances and transactions, with what is odd about the banks that give them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
import requests

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.server import SandboxServer
from tests.sandbox.enable_banking.client import Client, account

AURORE = {"name": "Banque Aurore", "country": "FR"}
PONANT = {"name": "Caisse du Ponant", "country": "FR"}
LAVANDIERE = {"name": "Crédit Lavandière", "country": "FR"}
PAPILLON = {"name": "Papillon Néobanque", "country": "FR"}
MERIDIONAL = {"name": "Comptoir Méridional", "country": "FR"}
BOCAGERE = {"name": "Union Bocagère", "country": "FR"}
VEXIN = {"name": "Société de Banque du Vexin", "country": "FR"}

PSU = {"Psu-Ip-Address": "192.0.2.7", "Psu-User-Agent": "Mozilla/5.0"}


def main(client: Client, aspsp: dict[str, str]) -> str:
	return str(account(client.connect(aspsp), details="Compte courant pro")["uid"])


def signed(row: dict[str, object]) -> Decimal:
	amount = row["transaction_amount"]
	assert isinstance(amount, dict)
	value = abs(Decimal(amount["amount"]))
	return value if row["credit_debit_indicator"] == "CRDT" else -value


def true_money(server: SandboxServer, key: str) -> Counter[tuple[str, Decimal]]:
	return Counter((str(one.day), one.amount) for one in server.world.truth(key))


@pytest.mark.parametrize(
	("aspsp", "key"),
	[(AURORE, "601:alex:checking"), (PONANT, "602:alex:checking"), (PAPILLON, "605:alex:checking")],
)
def test_the_longest_history_is_all_that_was_booked(
	client: Client, server: SandboxServer, aspsp: dict[str, str], key: str
) -> None:
	rows = client.rows(main(client, aspsp), strategy="longest")
	booked = Counter((row["booking_date"], signed(row)) for row in rows if row["status"] == "BOOK")
	assert booked == true_money(server, key)


def test_pages_may_be_empty_and_go_on(client: Client) -> None:
	pages = list(client.pages(main(client, PAPILLON), strategy="longest"))
	assert pages[0] == []
	assert pages[1]
	assert any(page == [] for page in pages[2:])


def test_a_continuation_key_belongs_to_its_session_and_account(client: Client) -> None:
	first, second = client.connect(AURORE), client.connect(AURORE)
	uids = [str(account(one, details="Compte courant pro")["uid"]) for one in (first, second)]
	key = client.get(f"/accounts/{uids[0]}/transactions", strategy="longest")["continuation_key"]
	params = {"continuation_key": key}
	refused = client.error_of("GET", f"/accounts/{uids[1]}/transactions", params=params)
	assert refused == (422, "WRONG_CONTINUATION_KEY")
	assert client.call("GET", f"/accounts/{uids[0]}/transactions", params=params).ok


def test_after_the_first_hour_history_is_ninety_days(client: Client, server: SandboxServer) -> None:
	uid = main(client, AURORE)
	place = f"/accounts/{uid}/transactions"
	server.world.advance(timedelta(hours=2))
	today = server.world.clock.today()
	ninety, more = today - timedelta(days=90), today - timedelta(days=91)
	assert client.call("GET", place, params={"date_from": ninety}).ok
	assert client.error_of("GET", place, params={"date_from": more}) == (422, "WRONG_TRANSACTIONS_PERIOD")
	longest = client.rows(uid, strategy="longest", date_from=more)
	assert min(row["booking_date"] for row in longest if row["booking_date"]) >= str(ninety)


@pytest.mark.parametrize(
	("params", "code"),
	[
		({"date_from": "2026-11-17"}, "DATE_FROM_IN_FUTURE"),
		({"date_to": "2026-11-15"}, "DATE_TO_WITHOUT_DATE_FROM"),
		({"date_from": "2026-11-15", "date_to": "2026-11-14"}, "WRONG_DATE_INTERVAL"),
		({"date_from": "yesterday"}, "WRONG_REQUEST_PARAMETERS"),
		({"transaction_status": "DONE"}, "WRONG_REQUEST_PARAMETERS"),
	],
)
def test_periods_that_make_no_sense(client: Client, params: dict[str, str], code: str) -> None:
	assert client.error_of("GET", f"/accounts/{main(client, AURORE)}/transactions", params=params) == (
		422,
		code,
	)


def test_references_that_are_stable(client: Client) -> None:
	uid = str(account(client.connect(), details="Compte courant pro")["uid"])
	rows = [row["entry_reference"] for row in client.rows(uid, strategy="longest") if row["status"] == "BOOK"]
	again = [
		row["entry_reference"] for row in client.rows(uid, strategy="longest") if row["status"] == "BOOK"
	]
	assert rows == again
	assert len(set(rows)) == len(rows)
	assert all(rows)


def test_references_that_are_absent_or_new_at_every_call(client: Client) -> None:
	assert {row["entry_reference"] for row in client.rows(main(client, AURORE))} == {None}
	uid = main(client, PAPILLON)
	first = {row["entry_reference"] for row in client.rows(uid) if row["status"] == "BOOK"}
	second = {row["entry_reference"] for row in client.rows(uid) if row["status"] == "BOOK"}
	assert first
	assert not first & second


def test_references_that_are_positions_shift_with_a_late_row(client: Client, server: SandboxServer) -> None:
	uid = main(client, PONANT)
	booked = [row for row in client.rows(uid) if row["status"] == "BOOK"]
	today = str(server.world.clock.today())
	assert all(row["entry_reference"] is None for row in booked if row["booking_date"] == today)
	busy = Counter(row["booking_date"] for row in booked if row["booking_date"] < today).most_common(1)[0][0]
	before = {
		row["entry_reference"]: row["remittance_information"] for row in booked if row["booking_date"] == busy
	}
	late = Movement("late", date.fromisoformat(busy), -4250, "CB TARD", "Tard", "work_other", "card")
	server.world.account("602:alex:checking").add(late)
	after = {
		row["entry_reference"]: row["remittance_information"]
		for row in client.rows(uid)
		if row["booking_date"] == busy
	}
	assert len(after) == len(before) + 1
	assert after[f"{busy}.1"] == ["CB TARD"]
	assert after[f"{busy}.2"] == before[f"{busy}.1"]


def test_transaction_ids_are_new_at_every_call(client: Client) -> None:
	uid = str(account(client.connect(), details="Compte courant pro")["uid"])
	first, second = ({row["transaction_id"] for row in client.rows(uid)} for _ in range(2))
	assert not first & second


def test_a_bank_may_write_the_sign_beside_the_indicator(client: Client) -> None:
	rows = client.rows(main(client, PONANT))
	assert any(row["transaction_amount"]["amount"].startswith("-") for row in rows)
	plain = client.rows(main(client, AURORE))
	assert not any(row["transaction_amount"]["amount"].startswith("-") for row in plain)


def test_a_bank_may_give_no_booking_date(client: Client) -> None:
	rows = client.rows(main(client, VEXIN))
	assert rows
	assert {row["booking_date"] for row in rows} == {None}
	assert all(row["value_date"] for row in rows)


def test_pending_rows_have_another_status_and_go_when_they_book(
	client: Client, server: SandboxServer
) -> None:
	uid = main(client, AURORE)
	statuses: set[str] = set()
	for _ in range(12):
		statuses |= {row["status"] for row in client.rows(uid)}
		server.world.advance(days=1)
	assert {"BOOK", "PDNG", "SCHD"} <= statuses
	only = client.rows(uid, transaction_status="PDNG")
	assert {row["status"] for row in only} <= {"PDNG"}


def test_balances_of_each_kind_of_bank(client: Client, server: SandboxServer) -> None:
	uid = main(client, AURORE)
	found = {one["balance_type"]: one for one in client.get(f"/accounts/{uid}/balances")["balances"]}
	assert set(found) == {"ITBD", "CLAV"}
	booked = server.world.balance("601:alex:checking")
	assert found["ITBD"]["balance_amount"] == {"currency": "EUR", "amount": f"{booked:.2f}"}


def test_balances_may_fail_where_transactions_work(client: Client) -> None:
	uid = main(client, MERIDIONAL)
	assert client.error_of("GET", f"/accounts/{uid}/balances") == (400, "ASPSP_ERROR")
	assert client.rows(uid)


def test_four_calls_a_day_without_the_user(client: Client, server: SandboxServer) -> None:
	uid = main(client, AURORE)
	place = f"/accounts/{uid}/transactions"
	for _ in range(4):
		assert client.call("GET", place).ok
	assert client.error_of("GET", place) == (429, "ASPSP_RATE_LIMIT_EXCEEDED")
	assert client.call("GET", f"/accounts/{uid}/balances").ok  # counted apart
	assert client.call("GET", place, headers=PSU).ok  # the user is there
	server.world.advance(days=1)
	assert client.call("GET", place).ok


def test_following_pages_cost_nothing(client: Client) -> None:
	uid = main(client, PAPILLON)
	for _ in range(4):
		assert len(client.rows(uid, strategy="longest")) > 40


def test_psu_headers_are_all_there_or_none(client: Client) -> None:
	uid = main(client, LAVANDIERE)
	place = f"/accounts/{uid}/transactions"
	assert client.error_of("GET", place) == (400, "ASPSP_PSU_ACTION_REQUIRED")
	part = {"Psu-Ip-Address": "192.0.2.7"}
	assert client.error_of("GET", place, headers=part) == (422, "PSU_HEADER_NOT_PROVIDED")
	assert client.error_of("GET", place, headers={**PSU, "Psu-Ip-Address": "home"}) == (
		422,
		"PSU_HEADER_INVALID",
	)
	assert client.call("GET", place, headers=PSU).ok
	listed = client.get("/aspsps", country="FR")["aspsps"]
	required = {one["name"]: one.get("required_psu_headers") for one in listed}
	assert required["Crédit Lavandière"] == ["Psu-Ip-Address", "Psu-User-Agent"]


def test_a_bank_whose_history_is_slow_says_nothing_of_it(client: Client, server: SandboxServer) -> None:
	uid = main(client, BOCAGERE)
	first = client.rows(uid, strategy="longest")
	assert min(row["booking_date"] for row in first) >= "2026-10-17"
	server.world.advance(days=1)
	second = client.rows(uid, strategy="longest")
	assert min(row["booking_date"] for row in second) < "2026-09-01"


def test_a_bank_that_refuses_date_to(client: Client) -> None:
	uid = main(client, BOCAGERE)
	params = {"date_from": "2026-11-01", "date_to": "2026-11-10"}
	assert client.error_of("GET", f"/accounts/{uid}/transactions", params=params) == (400, "ASPSP_ERROR")


def test_accounts_that_are_not_there(client: Client) -> None:
	unknown = "00000000-0000-4000-8000-000000000000"
	assert client.error_of("GET", f"/accounts/{unknown}/balances") == (404, "ACCOUNT_DOES_NOT_EXIST")
	assert client.error_of("GET", "/accounts/574/balances") == (422, "WRONG_REQUEST_PARAMETERS")


def test_access_that_was_not_asked_for(client: Client, server: SandboxServer) -> None:
	until = "2026-12-01T00:00:00Z"
	session = client.connect(access={"valid_until": until, "balances": False})
	uid = account(session, details="Compte courant pro")["uid"]
	assert client.error_of("GET", f"/accounts/{uid}/balances") == (403, "ACCESS_DENIED")


def test_faults_come_in_the_providers_shape(client: Client, server: SandboxServer) -> None:
	server.faults.add(
		Fault("status", path="/enable_banking/", status=400, code="ASPSP_ERROR"),
		Fault("status", path="/enable_banking/", status=429, after=1, retry_after=7),
		Fault("status", path="/enable_banking/", status=500, after=2),
	)
	assert client.error_of("GET", "/aspsps") == (400, "ASPSP_ERROR")
	limited = client.call("GET", "/aspsps")
	assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
	assert client.call("GET", "/aspsps").status_code == 500
	assert client.call("GET", "/aspsps").ok


def test_a_page_that_leads_to_itself(client: Client, server: SandboxServer) -> None:
	uid = main(client, AURORE)
	server.faults.add(Fault("repeat_page", path="/enable_banking/accounts", count=2))
	first = client.get(f"/accounts/{uid}/transactions", strategy="longest")
	key = first["continuation_key"]
	second = client.get(f"/accounts/{uid}/transactions", continuation_key=key)
	assert second["continuation_key"] == key


def test_a_banks_oddities_can_be_changed(client: Client, server: SandboxServer) -> None:
	uid = main(client, AURORE)
	body = {"what": "change_quirks", "institution": 601, "balances_fail": True, "references": "stable"}
	answer = requests.post(f"{server.url}/_sandbox/enable_banking/simulate", json=body, timeout=60)
	assert answer.ok, answer.text
	assert client.error_of("GET", f"/accounts/{uid}/balances") == (400, "ASPSP_ERROR")
	assert all(row["entry_reference"] for row in client.rows(uid) if row["status"] == "BOOK")
