"""Every provider in a real browser on a real site: from Connect your bank to Disconnect, with the provider's own page between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.server import SandboxServer
from tests.providers.every_provider import (
	EVERY_PROVIDER,
	LINKED,
	MAIN,
	Given,
	Provider,
	register_return,
	serving,
)
from tests.site.bench import Site
from tests.site.conftest import SECONDS, Desk
from tests.site.walks import ROLES, Place, Walk, needs_news, place

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANNE = "anne.providers@example.org"
_CALLBACK = "/api/method/dokos_banksync.api.connections.callback"
_NAME = """
from dokos_banksync.core.clock import utc_now
from dokos_banksync.actions.site import Site
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
found = Site(FrappeLedger(), utc_now).provider_of(provider).institutions()
[answer] = {one.name for one in found if one.id == institution}
"""


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
	with serving(Clock.real()) as made:
		yield made


@pytest.fixture(params=EVERY_PROVIDER, ids=lambda one: one.__name__)
def given(request: pytest.FixtureRequest, sandbox: SandboxServer) -> Given:
	provider: Provider = request.param
	return provider(sandbox)


@pytest.fixture
def here(site: Site, sandbox: SandboxServer, given: Given) -> Iterator[Place]:
	needs_news(site)
	register_return(sandbox, f"{site.url}{_CALLBACK}")
	mark = uuid4().hex[:6]
	with place(site, sandbox, f"A {given.kind} {mark}", f"Banque {mark}", given) as made:
		yield made


@pytest.fixture
def anne(here: Place, desk_of: Callable[[str], Desk]) -> Iterator[Walk]:
	here.site.user(ANNE, *ROLES)
	walk = Walk(desk_of(ANNE), here)
	yield walk
	assert walk.desk.troubles == []


def consent(walk: Walk, given: Given) -> None:
	"""Do what the provider's page asks for, until the browser is back on the Desk."""
	page, home = walk.page, walk.place.site.url
	page.wait_for_url(lambda url: not url.startswith(home))
	while not page.url.startswith(home):
		if page.locator("#login").is_visible():
			page.locator("#login").fill(given.login)
			page.locator("#password").fill("any password")
		elif page.locator("#code").is_visible():
			page.locator("#code").fill("123456")
		elif page.locator("#consent").is_visible():
			page.locator("#consent").check()
		with page.expect_navigation():
			page.locator("#continue").click()
	page.wait_for_url(f"{home}/app/**", timeout=60 * SECONDS)


def import_main(walk: Walk) -> None:
	"""Import the main account into a new Bank Account, and nothing else."""
	walk.expect_dialog()
	rows = walk.dialog.locator("[data-source]")
	for index in range(rows.count()):
		main = LINKED in rows.nth(index).inner_text() and "secondaire" not in rows.nth(index).inner_text()
		label = "New…" if main else "Do not import"
		rows.nth(index).locator("[data-field=target]").select_option(label=label)
	walk.confirm()
	walk.expect_end("new")


def held(here: Place) -> list[tuple[str, str]]:
	"""Day and signed amount of the bank's bank transactions."""
	code = """
	accounts = frappe.get_all("Bank Account", {"bank": bank}, pluck="name")
	rows = frappe.get_all("Bank Transaction", {"bank_account": ["in", accounts], "docstatus": 1}, ["*"])
	money = lambda row: (row.get("deposit") or row.get("credit") or 0) - (row.get("withdrawal") or row.get("debit") or 0)
	answer = sorted([str(row.date), f"{money(row):.2f}"] for row in rows)
	"""
	return [(day, amount) for day, amount in here.site.run(code, bank=here.bank)]


def test_from_the_first_click_to_the_disconnection(anne: Walk, here: Place, given: Given) -> None:
	name = here.site.run(_NAME, provider=here.provider, institution=given.institution)
	anne.open_bank()
	anne.button("Connect your bank")
	anne.choose_bank(name)
	anne.confirm()
	consent(anne, given)
	import_main(anne)
	truth = sorted((str(one.day), f"{one.amount:.2f}") for one in here.server.world.truth(MAIN))
	assert held(here) == truth
	anne.desk.open("bank-transaction")
	expect(anne.page.locator(".list-row-container:visible")).not_to_have_count(0)
	here.server.world.clock.advance(timedelta(minutes=5))  # providers count the calls of a minute
	anne.open_bank()
	anne.menu("Update credentials")
	consent(anne, given)
	assert [one["status"] for one in here.connections("status")] == ["Active"]
	anne.open_bank()
	anne.menu("Disconnect")
	anne.dialog.locator(".btn-danger:visible").click()
	expect(anne.page.locator(".banksync-connection")).to_have_count(0, timeout=30 * SECONDS)
	assert [one["status"] for one in here.connections("status")] == ["Disconnected"]
	assert held(here) == truth
