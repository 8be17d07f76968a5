"""A real headless browser in front of the site and the pretend bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from dokos_banksync.hosts.standalone.web import WebServer
from tests.hosts.standalone.web.conftest import BANK, sandbox, server, site

__all__ = ["sandbox", "server", "site"]

SECONDS = 1000
expect.set_options(timeout=20 * SECONDS)  # a busy machine takes longer than the usual five


@dataclass
class Desk:
	"""The site in a window, and what a user does there. `troubles` holds what the console complained of."""

	page: Page
	server: WebServer
	troubles: list[str] = field(default_factory=list)

	def open(self, path: str) -> None:
		self.page.goto(self.server.url + path)

	def open_bank(self) -> None:
		self.open(f"/bank/{quote(BANK)}")

	def button(self, name: str) -> None:
		self.page.get_by_role("button", name=name, exact=True).click()

	def menu(self, item: str) -> None:
		self.page.locator(".menu-button").click()
		self.page.get_by_role("menuitem", name=item, exact=True).click()

	@property
	def dialog(self) -> Page:
		return self.page.locator("dialog[open]")  # type: ignore[return-value]

	def leave_for_the_bank(self, search: str = BANK) -> None:
		"""Connect your bank: search, choose, go to the provider's page."""
		self.page.locator("#page-actions").get_by_role("button").first.click()
		self.dialog.locator("[name=search]").fill(search)
		self.dialog.get_by_role("radio", name=search).check()
		if self.dialog.locator("[name=email]").is_visible():
			self.dialog.locator("[name=email]").fill("anne@example.org")
		self.dialog.locator(".btn-primary").click()
		self.page.wait_for_url("**/connect/session/**")

	def log_in(self, login: str = "success") -> None:
		self.page.locator("#login").fill(login)
		self.page.locator("#password").fill("any password")
		self.page.locator("#continue").click()

	def consent(self) -> None:
		self.page.locator("#consent").check()
		self.page.locator("#continue").click()
		self.page.wait_for_url(f"{self.server.url}/bank/**")

	def connect(self) -> None:
		self.open_bank()
		self.leave_for_the_bank()
		self.log_in()
		self.consent()

	def close_dialog(self) -> None:
		"""Escape the dialog that is open, or about to be."""
		expect(self.dialog).to_have_count(1)
		self.page.keyboard.press("Escape")
		expect(self.dialog).to_have_count(0)

	def import_all(self) -> None:
		"""Confirm Update bank accounts as it stands, and wait for the message with the counts."""
		self.dialog.locator(".btn-primary").click()
		self.wait_for_the_end()

	def wait_for_the_end(self) -> None:
		expect(self.page.locator(".alert.green .alert-text").last).to_contain_text(BANK, timeout=60 * SECONDS)


def complains(message: ConsoleMessage) -> bool:
	"""A defect or a broken content policy; a call that was refused is a case like another."""
	return message.type == "error" and not message.text.startswith("Failed to load resource")


def window(
	browser: Browser, server: WebServer, locale: str, **options: object
) -> tuple[BrowserContext, Desk]:
	context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 860}, **options)
	context.set_default_timeout(45 * SECONDS)
	desk = Desk(context.new_page(), server)
	desk.page.on("pageerror", lambda error: desk.troubles.append(str(error)))
	desk.page.on("console", lambda message: complains(message) and desk.troubles.append(message.text))
	desk.page.goto(server.new_entry())
	return context, desk


@pytest.fixture
def desk(browser: Browser, server: WebServer) -> Iterator[Desk]:
	context, made = window(browser, server, "en-GB")
	yield made
	context.close()
	assert made.troubles == []


@pytest.fixture
def bureau(browser: Browser, server: WebServer) -> Iterator[Desk]:
	"""The same for a French user."""
	context, made = window(browser, server, "fr-FR")
	yield made
	context.close()
	assert made.troubles == []
