"""The pictures of a bank account, with their tables, on paper and in French."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from dokos_banksync.actions.formats import money
from dokos_banksync.hosts.standalone.site import Site
from tests.browser.conftest import Desk
from tests.browser.test_phone_and_access import findings

pytestmark = pytest.mark.browser

HEADINGS = [
	"Balance",
	"Money in and out by month",
	"Money in and out by category",
	"Days",
	"Latest runs",
]


def open_account(desk: Desk, site: Site) -> None:
	desk.connect()
	desk.import_all()
	desk.open(f"/bank-account/{quote(site.ledger.bank_accounts()[0].name)}")
	expect(desk.page.locator(".banksync-pictures")).to_be_visible()


def test_each_picture_says_in_words_what_it_shows_and_has_its_table(desk: Desk, site: Site) -> None:
	open_account(desk, site)
	place = desk.page.locator(".banksync-pictures")
	assert place.locator("h3").all_inner_texts() == HEADINGS
	for picture in place.get_by_role("img").all():
		assert picture.get_attribute("aria-label")
	desk.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
	for table in place.locator("table").all():
		expect(table).to_be_visible()
	balance = site.ledger.bank_accounts()[0]
	shown = place.locator("table").first.locator("tbody tr").first.inner_text()
	total = (balance.opening_balance or 0) + site.ledger.movements(balance.name)
	assert f"{abs(total):,.2f}" in shown, "the newest day comes first, with the present balance"
	assert findings(desk.page) == []


def test_a_phone_shows_them_in_french(bureau: Desk, site: Site) -> None:
	open_account(bureau, site)
	bureau.page.set_viewport_size({"width": 375, "height": 800})
	expect(bureau.page.locator(".banksync-pictures")).to_contain_text("Entrées et sorties par mois")
	assert bureau.page.evaluate("document.documentElement.scrollWidth") == 375
	assert findings(bureau.page) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_dialogs_write_amounts_as_pages_do(desk: Desk, bureau: Desk, language: str) -> None:
	"""A dialog over a page with the same amounts: one minus sign, one place of the currency, every decimal."""
	page = (desk if language == "en" else bureau).page
	for amount, currency in product(
		("1234.5", "-1234.56", "0", "-0.0375", "1000000"), ("EUR", "USD", "GBP", "CHF", "JPY", "KWD", "SEK")
	):
		shown = page.evaluate(f"format_currency({amount}, '{currency}')")
		assert shown == money(Decimal(amount), currency, language), (amount, currency)
