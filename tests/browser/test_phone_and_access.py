"""Every page and dialog, in both languages: axe finds nothing, and a phone of 375 pixels shows every amount."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import resources, util
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from tests.browser.conftest import Desk, window
from tests.hosts.standalone.web.conftest import BANK, PROVIDER

pytestmark = pytest.mark.browser

NO_AXE = "NO AXE: axe-playwright-python is not installed, so accessibility was NOT tested."
FINDINGS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations.map(
	({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).slice(0, 3).join(", ")}`
)"""
HIDDEN_MONEY = """() => {
	const shown = ({ left, right, width }) => width > 0 && left >= 0 && right <= window.innerWidth + 1;
	return [...document.querySelectorAll(".number, .totals b")]
		.filter((one) => /\\d/.test(one.textContent))
		.filter((one) => {
			const range = document.createRange();
			range.selectNodeContents(one);
			const place = range.getBoundingClientRect();
			const frame = one.closest(".scroll, main").getBoundingClientRect();
			return !shown(place) || place.right > frame.right - 4;
		})
		.map((one) => one.textContent.trim());
}"""
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"
CUT = """() => [...document.querySelectorAll("main :is(a, button, input, select)")]
	.filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > window.innerWidth)
	.map((one) => one.textContent.trim() || one.name)"""


BROKEN = """(selector) => {
	const place = document.querySelector(selector);
	const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
	const found = [];
	while (texts.nextNode()) {
		const node = texts.currentNode;
		if (node.data.includes("://") || !node.parentElement.checkVisibility() || node.parentElement.closest("select, svg, code, .as-received")) continue;
		for (const word of node.data.matchAll(/[^\\s\\-–/·…]+/g)) {
			const range = document.createRange();
			range.setStart(node, word.index);
			range.setEnd(node, word.index + word[0].length);
			const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
			if (lines.size > 1 && word[0].length < 25) found.push(word[0]);
		}
	}
	return found;
}"""
"""Words that go on in the next line. A hyphen or a slash is a place to break at, and a long id must be broken somewhere."""
UNKNOWN = re.compile(r"undefined|NaN|\[object|\{\d\}|\bnull\b")


def findings(page: Page) -> list[str]:
	if util.find_spec("axe_playwright_python") is None:
		pytest.skip(NO_AXE)
	page.wait_for_load_state("networkidle")
	script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
	page.evaluate(script)
	found: list[str] = page.evaluate(FINDINGS)
	return found


@pytest.fixture
def full(browser: Browser, server: WebServer, site: Site) -> Iterator[Callable[..., Desk]]:
	"""Open windows on a site that has something on every page."""
	context, desk = window(browser, server, "en-GB")
	desk.connect()
	desk.import_all()
	context.close()
	site.ledger.add_category("Mine")
	opened = []

	def open_window(locale: str, **options: Any) -> Desk:
		context, made = window(browser, server, locale, **options)
		opened.append(context)
		return made

	yield open_window
	for one in opened:
		one.close()


