"""Every provider in a real browser on a real site: from the Bank form to the disconnection."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.server import SandboxServer
from tests.providers.consent_pages import give_consent
from tests.providers.every_provider import (
	LINKED,
	MAIN,
	PROVIDERS,
	Given,
	Provider,
	bridge,
	register_return,
	serving,
)
from tests.site.bench import Site
from tests.site.conftest import SECONDS, Desk
from tests.site.walks import ROLES, Place, Walk, needs_progress, place

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CALLBACK = "/api/method/dokos_banksync.api.connections.callback"
NAMES = """
from dokos_banksync.actions.site import Site
from dokos_banksync.core.clock import utc_now
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
answer = [one.name for one in Site(FrappeLedger(), utc_now).institutions(provider) if one.id == institution]
"""
HELD = """
meta = frappe.get_meta("Bank Transaction")
accounts = frappe.get_all("Bank Account", {"bank": bank}, pluck="name")
found, has = {"bank_account": ["in", accounts], "docstatus": int(meta.is_submittable or 0)}, meta.has_field
paid_in, paid_out = ("deposit", "withdrawal") if has("deposit") else ("credit", "debit")
rows = frappe.get_all("Bank Transaction", found, ["date", paid_in, paid_out])
answer = [[str(row.date), f"{row[paid_in] - row[paid_out]:.2f}"] for row in rows]
"""
WIDER = """() => Math.max(...[document.documentElement, ...document.querySelectorAll(".modal.show .modal-body")].map(
	(one) => one.scrollWidth - one.clientWidth))"""
"""By how many pixels the page or its open dialog is wider than what is shown of it."""


@pytest.fixture
def server() -> Iterator[SandboxServer]:
	with serving(Clock.real()) as made:
		yield made


@pytest.fixture(params=(bridge, *PROVIDERS), ids=lambda one: one.__name__)
def given(request: pytest.FixtureRequest, server: SandboxServer) -> Given:
	provider: Provider = request.param
	return provider(server)


@pytest.fixture
def here(site: Site, server: SandboxServer, given: Given) -> Iterator[Place]:
	needs_progress(site)
	register_return(server, site.url + CALLBACK)
	with place(site, server, given=given) as made:
		yield made


@pytest.fixture
def bank_name(here: Place, given: Given) -> str:
	"""What the provider calls the bank that is connected."""
	[name] = set(here.site.run(NAMES, provider=here.provider, institution=given.institution))
	return str(name)


def walker(here: Place, desk_of: Callable[[str], Desk], language: str = "en") -> Walk:
	user = here.site.user(f"pages.{language}@example.org", *ROLES, language=language)
	return Walk(desk_of(user), here)


def come_back(walk: Walk, given: Given, message: str) -> None:
	"""Give the consent, and be back at the Bank form, which says what came of it."""
	give_consent(walk.page, walk.place.site.url, given.login)
	walk.page.wait_for_url("**/bank/**", timeout=60 * SECONDS)
	shown = walk.page.locator(".form-message:visible").first
	expect(shown).to_contain_text(message, timeout=60 * SECONDS)


def choose_main_account(walk: Walk) -> None:
	"""Import the account that the sandbox's truth is known of, and nothing else."""
	rows = walk.dialog.locator("[data-source]")
	for row in rows.all():
		main = row.get_by_role("rowheader").inner_text().startswith(LINKED)
		row.locator("[data-field=target]").select_option("__new__" if main else "")
	expect(walk.dialog.locator("[data-new]:visible")).to_have_count(1)


def held(here: Place) -> list[list[str]]:
	"""Return the day and the signed amount of each Bank Transaction of the bank's accounts, submitted where it can be."""
	return sorted(here.site.run(HELD, bank=here.bank))


def disconnect(walk: Walk) -> None:
	walk.open_bank()
	walk.menu("Disconnect")
	walk.dialog.locator(".btn-danger:visible").click()
	expect(walk.page.locator(".banksync-connection")).to_have_count(0, timeout=60 * SECONDS)


def test_from_the_bank_form_to_the_disconnection(
	here: Place, given: Given, bank_name: str, desk_of: Callable[[str], Desk]
) -> None:
	walk = walker(here, desk_of)
	walk.choose_and_leave(bank_name)
	come_back(walk, given, "The bank is connected")
	walk.expect_dialog("Update bank accounts")
	choose_main_account(walk)
	walk.confirm()
	walk.expect_end("imported")
	truth = sorted([str(one.day), f"{one.amount:.2f}"] for one in here.server.world.truth(MAIN))
	assert held(here) == truth
	walk.desk.open("bank-transaction")
	expect(walk.page.locator(".list-row-container:visible")).not_to_have_count(0)
	walk.open_bank()
	walk.menu("Update credentials")
	come_back(walk, given, "The credentials are updated")
	[connection] = here.connections("status")
	assert connection["status"] == "Active"
	walk.open_bank()
	walk.menu("Fetch transactions")
	walk.expect_end(here.bank)  # "nothing new", or "124 linked" where a new consent has new ids
	disconnect(walk)
	[connection] = here.connections("status")
	assert (connection["status"], held(here)) == ("Disconnected", truth)
	assert walk.desk.troubles == []


def test_on_a_phone_in_french(
	here: Place, given: Given, bank_name: str, desk_of: Callable[[str], Desk]
) -> None:
	walk = walker(here, desk_of, "fr")
	walk.page.set_viewport_size({"width": 375, "height": 800})
	walk.open_bank()
	walk.page.locator(".page-head:visible .menu-btn-group > button").click()  # it holds all buttons there
	walk.page.locator(".dropdown-menu.show").get_by_text("Connecter votre banque", exact=True).click()
	walk.choose_bank(bank_name)
	walk.confirm()
	come_back(walk, given, "La banque est connectée")
	walk.expect_dialog("Mettre à jour les comptes bancaires")
	choose_main_account(walk)
	left_out = walk.dialog.locator("tr:has([data-field=target] option[value='']:checked)")
	expect(left_out.first.locator("td").last).to_be_hidden()  # no heading without a date
	assert walk.page.evaluate(WIDER) <= 0
	walk.confirm()
	walk.expect_end("importées")
	assert walk.page.evaluate(WIDER) <= 0
	assert walk.desk.troubles == []
