"""The Connect pages in a real browser: by keyboard alone, under their own security policy, and small screens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.sandbox.client import Client, query

pytestmark = pytest.mark.browser


class _Back(BaseHTTPRequestHandler):
	def do_GET(self) -> None:
		self.send_response(200)
		self.send_header("Content-Length", "4")
		self.end_headers()
		self.wfile.write(b"back")

	def log_message(self, *_: object) -> None:
		"""Nothing."""


@pytest.fixture
def callback() -> Iterator[str]:
	"""The application that the user comes back to, on another origin than the pages."""
	with HTTPServer(("127.0.0.1", 0), _Back) as server:
		thread = threading.Thread(target=server.serve_forever, args=(0.02,))
		thread.start()
		yield f"http://localhost:{server.server_port}/back"
		server.shutdown()
		thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
	tab = browser.new_page(viewport={"width": 360, "height": 740}, locale="en-GB")
	yield tab
	tab.close()


def test_the_whole_way_by_keyboard(page: Page, user: Client, callback: str) -> None:
	complaints: list[str] = []
	page.on("console", lambda message: complaints.append(message.text))
	page.goto(user.session(callback_url=callback, context="st-1"))
	page.keyboard.type("ponant")  # the search has the focus
	page.keyboard.press("Enter")
	page.locator('[data-institution="602"]').press("Enter")
	page.keyboard.type("success")
	page.keyboard.press("Tab")
	page.keyboard.type("any")
	page.keyboard.press("Enter")
	page.get_by_label("Code received by text message").fill("123456")
	page.keyboard.press("Enter")
	page.get_by_label("I agree").press("Space")
	page.locator("#continue").press("Enter")
	page.wait_for_url(f"{callback}*")
	values = query(page.url)
	assert (values["success"], values["context"]) == ("true", "st-1")
	assert complaints == []


def test_a_small_screen_needs_no_sideways_scrolling(page: Page, user: Client) -> None:
	address = user.session(account_types="all")
	widths = []
	page.goto(address)
	widths.append(page.evaluate("document.documentElement.scrollWidth"))
	page.locator('[data-institution="574"]').click()
	page.fill("[name=login]", "success")
	page.fill("[name=password]", "any")
	page.click("#continue")
	page.locator("#consent").wait_for()
	widths.append(page.evaluate("document.documentElement.scrollWidth"))
	assert max(widths) <= 360


def test_cancel(page: Page, user: Client, callback: str) -> None:
	page.goto(user.session(callback_url=callback))
	page.click("#cancel")
	page.wait_for_url(f"{callback}*")
	assert query(page.url)["step"] == "highlighted_banks"
