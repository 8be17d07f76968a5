"""The way of a connection over HTTP: leave for the bank's page, come back, choose, import."""

from __future__ import annotations

import json
from http import HTTPStatus
from threading import Event
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.web.conftest import AURORE, BANK, PROVIDER, Visitor

CUSTOMER = Customer(institution=int(AURORE))
CALLBACK = "/banksync/callback"


def leave(visitor: Visitor) -> str:
	arguments = {"bank": BANK, "provider": PROVIDER, "institution_id": AURORE, "email": "anne@example.org"}
	url: str = visitor.message("begin_connect", **arguments)["url"]
	return url


def back(visitor: Visitor, address: str) -> Any:
	"""Come back by this address, and what the Bank form is told then."""
	parts = urlsplit(address)
	answer = visitor.get(f"{parts.path}?{parts.query}")
	assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
	page = urlsplit(answer.headers["Location"])
	assert page.path == f"/bank/{quote(BANK)}"
	return visitor.message("bank_state", bank=BANK, outcome=parse_qs(page.query)["outcome"][0])


def connect(visitor: Visitor) -> Any:
	return back(visitor, CUSTOMER.consent(leave(visitor)))


def choices(visitor: Visitor) -> str:
	"""Import the first account as a new one, and no other."""
	accounts = visitor.message("account_choices", bank=BANK)["accounts"]
	rows = [
		{"source": account["source"], "bank_account": "", "start_date": None, "is_new": False}
		for account in accounts
	]
	rows[0].update(bank_account="Courant", is_new=True)
	return json.dumps(rows)


def feed(site: Site) -> None:
	"""Let the first account of the connection feed a Bank Account."""
	[record] = site.ledger.connections()
	account = site.ledger.accounts(record.name)[0]
	site.ledger.add_bank_account("Fed", BANK, account.remote.currency)
	site.ledger.link(account.source, "Fed", None)


def wait_for_run(visitor: Visitor, after: int = 0) -> Any:
	pause = Event()
	for _ in range(400):
		news = visitor.get(f"/api/progress?after={after}").json()
		if done := [event["data"] for event in news["events"] if event["event"] == "banksync_done"]:
			return done[-1]
		pause.wait(0.05)
	raise AssertionError("the run did not end")


def test_from_the_click_to_the_transactions(visitor: Visitor, site: Site, sandbox: SandboxServer) -> None:
	state = connect(visitor)
	assert state["outcome"]["choose_accounts"]
	assert state["connections"][0]["status"] == "Active"
	assert visitor.message("bank_state", bank=BANK)["outcome"] is None
	assert visitor.message("update_accounts", bank=BANK, choices=choices(visitor))["indicator"] == "blue"
	done = wait_for_run(visitor)
	assert done["indicator"] == "green", done
	truth = sandbox.world.truth(sandbox.world.accounts(int(AURORE))[0])
	assert site.ledger.count_transactions("Courant") == len(truth)
	page = visitor.get("/bank-transaction?bank_account=Courant").text
	assert page.count('<td class="day">') >= 50
	run = visitor.get(f"/sync-run/{done['run']}").text
	assert "Complete" in run
	assert "Complete" in visitor.get(f"/bank/{quote(BANK)}").text


def test_no_page_or_answer_shows_the_provider_ids_of_the_access(visitor: Visitor, site: Site) -> None:
	connect(visitor)
	record = site.ledger.connections()[0]
	assert record.remote_user
	message = json.dumps(visitor.message("bank_state", bank=BANK))
	pages = "".join(
		visitor.get(path).text for path in ("/sync-connection", f"/sync-connection/{record.name}")
	)
	assert record.remote_user not in message + pages


def test_the_accounts_offered(visitor: Visitor) -> None:
	connect(visitor)
	offered = visitor.message("account_choices", bank=BANK)
	first = offered["accounts"][0]
	assert first["iban"].startswith("FR")
	assert first["currency"] == "EUR"
	assert first["note"] == "All the history that the bank gives"
	assert isinstance(first["balance"], str)
	assert offered["bank_accounts"] == []


# -- the return ----------------------------------------------------------------------------------------
def test_a_double_click_makes_one_connection(visitor: Visitor, site: Site) -> None:
	assert leave(visitor) == leave(visitor)
	assert len(site.ledger.connections()) == 1


