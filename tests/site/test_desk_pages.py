"""The pages of the Desk that are ours, in a real browser: workspace, lists, badges, report, category tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.site.bench import Site
from tests.site.conftest import Desk
from tests.site.records import CLEAR, PUT

pytestmark = pytest.mark.browser

FILL = (
	PUT
	+ """
connection("TD-C1")
frappe.db.set_value("Sync Connection", "TD-C1", {"status": "Consent Expired", "consent_expires_at": now})
run("TD-R1", connection="TD-C1", status="Failed", error_code="BS-TEST", error_message="The bank is closed", trigger="scheduled",
	checks='[{"bank_account": "TD Account", "currency": "EUR", "opening": "100", "movements": "23.5", "bank_balance": "120", "difference": "-3.5", "complete": false}]')
put("Bank Account", "TD Account", account_name="TD Account", bank=bank, is_company_account=1, banksync_currency="EUR", currency="EUR")
line("TD-L1", connection="TD-C1", state="Pending", reason="Pending at the bank")
"""
)


@pytest.fixture
def filled(site: Site) -> Iterator[Site]:
	site.run(CLEAR + FILL)
	yield site
	site.run(CLEAR)


@pytest.fixture
def french(filled: Site, desk_of: Callable[[str], Desk]) -> Desk:
	roles = ("System Manager", "Bank Sync Manager", "Accounts Manager")
	return desk_of(filled.user("td-french@example.org", *roles, language="fr"))


def test_the_workspace_says_how_things_stand(filled: Site, desk: Desk) -> None:
	desk.open("bank-synchronization")
	card = desk.page.locator(".number-widget-box")
	expect(card).to_have_count(3)
	for label in ("Connections needing attention", "Last bank run", "Bank lines waiting"):
		expect(card.filter(has_text=label).locator(".number")).to_contain_text(r"")
	attention = card.filter(has_text="Connections needing attention").locator(".number")
	expect(attention).not_to_have_text("0")
	expect(desk.page.locator(".dashboard-widget-box")).to_contain_text("Bank transactions per day")
	for link in ("Sync Provider", "Bank Transaction Category", "Report of runs"):
		expect(desk.page.locator(".links-widget-box").get_by_text(link, exact=True)).to_be_visible()
	assert desk.troubles == []


@pytest.mark.parametrize(
	("language", "headings"),
	[
		("en", ["Balance", "Money in and out by month", "Days"]),
		("fr", ["Solde", "Entrées et sorties par mois", "Jours"]),
	],
)
def test_who_keeps_the_books_sees_the_cards_and_the_pictures_of_an_account(
	filled: Site, desk_of: Callable[[str], Desk], language: str, headings: list[str]
) -> None:
	desk = desk_of(filled.user(f"td-books.{language}@example.org", "Accounts User", language=language))
	desk.open("bank-synchronization")
	expect(desk.page.locator(".number-widget-box")).to_have_count(3)
	block = desk.page.locator(".custom-block-widget-box")
	block.locator("select").select_option("TD Account")
	for heading in headings:
		expect(block.locator("h3", has_text=heading).first).to_be_visible()
	expect(block.locator("[data-open]")).to_have_attribute("href", re.compile("bank-account/TD%20Account$"))
	expect(block.locator(".banksync-calendar text").first).to_be_visible()
	block.locator("details summary").first.click()
	expect(block.locator("details table").first).to_be_visible()
	assert desk.troubles == []


def test_lists_and_forms_bear_the_state_as_a_badge(filled: Site, desk: Desk) -> None:
	for doctype, name, badge in (
		("sync-connection", "TD-C1", "Consent Expired"),
		("sync-run", "TD-R1", "Failed"),
		("sync-line", "TD-L1", "Pending"),
		("sync-provider", "TD Provider", "Sandbox"),
	):
		desk.open(f"{doctype}?name={name}")
		expect(desk.page.locator(".list-row .indicator-pill", has_text=badge).first).to_be_visible()
		desk.open(f"{doctype}/{name}")
		expect(desk.page.locator(".page-head:visible .indicator-pill").first).to_contain_text(badge)
	assert desk.troubles == []


def test_undo_warns_and_starts_on_cancel(filled: Site, desk: Desk) -> None:
	desk.open("sync-run/TD-R1")
	question = (
		"""banksync.warning_dialog({ title: "T", primary_action_label: "Go", primary_action() {} }).show()"""
	)
	desk.page.evaluate(question)
	dialog = desk.page.locator(".modal.show").last
	expect(dialog.locator(".modal-footer .btn-danger:visible")).to_have_text(re.compile("Go"))
	expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
	dialog.get_by_role("button", name="Cancel").click()
	expect(desk.page.locator(".modal.show")).to_have_count(0)
	assert desk.troubles == []


def test_a_list_of_lines_shows_amounts_on_a_phone(filled: Site, desk: Desk) -> None:
	desk.page.set_viewport_size({"width": 375, "height": 812})
	desk.open("sync-line?name=TD-L1")
	expect(desk.page.locator(".list-row .list-subject a").first).to_contain_text(re.compile(r"\d[.,]\d\d"))
	expect(desk.page.locator(".list-row .list-row-checkbox").first).to_be_attached()
	assert desk.troubles == []


def test_a_run_shows_its_balance_checks(filled: Site, desk: Desk) -> None:
	desk.open("sync-run/TD-R1")
	row = desk.page.locator("[data-fieldname=checks_table] tbody tr")
	expect(row).to_contain_text("TD Account")
	expect(row.locator("td").nth(4)).to_contain_text("3")
	expect(desk.page.locator("[data-fieldname=error_message]").first).to_contain_text("The bank is closed")


def test_everything_is_said_in_french(french: Desk) -> None:
	french.open("bank-synchronization")
	page = french.page.locator(".layout-main:visible")
	for text in ("Connexions à traiter", "Dernière synchronisation", "Transactions bancaires par jour"):
		expect(page).to_contain_text(text, ignore_case=True)
	french.open("sync-run/TD-R1")
	expect(french.page.locator(".page-head:visible .indicator-pill").first).to_contain_text("Échec")
	expect(french.page.locator("[data-fieldname=trigger] .like-disabled-input").first).to_have_text(
		"La planification"
	)
	expect(french.page.locator("[data-fieldname=created] .control-label").first).to_have_text("Importées")
	french.open("query-report/Sync Runs?connection=TD-C1")
	expect(
		french.page.locator(".layout-main:visible .indicator-pill", has_text="Échec").first
	).to_be_visible()
	assert french.troubles == []


def test_the_tree_of_categories_opens(filled: Site, desk: Desk) -> None:
	desk.open("bank-transaction-category/view/tree")
	expect(desk.page.locator(".tree .tree-label").first).to_be_visible()
	assert desk.troubles == []
