"""No text of a provider, a file or a user runs as a script at the Desk: a payload in every field, and every page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.site.bench import Site
from tests.site.conftest import Desk, window
from tests.site.journeys import Connected, connect

pytestmark = pytest.mark.browser

SCRIPT = "<img src=x onerror=\"window.banksync_hit='{0}'\">"
"""Names in its place which field it stood in."""

_POISON = """
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from dokos_banksync.core.model import Action, Decision, Line, LineState, Reason
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.core.records import CategoryChange
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from frappe.utils import getdate
def bad(field):
	return script.replace("{0}", field) + field
ledger = FrappeLedger()
record = ledger.connection(connection)
accounts = [one.remote for one in ledger.accounts(connection)]
ledger.save_accounts(connection, [replace(one, account_name=bad("account"), kind=bad("kind")) for one in accounts])
ledger.change_categories("Bridge", [CategoryChange("", "payload-1", bad("category"), ""), CategoryChange("", "payload-2", bad("child"), "payload-1")])
source, account = frappe.db.get_value("Sync Remote Account", {"parent": connection, "bank_account": ["!=", ""]}, ["name", "bank_account"])
run = ledger.begin_run(connection, Trigger.FILE, ledger.clock(), bad("file"))
def line(number, amount, **more):
	return Line("1", f"payload-{number}", getdate(), Decimal(amount), "EUR", bad("label"), bad("original"), LineState.BOOKED,
		category="payload-1", kind=bad("kind"), party_name=bad("party"), party_iban=bad("iban"), reference=bad("reference"), **more)
with ledger.batch() as batch:
	refused = batch.apply(run.name, [
		Decision(Action.NEW, line(number, f"-{number}.31"), source, account) for number in range(1, 9)
	] + [
		Decision(Action.HOLD, line(20, "-7.77"), source, account, reason=Reason.LOCKED, note=bad("note")),
		Decision(Action.HOLD, line(21, "-1.31"), source, account, reason=Reason.AMBIGUOUS, note=bad("ambiguous")),
	], ledger.clock())
failed = ledger.begin_run(connection, Trigger.MANUAL, ledger.clock())
ledger.save_run(replace(failed, ended_at=ledger.clock(), error_code=bad("code"), error_message=bad("message"), error_reference=bad("reference")))
ledger.save_connection(replace(record, status_code=bad("code"), status_message=bad("status"), status_reference=bad("reference")))
frappe.db.commit()
answer = {
	"account": account, "run": failed.name, "file": run.name, "refused": [one.note for one in refused],
	"transaction": frappe.db.get_value("Sync Line", {"source": source, "remote_id": "payload-1"}, "bank_transaction"),
	"line": frappe.db.get_value("Sync Line", {"source": source, "remote_id": "payload-20"}),
}
"""
_TITLES = """
from dokos_banksync.hosts.frappe.ledger.categories import title_field
C = "Bank Transaction Category"
answer = [[c.name, c[title_field()]] for c in frappe.get_all(C, fields=["*"], limit_page_length=0)]
"""
_RENAME = """
C = "Bank Transaction Category"
name = frappe.get_all(C, {"name": ("like", "%child%")}, pluck="name") or frappe.get_all(C, {"category_name": ("like", "%child%")}, pluck="name")
try:
	answer = frappe.rename_doc(C, name[0], script, force=True)
	frappe.db.commit()
except frappe.ValidationError as error:
	frappe.db.rollback()
	answer = "refused: " + str(error)