def test_a_state_counts_once(visitor: Visitor, site: Site) -> None:
	address = CUSTOMER.consent(leave(visitor))
	back(visitor, address)
	kept = site.ledger.connections()
	again = visitor.get(f"{CALLBACK}?{urlsplit(address).query}")
	assert again.status_code == HTTPStatus.NOT_FOUND
	assert "BS-601" in again.text
	assert site.ledger.connections() == kept


@pytest.mark.parametrize(
	"query", ["", "context=", "context=0123456789abcdef0123456789abcdef", "item_id=1&success=true"]
)
def test_a_forged_return_changes_nothing(visitor: Visitor, site: Site, query: str) -> None:
	leave(visitor)
	kept = site.ledger.connections()
	assert visitor.get(f"{CALLBACK}?{query}").status_code == HTTPStatus.NOT_FOUND
	assert site.ledger.connections() == kept


def test_nobody_comes_back_for_another(
	visitor: Visitor, other: Visitor, outsider: Visitor, site: Site
) -> None:
	query = urlsplit(CUSTOMER.consent(leave(visitor))).query
	assert outsider.get(f"{CALLBACK}?{query}").status_code == HTTPStatus.FORBIDDEN
	assert other.get(f"{CALLBACK}?{query}").status_code == HTTPStatus.NOT_FOUND
	assert site.ledger.connections()[0].status is ConnectionStatus.CONNECTING
	assert back(visitor, f"{CALLBACK}?{query}")["connections"][0]["status"] == "Active"


def test_too_late_a_return(visitor: Visitor, sandbox: SandboxServer) -> None:
	query = urlsplit(CUSTOMER.consent(leave(visitor))).query
	sandbox.world.advance(days=1)
	assert visitor.get(f"{CALLBACK}?{query}").status_code == HTTPStatus.NOT_FOUND


def test_giving_up_is_reported_as_no_error(visitor: Visitor) -> None:
	state = back(visitor, CUSTOMER.cancel(leave(visitor)))
	assert state["outcome"]["indicator"] == "blue"
	assert not state["outcome"]["choose_accounts"]


def test_after_coming_back_a_click_is_a_new_visit(visitor: Visitor, site: Site) -> None:
	first = leave(visitor)
	back(visitor, CUSTOMER.cancel(first))
	assert leave(visitor) != first


def test_an_expired_consent_asks_to_reconnect_and_is_renewed(
	visitor: Visitor, site: Site, sandbox: SandboxServer
) -> None:
	connect(visitor)
	record = site.ledger.connections()[0]
	simulate(sandbox.bridge, "expire", item_id=int(record.remote_id))
	visitor.message("fetch_accounts", connection=record.name)
	row = visitor.message("bank_state", bank=BANK)["connections"][0]
	assert row["status"] == "Consent Expired"
	assert row["message"]
	url = visitor.message("begin_reconnect", connection=record.name)["url"]
	assert back(visitor, CUSTOMER.consent(url))["connections"][0]["status"] == "Active"


def test_disconnecting_keeps_the_transactions(visitor: Visitor, site: Site) -> None:
	connect(visitor)
	visitor.message("update_accounts", bank=BANK, choices=choices(visitor))
	wait_for_run(visitor)
	held = site.ledger.count_transactions("Courant")
	visitor.message("disconnect", connection=site.ledger.connections()[0].name)
	assert visitor.message("bank_state", bank=BANK)["connections"][0]["status"] == "Disconnected"
	assert site.ledger.count_transactions("Courant") == held > 0
	answer = visitor.call("fetch_transactions", bank=BANK)
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


# -- runs ----------------------------------------------------------------------------------------------
def test_one_run_at_a_time_and_its_failure_is_reported(
	visitor: Visitor, site: Site, sandbox: SandboxServer
) -> None:
	connect(visitor)
	feed(site)
	name = site.ledger.connections()[0].name
	hold = Event()

	def slow(*args: object, **more: object) -> object:
		hold.wait(10)
		return Site.sync(site, *args, **more)  # type: ignore[arg-type]

	site.sync = slow  # type: ignore[method-assign, assignment]
	visitor.message("fetch_transactions", connection=name)
	busy = visitor.call("fetch_transactions", connection=name)
	assert busy.status_code == HTTPStatus.CONFLICT
	assert busy.json()["code"] == "BS-602"
	assert visitor.message("bank_state", bank=BANK)["connections"][0]["running"]
	sandbox.faults.add(Fault("html", path="/v3/aggregation/items", count=None))
	hold.set()
	done = wait_for_run(visitor)
	assert done["indicator"] == "red"
	assert done["code"].startswith("BS-")
	assert "Failed" in visitor.get("/sync-run").text
	sandbox.faults.clear()
	visitor.message("fetch_transactions", connection=name)


