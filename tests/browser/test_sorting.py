"""Lists that are whole on their page are sorted by their titles, in the user's language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from dokos_banksync.hosts.standalone.site import Site
from tests.browser.conftest import Desk
from tests.browser.test_phone_and_access import findings
from tests.hosts.standalone.web.conftest import BANK

pytestmark = pytest.mark.browser

BALANCES = {"Alpha": 12_345_000, "bravo": -200_000, "Charlie": None, "Delta": 95_000, "Écho": 1_000_000_000}
"""In 1/10,000: 1,234.50; −20.00; unknown; 9.50; 100,000.00."""


@pytest.fixture
def accounts(site: Site) -> Site:
	for name, balance in BALANCES.items():
		site.ledger.add_bank_account(name, BANK, "EUR")
		site.ledger.db.run("UPDATE bank_account SET opening_balance = ? WHERE name = ?", (balance, name))
	return site


def names(desk: Desk) -> list[str]:
	return desk.page.locator("main tbody tr td:first-child").all_inner_texts()


def title(desk: Desk, label: str) -> Locator:
	return desk.page.get_by_role("columnheader", name=label)


def test_amounts_are_sorted_by_size_and_unknown_ones_come_last(desk: Desk, accounts: Site) -> None:
	desk.open("/bank-account")
	title(desk, "Balance here").get_by_role("button").click()
	assert names(desk) == ["bravo", "Delta", "Alpha", "Écho", "Charlie"]
	expect(title(desk, "Balance here")).to_have_attribute("aria-sort", "ascending")
	title(desk, "Balance here").get_by_role("button").press("Enter")
	assert names(desk) == ["Écho", "Alpha", "Delta", "bravo", "Charlie"]
	expect(title(desk, "Balance here")).to_have_attribute("aria-sort", "descending")
	title(desk, "Bank Account").get_by_role("button").click()
	assert names(desk) == ["Alpha", "bravo", "Charlie", "Delta", "Écho"]
	expect(title(desk, "Balance here")).not_to_have_attribute("aria-sort", "descending")
	assert findings(desk.page) == []


def test_amounts_are_read_as_the_french_page_writes_them(bureau: Desk, accounts: Site) -> None:
	bureau.open("/bank-account")
	title(bureau, "Solde ici").get_by_role("button").click()
	assert names(bureau) == ["bravo", "Delta", "Alpha", "Écho", "Charlie"]


def test_days_are_sorted_by_time_and_a_page_that_refreshes_itself_stays_sortable(
	desk: Desk, site: Site
) -> None:
	desk.connect()
	desk.import_all()
	desk.open("/bank-transaction")
	waiting = desk.page.get_by_role("table", name="Not booked yet, or not imported")
	day = waiting.get_by_role("columnheader", name="Date").get_by_role("button")
	desk.page.evaluate("frappe.reload_page()")
	day.click()
	days = waiting.locator("td:first-child").evaluate_all("cells => cells.map(({ dataset }) => dataset.sort)")
	assert len(days) > 1
	assert days == sorted(days)
	assert desk.page.locator("#transactions th .sort").count() == 0, (
		"the server sorts a list of several pages"
	)
