"""Each provider on the standalone site, over HTTP: the bank's form, the provider's page, Update bank accounts, the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.web.conftest import Visitor
from tests.hosts.standalone.web.test_web_journey import wait_for_run
from tests.providers.every_provider import LINKED, MAIN, PROVIDERS, Given, Provider, register_return, serving

BANK, ACCOUNT = "Ma banque", "Courant"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
	with serving() as made:
		yield made


@pytest.fixture(params=PROVIDERS)
def given(request: pytest.FixtureRequest, sandbox: SandboxServer) -> Given:
	provider: Provider = request.param
	return provider(sandbox)


@pytest.fixture
def site(tmp_path: Path, sandbox: SandboxServer, given: Given) -> Iterator[Site]:
	with Site(tmp_path / "home", clock=sandbox.world.clock.now) as made:
		made.add_provider(given.kind, given.kind, dict(given.keys), given.url, "Sandbox")
		made.ledger.add_bank(BANK)
		yield made


def leave(visitor: Visitor, given: Given) -> str:
	"""Click Connect your bank; return where the browser is sent."""
	arguments = {
		"bank": BANK,
		"provider": given.kind,
		"institution_id": given.institution,
		"email": "a@example.org",
	}
	return str(visitor.message("begin_connect", **arguments)["url"])


def come_back(visitor: Visitor, address: str) -> None:
	parts = urlsplit(address)
	answer = visitor.get(f"{parts.path}?{parts.query}")
	assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
	assert urlsplit(answer.headers["Location"]).path == f"/bank/{quote(BANK)}"


def choices(visitor: Visitor) -> str:
	"""Import the main account as a new one, and no other."""
	rows: list[dict[str, Any]] = []
	for account in visitor.message("account_choices", bank=BANK)["accounts"]:
		chosen = account["account_name"].startswith(LINKED)
		rows.append(
			{
				"source": account["source"],
				"bank_account": ACCOUNT if chosen else "",
				"start_date": None,
				"is_new": chosen,
			}
		)
	assert [row["is_new"] for row in rows].count(True) == 1
	return json.dumps(rows)


def test_from_the_click_to_the_transactions(
	visitor: Visitor, server: WebServer, site: Site, sandbox: SandboxServer, given: Given
) -> None:
	register_return(sandbox, f"{server.url}/banksync/callback")
	address = leave(visitor, given)
	if not address.startswith(server.url):
		address = Customer(login=given.login).consent(address)
	come_back(visitor, address)
	assert visitor.message("bank_state", bank=BANK)["connections"][0]["status"] == "Active"
	visitor.message("update_accounts", bank=BANK, choices=choices(visitor))
	done = wait_for_run(visitor)
	assert done["indicator"] == "green", done
	rows = site.ledger.transactions(bank_account=ACCOUNT, limit=-1)
	truth = sandbox.world.truth(MAIN)
	assert sorted((row.date, row.amount) for row in rows) == sorted((one.day, one.amount) for one in truth)
	assert "Complete" in visitor.get(f"/bank/{quote(BANK)}").text