@pytest.mark.parametrize(
	"given",
	[
		"",
		"nonsense",
		"{}",
		"[1]",
		'[{"source": "x"}]',
		'[{"source": "x", "bank_account": "y", "start_date": "soon"}]',
	],
)
def test_choices_that_are_none(visitor: Visitor, site: Site, given: str) -> None:
	connect(visitor)
	answer = visitor.call("update_accounts", bank=BANK, choices=given)
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert not visitor.get("/api/progress").json()["busy"]
	assert site.ledger.bank_accounts() == []


@pytest.mark.parametrize("email", ["", "anne", "@"])
def test_an_email_address_is_asked_for_before_anything_is_made(
	visitor: Visitor, site: Site, email: str
) -> None:
	arguments = {"bank": BANK, "provider": PROVIDER, "institution_id": AURORE, "email": email}
	assert visitor.call("begin_connect", **arguments).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert site.ledger.connections() == []


def test_institutions_are_searched_and_cut(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
	found = visitor.message("institutions", provider=PROVIDER, search="aurore")
	assert AURORE in [offer["id"] for one in found["institutions"] for offer in one["offers"]]
	assert not found["more"]
	monkeypatch.setattr("dokos_banksync.actions.institutions.SHOWN", 2)
	cut = visitor.message("institutions", provider=PROVIDER)
	assert len(cut["institutions"]) == 2
	assert cut["more"]


def test_the_keys_are_checked(visitor: Visitor, sandbox: SandboxServer) -> None:
	assert visitor.message("check_provider", provider=PROVIDER)["remarks"]
	sandbox.faults.add(Fault("status", status=401, count=None))
	refused = visitor.call("check_provider", provider=PROVIDER)
	assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert refused.json()["code"] == "BS-100"


# -- what only one page is told --------------------------------------------------------------------------
def test_an_outcome_is_given_once_to_the_page_that_has_its_key(visitor: Visitor, other: Visitor) -> None:
	parts = urlsplit(CUSTOMER.consent(leave(visitor)))
	landed = visitor.get(f"{parts.path}?{parts.query}").headers["Location"]
	key = parse_qs(urlsplit(landed).query)["outcome"][0]
	assert visitor.message("bank_state", bank=BANK)["outcome"] is None
	assert visitor.message("bank_state", bank=BANK, outcome="guess")["outcome"] is None
	assert other.message("bank_state", bank=BANK, outcome=key)["outcome"] is None
	assert visitor.message("bank_state", bank=BANK, outcome=key)["outcome"]["choose_accounts"]
	assert visitor.message("bank_state", bank=BANK, outcome=key)["outcome"] is None


def test_who_loads_the_page_while_a_run_goes_on_sees_its_progress(visitor: Visitor, site: Site) -> None:
	connect(visitor)
	feed(site)
	reached, go_on = Event(), Event()

	def slow(*args: object, progress: Any, **more: object) -> object:
		progress("store", 50, 100)
		reached.set()
		go_on.wait(10)
		return Site.sync(site, *args, progress=progress, **more)  # type: ignore[arg-type]

	site.sync = slow  # type: ignore[method-assign, assignment]
	visitor.message("fetch_transactions", bank=BANK)
	assert reached.wait(10)
	row = visitor.message("bank_state", bank=BANK)["connections"][0]
	go_on.set()
	assert row["running"]
	assert row["progress"]["percent"] == 70
	assert row["progress"]["description"] == "50 of 100 lines stored"
	wait_for_run(visitor)
	assert visitor.message("bank_state", bank=BANK)["connections"][0]["progress"] is None


def test_a_defect_in_a_run_is_shown_in_the_users_language(visitor: Visitor, site: Site) -> None:
	connect(visitor)
	feed(site)
	visitor.get("/bank?lang=fr")

	def broken(*args: object, **more: object) -> object:
		raise ZeroDivisionError("insides")

	site.sync = broken  # type: ignore[method-assign, assignment]
	visitor.message("fetch_transactions", bank=BANK)
	done = wait_for_run(visitor)
	assert done["indicator"] == "red"
	assert done["code"] == "BS-000"
	assert "journal" in done["message"]
	assert "insides" not in json.dumps(done)
