"""The whole journey of a user, in a real browser, against the pretend bank."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from tests.browser.conftest import SECONDS, Desk
from tests.hosts.standalone.web.conftest import AURORE, BANK

pytestmark = pytest.mark.browser


def test_from_the_first_click_to_the_transactions(desk: Desk, site: Site, sandbox: SandboxServer) -> None:
	desk.connect()
	expect(desk.page.locator("#intro")).to_be_visible()
	expect(desk.dialog.get_by_role("heading", name="Update bank accounts")).to_be_visible()
	first = desk.dialog.locator("[data-source]").first
	expect(first).to_contain_text("FR")
	expect(first).to_contain_text("balance €")
	expect(first).to_contain_text("All the history that the bank gives")
	sandbox.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=1))
	desk.dialog.locator(".btn-primary").click()
	expect(desk.page.locator("#progress")).to_be_visible()
	expect(desk.page.locator("#progress")).to_contain_text(f"Synchronizing {BANK}")
	desk.wait_for_the_end()
	expect(desk.page.locator("#progress")).to_be_hidden()
	expect(desk.page.locator(".alert.green").last).to_contain_text("imported")
	expect(desk.page.get_by_text("Complete").first).to_be_visible()
	desk.page.get_by_role("navigation", name="Main").get_by_role("link", name="Bank Transactions").click()
	expect(desk.page.locator("#transactions tbody tr")).to_have_count(50)
	real = sandbox.world.accounts(int(AURORE))
	name = next(account.name for account in site.ledger.bank_accounts() if account.iban == real[0].facts.iban)
	assert site.ledger.count_transactions(name) == len(sandbox.world.truth(real[0]))


def test_choices_of_the_dialog_are_kept(desk: Desk, site: Site) -> None:
	desk.connect()
	fields = desk.dialog.locator("[data-source]")
	expect(fields).not_to_have_count(0)
	for index in range(1, fields.count()):
		fields.nth(index).locator("[data-field=target]").select_option(label="Do not import")
		expect(fields.nth(index).get_by_label("Import from")).to_be_hidden()
	fields.first.get_by_label("Name of the new Bank Account").fill("Main account")
	fields.first.get_by_label("Import from").fill("2026-11-01")
	desk.import_all()
	assert [account.name for account in site.ledger.bank_accounts()] == ["Main account"]
	assert str(site.ledger.first_day("Main account")) >= "2026-11-01"
	desk.menu("Update bank accounts")
	chosen = desk.dialog.locator("[data-source]").first
	expect(chosen.locator("[data-field=target]")).to_have_value("Main account")
	expect(chosen.get_by_label("Import from")).to_have_value("2026-11-01")
	expect(desk.dialog.locator("[data-source]").nth(1).locator("[data-field=target]")).to_have_value("")


def test_an_account_connected_anew_shows_in_one_line_where_it_belongs(desk: Desk, site: Site) -> None:
	desk.connect()
	desk.import_all()
	known = {one.name for one in site.ledger.bank_accounts()}
	[record] = site.ledger.connections()
	site.disconnect(record.name)
	desk.connect()
	rows = desk.dialog.locator("[data-source]")
	for index in range(rows.count()):
		row = rows.nth(index)
		expect(row.locator("[data-field=target]")).not_to_have_value("__new__")
		expect(
			row.get_by_text(re.compile("the same IBAN|Fed until now by|recent transactions"))
		).to_have_count(1)
	desk.import_all()
	assert {one.name for one in site.ledger.bank_accounts()} == known


def test_leaving_the_banks_page_is_no_failure(desk: Desk, site: Site) -> None:
	desk.open_bank()
	desk.leave_for_the_bank()
	desk.page.locator("#cancel").click()
	expect(desk.page.locator("#intro.blue")).to_be_visible()
	expect(desk.dialog).to_have_count(0)
	assert site.ledger.connections() == []
	desk.page.reload()
	expect(desk.page.get_by_role("button", name="Connect your bank").first).to_be_visible()
	expect(desk.page.locator("#intro")).to_be_hidden()


def test_a_wrong_password_then_the_right_one(desk: Desk) -> None:
	desk.open_bank()
	desk.leave_for_the_bank()
	desk.log_in("402")
	expect(desk.page.locator("#failure")).to_be_visible()
	desk.log_in()
	desk.consent()
	expect(desk.dialog.get_by_role("heading", name="Update bank accounts")).to_be_visible()


def test_a_wrong_password_and_giving_up(desk: Desk, site: Site) -> None:
	desk.open_bank()
	desk.leave_for_the_bank()
	desk.log_in("402")
	desk.page.locator("#leave").click()
	desk.page.wait_for_url(f"{desk.server.url}/bank/**")
	expect(desk.page.locator("#intro")).to_be_visible()
	expect(desk.page.get_by_role("heading", name="Update bank accounts")).to_have_count(0)
	assert site.ledger.connections()[0].status is not ConnectionStatus.ACTIVE


def test_a_code_by_text_message(desk: Desk) -> None:
	desk.open_bank()
	desk.leave_for_the_bank("Caisse du Ponant")
	desk.log_in()
	desk.page.locator("#code").fill("123456")
	desk.page.locator("#continue").click()
	desk.consent()
	expect(desk.dialog.get_by_role("heading", name="Update bank accounts")).to_be_visible()


def test_a_double_click_makes_one_connection(desk: Desk, site: Site) -> None:
	desk.open_bank()
	desk.button("Connect your bank")
	desk.dialog.get_by_role("radio", name=BANK).check()
	desk.dialog.locator("[name=email]").fill("anne@example.org")
	desk.dialog.locator(".btn-primary").dblclick()
	desk.page.wait_for_url("**/connect/session/**")
	assert len(site.ledger.connections()) == 1


def test_an_expired_consent_is_renewed_with_one_button(
	desk: Desk, site: Site, sandbox: SandboxServer
) -> None:
	desk.connect()
	desk.import_all()
	record = site.ledger.connections()[0]
	simulate(sandbox.bridge, "expire", item_id=int(record.remote_id))
	desk.menu("Fetch transactions")
	expect(desk.page.locator(".indicator-pill", has_text="Consent Expired").first).to_be_visible()
	desk.open("/sync-connection")
	row = desk.page.locator("tbody tr")
	expect(row.get_by_role("button")).to_have_count(1)
	row.get_by_role("button", name="Reconnect").click()
	desk.page.wait_for_url("**/connect/session/**")
	if desk.page.locator("#login").is_visible():
		desk.log_in()
	desk.consent()
	expect(desk.page.locator(".indicator-pill.green", has_text="Active").first).to_be_visible()
	assert site.ledger.connection(record.name).status is ConnectionStatus.ACTIVE


def test_a_bank_that_is_down(desk: Desk, site: Site) -> None:
	desk.open_bank()
	desk.leave_for_the_bank("Banque des Trois Rivières")
	if desk.page.locator("#login").is_visible():
		desk.log_in()
	desk.page.locator("#continue").click()
	desk.page.wait_for_url(f"{desk.server.url}/bank/**")
	expect(desk.page.locator("#intro")).to_be_visible()
	expect(desk.page.get_by_role("heading", name="Update bank accounts")).to_have_count(0)


def test_a_provider_that_is_down_while_fetching(desk: Desk, sandbox: SandboxServer) -> None:
	desk.connect()
	desk.import_all()
	sandbox.faults.add(Fault("html", path="/v3/aggregation/transactions", count=None))
	desk.menu("Fetch transactions")
	expect(desk.dialog).to_contain_text("The synchronization stopped", timeout=60 * SECONDS)
	expect(desk.dialog).to_contain_text("BS-")
	desk.dialog.get_by_role("button", name="Close").last.click()
	expect(desk.page.get_by_text("Failed").first).to_be_visible()


def test_disconnecting_asks_first(desk: Desk, site: Site) -> None:
	desk.connect()
	desk.import_all()
	desk.menu("Disconnect")
	desk.dialog.get_by_role("button", name="Cancel").click()
	assert site.ledger.connections()[0].status is ConnectionStatus.ACTIVE
	desk.menu("Disconnect")
	desk.dialog.get_by_role("button", name="Disconnect").click()
	expect(desk.page.locator(".menu-item")).to_have_count(1)
	desk.menu("History")
	expect(desk.page.locator("tbody tr")).not_to_have_count(0)
	assert site.ledger.connections()[0].status is ConnectionStatus.DISCONNECTED
