"""The whole journey on a real site, in a real browser, against the pretend bank over loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.site.bench import Site
from tests.site.conftest import SECONDS, Desk
from tests.site.walks import ROLES, Place, Walk, needs_progress, place

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AURORE = 601
ANNE, MARC = "anne.journey@example.org", "marc.journey@example.org"


@pytest.fixture
def here(site: Site) -> Iterator[Place]:
	with SandboxServer(World(years=0.25)) as server, place(site, server) as made:
		yield made


@pytest.fixture
def anne(here: Place, desk_of: Callable[[str], Desk]) -> Iterator[Walk]:
	"""Somebody who looks after the site's banks."""
	here.site.user(ANNE, *ROLES)
	walk = Walk(desk_of(ANNE), here)
	yield walk
	assert walk.desk.troubles == []


def slow_down(here: Place) -> None:
	here.server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=3, count=2))


def test_from_the_bank_form_to_the_list(anne: Walk, here: Place, desk_of: Callable[[str], Desk]) -> None:
	needs_progress(here.site)
	here.site.user(MARC, "Bank Sync Manager")
	anne.connect()
	anne.expect_dialog()
	expect(anne.page.locator(".form-message:visible").first).to_contain_text("The bank is connected")
	first = anne.dialog.locator("[data-source]").first
	expect(first).to_contain_text("FR76")
	expect(first).to_contain_text("balance")
	expect(first).to_contain_text("All the history that the bank gives")
	chart = first.get_by_label("Account in the chart of accounts")
	assert chart.is_visible() == here.site.has("Bank Account", "account")
	marc = Walk(desk_of(MARC), here)
	marc.open_bank()
	slow_down(here)
	anne.confirm()
	for one in (anne, marc):
		bar = one.page.locator(
			".progress-area:visible, .form-dashboard-section .progress-message:visible"
		).first
		expect(bar).to_contain_text(f"Synchronizing {here.bank}", timeout=30 * SECONDS)
	anne.expect_end("imported")
	marc.expect_end("imported")
	expect(anne.page.get_by_text("Last import").first).to_be_visible()
	real = here.server.world.accounts(AURORE)
	held = here.held()
	for account in real:
		if account.facts.iban in held:
			assert held[account.facts.iban] == len(here.server.world.truth(account))
	assert sum(held.values()) > 100
	anne.desk.open("bank-transaction")
	expect(anne.page.locator(".list-row-container:visible")).not_to_have_count(0)
	anne.button("Fetch transactions")
	anne.expect_end("nothing new")
	assert marc.desk.troubles == []


def test_choices_are_kept_and_the_start_date_is_explained(anne: Walk, here: Place) -> None:
	anne.connect()
	anne.expect_dialog()
	rows = anne.dialog.locator("[data-source]")
	for index in range(1, rows.count()):
		rows.nth(index).locator("[data-field=target]").select_option(label="Do not import")
		expect(rows.nth(index).locator("[data-field=start]")).to_be_hidden()
	rows.first.locator("[data-field=name]").fill(f"Compte principal {here.bank}")
	anne.confirm()
	anne.expect_end("imported")
	assert len(here.held()) == 1
	anne.menu("Update bank accounts")
	anne.expect_dialog()
	assert "Compte principal" in rows.first.locator("[data-field=target]").input_value()
	assert rows.nth(1).locator("[data-field=target]").input_value() == ""


def test_a_new_bank_is_saved_first(anne: Walk, here: Place) -> None:
	name = f"{here.bank} bis"
	anne.desk.open("bank/new")
	anne.page.locator("[data-fieldname=bank_name] input:visible").first.fill(name)
	anne.button("Connect your bank")
	anne.expect_dialog("Connect your bank")
	assert here.site.run("answer = frappe.db.exists('Bank', name)", name=name) == name
	anne.choose_bank()
	anne.confirm()
	anne.page.wait_for_url("**/connect/session/**")


def test_a_double_click_is_one_connection(anne: Walk, here: Place) -> None:
	anne.open_bank()
	anne.button("Connect your bank")
	anne.choose_bank()
	anne.dialog.locator(".modal-footer .btn-primary:visible").dblclick()
	anne.page.wait_for_url("**/connect/session/**")
	assert len(here.connections()) == 1


def test_another_tab_does_not_take_what_the_returning_one_tells(anne: Walk, here: Place) -> None:
	anne.leave()
	second = anne.page.context.new_page()
	second.goto(f"{here.site.url}/app/bank/{here.bank}")
	button = second.get_by_role("button", name="Connect your bank", exact=True)
	expect(button).to_be_visible(timeout=30 * SECONDS)
	expect(second.locator(".banksync-connection")).to_have_count(0)
	anne.consent()
	anne.expect_dialog()
	second.reload()
	expect(second.get_by_text("Active", exact=True).first).to_be_visible(timeout=30 * SECONDS)
	expect(second.locator(".modal.show")).to_have_count(0)
	anne.page.reload()
	expect(anne.page.get_by_text("Active", exact=True).first).to_be_visible(timeout=30 * SECONDS)
	expect(anne.page.locator(".modal.show")).to_have_count(0)


