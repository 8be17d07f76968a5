"""Takes the pictures of the Desk for the documentation: `python -m tests.site.pictures erpnext15.localhost dokos.localhost`.

The first site is shown in English, the second in French. Use sites that hold nothing of value: the bank of the
pictures is deleted first, with all that it fed.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Browser, expect, sync_playwright

from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.browser.pictures import FOLDER
from tests.conftest import ARGUMENTS, CHROMIUM
from tests.site.bench import Site, sites
from tests.site.conftest import SECONDS, window
from tests.site.walks import ROLES, Walk, place

BANK, PROVIDER = "Banque Aurore", "Bridge"
_FORGET = """
for account in frappe.get_all("Bank Account", {"bank": bank}, pluck="name"):
	frappe.db.delete("Bank Transaction", {"bank_account": account})
	frappe.db.delete("Sync Line", {"bank_account": account})
	frappe.db.delete("Bank Account", {"name": account})
for name in frappe.get_all("Sync Connection", {"bank": bank}, pluck="name"):
	for doctype, field in (("Sync Run", "connection"), ("Sync Remote Account", "parent"), ("Sync Connection", "name")):
		frappe.db.delete(doctype, {field: name})
frappe.db.delete("Bank", {"name": bank})
frappe.db.delete("Sync Provider", {"name": provider})
frappe.db.set_value("Sync Provider", {"name": ["!=", provider]}, "enabled", 0)
frappe.clear_cache()
from dokos_banksync.hosts.frappe.progress import cache
cache().set_value("banksync_health", [], expires_in_sec=600)
"""


def take(walk: Walk, name: str) -> None:
	walk.page.wait_for_timeout(1200)
	path = FOLDER / f"{name}.png"
	walk.page.screenshot(path=path)
	print(f"{path.name} {path.stat().st_size // 1024} KB")  # noqa: T201


def workspace(walk: Walk, name: str) -> None:
	walk.desk.open("bank-synchronization")
	pictures = walk.page.locator(".banksync-pictures")
	expect(pictures).to_be_visible(timeout=30 * SECONDS)
	take(walk, name)
	walk.page.locator(".custom-block-widget-box").evaluate("one => one.scrollIntoView()")
	take(walk, f"{name}-pictures")


def in_english(walk: Walk) -> None:
	walk.connect()
	walk.expect_dialog()
	take(walk, "desk-update-bank-accounts")
	walk.place.server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=4, count=2))
	walk.confirm()
	expect(walk.page.locator(".progress-message:visible").first).to_be_visible(timeout=30 * SECONDS)
	walk.expect_end("imported")
	walk.button("Synchronization")
	take(walk, "desk-bank")
	workspace(walk, "desk-workspace")


def in_french(walk: Walk) -> None:
	walk.connect("Connecter votre banque")
	walk.expect_dialog("Mettre à jour les comptes bancaires")
	take(walk, "desk-update-bank-accounts-fr")
	walk.confirm()
	walk.expect_end("importées")
	walk.button("Synchronisation")
	take(walk, "desk-bank-fr")
	walk.desk.open("bank-transaction")
	expect(walk.page.locator(".list-row-container:visible")).not_to_have_count(0)
	take(walk, "desk-transactions-fr")
	workspace(walk, "desk-workspace-fr")


def show(browser: Browser, site: Site, language: str) -> None:
	user = site.user(f"pictures.{language}@example.org", *ROLES, language=language)
	site.run(_FORGET, bank=BANK, provider=PROVIDER)
	with (
		SandboxServer(World(clock=Clock.real(), years=0.5)) as server,
		place(site, server, PROVIDER, BANK) as made,
		window(browser, site, user) as desk,
	):
		(in_english if language == "en" else in_french)(Walk(desk, made))


def main() -> None:
	known = {site.name: site for site in sites()}
	if CHROMIUM is None or not set(sys.argv[1:]) <= set(known):
		sys.exit(f"There must be a chromium in the PATH, and the sites must be among: {', '.join(known)}")
	with sync_playwright() as playwright:
		browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
		for name, language in zip(sys.argv[1:], ("en", "fr"), strict=False):
			show(browser, known[name], language)
		browser.close()


if __name__ == "__main__":
	main()
