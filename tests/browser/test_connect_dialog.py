"""Connect your bank with several providers: one list, a choice among them, and the way out by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.plaid.model import CLIENT_ID as PLAID_ID
from dokos_banksync.sandbox.plaid.model import SECRET as PLAID_SECRET
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from tests.browser.conftest import Desk
from tests.browser.test_phone_and_access import findings
from tests.hosts.standalone.web.conftest import BANK, PROVIDER

pytestmark = pytest.mark.browser

SEARCH = "**/*api.connections.institutions*"


@pytest.fixture
def second(site: Site, sandbox: SandboxServer) -> str:
	keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
	site.add_provider("Second", "Bridge", keys, sandbox.url)
	return "Second"


def open_dialog(desk: Desk, search: str) -> None:
	desk.open_bank()
	desk.page.locator("#page-actions").get_by_role("button").first.click()
	desk.dialog.locator("[name=search]").fill(search)


def test_the_user_sees_who_reaches_a_bank_and_may_choose_another(desk: Desk, site: Site, second: str) -> None:
	open_dialog(desk, "banqe auroer")
	desk.dialog.get_by_role("radio", name=BANK).first.check()
	providers = desk.dialog.get_by_role("radiogroup", name="Providers")
	expect(providers).to_contain_text("Suggested: the others are test environments")
	assert providers.get_by_role("radio").first.is_checked()
	assert findings(desk.page) == []
	providers.get_by_role("radio", name=PROVIDER).check()
	if desk.dialog.locator("[name=email]").is_visible():
		desk.dialog.locator("[name=email]").fill("anne@example.org")
	desk.dialog.locator(".btn-primary").click()
	desk.page.wait_for_url("**/connect/session/**")
	assert [record.provider for record in site.ledger.connections()] == [PROVIDER]


def test_the_address_is_asked_for_only_where_the_provider_needs_it(
	desk: Desk, site: Site, sandbox: SandboxServer
) -> None:
	keys = {"client_id": PLAID_ID, "client_secret": PLAID_SECRET, "environment": "sandbox", "countries": "FR"}
	site.add_provider("Plaid", "Plaid", keys, sandbox.plaid_url, "Sandbox")
	open_dialog(desk, BANK)
	desk.dialog.get_by_role("radio", name=BANK).first.check()
	providers = desk.dialog.get_by_role("radiogroup", name="Providers")
	email = desk.dialog.locator("[name=email]")
	providers.get_by_role("radio", name=PROVIDER).check()
	expect(email).to_be_visible()
	providers.get_by_role("radio", name="Plaid").check()
	expect(email).to_be_hidden()
	desk.dialog.locator(".btn-primary").click()
	desk.page.wait_for_url("**/plaid/**")
	assert [record.provider for record in site.ledger.connections()] == ["Plaid"]


def test_a_list_that_arrives_late_keeps_the_choice(desk: Desk, site: Site, second: str) -> None:
	open_dialog(desk, "banqe auroer")
	desk.dialog.get_by_role("radio", name=BANK).first.check()
	banks = desk.dialog.get_by_role("radiogroup", name="Banks")
	banks.evaluate("(list) => list.setAttribute('data-shown-first', '')")
	held: list[Route] = []
	desk.page.route(SEARCH, lambda route: held.append(route))
	with desk.page.expect_request(SEARCH):
		desk.dialog.locator("[name=search]").fill("aurore")
	providers = desk.dialog.get_by_role("radiogroup", name="Providers")
	providers.get_by_role("radio", name=PROVIDER).check()
	held[0].continue_()
	expect(desk.dialog.locator("[data-shown-first]")).to_have_count(0)
	expect(providers.get_by_role("radio", name=PROVIDER)).to_be_checked()
	desk.dialog.locator("[name=email]").fill("anne@example.org")
	desk.dialog.locator(".btn-primary").click()
	desk.page.wait_for_url("**/connect/session/**")
	assert [record.provider for record in site.ledger.connections()] == [PROVIDER]


def test_typing_after_a_choice_chooses_the_first_of_the_new_list(desk: Desk) -> None:
	open_dialog(desk, BANK)
	desk.dialog.get_by_role("radio", name=BANK).first.check()
	desk.dialog.locator("[name=search]").fill("ponant")
	banks = desk.dialog.get_by_role("radiogroup", name="Banks")
	expect(banks).not_to_contain_text(BANK)
	expect(banks.get_by_role("radio").first).to_be_checked()


def test_a_bank_that_is_not_listed_is_added_by_hand(bureau: Desk) -> None:
	open_dialog(bureau, "qqqqqqqq")
	expect(bureau.dialog).to_contain_text("qqqqqqqq")
	bureau.button("Ma banque n’est pas dans la liste")
	bureau.page.wait_for_url("**/new/bank-account?bank=**")
	assert bureau.page.locator("[name=bank]").input_value() == BANK
	bureau.page.locator("[name=name]").fill("Compte à la main")
	bureau.page.locator("main form .btn-primary").click()
	bureau.page.wait_for_url("**/bank-account/Compte*")
	expect(bureau.page.locator("#intro")).to_contain_text("relevé")
