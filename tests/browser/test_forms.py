"""Every form of every page, sent by a real browser: headers that only a browser sends decide whether it is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dokos_banksync.hosts.standalone import web
from dokos_banksync.hosts.standalone.site import Site
from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser
TEMPLATES = Path(web.__file__).parents[1] / "templates"
TESTED = {"/bank", "/sync-provider/new"}


def test_each_form_that_is_sent_is_tested_here() -> None:
	pages = [path.read_text("utf-8") for path in TEMPLATES.glob("*.html")]
	assert {
		found for page in pages for found in re.findall(r'method="post" action="([^"]+)"', page)
	} == TESTED


def test_a_bank_is_added(desk: Desk, site: Site) -> None:
	desk.open("/bank")
	desk.page.get_by_label("Name of the bank").fill("Crédit de l'Essai")
	desk.button("Add")
	expect(desk.page.get_by_role("heading", name="Crédit de l'Essai")).to_be_visible()
	assert "Crédit de l'Essai" in site.ledger.banks()


def test_a_provider_is_added_and_a_refused_one_keeps_what_was_typed(desk: Desk, site: Site) -> None:
	desk.open("/sync-provider/new")
	desk.page.get_by_label("Name", exact=True).fill("Second")
	desk.page.get_by_label("Client ID").fill("id-2")
	desk.page.get_by_label("Client secret").fill("secret-2")
	desk.button("Save")
	expect(desk.page.get_by_role("heading", name="Second")).to_be_visible()
	assert "Second" in [one["name"] for one in site.ledger.providers()]
	desk.open("/sync-provider/new")
	desk.page.get_by_label("Name", exact=True).fill("Second")
	desk.page.get_by_label("Client ID").fill("id-3")
	desk.page.get_by_label("Client secret").fill("secret-3")
	desk.button("Save")
	expect(desk.page.locator("#intro.red")).to_be_visible()
	expect(desk.page.get_by_label("Client ID")).to_have_value("id-3")
	expect(desk.page.get_by_label("Client secret")).to_have_value("")