def test_giving_up_at_the_bank_is_no_failure(anne: Walk, here: Place) -> None:
	anne.leave()
	anne.page.locator("#cancel").click()
	anne.page.wait_for_url(f"{here.site.url}/**")
	expect(anne.page.locator(".form-message.blue:visible")).to_be_visible(timeout=30 * SECONDS)
	expect(anne.page.locator(".modal.show")).to_have_count(0)
	assert here.connections("status") == []


def test_an_expired_consent_is_renewed_with_one_button(anne: Walk, here: Place) -> None:
	anne.connect()
	anne.expect_dialog()
	[row] = here.connections("remote_id")
	simulate(here.server.bridge, "expire", item_id=int(row["remote_id"]))
	anne.open_bank()
	anne.menu("Fetch new accounts")
	expect(anne.page.get_by_text("Consent Expired", exact=True).first).to_be_visible(timeout=30 * SECONDS)
	anne.desk.open(f"sync-connection/{row['name']}")
	anne.button("Reconnect")
	anne.page.wait_for_url("**/connect/session/**")
	anne.consent()
	anne.expect_dialog()
	assert here.connections("status")[0]["status"] == "Active"
	assert len(here.connections()) == 1


def test_a_failed_run_says_its_code_and_what_to_do(anne: Walk, here: Place) -> None:
	needs_progress(here.site)
	anne.connect()
	anne.expect_dialog()
	here.server.faults.add(Fault("status", status=401, path="/v3/aggregation/items", count=None))
	anne.confirm()
	anne.expect_dialog("The synchronization stopped")
	expect(anne.dialog).to_contain_text("BS-400")


def test_disconnecting_asks_first(anne: Walk, here: Place) -> None:
	anne.connect()
	anne.expect_dialog()
	anne.open_bank()
	anne.menu("Disconnect")
	expect(anne.dialog).to_contain_text(here.bank)
	anne.dialog.get_by_role("button", name="Cancel").click()
	assert here.connections("status")[0]["status"] == "Active"
	anne.menu("Disconnect")
	expect(anne.page.locator(".banksync-connection")).to_have_count(1)
	anne.dialog.locator(".btn-danger:visible").click()
	expect(anne.page.locator(".banksync-connection")).to_have_count(0, timeout=30 * SECONDS)
	assert here.connections("status")[0]["status"] == "Disconnected"


def test_who_opens_the_form_while_a_run_goes_on_sees_it(
	anne: Walk, here: Place, desk_of: Callable[[str], Desk]
) -> None:
	needs_progress(here.site)
	anne.connect()
	anne.expect_dialog()
	here.server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=8, count=1))
	here.site.user(MARC, "Bank Sync Manager")
	marc = Walk(desk_of(MARC), here)
	anne.confirm()
	expect(anne.page.locator(".progress-message:visible").first).to_contain_text("0", timeout=30 * SECONDS)
	marc.open_bank()
	expect(marc.page.locator(".progress-message:visible").first).to_contain_text(
		f"Synchronizing {here.bank}", timeout=30 * SECONDS
	)
	marc.expect_end("imported")


def test_an_accounts_user_sees_and_fetches_but_connects_nothing(
	here: Place, anne: Walk, desk_of: Callable[[str], Desk]
) -> None:
	anne.connect()
	anne.expect_dialog()
	anne.confirm()
	anne.expect_end("imported")
	here.site.user(MARC, "Accounts User")
	marc = Walk(desk_of(MARC), here)
	[row] = here.connections()
	marc.desk.open(f"sync-connection/{row['name']}")
	marc.button("Fetch transactions")
	marc.expect_end("nothing new")
	simulate(here.server.bridge, "expire", item_id=int(here.connections("remote_id")[0]["remote_id"]))
	marc.button("Fetch transactions")
	expect(marc.page.get_by_text("Consent Expired").first).to_be_visible(timeout=60 * SECONDS)
	expect(marc.page.get_by_role("button", name="Reconnect")).to_have_count(0)
	assert marc.desk.troubles == []


def test_in_french(here: Place, desk_of: Callable[[str], Desk]) -> None:
	needs_progress(here.site)
	here.site.user("jeanne.journey@example.org", *ROLES, language="fr")
	jeanne = Walk(desk_of("jeanne.journey@example.org"), here)
	jeanne.connect("Connecter votre banque")
	jeanne.expect_dialog("Mettre à jour les comptes bancaires")
	expect(jeanne.page.locator(".form-message:visible").first).to_contain_text("La banque est connectée")
	expect(jeanne.dialog).to_contain_text("Tout l’historique que donne la banque")
	jeanne.confirm()
	jeanne.expect_end("importées")
	expect(jeanne.page.get_by_text("Dernier import").first).to_be_visible()
	jeanne.button("Synchronisation")
	items = jeanne.page.locator(".dropdown-menu.show .dropdown-item:visible").all_inner_texts()
	assert "Récupérer les transactions" in [item.strip() for item in items]
	assert jeanne.desk.troubles == []
