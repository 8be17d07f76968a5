"""A user proves and repairs at the Desk of a real site: file, duplicates, missing, proof, certificate, undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.site.bench import Site
from tests.site.conftest import SECONDS, Desk, window
from tests.site.journeys import Connected, connect
from tests.site.walks import ROLES

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=window.broken=1>"
_FIND = """
account = frappe.get_value("Sync Remote Account", {"parent": connection, "bank_account": ("is", "set")}, "bank_account")
lines = {"connection": connection, "bank_account": account, "bank_transaction": ("is", "set")}
fields = ["bank_transaction as name", "date", "amount"]
row = frappe.get_all("Sync Line", lines, fields, order_by="date desc, name desc", limit=1)[0]
answer = {"account": account, "row": row}
"""
_FORGET = """
frappe.db.set_value("Sync Connection", connection, {"automatic": 0, "status": "Disconnected"})
frappe.db.set_value("Sync Provider", provider, "enabled", 0)
"""


@pytest.fixture(scope="module")
def made(site: Site) -> Iterator[Connected]:
	with SandboxServer(World(years=0.15)) as server:
		connected = connect(site, server)
		connected.sync()
		yield connected
		connected.run(_FORGET)


@dataclass(frozen=True)
class Review:
	"""One user's window on a Bank Account."""

	desk: Desk
	made: Connected
	account: str
	row: dict[str, Any]

	@property
	def dialog(self) -> Locator:
		return self.desk.page.locator(".modal.show").last

	def open(self) -> None:
		self.desk.open(f"bank-account/{self.account}")

	def button(self, label: str) -> None:
		self.desk.page.locator(".page-head:visible").get_by_role("button", name=label, exact=True).click()

	def menu(self, item: str, title: str = "Synchronization") -> None:
		self.import_rows()
		self.button(title)
		self.desk.page.locator(".dropdown-menu.show").get_by_text(item, exact=True).click()

	def confirm(self) -> None:
		self.dialog.locator(".modal-footer :is(.btn-primary, .btn-danger):visible").click()

	def close(self) -> None:
		self.dialog.locator(".btn-modal-close:visible").click()
		expect(self.desk.page.locator(".modal.show")).to_have_count(0)

	def import_rows(self) -> None:
		"""A form that refreshes itself takes its buttons away and puts them back."""
		self.desk.page.wait_for_function("!frappe.request.ajax_count")

	def names(self) -> list[str]:
		code = 'answer = frappe.get_all("Bank Transaction", {"bank_account": account, "docstatus": ("<", 2)}, pluck="name", order_by="name")'
		return self.made.data(code, account=self.account)


def _review(browser: Browser, made: Connected, language: str) -> Iterator[Review]:
	user = made.site.user(f"review.{language}@example.org", *ROLES, language=language)
	found = made.data(_FIND)
	with window(browser, made.site, user) as desk:
		yield Review(desk, made, found["account"], found["row"])
		assert desk.page.evaluate("window.broken") is None
		assert desk.troubles == []


@pytest.fixture
def review(browser: Browser, made: Connected) -> Iterator[Review]:
	yield from _review(browser, made, "en")


@pytest.fixture
def revue(browser: Browser, made: Connected) -> Iterator[Review]:
	yield from _review(browser, made, "fr")


def test_where_it_comes_from(review: Review) -> None:
	review.desk.open(f"bank-transaction/{review.row['name']}")
	review.button("Where it comes from")
	expect(review.dialog).to_contain_text("Imported as new")
	review.dialog.locator("[data-line]").click()
	review.button("Why")
	expect(review.dialog).to_contain_text(f"It is the bank transaction {review.row['name']}")


def test_a_file_is_imported_its_duplicate_merged_and_all_of_it_undone(review: Review, tmp_path: Path) -> None:
	before = review.names()
	row = review.row
	year, month, day = str(row["date"]).split("-")
	amount = f"{row['amount']:.2f}".replace(".", ",")
	path = tmp_path / "twin.csv"
	rows = [f"{day}/{month}/{year};{HOSTILE} {review.made.bank};{amount}", "13/10/2026;OUT;-3,20", "x;X;y"]
	path.write_text("\n".join(["Date;Libellé;Montant", *rows, ""]), "utf-8")
	review.open()
	review.menu("Import a statement file")
	review.dialog.locator("[data-file]").set_input_files(str(path))
	expect(review.dialog.locator("[data-list] tbody tr")).to_have_count(2)
	expect(review.dialog).to_contain_text("Rows that cannot be read: 1")
	review.dialog.get_by_role("checkbox", name="OUT").uncheck()
	review.confirm()
	expect(review.dialog).to_contain_text("1 imported, 1 not imported, 1 refused")
	assert len(review.names()) == len(before) + 1
	link = review.dialog.get_by_role("link", name="What was imported").get_attribute("href") or ""
	review.close()
	review.menu("Find duplicates")
	pair = review.dialog.locator("[data-pair]").filter(has_text=row["name"])
	expect(pair).to_contain_text("They came from different sources")
	pair.locator("[data-keep=first]").click()
	expect(pair).to_have_count(0)
	assert review.names() == before
	review.dialog.locator("[data-undo]").click()
	expect(pair).to_have_count(1)
	assert len(review.names()) == len(before) + 1
	review.desk.open(f"sync-run/{link.rpartition('/')[2]}")
	review.button("Undo")
	review.confirm()
	expect(review.desk.page.locator(".desk-alert").last).to_contain_text("1 removed")
	assert review.names() == before


def test_what_was_deleted_is_found_missing_and_taken(review: Review) -> None:
	before = review.names()
	review.made.data(
		"from dokos_banksync.hosts.frappe.ledger import FrappeLedger\nFrappeLedger().remove(name)",
		name=review.row["name"],
	)
	review.open()
	review.menu("Find missing")
	found = review.dialog.locator("tbody tr", has_text="Deleted by a user")
	expect(found).to_have_count(1, timeout=30 * SECONDS)
	found.get_by_role("checkbox").check()
	review.dialog.locator("[data-take=chosen]").click()
	expect(review.dialog).to_contain_text("1 imported", timeout=30 * SECONDS)
	assert len(review.names()) == len(before)


def test_in_french_proof_preview_and_a_certificate(revue: Review) -> None:
	revue.open()
	revue.menu("Preuve", "Synchronisation")
	expect(revue.dialog).to_contain_text("La banque et la comptabilité concordent")
	expect(revue.dialog.locator("svg.banksync-strip rect")).not_to_have_count(0)
	revue.close()
	revue.menu("Certificat d’un mois", "Synchronisation")
	revue.confirm()
	revue.desk.page.wait_for_url("**/sync-certificate/**")
	expect(revue.desk.page.locator("[data-fieldname=page_html]")).to_contain_text("Jours récupérés")
	expect(revue.desk.page.locator(".form-message:visible")).to_contain_text(
		"comme elle était à ce moment-là"
	)
	revue.desk.open(f"sync-connection/{revue.made.name}")
	revue.button("Aperçu")
	expect(revue.dialog.locator("tbody tr, .empty")).not_to_have_count(0, timeout=30 * SECONDS)