def paths(site: Site) -> list[str]:
	account = site.ledger.bank_accounts()[0].name
	connection = site.ledger.connections()[0].name
	transaction = site.ledger.transactions(limit=1)[0].name
	run = site.ledger.runs()[0].name
	line = site.ledger.waiting("", 1)[0].name
	category = next(one.name for one in site.ledger.all_categories() if one.category_name == "Mine")
	named = {
		"bank": BANK,
		"bank-account": account,
		"sync-connection": connection,
		"bank-transaction": transaction,
		"sync-run": run,
		"sync-line": line,
		"sync-provider": PROVIDER,
		"bank-transaction-category": category,
	}
	lists = ["bank", "bank-account", "bank-transaction", "bank-transaction-category", "sync-connection"]
	lists += [
		"sync-run",
		"sync-certificate",
		"sync-provider",
		"new/sync-provider",
		"new/bank-account",
		"nowhere",
	]
	return [
		*(f"/{one}" for one in lists),
		*(f"/{kind}/{quote(name, safe='')}" for kind, name in named.items()),
	]


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_no_page_has_a_barrier(full: Callable[..., Desk], site: Site, locale: str) -> None:
	desk, found = full(locale), {}
	for path in paths(site):
		desk.open(path)
		if problems := findings(desk.page):
			found[path] = problems
	assert found == {}


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_no_dialog_has_a_barrier(full: Callable[..., Desk], site: Site, locale: str) -> None:
	desk, found = full(locale), {}
	account = site.ledger.bank_accounts()[0].name
	for path in (f"/bank/{quote(BANK)}", f"/bank-account/{quote(account, safe='')}"):
		desk.open(path)
		menu = desk.page.locator(".menu-button")
		expect(menu).to_be_visible()
		for number in range(desk.page.locator(".menu-item").count()):
			desk.open(path)
			menu.click()
			item = desk.page.get_by_role("menuitem").nth(number)
			label = item.inner_text()
			if label in {"Fetch transactions", "History", "Update credentials", "Fetch new accounts"}:
				continue
			if locale == "fr-FR" and number > 4:
				continue
			item.click()
			desk.page.wait_for_timeout(700)
			if not desk.page.url.endswith(path) or not desk.dialog.count():
				continue
			if problems := findings(desk.page):
				found[label] = problems
	assert found == {}


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("width", [375, 768])
def test_no_page_hides_money_or_is_wider_than_the_screen(
	full: Callable[..., Desk], site: Site, locale: str, width: int
) -> None:
	desk, found = full(locale), {}
	desk.page.set_viewport_size({"width": width, "height": 760})
	for path in paths(site):
		desk.open(path)
		desk.page.wait_for_load_state("networkidle")
		hidden, wider = desk.page.evaluate(HIDDEN_MONEY), desk.page.evaluate(WIDER)
		cut = desk.page.evaluate(CUT)
		broken = desk.page.evaluate(BROKEN, "main")
		if hidden or cut or broken or wider > 0 or UNKNOWN.search(desk.page.locator("main").inner_text()):
			found[path] = (hidden[:3], cut[:3], broken[:3], wider)
	assert found == {}


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("width", [375, 1280])
def test_no_dialog_breaks_words_or_shows_a_value_that_is_not_known(
	full: Callable[..., Desk], site: Site, locale: str, width: int
) -> None:
	"""A row that a user deleted is missing, makes the balances differ, and is a cause of the difference."""
	desk, found, opened = full(locale), {}, 0
	account = site.ledger.bank_accounts()[0].name
	connection = site.ledger.connections()[0].name
	row = next(one for one in site.ledger.transactions(limit=50) if one.bank_account == account)
	site.ledger.remove(row.name)
	site.sync(connection)
	desk.page.set_viewport_size({"width": width, "height": 760})
	for path in (f"/bank/{quote(BANK)}", f"/bank-account/{quote(account, safe='')}"):
		desk.open(path)
		for number in range(desk.page.locator(".menu-item").count()):
			desk.open(path)
			desk.page.locator(".menu-button").click()
			item = desk.page.get_by_role("menuitem").nth(number)
			if item.inner_text() in {
				"Fetch transactions",
				"Récupérer les transactions",
				"Update credentials",
			}:
				continue
			item.click()
			desk.page.wait_for_timeout(700)
			if not desk.page.url.endswith(path) or not desk.dialog.count():
				continue
			opened += 1
			inside = desk.page.evaluate(
				"document.querySelector('dialog[open]').contains(document.activeElement)"
			)
			title, text = desk.dialog.locator("h2").first.inner_text(), desk.dialog.inner_text()
			broken, wider = desk.page.evaluate(BROKEN, "dialog[open]"), desk.page.evaluate(WIDER)
			if broken or wider > 0 or not inside or UNKNOWN.search(text):
				found[title] = (broken[:5], wider, inside, UNKNOWN.findall(text))
	assert found == {}
	assert opened > 6


