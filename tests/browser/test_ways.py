"""Other ways through the pages: the keyboard alone, French, and what the stand-in for the Desk promises."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from tests.browser.conftest import SECONDS, Desk
from tests.hosts.standalone.web.conftest import BANK, PROVIDER

pytestmark = pytest.mark.browser

FOCUSED = (
	"document.activeElement.closest('dialog[open]') !== null || document.activeElement === document.body"
)


def test_a_page_that_gets_no_progress_stops_asking(desk: Desk, site: Site) -> None:
	"""The connection may be gone, or the user's session: each failure opens a window on a Frappe site."""
	desk.open("/bank-transaction")
	asked = """async () => {
		let asked = 0;
		const soon = window.setTimeout;
		window.setTimeout = (work) => soon(work, 0);
		frappe.xcall = () => Promise.reject(new Error(++asked));
		banksync.MOST_ASKED = 20;
		await banksync.watch(["SYNC-CONN-00001"]);
		return [asked, banksync.watched.size];
	}"""
	assert desk.page.evaluate(asked) == [3, 0]


def test_a_connection_that_was_ended_at_the_bank_is_shown_with_its_reason(desk: Desk, site: Site) -> None:
	desk.connect()
	desk.close_dialog()
	[record] = site.ledger.connections()
	ended = replace(record, status=ConnectionStatus.DISCONNECTED, status_message="Ended at the bank")
	site.ledger.save_connection(ended)
	desk.page.reload()
	row = desk.page.locator(".banksync-connection")
	expect(row).to_contain_text("Ended at the bank")
	expect(row.locator(".indicator-pill")).to_have_text("Disconnected")
	row.get_by_role("button", name="Connect your bank").click()
	expect(desk.dialog).to_have_count(1)


def test_the_accounts_dialog_by_keyboard_alone(desk: Desk, site: Site) -> None:
	desk.connect()
	page = desk.page
	first = desk.dialog.locator("[data-source]").first.locator("[data-field=target]")
	expect(first).to_be_focused()
	page.keyboard.press("Tab")
	page.keyboard.press("Control+A")
	page.keyboard.type("By keyboard")
	for _ in range(60):
		page.keyboard.press("Tab")
		assert page.evaluate(FOCUSED)
		if page.evaluate("document.activeElement.classList.contains('btn-primary')"):
			break
	page.keyboard.press("Enter")
	desk.wait_for_the_end()
	assert "By keyboard" in [account.name for account in site.ledger.bank_accounts()]


def test_a_dialog_of_many_accounts_is_confirmed_from_its_first_field(desk: Desk, site: Site) -> None:
	"""Each account has half a dozen places to go to by Tab."""
	desk.connect()
	expect(desk.dialog.locator("[data-field=target]").first).to_be_focused()
	expect(desk.dialog.locator(".btn-primary")).to_have_attribute("title", "Ctrl+Enter")
	desk.page.keyboard.press("Control+Enter")
	desk.wait_for_the_end()
	assert site.ledger.count_transactions() > 0


def test_no_shortcut_confirms_what_takes_something_away(desk: Desk, site: Site) -> None:
	desk.connect()
	desk.close_dialog()
	desk.menu("Disconnect")
	expect(desk.dialog.get_by_role("button", name="Cancel")).to_be_focused()
	desk.page.keyboard.press("Control+Enter")
	assert [one.status for one in site.ledger.connections()] == [ConnectionStatus.ACTIVE]


def test_menu_and_dialogs_by_keyboard_give_the_focus_back(desk: Desk) -> None:
	desk.connect()
	page = desk.page
	desk.close_dialog()
	menu = page.locator(".menu-button")
	menu.focus()
	page.keyboard.press("Enter")
	expect(menu).to_have_attribute("aria-expanded", "true")
	expect(page.get_by_role("menuitem").first).to_be_focused()
	page.keyboard.press("ArrowUp")
	expect(page.get_by_role("menuitem", name="History")).to_be_focused()
	page.keyboard.press("Escape")
	expect(menu).to_be_focused()
	page.keyboard.press("ArrowDown")
	page.keyboard.press("Home")
	page.keyboard.press("Enter")
	expect(desk.dialog).to_have_count(1)
	page.keyboard.press("Escape")
	expect(menu).to_be_focused()


def test_every_control_has_a_name_for_a_screen_reader(desk: Desk) -> None:
	desk.connect()
	unnamed = """[...document.querySelectorAll("input:not([type=hidden]), select, button, a")].filter(
		(one) => one.checkVisibility() && !one.labels?.length && !one.ariaLabel && !one.textContent.trim()
	).map((one) => one.outerHTML)"""
	for path in ("", "/bank", "/bank-transaction", "/new/sync-provider", "/bank-transaction-category"):
		if path:
			desk.open(path)
		assert desk.page.evaluate(unnamed) == []
		assert desk.page.locator("h1").count() == 1
		assert desk.page.locator("html").get_attribute("lang") == "en"


