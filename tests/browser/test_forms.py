"""Every form of every page, sent by a real browser: headers that only a browser sends decide whether it is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.hosts.standalone import web
from dokos_banksync.hosts.standalone.site import Site
from tests.browser.conftest import Desk
from tests.browser.test_phone_and_access import findings
from tests.hosts.standalone.web.conftest import BANK, PROVIDER, connected

pytestmark = pytest.mark.browser
TEMPLATES = Path(web.__file__).parents[1] / "templates"
TESTED = {
	*("/bank", "/new/sync-provider", "/new/bank-account", "/bank/{{ title | urlencode }}"),
	*("/sync-provider/{{ provider.name | urlencode }}", "/bank-transaction/{{ title | urlencode }}"),
	"/bank-transaction-category/{{ record.name | urlencode }}",
	*("/bank-account/{{ account.name | urlencode }}", "/logout"),
}


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
	desk.open("/new/sync-provider")
	desk.page.get_by_label("Name", exact=True).fill("Second")
	desk.page.get_by_label("Client ID").fill("id-2")
	desk.page.get_by_label("Client secret").fill("secret-2")
	desk.button("Save")
	expect(desk.page.get_by_role("heading", name="Second")).to_be_visible()
	assert "Second" in [one["name"] for one in site.ledger.providers()]
	desk.open("/new/sync-provider")
	desk.page.get_by_label("Name", exact=True).fill("Second")
	desk.page.get_by_label("Client ID").fill("id-3")
	desk.page.get_by_label("Client secret").fill("secret-3")
	desk.button("Save")
	expect(desk.page.locator("#intro.red")).to_be_visible()
	expect(desk.page.get_by_label("Client ID")).to_have_value("id-3")
	expect(desk.page.get_by_label("Client secret")).to_have_value("")


def test_the_keys_of_a_provider_are_changed_and_it_is_removed_after_a_question(
	desk: Desk, site: Site
) -> None:
	site.add_provider("Second", "Bridge", {"client_id": "id-2", "client_secret": "secret-2"})
	desk.open("/sync-provider/Second")
	desk.page.get_by_label("Client ID").fill("id-3")
	desk.button("Save")
	expect(desk.page.get_by_text("id-3")).to_be_visible()
	assert site.ledger.provider("Second")["client_id"] == "id-3"
	assert site.ledger.subscription("Second")[1].secrets["client_secret"].reveal() == "secret-2"
	desk.button("Remove the provider")
	expect(desk.dialog.get_by_role("button", name="Cancel")).to_be_focused()
	desk.page.keyboard.press("Enter")
	assert "Second" in [one["name"] for one in site.ledger.providers()]
	desk.button("Remove the provider")
	desk.dialog.locator(".btn-danger").click()
	expect(desk.page.get_by_role("heading", name="Providers")).to_be_visible()
	assert "Second" not in [one["name"] for one in site.ledger.providers()]


def test_a_bank_account_is_added_without_a_connection_and_its_bank_stays(desk: Desk, site: Site) -> None:
	desk.open("/new/bank-account")
	desk.page.get_by_label("Name", exact=True).fill("Caisse")
	desk.page.get_by_label("IBAN").fill("fr76 9999 9000 0100 0000 0001 764")
	desk.page.get_by_label("Currency").fill("euros")
	desk.button("Save")
	expect(desk.page.locator("#intro.red")).to_contain_text("euros is not a currency")
	desk.page.get_by_label("Currency").fill("eur")
	desk.button("Save")
	expect(desk.page.get_by_role("heading", name="Caisse")).to_be_visible()
	account = site.ledger.bank_account("Caisse")
	assert (account.bank, account.currency, account.iban) == (BANK, "EUR", "FR7699999000010000000001764")
	desk.page.locator(".menu-button").click()
	expect(desk.page.get_by_role("menuitem", name="Import a statement file")).to_be_visible()


def test_a_bank_that_nothing_hangs_on_is_removed(desk: Desk, site: Site) -> None:
	site.ledger.add_bank("Vide")
	desk.open("/bank/Vide")
	desk.button("Remove the bank")
	desk.dialog.locator(".btn-danger").click()
	expect(desk.page.get_by_role("heading", name="Banks")).to_be_visible()
	assert site.ledger.banks() == [BANK]


def test_a_category_is_moved_counted_and_given_to_a_transaction(desk: Desk, site: Site) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR")
	filing = prepare(
		site.ledger, "Current", "a.csv", b"Date;Label;Amount\n13/10/2026;CAFE;-3,20\n", ImportOptions()
	)
	take(site.ledger, filing, clock=site.clock)
	above, below = site.ledger.add_category("Above"), site.ledger.add_category("Below it")
	[row] = site.ledger.transactions()
	desk.open(f"/bank-transaction/{row.name}")
	desk.page.get_by_label("Category").select_option(label="Below it")
	desk.button("Save")
	expect(desk.page.locator("dl")).to_contain_text("Below it")
	desk.open(f"/bank-transaction-category/{below}")
	desk.page.get_by_label("Below", exact=True).select_option(label="Above")
	desk.button("Move")
	expect(desk.page.locator(".tree > li")).to_have_count(1)
	expect(desk.page.locator(".tree > li > .tree-row")).to_contain_text("1")
	desk.open(f"/bank-transaction-category/{above}")
	desk.page.get_by_label("Below", exact=True).select_option(value=below)
	desk.button("Move")
	expect(desk.page.locator("#error-parent")).to_contain_text("A category cannot be placed below itself")


def test_a_bank_account_is_renamed_closed_and_opened_again(desk: Desk, site: Site) -> None:
	site.ledger.add_bank_account("Till", BANK, "EUR")
	desk.open("/bank-account/Till")
	desk.page.get_by_text("Rename or close").click()
	desk.page.get_by_label("Name", exact=True).fill("Cash box")
	desk.button("Rename")
	expect(desk.page.get_by_role("heading", name="Cash box")).to_be_visible()
	desk.page.get_by_text("Rename or close").click()
	desk.button("Close the bank account")
	expect(desk.page.get_by_text("This bank account is closed")).to_be_visible()
	assert [account.name for account in site.ledger.closed_bank_accounts()] == ["Cash box"]
	desk.page.get_by_text("Rename or close").click()
	desk.button("Open it again")
	expect(desk.page.get_by_text("This bank account is closed")).to_have_count(0)
	assert site.ledger.closed_bank_accounts() == []


def test_the_user_logs_out(desk: Desk) -> None:
	desk.open("/bank")
	desk.button("Log out")
	desk.page.goto(f"{desk.server.url}/bank")
	expect(desk.page.get_by_text("You are not logged in").first).to_be_visible()


FORMS = {
	"/bank": ("bank_name", {"bank_name": " "}),
	"/bank/Other": ("name", {"name": BANK}),
	"/new/bank-account": ("currency", {"name": "Till", "currency": "euros"}),
	"/new/bank-account?bank=": ("iban", {"name": "Till", "iban": "FR76 0000"}),
	"/bank-account/Till": ("name", {"name": "Other till"}),
	"/new/sync-provider": (
		"provider_name",
		{"provider_name": PROVIDER, "client_id": "a", "client_secret": "b"},
	),
	"/new/sync-provider?type=Plaid": (
		"base_url",
		{"provider_name": "P", "client_id": "a", "client_secret": "b", "base_url": "http://example.org"},
	),
	f"/sync-provider/{PROVIDER}": ("base_url", {"base_url": "http://example.org"}),
}
"""By path: the field that is wrong, and what is entered."""


@pytest.mark.parametrize("path", FORMS)
def test_the_error_of_a_form_stands_at_its_field_which_has_the_focus(
	bureau: Desk, site: Site, path: str
) -> None:
	site.ledger.add_bank("Other")
	for name in ("Till", "Other till"):
		if path.startswith("/bank-account/Till"):
			site.ledger.add_bank_account(name, BANK, "EUR")
	wrong, entered = FORMS[path]
	bureau.open(path)
	bureau.page.locator("details:has(form)").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
	form = bureau.page.locator(f"main form:has([name={wrong}])")
	form.evaluate("(form) => (form.noValidate = true)")
	for name, value in entered.items():
		form.locator(f"[name={name}]").fill(value)
	form.locator("button").click()
	field = bureau.page.locator(f"main [name={wrong}]")
	expect(field).to_have_attribute("aria-invalid", "true")
	expect(field).to_be_focused()
	expect(bureau.page.locator("[aria-invalid]")).to_have_count(1)
	expect(field).to_have_accessible_description(
		re.compile(re.escape(bureau.page.locator(".field-error").inner_text()))
	)
	expect(bureau.page.locator("#intro.red")).to_have_text(bureau.page.locator(".field-error").inner_text())
	for name, value in entered.items():
		kept = "" if "secret" in name else value
		expect(bureau.page.locator(f"main [name={name}]")).to_have_value(kept)
	assert findings(bureau.page) == []


def test_the_error_of_a_dialog_stands_at_its_field_until_it_is_filled(bureau: Desk) -> None:
	bureau.open("/bank-transaction-category")
	bureau.button("Ajouter une catégorie")
	bureau.dialog.locator(".btn-primary").click()
	field = bureau.dialog.get_by_label("Nom")
	expect(field).to_be_focused()
	expect(field).to_have_attribute("aria-invalid", "true")
	expect(field).to_have_accessible_description("Veuillez remplir : Nom")
	assert findings(bureau.page) == []
	field.fill("Divers")
	expect(bureau.dialog.locator(".field-error")).to_have_count(0)


def test_a_new_bank_account_without_a_name_is_shown_at_its_field(desk: Desk, site: Site) -> None:
	connected(site)
	desk.open_bank()
	desk.menu("Update bank accounts")
	name = desk.dialog.locator("[data-field=name]").nth(1)
	name.fill("")
	desk.dialog.locator(".btn-primary").click()
	expect(name).to_be_focused()
	expect(name).to_have_attribute("aria-invalid", "true")
	expect(name).to_have_accessible_description("Give each new Bank Account a name.")
	expect(desk.dialog.locator("[aria-invalid]")).to_have_count(1)
	name.fill("Named")
	desk.import_all()
