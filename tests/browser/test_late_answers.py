"""Answers that arrive late, double clicks, and errors: what the user entered counts, once, and buttons work again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.statements.contract import ReadingOptions
from tests.browser.conftest import SECONDS, Desk
from tests.browser.test_review import account, file_of, names, open_account, statement
from tests.hosts.standalone.web.conftest import BANK, connected

__all__ = ["account"]

pytestmark = pytest.mark.browser

PREVIEW_FILE = "**/*api.files.preview_file*"
IMPORT_FILE = "**/*api.files.import_file*"


def hold(desk: Desk, address: str) -> list[Route]:
	"""Keep the first call to an address from the server until a test lets it go; return all calls."""
	calls: list[Route] = []

	def keep_first(route: Route) -> None:
		calls.append(route)
		if len(calls) > 1:
			route.continue_()

	desk.page.route(address, keep_first)
	return calls


def refuse(desk: Desk, address: str) -> None:
	desk.page.route(address, lambda route: route.fulfill(status=500, json={"message": "Out of order"}))


def while_held(desk: Desk, address: str, act: Callable[[], None]) -> list[Route]:
	"""Do something that asks the server, and return once the server was asked."""
	held = hold(desk, address)
	with desk.page.expect_request(address):
		act()
	desk.page.wait_for_timeout(0)  # the route is handled after the request is reported
	assert held
	return held


def close_message(desk: Desk) -> None:
	desk.page.locator("dialog[open]").last.get_by_role("button", name="Close").last.click()


# -- a statement file ------------------------------------------------------------------------------------------
@pytest.fixture
def files(desk: Desk, site: Site, account: str) -> tuple[str, str]:
	"""Two files, and the dialog that imports one."""
	open_account(desk, account, "Import a statement file")
	first = file_of(site, "a.csv", statement("13/10/2026;CAFE;-3,20", "14/10/2026;KIOSK;-5,00"))
	return first, file_of(site, "b.csv", statement("15/10/2026;TRAIN;-9,00"))


def test_the_rows_of_the_file_that_was_chosen_first_are_not_shown_for_the_second(
	desk: Desk, files: tuple[str, str]
) -> None:
	held = while_held(desk, PREVIEW_FILE, lambda: desk.dialog.get_by_label("File").set_input_files(files[0]))
	desk.dialog.get_by_label("File").set_input_files(files[1])
	expect(desk.dialog.locator("[data-list]")).to_contain_text("TRAIN")
	with desk.page.expect_response(PREVIEW_FILE):
		held[0].continue_()
	desk.page.evaluate("() => new Promise((soon) => setTimeout(soon, 50))")
	expect(desk.dialog.locator("[data-list]")).to_contain_text("TRAIN")
	expect(desk.dialog.locator("[data-list]")).not_to_contain_text("CAFE")


def test_a_large_file_that_is_ready_late_does_not_replace_the_one_chosen_after_it(
	desk: Desk, files: tuple[str, str]
) -> None:
	desk.page.evaluate("""() => {
		const take = banksync.take_file;
		const taken = [];
		window.let_go = () => taken[0]();
		banksync.take_file = async (file) => {
			if (file.name === "a.csv") await new Promise((soon) => taken.push(soon));
			return take(file);
		};
	}""")
	desk.dialog.get_by_label("File").set_input_files(files[0])
	desk.dialog.get_by_label("File").set_input_files(files[1])
	expect(desk.dialog.locator("[data-list]")).to_contain_text("TRAIN")
	desk.page.evaluate("async () => { let_go(); await new Promise((soon) => setTimeout(soon, 100)); }")
	desk.dialog.locator(".btn-primary").click()
	expect(desk.dialog).to_contain_text("1 imported")


def test_another_way_to_read_a_file_is_read_before_it_is_imported(
	desk: Desk, site: Site, files: tuple[str, str]
) -> None:
	before = names(site)
	desk.dialog.get_by_label("File").set_input_files(files[0])
	expect(desk.dialog.locator("[data-list]")).to_contain_text("CAFE")
	desk.dialog.get_by_text("How the file is read").click()
	desk.dialog.get_by_label("Sign").select_option(label="positive is money out")
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()
	expect(desk.dialog).to_contain_text("read it again before you import it")
	again = desk.dialog.get_by_role("button", name="Read it again")
	again.focus()
	desk.page.keyboard.press("Enter")
	expect(desk.dialog.locator("[data-list]")).to_contain_text("CAFE")
	expect(desk.dialog.get_by_label("Sign")).to_be_visible()
	expect(again).to_be_focused()
	desk.dialog.locator(".btn-primary").click()
	expect(desk.dialog).to_contain_text("2 imported")
	made = [row.amount for row in site.ledger.transactions(limit=-1) if row.name not in before]
	assert sorted(map(str, made)) == ["3.20", "5.00"]


def test_rows_that_were_left_out_stay_so_when_an_import_fails(
	desk: Desk, site: Site, files: tuple[str, str]
) -> None:
	before = names(site)
	desk.dialog.get_by_label("File").set_input_files(files[0])
	desk.dialog.get_by_label("CAFE").uncheck()
	refuse(desk, IMPORT_FILE)
	desk.dialog.locator(".btn-primary").click()
	expect(desk.page.locator("dialog[open]")).to_have_count(2)
	close_message(desk)
	expect(desk.dialog.locator(".btn-primary")).to_be_enabled()
	expect(desk.dialog.get_by_label("CAFE")).not_to_be_checked()
	expect(desk.dialog).to_contain_text("Rows left out: 1")
	desk.page.unroute(IMPORT_FILE)
	desk.dialog.locator(".btn-primary").click()
	expect(desk.dialog).to_contain_text("1 imported, 1 not imported")
	assert len(names(site) - before) == 1


def test_a_file_that_could_not_be_sent_is_sent_again(desk: Desk, files: tuple[str, str]) -> None:
	refuse(desk, PREVIEW_FILE)
	desk.dialog.get_by_label("File").set_input_files(files[0])
	expect(desk.page.locator("dialog[open]")).to_have_count(2)
	close_message(desk)
	desk.page.unroute(PREVIEW_FILE)
	desk.button("Read it again")
	expect(desk.dialog.locator("[data-list]")).to_contain_text("CAFE")


# -- decisions -------------------------------------------------------------------------------------------------
def test_a_preview_keeps_what_was_left_out_when_the_bank_has_changed_something(
	desk: Desk, site: Site, account: str, sandbox: SandboxServer
) -> None:
	before = names(site)
	with sandbox.bridge.lock:
		sandbox.world.advance(timedelta(days=3))
	apply = "**/*api.connections.apply_preview*"
	desk.open(f"/sync-connection/{site.ledger.connections()[0].name}")
	desk.button("Preview")
	new = desk.dialog.locator("tbody tr", has=desk.page.get_by_text("Will be imported", exact=True))
	boxes = new.locator("[data-id]")
	expect(boxes.first).to_be_visible(timeout=30 * SECONDS)
	boxes.first.uncheck()
	left_out = boxes.first.get_attribute("data-id")
	refuse(desk, apply)
	desk.dialog.locator(".btn-primary").click()
	expect(desk.page.locator("dialog[open]")).to_have_count(2)
	close_message(desk)
	expect(desk.dialog.locator(".btn-primary")).to_be_enabled(timeout=30 * SECONDS)
	expect(desk.dialog.locator(f'[data-id="{left_out}"]')).not_to_be_checked()
	number = boxes.count()
	desk.page.unroute(apply)
	desk.dialog.locator(".btn-primary").click()
	expect(desk.dialog).to_have_count(0, timeout=30 * SECONDS)
	assert len(names(site) - before) == number - 1


def test_a_bank_that_could_not_be_asked_is_asked_again(desk: Desk, site: Site, account: str) -> None:
	look = "**/*api.connections.preview_connection*"
	refuse(desk, look)
	desk.open(f"/sync-connection/{site.ledger.connections()[0].name}")
	desk.button("Preview")
	expect(desk.page.locator("dialog[open]")).to_have_count(2)
	close_message(desk)
	expect(desk.dialog).to_contain_text("The bank could not be asked")
	desk.page.unroute(look)
	desk.button("Ask the bank")
	expect(desk.dialog).to_contain_text("Nothing would change", timeout=30 * SECONDS)


def test_what_was_ticked_stays_when_the_bank_is_asked_again(desk: Desk, site: Site, account: str) -> None:
	site.ledger.remove(site.ledger.transactions(bank_account=account, limit=1)[0].name)
	open_account(desk, account, "Find missing")
	found = desk.dialog.locator("tbody tr", has_text="Deleted by a user").get_by_role("checkbox")
	expect(found).to_have_count(1, timeout=30 * SECONDS)
	found.check()
	found.evaluate("(box) => box.setAttribute('data-shown-first', '')")
	desk.button("Ask the bank")
	expect(desk.dialog.locator("[data-shown-first]")).to_have_count(0)
	expect(found).to_be_checked(timeout=30 * SECONDS)


def test_one_question_takes_one_answer(desk: Desk, site: Site) -> None:
	site.ledger.add_bank_account("Paper", BANK, "EUR")
	for name, *labels in (("1.csv", "VIR MARTIN LOYER", "VIR MARTIN CHARGES"), ("2.csv", "VIR MARTIN")):
		table = statement(*(f"14/10/2026;{label};-800,00" for label in labels))
		filing = prepare(
			site.ledger, "Paper", name, table.encode(), ImportOptions(ReadingOptions(sign="normal"))
		)
		take(site.ledger, filing, clock=site.clock)
	open_account(desk, "Paper", "Questions (1)")
	answers = desk.dialog.locator("[data-answer]")
	held = while_held(desk, "**/*answer_question*", answers.first.click)
	answers.last.click()
	held[0].continue_()
	expect(desk.dialog).to_contain_text("1 matched")
	assert len(held) == 1


def test_a_pair_is_merged_one_way(desk: Desk, site: Site) -> None:
	site.ledger.add_bank_account("Paper", BANK, "EUR")
	for name, label in (("1.csv", "CAFE DE LA GARE"), ("2.csv", "CB GARE CAFE 1410")):
		table = statement(f"14/10/2026;{label};-3,20")
		filing = prepare(
			site.ledger, "Paper", name, table.encode(), ImportOptions(ReadingOptions(sign="normal"))
		)
		take(site.ledger, filing, clock=site.clock)
	open_account(desk, "Paper", "Find duplicates")
	pair = desk.dialog.locator("[data-pair]")
	held = while_held(desk, "**/*merge_transactions*", pair.locator("[data-keep=first]").click)
	pair.locator("[data-keep=second]").click()
	held[0].continue_()
	expect(pair).to_have_count(0)
	assert len(held) == 1


# -- connecting ------------------------------------------------------------------------------------------------
def test_no_bank_is_chosen_before_the_list_of_the_search_is_there(desk: Desk, site: Site) -> None:
	desk.open_bank()
	desk.page.locator("#page-actions").get_by_role("button").first.click()
	expect(desk.dialog.get_by_role("radio", name=BANK).first).to_be_checked()
	search = "**/*api.connections.institutions*"
	held = while_held(desk, search, lambda: desk.dialog.locator("[name=search]").fill("ponant"))
	desk.page.keyboard.press("Enter")
	expect(desk.dialog.locator(".alert")).to_contain_text("Choose your bank in the list first")
	held[0].continue_()
	expect(desk.dialog.get_by_role("radiogroup", name="Banks")).not_to_contain_text(BANK)
	assert site.ledger.connections() == []


def test_a_refused_connection_can_be_tried_again_with_what_was_chosen(desk: Desk, site: Site) -> None:
	begin = "**/*api.connections.begin_connect*"
	refuse(desk, begin)
	desk.open_bank()
	desk.page.locator("#page-actions").get_by_role("button").first.click()
	desk.dialog.get_by_role("radio", name=BANK).first.check()
	desk.dialog.locator("[name=email]").fill("anne@example.org")
	desk.dialog.locator(".btn-primary").click()
	expect(desk.page.locator("dialog[open]")).to_have_count(2)
	close_message(desk)
	expect(desk.dialog.locator("[name=email]")).to_have_value("anne@example.org")
	desk.page.unroute(begin)
	desk.dialog.locator(".btn-primary").click()
	desk.page.wait_for_url("**/connect/session/**")


def test_fields_wait_while_the_choices_are_stored(desk: Desk, site: Site) -> None:
	connected(site)
	desk.open_bank()
	desk.menu("Update bank accounts")
	update = "**/*api.accounts.update_accounts*"
	held = while_held(desk, update, desk.dialog.locator(".btn-primary").click)
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()
	assert desk.dialog.locator(".dialog-body").evaluate("(body) => body.inert")
	held[0].fulfill(status=500, json={"message": "Out of order"})
	expect(desk.page.locator("dialog[open]")).to_have_count(2)
	close_message(desk)
	expect(desk.dialog.locator(".btn-primary")).to_be_enabled()
	assert not desk.dialog.locator(".dialog-body").evaluate("(body) => body.inert")
	desk.import_all()


# -- pages that are fetched again ------------------------------------------------------------------------------
def test_a_page_that_is_fetched_again_keeps_what_is_being_entered(desk: Desk, site: Site) -> None:
	site.ledger.add_bank_account("Till", BANK, "EUR")
	desk.open("/bank-account/Till")
	desk.page.get_by_text("Rename or close").click()
	name = desk.page.get_by_label("Name", exact=True)
	name.fill("Cash box")
	name.evaluate("(field) => field.setAttribute('data-shown-first', '')")
	desk.page.evaluate("() => frappe.reload_page()")
	expect(desk.page.locator("[data-shown-first]")).to_have_count(0)
	expect(name).to_have_value("Cash box")
	expect(name).to_be_focused()
	desk.button("Rename")
	expect(desk.page.get_by_role("heading", name="Cash box")).to_be_visible()


def test_an_older_page_never_replaces_a_newer_one(desk: Desk, site: Site) -> None:
	desk.open("/bank")
	held = while_held(desk, "**/bank", lambda: desk.page.evaluate("() => void frappe.reload_page()"))
	site.ledger.add_bank("Newer")
	desk.page.evaluate("() => frappe.reload_page()")
	expect(desk.page.locator("main")).to_contain_text("Newer")
	held[0].fulfill(
		body="<main id='content'>Old</main><script id='page-data'>{}</script>", content_type="text/html"
	)
	desk.page.evaluate("() => new Promise((soon) => setTimeout(soon, 50))")
	expect(desk.page.locator("main")).to_contain_text("Newer")


def test_buttons_stand_on_a_page_once_however_often_it_was_fetched(desk: Desk, site: Site) -> None:
	desk.open_bank()
	held = while_held(desk, "**/*bank_state*", lambda: desk.page.evaluate("() => void frappe.reload_page()"))
	desk.page.evaluate("() => frappe.reload_page()")
	expect(desk.page.get_by_role("button", name="Connect your bank")).to_have_count(1)
	with desk.page.expect_response("**/*bank_state*"):
		held[0].continue_()
	desk.page.evaluate("() => new Promise((soon) => setTimeout(soon, 50))")
	expect(desk.page.get_by_role("button", name="Connect your bank")).to_have_count(1)


def test_progress_that_is_older_than_the_outcome_is_not_shown(desk: Desk, site: Site) -> None:
	desk.open_bank()
	shown = desk.page.evaluate("""async () => {
		const soon = window.setTimeout;
		window.setTimeout = (work) => soon(work, 0);
		banksync.refresh = () => undefined;
		banksync.MOST_ASKED = 1;
		frappe.xcall = async () => {
			banksync.show_outcome({ message: "Ended", indicator: "green" });
			return [{ outcome: null, progress: { id: "old", title: "T", percent: 50, description: "half" } }];
		};
		await banksync.watch(["SYNC-CONN-00001"]);
		return !document.getElementById("progress").hidden;
	}""")
	assert shown is False


def test_a_job_that_could_not_be_cancelled_can_be_cancelled_again(desk: Desk) -> None:
	desk.open_bank()
	refuse(desk, "**/*cancel_job*")
	desk.page.evaluate("() => void banksync.job_dialog('JOB', '')")
	desk.button("Cancel the work")
	expect(desk.page.locator("dialog[open]")).to_have_count(2)
	close_message(desk)
	expect(desk.dialog.locator(".btn-primary")).to_be_enabled()


def test_a_form_is_sent_once_by_a_double_click(desk: Desk, site: Site) -> None:
	desk.open("/bank")
	desk.page.get_by_label("Name of the bank").fill("Once")
	sent: list[str] = []
	desk.page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
	desk.page.route(re.compile("/bank$"), lambda route: route.abort() if len(sent) > 1 else route.continue_())
	desk.page.get_by_role("button", name="Add", exact=True).dblclick()
	expect(desk.page.get_by_role("heading", name="Once")).to_be_visible()
	assert len(sent) == 1


def test_a_category_is_added_once_by_a_double_click(desk: Desk, site: Site) -> None:
	desk.open("/bank-transaction-category")
	desk.button("Add a category")
	desk.dialog.get_by_label("Name").fill("Once")
	desk.dialog.locator(".btn-primary").dblclick()
	expect(desk.page.locator(".tree")).to_contain_text("Once")
	assert [one.category_name for one in site.ledger.all_categories()].count("Once") == 1