def test_in_french_from_the_click_to_the_counts(bureau: Desk, sandbox: SandboxServer) -> None:
	bureau.open_bank()
	expect(bureau.page.get_by_role("button", name="Connecter votre banque")).to_be_visible()
	bureau.leave_for_the_bank()
	bureau.log_in()
	bureau.consent()
	dialog = bureau.dialog
	expect(dialog.get_by_role("heading", name="Mettre à jour les comptes bancaires")).to_be_visible()
	expect(dialog.locator("[data-source]").first).to_contain_text("Tout l’historique que donne la banque")
	expect(dialog.locator("[data-source]").first).to_contain_text(re.compile(r"solde .*\d,\d\d\s€"))
	sandbox.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=1))
	dialog.get_by_role("button", name="Confirmer et importer").click()
	expect(bureau.page.locator("#progress")).to_contain_text("Synchronisation de")
	bureau.wait_for_the_end()
	expect(bureau.page.locator(".alert.green").last).to_contain_text("importées")
	bureau.page.get_by_role("navigation").first.get_by_role("link", name="Transactions bancaires").click()
	expect(bureau.page.locator("#transactions")).to_contain_text("€")
	bureau.page.get_by_role("link", name="English").click()
	expect(bureau.page.get_by_role("heading", level=1)).to_have_text("Bank Transactions")


def test_the_tree_of_categories(desk: Desk, site: Site) -> None:
	desk.open("/bank-transaction-category")
	desk.button("Add a category")
	desk.dialog.get_by_label("Name").fill("Rent & <b>charges</b>")
	desk.page.keyboard.press("Enter")
	expect(desk.page.locator(".tree")).to_contain_text("Rent & <b>charges</b>")
	desk.page.get_by_role("button", name=re.compile("^Rename")).click()
	desk.dialog.get_by_label("Name").fill("Rent")
	desk.button("Save")
	expect(desk.page.locator(".tree")).to_contain_text("Your own")
	desk.page.get_by_role("button", name="Delete Rent").click()
	desk.dialog.locator(".btn-danger").click()
	expect(desk.page.locator(".tree")).to_have_count(0)
	assert site.ledger.all_categories() == []


def test_an_empty_name_is_asked_for_inside_the_dialog(desk: Desk) -> None:
	desk.open("/bank-transaction-category")
	desk.button("Add a category")
	desk.button("Save")
	expect(desk.dialog.locator(".alert")).to_contain_text("Name")


def test_the_keys_of_a_provider(desk: Desk, sandbox: SandboxServer) -> None:
	desk.open(f"/sync-provider/{PROVIDER}")
	desk.button("Check the keys")
	expect(desk.dialog).to_contain_text("The keys work")
	desk.close_dialog()
	sandbox.faults.add(Fault("status", status=401, count=None))
	desk.button("Check the keys")
	expect(desk.dialog).to_contain_text("Bridge does not accept the keys")
	expect(desk.dialog).to_contain_text("BS-100")


def test_fetching_from_the_list_of_transactions(desk: Desk) -> None:
	desk.connect()
	desk.import_all()
	desk.open("/bank-transaction")
	desk.button("Fetch transactions")
	desk.wait_for_the_end()
	expect(desk.page.locator(".alert.green").last).to_contain_text("nothing new")


def test_a_site_that_went_away_is_reported(desk: Desk) -> None:
	desk.connect()
	desk.close_dialog()
	desk.page.route("**/api/method/**", lambda route: route.abort())
	desk.menu("Fetch transactions")
	expect(desk.dialog).to_contain_text("The site does not answer", timeout=60 * SECONDS)


def test_a_bank_without_a_provider_leads_to_one(desk: Desk, site: Site) -> None:
	site.ledger.remove_provider(PROVIDER)
	desk.open_bank()
	desk.button("Connect your bank")
	desk.dialog.get_by_role("button", name="Yes").click()
	desk.page.wait_for_url("**/new/sync-provider")


def test_pages_fit_a_narrow_screen(desk: Desk) -> None:
	desk.connect()
	desk.close_dialog()
	desk.page.set_viewport_size({"width": 380, "height": 720})
	for path in ("/bank", f"/bank/{BANK}", "/bank-transaction", "/sync-connection", "/new/sync-provider"):
		desk.open(path)
		assert desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), path


def test_values_in_a_sentence_are_not_read_as_blanks_or_patterns(desk: Desk) -> None:
	assert desk.page.evaluate("__('{0} and {1}', ['{1} $& $1', 'B'])") == "{1} $& $1 and B"
	assert desk.page.evaluate("__('{0} of {2}', ['A', 'B'])") == "A of {2}"


def test_a_currency_that_is_none_is_shown_as_it_is(desk: Desk) -> None:
	assert desk.page.evaluate("format_currency(1234.5, 'BITCOIN!')") == "1,234.5 BITCOIN!"
	assert "€" in desk.page.evaluate("format_currency(1234.5, 'EUR')")


def test_a_session_that_ended_is_reported_when_the_page_refreshes_itself(desk: Desk) -> None:
	desk.open_bank()
	desk.page.context.clear_cookies()
	desk.page.evaluate("frappe.reload_page()")
	expect(desk.page.get_by_text("You are not logged in").first).to_be_visible()


def test_another_tab_does_not_take_what_the_returning_one_tells(desk: Desk) -> None:
	desk.open_bank()
	desk.leave_for_the_bank()
	desk.log_in()
	second = desk.page.context.new_page()
	second.goto(f"{desk.server.url}/bank/{BANK}")
	desk.consent()
	expect(desk.dialog.get_by_role("heading", name="Update bank accounts")).to_be_visible()
	second.reload()
	expect(second.get_by_text("Active", exact=True).first).to_be_visible()
	expect(second.locator("dialog[open]")).to_have_count(0)
	assert "outcome" not in desk.page.url
	desk.page.reload()
	expect(desk.page.get_by_text("Active", exact=True).first).to_be_visible()
	expect(desk.dialog).to_have_count(0)