"""
_FORGET = """
frappe.db.set_value("Sync Connection", connection, {"automatic": 0, "status": "Disconnected"})
frappe.db.set_value("Sync Provider", provider, "enabled", 0)
"""
_SENT = """(text) => {
	banksync.show_progress({ title: text, percent: 10, description: text });
	banksync.show_outcome({ message: text, indicator: "green", run: text });
	banksync.show_outcome({ message: text, indicator: "red", code: text, reference: text });
	banksync.announce({ message: text, indicator: "orange" });
	banksync.show_progress({ title: text, percent: 20, description: text });
}"""
_DIALOGS = """async ([bank, account, connection]) => {
	const wait = (ms) => new Promise((soon) => setTimeout(soon, ms));
	for (const open of [
		() => banksync.duplicates_dialog(account), () => banksync.questions_dialog(account),
		() => banksync.proof_dialog(account), () => banksync.missing_dialog(account),
	]) {
		open();
		await wait(1500);
		document.querySelectorAll(".modal.show .modal-footer .btn-primary").forEach((button) => button.offsetParent && button.click());
		await wait(1500);
		$(".modal.show").modal("hide");
		await wait(400);
	}
}"""


@pytest.fixture(scope="module")
def poisoned(site: Site) -> Iterator[tuple[Connected, Any]]:
	with SandboxServer(World(years=0.1)) as server:
		made = connect(site, server)
		made.sync()
		yield made, made.run(_POISON, script=SCRIPT)
		made.run(_FORGET)


@pytest.fixture
def hostile(browser: Browser, poisoned: tuple[Connected, Any]) -> Iterator[Desk]:
	with window(browser, poisoned[0].site) as desk:
		yield desk


def assert_nothing_ran(desk: Desk, where: str) -> None:
	desk.page.wait_for_function("!frappe.request.ajax_count")
	desk.page.wait_for_timeout(300)  # an image that cannot be loaded takes a moment to fail
	assert not desk.page.evaluate("window.banksync_hit"), where


def test_no_category_has_markup_in_its_name(poisoned: tuple[Connected, Any]) -> None:
	"""A provider's titles are cleaned on the way in; a user's new name is refused."""
	site = poisoned[0].site
	result = site.run(_RENAME, script=SCRIPT)
	assert result.startswith("refused: "), result
	titles = site.run(_TITLES)
	assert any("‹img" in title for _name, title in titles)
	assert not [one for pair in titles for one in pair if "<" in str(one)]


def test_no_page_runs_what_a_provider_or_a_user_wrote(hostile: Desk, poisoned: tuple[Connected, Any]) -> None:
	made, found = poisoned
	for route in (
		f"bank/{made.bank}",
		f"bank-account/{found['account']}",
		f"bank-transaction/{found['transaction']}",
		"bank-transaction?description=%25onerror%25",
		f"sync-connection/{made.name}",
		"sync-connection",
		f"sync-run/{found['run']}",
		f"sync-run/{found['file']}",
		"sync-run",
		f"sync-line/{found['line']}",
		f"sync-line?connection={made.name}",
		f"sync-provider/{made.provider}",
		"bank-transaction-category/view/tree",
		"query-report/Sync Runs",
	):
		hostile.open(route)
		assert_nothing_ran(hostile, route)


def test_no_message_and_no_dialog_runs_it(hostile: Desk, poisoned: tuple[Connected, Any]) -> None:
	made, found = poisoned
	hostile.open(f"bank/{made.bank}")
	hostile.page.evaluate(_SENT, SCRIPT.replace("{0}", "told"))
	assert_nothing_ran(hostile, "messages on a form")
	hostile.page.reload()
	hostile.open(f"bank/{made.bank}")
	hostile.page.evaluate("bank => { banksync.accounts_dialog(bank) }", made.bank)
	expect(hostile.page.locator(".modal.show")).to_contain_text("onerror")
	assert_nothing_ran(hostile, "Update bank accounts")
	hostile.open(f"bank-account/{found['account']}")
	hostile.page.evaluate(_DIALOGS, [made.bank, found["account"], made.name])
	assert_nothing_ran(hostile, "dialogs of a Bank Account")
	hostile.open(f"bank-transaction/{found['transaction']}")
	hostile.page.evaluate("name => { banksync.explain_transaction(name) }", found["transaction"])
	expect(hostile.page.locator(".modal.show")).to_contain_text("Imported as new")
	assert_nothing_ran(hostile, "Where it comes from")
	hostile.open("sync-connection")
	hostile.page.evaluate(_SENT, SCRIPT.replace("{0}", "list"))
	assert_nothing_ran(hostile, "messages on a list")


def test_no_field_for_categories_runs_a_title(hostile: Desk, poisoned: tuple[Connected, Any]) -> None:
	made, found = poisoned
	field = "category" if made.site.has("Bank Transaction", "category") else "banksync_category"
	hostile.open(f"bank-transaction/{found['transaction']}")
	control = hostile.page.locator(f"[data-fieldname={field}] input:visible").first
	if not control.is_visible():
		hostile.page.evaluate(
			"""(field) => { const d = new frappe.ui.Dialog({fields: [
				{fieldname: field, fieldtype: "Link", options: "Bank Transaction Category", label: field}]}); d.show(); }""",
			field,
		)
		control = hostile.page.locator(f".modal.show [data-fieldname={field}] input").first
	control.click()
	control.fill("img")
	expect(hostile.page.locator(".awesomplete ul > :visible").first).to_be_visible()
	assert_nothing_ran(hostile, "the list of categories")
