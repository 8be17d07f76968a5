"""Plain form posts in Firefox: it sends other headers with them than Chromium, and a form without script must arrive."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from tests.browser import marionette
from tests.browser.marionette import Firefox
from tests.hosts.standalone.web.conftest import BANK, sandbox, server, site

__all__ = ["sandbox", "server", "site"]

pytestmark = [
	pytest.mark.browser,
	pytest.mark.skipif(marionette.FIREFOX is None, reason=marionette.NO_FIREFOX),
]


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
	with marionette.running(tmp_path_factory.mktemp("firefox")) as window:
		yield window


@pytest.fixture
def window(firefox: Firefox, server: WebServer) -> Firefox:
	firefox.open(server.new_entry())
	return firefox


def path(window: Firefox) -> str:
	return unquote(urlsplit(window.address).path)


def test_a_bank_is_added_and_renamed(window: Firefox, server: WebServer, site: Site) -> None:
	window.open(f"{server.url}/bank")
	window.fill("[name=bank_name]", "Crédit de la Mer")
	window.click("form[action='/bank'] button")
	assert path(window) == "/bank/Crédit de la Mer"
	assert site.ledger.banks() == [BANK, "Crédit de la Mer"]
	window.click("details summary")
	window.fill("[name=name]", " & Fils")
	window.click("details form button")
	assert path(window) == "/bank/Crédit de la Mer & Fils"
	assert site.ledger.banks() == [BANK, "Crédit de la Mer & Fils"]


def test_a_provider_is_added(window: Firefox, server: WebServer, site: Site, sandbox: SandboxServer) -> None:
	window.open(f"{server.url}/new/sync-provider?type=Bridge")
	window.fill("[name=provider_name]", "Second")
	window.fill("[name=client_id]", CLIENT_ID)
	window.fill("[name=client_secret]", CLIENT_SECRET)
	window.fill("[name=base_url]", sandbox.url)
	window.click("main form button.btn-primary")
	assert path(window) == "/sync-provider/Second"
	assert "Second" in [row["name"] for row in site.ledger.providers()]
	assert CLIENT_SECRET not in window.text


def test_an_account_is_added_and_the_user_logs_out(window: Firefox, server: WebServer, site: Site) -> None:
	window.open(f"{server.url}/new/bank-account")
	window.fill("[name=name]", "Caisse")
	window.click("main form button.btn-primary")
	assert path(window) == "/bank-account/Caisse"
	assert [one.name for one in site.ledger.bank_accounts()] == ["Caisse"]
	window.click(".log-out button")
	assert "You are logged out" in window.text
	window.open(f"{server.url}/bank")
	assert "You are not logged in" in window.text
