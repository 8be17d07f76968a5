"""What a user does on a provider's page in a browser, whatever the provider: the same for every site they come from."""

from __future__ import annotations

from playwright.sync_api import Page

SECONDS = 1000


def give_consent(page: Page, home: str, login: str) -> None:
	"""Do what the provider's pages ask for, until the browser is back at the site whose address is `home`."""
	page.wait_for_url(lambda url: not url.startswith(home), timeout=60 * SECONDS)
	while not page.url.startswith(home):
		_fill_in(page, login)
		with page.expect_navigation():
			page.locator("#continue, #leave").first.click()


def _fill_in(page: Page, login: str) -> None:
	"""Fill in what the page shown asks for: the login at the bank, a code, or the consent."""
	if page.locator("#login").is_visible():
		page.locator("#login").fill(login)
		page.locator("#password").fill("any password")
	elif page.locator("#code").is_visible():
		page.locator("#code").fill("123456")
	elif page.locator("#consent").is_visible():
		page.locator("#consent").check()
