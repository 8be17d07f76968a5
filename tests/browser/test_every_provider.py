"""Every provider in a real browser: connect, import, update the credentials, fetch new accounts, disconnect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.sandbox.server import SandboxServer
from tests.browser.conftest import SECONDS, Desk, window
from tests.browser.test_phone_and_access import WIDER
from tests.providers.consent_pages import give_consent
from tests.providers.every_provider import LINKED, MAIN, PROVIDERS, Given, Provider, register_return, serving

pytestmark = pytest.mark.browser

BANK = "Ma banque"
LOGOS_SHOWN = (
	"() => [...document.querySelectorAll('.banksync-logo img')].every((one) => one.naturalWidth > 0)"
)
"""No logo is still being read, and none is shown as a broken picture."""


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
	with serving() as made:
		yield made


@pytest.fixture(params=PROVIDERS, ids=lambda one: one.__name__)
def given(request: pytest.FixtureRequest, sandbox: SandboxServer) -> Given:
	provider: Provider = request.param
	return provider(sandbox)


@pytest.fixture
def site(tmp_path: Path, sandbox: SandboxServer, given: Given) -> Iterator[Site]:
	with Site(tmp_path / "home", clock=sandbox.world.clock.now) as made:
		made.add_provider(given.kind, given.kind, dict(given.keys), given.url, "Sandbox")
		made.ledger.add_bank(BANK)
		yield made


@pytest.fixture
def visitor(browser: Browser, server: WebServer, sandbox: SandboxServer) -> Iterator[Desk]:
	register_return(sandbox, f"{server.url}/banksync/callback")
	context, made = window(browser, server, "en-GB")
	yield made
	context.close()
	assert made.troubles == []


def leave(desk: Desk, site: Site, given: Given) -> None:
	"""Search the bank, see which provider reaches it, and go to that provider's page."""
	[name] = {one.name for one in site.institutions(given.kind) if one.id == given.institution}
	desk.open(f"/bank/{quote(BANK)}")
	desk.button("Connect your bank")
	desk.dialog.locator("[name=search]").fill(name)
	choice = desk.dialog.get_by_role("radio", name=name).first
	expect(choice).to_be_visible()
	choice.check()
	desk.page.wait_for_function(LOGOS_SHOWN)
	expect(desk.dialog.locator(".banksync-institutions").first).to_contain_text(f"{given.kind} (Sandbox)")
	expect(desk.dialog.locator("[name=email]")).to_be_hidden()
	desk.dialog.locator(".btn-primary").click()


def consent(desk: Desk, given: Given) -> None:
	"""Do what the provider's page asks for, until the browser is back at the bank."""
	give_consent(desk.page, desk.server.url, given.login)
	desk.page.wait_for_url(f"{desk.server.url}/bank/**", timeout=60 * SECONDS)


def import_main(desk: Desk) -> None:
	expect(desk.dialog.get_by_role("heading", name="Update bank accounts")).to_be_visible()
	rows = desk.dialog.locator("[data-source]")
	for index in range(rows.count()):
		main = rows.nth(index).get_by_role("rowheader").inner_text().startswith(LINKED)
		target = "New…" if main else "Do not import"
		rows.nth(index).locator("[data-field=target]").select_option(label=target)
	desk.dialog.locator(".btn-primary").click()
	expect(desk.page.locator(".alert.green .alert-text").last).to_contain_text(
		"imported", timeout=60 * SECONDS
	)


def test_from_the_first_click_to_the_disconnection(
	visitor: Desk, site: Site, sandbox: SandboxServer, given: Given
) -> None:
	leave(visitor, site, given)
	consent(visitor, given)
	import_main(visitor)
	[account] = site.ledger.bank_accounts()
	held = sorted(
		(one.date, one.amount) for one in site.ledger.transactions(bank_account=account.name, limit=-1)
	)
	assert held == sorted((one.day, one.amount) for one in sandbox.world.truth(MAIN))
	visitor.open("/bank-transaction")
	expect(visitor.page.locator("#transactions tbody tr").first).to_be_visible()
	[connection] = site.ledger.connections()
	sandbox.world.clock.advance(timedelta(minutes=5))  # providers count the calls of a minute
	visitor.open(f"/bank/{quote(BANK)}")
	visitor.menu("Update credentials")
	consent(visitor, given)
	assert site.ledger.connection(connection.name).status is ConnectionStatus.ACTIVE
	visitor.open(f"/bank/{quote(BANK)}")
	visitor.page.set_viewport_size({"width": 375, "height": 800})
	assert visitor.page.evaluate(WIDER) <= 0
	sandbox.world.clock.advance(timedelta(minutes=5))
	visitor.page.set_viewport_size({"width": 1280, "height": 860})
	visitor.menu("Disconnect")
	visitor.dialog.get_by_role("button", name="Disconnect").click()
	expect(visitor.page.locator(".alert.green").last).to_contain_text("consent has ended")
	assert site.ledger.connection(connection.name).status is ConnectionStatus.DISCONNECTED
	assert site.ledger.count_transactions(account.name) == len(held)