def test_dialogs_start_on_their_first_field(full: Callable[..., Desk], site: Site) -> None:
	desk = full("en-GB")
	desk.open_bank()
	desk.button("Connect your bank")
	expect(desk.dialog.locator("[name=search]")).to_be_focused()
	desk.open(f"/bank-account/{quote(site.ledger.bank_accounts()[0].name, safe='')}")
	desk.menu("Import a statement file")
	expect(desk.dialog.locator("[data-file]")).to_be_focused()


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_on_paper_tables_are_tables_and_no_amount_is_cut(
	full: Callable[..., Desk], site: Site, locale: str
) -> None:
	"""A4 without its margins is narrower than a small tablet: the layout of phones must not apply."""
	desk, found = full(locale), {}
	desk.page.set_viewport_size({"width": 673, "height": 1000})
	desk.page.emulate_media(media="print")
	for path in paths(site):
		if path == "/nowhere":
			continue
		desk.open(path)
		desk.page.wait_for_load_state("networkidle")
		hidden, wider = desk.page.evaluate(HIDDEN_MONEY), desk.page.evaluate(WIDER)
		cards = desk.page.locator("main table.stack tr").evaluate_all(
			"rows => rows.filter((row) => row.checkVisibility() && getComputedStyle(row).display === 'block').length"
		)
		buttons = desk.page.locator("main .btn:visible").count()
		titled = desk.page.locator("h1").first.is_visible()
		if hidden or cards or buttons or wider > 0 or not titled:
			found[path] = (hidden[:3], cards, buttons, wider, titled)
	assert found == {}


def test_a_destructive_question_starts_on_cancel_in_the_warning_colour(full: Callable[..., Desk]) -> None:
	desk = full("en-GB")
	desk.open_bank()
	desk.menu("Disconnect")
	expect(desk.dialog.get_by_role("button", name="Cancel")).to_be_focused()
	expect(desk.dialog.get_by_role("button", name="Disconnect")).to_have_class("btn btn-danger")


def test_no_field_of_the_accounts_is_cut_on_a_phone(bureau: Desk) -> None:
	"""A date field is as wide as its own words unless it may shrink."""
	bureau.page.set_viewport_size({"width": 375, "height": 800})
	bureau.connect()
	expect(bureau.dialog.locator("[data-source]").first).to_be_visible()
	cut = bureau.page.evaluate(
		"""() => {
			const frame = document.querySelector("dialog[open] .scroll").getBoundingClientRect();
			return [...document.querySelectorAll("dialog[open] [data-source] :is(input, select, [data-note])")]
				.filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > frame.right - 8)
				.map((one) => one.dataset.field || "note");
		}"""
	)
	assert cut == []
	narrow = bureau.page.evaluate(
		"""() => [...document.querySelectorAll("dialog[open] [data-source] :is(input, select)")]
			.filter((one) => one.checkVisibility() && one.offsetWidth < one.closest("tr").clientWidth - 40)
			.map((one) => one.dataset.field)"""
	)
	assert narrow == []


def test_no_amount_of_a_file_is_cut_on_a_phone_where_a_state_is_long(
	full: Callable[..., Desk], site: Site, tmp_path: Path
) -> None:
	"""“Associée à une transaction existante” is wider than half a phone."""
	site.ledger.add_bank_account("Till", BANK, "EUR")
	row = "Date;Libellé;Montant\n13/11/2026;VIR MARTIN;-1234567,89\n"
	take(site.ledger, prepare(site.ledger, "Till", "a.csv", row.encode(), ImportOptions()), clock=site.clock)
	file = tmp_path / "b.csv"
	file.write_text(row + "14/11/2026;CAFE;-2,00\n", "utf-8")
	desk = full("fr-FR")
	desk.page.set_viewport_size({"width": 375, "height": 800})
	desk.open("/bank-account/Till")
	desk.menu("Importer un relevé")
	desk.page.set_input_files("[data-file]", str(file))
	expect(desk.dialog.get_by_text("Associée à une transaction existante").last).to_be_visible()
	wider = desk.dialog.locator(".scroll").evaluate_all(
		"all => all.map((one) => one.scrollWidth - one.clientWidth)"
	)
	assert wider
	assert max(wider) <= 0
