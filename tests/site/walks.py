"""A user's way through the Desk of a real site and the pages of a pretend bank."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from dokos_banksync.sandbox.server import SandboxServer
from tests.providers.every_provider import Given, bridge
from tests.site.bench import Site
from tests.site.conftest import SECONDS, Desk
from tests.site.journeys import own_queue, worker

ROLES = ("Bank Sync Manager", "Accounts Manager", "Accounts User")
"""Of the user who connects banks, where nothing else is said."""

_PREPARE = """
left = [["bank", "not in", [*in_use, ""]], ["iban", "is", "set"]]
for name in frappe.get_all("Bank Account", left, pluck="name"):
	frappe.db.set_value("Bank Account", name, "iban", "")
from dokos_banksync.core.provider import FieldKind, Secret, Subscription
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.providers.registry import provider_class
hidden = (FieldKind.SECRET, FieldKind.SECRET_FILE)
hidden = {one.name for one in provider_class(kind).credential_fields if one.kind in hidden}
texts = {name: value for name, value in keys.items() if name not in hidden}
secrets = {name: Secret(value) for name, value in keys.items() if name in hidden}
FrappeLedger().add_provider(kind, Subscription(provider, texts, secrets, url), "Sandbox")
frappe.get_doc({"doctype": "Bank", "bank_name": bank}).insert()
"""
"""Accounts of earlier tests lose their IBAN: a new account with the same one would have to be confirmed.

Whatever state an earlier test, or one that was interrupted, left its connection in.
"""
_IN_USE: list[str] = []
"""Banks of the places that are open now."""
_CLEAN = """
for name in frappe.get_all("Sync Connection", {"provider": provider}, pluck="name"):
	frappe.db.set_value("Sync Connection", name, {"automatic": 0, "status": "Disconnected"})
frappe.db.set_value("Sync Provider", provider, "enabled", 0)
"""


@dataclass(frozen=True)
class Place:
	"""A bank on a site, a provider that leads to the pretend bank, and who does the site's background jobs."""

	site: Site
	server: SandboxServer
	provider: str
	bank: str
	jobs: subprocess.Popen[bytes]

	def connections(self, *fields: str) -> list[dict[str, Any]]:
		code = "answer = frappe.get_all('Sync Connection', {'bank': bank}, ['name', *fields], order_by='creation')"
		return self.site.run(code, bank=self.bank, fields=fields)

	def held(self, bank: str = "") -> dict[str, int]:
		"""Bank transactions by the IBAN of the bank's accounts."""
		code = """
		accounts = frappe.get_all("Bank Account", {"bank": bank}, ["name", "iban"])
		answer = {a.iban: frappe.db.count("Bank Transaction", {"bank_account": a.name, "docstatus": ["<", 2]}) for a in accounts}
		"""
		return self.site.run(code, bank=bank or self.bank)


@contextmanager
def place(
	site: Site, server: SandboxServer, provider: str = "", bank: str = "", *, given: Given | None = None
) -> Iterator[Place]:
	"""Names are new each time, unless they are given. Nothing is left that asks to be fetched.

	Bridge leads to the pretend bank, unless another provider is given. It is the first of its list, so that a dialog
	asks it first: others may be of banks long gone.
	"""
	mark, given = uuid4().hex[:6], given or bridge(server)
	provider, bank = provider or f"A {given.kind} {mark}", bank or f"Banque Aurore {mark}"
	keys = {"kind": given.kind, "keys": dict(given.keys), "url": given.url}
	site.run(_PREPARE, provider=provider, bank=bank, in_use=_IN_USE, **keys)
	_IN_USE.append(bank)
	with own_queue(site):
		jobs = worker(site)
		try:
			yield Place(site, server, provider, bank, jobs)
		finally:
			jobs.terminate()  # it ends its job first, which may store the state of the connection
			jobs.wait(90)
			site.run(_CLEAN, provider=provider)
			_IN_USE.remove(bank)


def needs_progress(site: Site) -> None:
	"""What a run tells comes to a page through Frappe's socket server."""
	base = f"http://127.0.0.1:{site.bench.config['webserver_port']}"
	try:
		answer = requests.get(
			f"{base}/socket.io/?EIO=4&transport=polling", headers={"Host": site.name}, timeout=60
		)
	except requests.ConnectionError:
		answer = None
	if answer is None or not answer.ok:
		pytest.skip(f"NO SOCKET SERVER at {base}: progress and end of runs were not tested on {site.name}")


@dataclass
class Walk:
	"""One user's window, and what they click."""

	desk: Desk
	place: Place

	@property
	def page(self) -> Page:
		return self.desk.page

	@property
	def dialog(self) -> Locator:
		return self.page.locator(".modal.show").last

	def open_bank(self) -> None:
		self.desk.open(f"bank/{self.place.bank}")

	def button(self, label: str) -> None:
		self.page.locator(".page-head:visible").get_by_role("button", name=label, exact=True).click()

	def menu(self, label: str, title: str = "Synchronization") -> None:
		self.button(title)
		self.page.locator(".dropdown-menu.show").get_by_text(label, exact=True).click()

	def choose_bank(self, search: str = "Banque Aurore") -> None:
		"""In the dialog "Connect your bank"."""
		self.dialog.locator("[data-fieldname=search] input").fill(search)
		rows = self.dialog.locator("[data-fieldname=results] label")
		rows.filter(has_text=search).filter(has_text=self.place.provider).first.locator("input").check()
		offers = self.dialog.locator("[data-fieldname=offers] label")
		if offers.count():  # several providers of the site reach the bank
			offers.filter(has_text=self.place.provider).locator("input").check()

	def confirm(self) -> None:
		self.dialog.locator(".modal-footer :is(.btn-primary, .btn-danger):visible").click()

	def choose_and_leave(self, search: str = "Banque Aurore", label: str = "Connect your bank") -> None:
		"""From the Bank form to the provider's page, wherever that is."""
		self.open_bank()
		self.button(label)
		self.choose_bank(search)
		self.confirm()

	def leave(self, label: str = "Connect your bank") -> None:
		self.choose_and_leave(label=label)
		self.page.wait_for_url("**/connect/session/**")

	def consent(self) -> None:
		"""On the bank's pages, to the end of them."""
		if self.page.locator("#login").is_visible():
			self.page.locator("#login").fill("success")
			self.page.locator("#password").fill("any password")
			self.page.locator("#continue").click()
		self.page.locator("#consent").check()
		self.page.locator("#continue").click()
		self.page.wait_for_url(f"{self.place.site.url}/**")

	def connect(self, label: str = "Connect your bank") -> None:
		self.leave(label)
		self.consent()

	def expect_dialog(self, title: str = "Update bank accounts") -> None:
		expect(self.page.locator(".modal.show .modal-title", has_text=title)).to_be_visible(
			timeout=30 * SECONDS
		)

	def expect_end(self, *words: str) -> None:
		"""The message with the counts."""
		alert = self.page.locator(".desk-alert").filter(has_text=self.place.bank).last
		for word in words:
			expect(alert).to_contain_text(word, timeout=60 * SECONDS)
