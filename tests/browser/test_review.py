"""A user proves and repairs in a real browser: files, duplicates, what is missing, previews, certificates."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.model import Reason
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.statements.contract import ReadingOptions
from tests.browser.conftest import SECONDS, Desk
from tests.hosts.standalone.web.conftest import BANK, connected

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=window.broken=1>"


@pytest.fixture
def account(site: Site) -> str:
	"""A Bank Account that a connection feeds, fetched once."""
	connection = connected(site)
	proposal = next(p for p in site.proposals(connection) if p.remote.iban)
	site.link(connection, [Choice(proposal.source, "Current")])
	site.sync(connection)
	return "Current"


def names(site: Site) -> set[str]:
	return {row.name for row in site.ledger.transactions(limit=-1)}


def open_account(desk: Desk, account: str, item: str = "") -> None:
	desk.open(f"/bank-account/{quote(account)}")
	if item:
		desk.menu(item)


def file_of(site: Site, name: str, text: str) -> str:
	path = site.home / name
	path.write_text(text, "utf-8")
	return str(path)


def statement(*rows: str) -> str:
	return "\n".join(["Date;Libellé;Montant", *rows, ""])


def twin(site: Site, account: str) -> str:
	"""The latest bank transaction once more, under another label."""
	row = site.ledger.transactions(bank_account=account, limit=1)[0]
	before = names(site)
	table = statement(f"{row.date:%d/%m/%Y};{HOSTILE};{str(row.amount).replace('.', ',')}")
	filing = prepare(
		site.ledger, account, "twin.csv", table.encode(), ImportOptions(ReadingOptions(sign="normal"))
	)
	take(site.ledger, filing, clock=site.clock)
	[made] = names(site) - before
	return made


# -- where it comes from, and taking it back -----------------------------------------------------------------
def test_a_bank_transaction_shows_where_it_comes_from(desk: Desk, site: Site, account: str) -> None:
	desk.open("/bank-transaction")
	desk.page.locator("#transactions tbody a").first.click()
	desk.button("Where it comes from")
	expect(desk.dialog).to_contain_text("It came from Bridge")
	expect(desk.dialog).to_contain_text("Imported as new")
	run = desk.dialog.get_by_role("button", name=re.compile("SYNC-RUN")).first
	run.click()
	desk.page.wait_for_url("**/sync-run/**")
	expect(desk.page.get_by_role("button", name="Undo")).to_be_visible()


def test_a_run_is_undone_and_done_again_by_its_form(desk: Desk, site: Site, account: str) -> None:
	before = names(site)
	desk.open(f"/sync-run/{site.ledger.runs()[0].name}")
	desk.button("Undo")
	expect(desk.dialog.get_by_role("button", name="Cancel")).to_be_focused()
	desk.dialog.get_by_label("Afterwards").select_option(label="Import them again with the next fetch")
	desk.dialog.locator(".btn-danger").dblclick()
	expect(desk.page.locator(".alert-text").last).to_contain_text("removed")
	expect(desk.page.get_by_role("button", name="Undo")).to_have_count(0)
	assert names(site) == set()
	desk.open(f"/sync-run/{site.ledger.runs()[0].name}")
	expect(desk.page.get_by_text("Undoing of")).to_be_visible()
	desk.button("Do it again")
	desk.dialog.locator(".btn-primary").click()
	expect(desk.page.locator(".alert-text").last).to_contain_text("imported")
	assert names(site) == before


def test_what_an_undo_leaves_is_listed_with_its_text_and_linked_where_it_is_there(
	desk: Desk, site: Site, account: str
) -> None:
	kept, gone = site.ledger.transactions(bank_account=account, limit=2)
	run = site.ledger.runs()[0].name
	site.ledger.db.run("UPDATE bank_transaction SET status = 'Reconciled' WHERE name = ?", (kept.name,))
	site.ledger.remove(gone.name)
	desk.open(f"/sync-run/{run}")
	desk.button("Undo")
	cells = desk.dialog.locator("tbody td:first-child")
	expect(cells).to_have_count(2)
	for row, links in ((kept, 1), (gone, 0)):
		cell = cells.filter(has_text=row.name)
		assert cell.inner_text().split("\n") == [row.name, row.description]
		expect(cell.get_by_role("link")).to_have_count(links)


# -- a statement file --------------------------------------------------------------------------------------------
def test_a_file_is_looked_at_a_row_left_out_and_the_rest_imported(
	desk: Desk, site: Site, account: str
) -> None:
	before = names(site)
	rows = ["13/10/2026;CAFE;-3,20", f"14/10/2026;{HOSTILE};-5,00", "15/10/2026;Z;abc"]
	open_account(desk, account, "Import a statement file")
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()
	desk.dialog.get_by_label("File").set_input_files(file_of(site, "a.csv", statement(*rows)))
	expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(2)
	expect(desk.dialog).to_contain_text(HOSTILE)
	expect(desk.dialog).to_contain_text("abc is not an amount")
	assert names(site) == before
	desk.dialog.get_by_label("CAFE").uncheck()
	expect(desk.dialog).to_contain_text("Rows left out: 1")
	desk.dialog.locator(".btn-primary").dblclick()
	expect(desk.dialog).to_contain_text("1 imported, 1 not imported, 1 refused")
	assert len(names(site)) == len(before) + 1
	reasons = [line.reason for line in site.ledger.lines(account, held=True) if line.description == "CAFE"]
	assert reasons == [Reason.EXCLUDED.value]
	desk.dialog.get_by_role("button", name="Undo").click()
	expect(desk.dialog).to_have_count(0)
	assert names(site) == before
	assert desk.page.evaluate("window.broken") is None


def test_columns_that_nobody_understands_are_named_by_the_user(desk: Desk, site: Site, account: str) -> None:
	odd = "Foo;Bar;Baz\n2026-10-01;x;-1,50\n2026-10-02;y;-2,50\n"
	open_account(desk, account, "Import a statement file")
	desk.dialog.get_by_label("File").set_input_files(file_of(site, "odd.csv", odd))
	expect(desk.dialog).to_contain_text("Say how to read it")
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()
	for column, role in (("Foo", "Date"), ("Bar", "Label"), ("Baz", "Amount")):
		desk.dialog.get_by_label(column, exact=True).select_option(label=role)
	desk.button("Read it again")
	expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(2)
	expect(desk.dialog.locator(".btn-primary")).to_be_enabled()
	desk.dialog.get_by_label("File").set_input_files(file_of(site, "no.csv", "nothing"))
	text_shown = desk.page.locator("dialog[open]").last
	expect(text_shown).to_contain_text("not a statement of a known format")
	text_shown.get_by_role("button", name="Close").last.click()
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()


def test_a_file_that_is_too_large_is_reported_without_being_sent(
	desk: Desk, site: Site, account: str, tmp_path: Path
) -> None:
	large = tmp_path / "large.csv"
	large.write_bytes(b"x" * (5 * 2**20 + 1))
	open_account(desk, account, "Import a statement file")
	desk.dialog.get_by_label("File").set_input_files(str(large))
	expect(desk.page.locator("dialog[open]").last).to_contain_text("larger than 5 MB")


def test_what_has_changed_since_the_preview_is_shown_again(desk: Desk, site: Site, account: str) -> None:
	before = names(site)
	open_account(desk, account, "Import a statement file")
	path = file_of(site, "a.csv", statement("13/10/2026;CAFE;-3,20", "14/10/2026;KIOSK;-5,00"))
	desk.dialog.get_by_label("File").set_input_files(path)
	expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(2)
	site.ledger.set_lock_date(account, site.clock().date())
	desk.dialog.locator(".btn-primary").click()
	text_shown = desk.page.locator("dialog[open]").last
	expect(text_shown).to_contain_text("BS-603")
	text_shown.get_by_role("button", name="Close").last.click()
	expect(desk.dialog.locator("[data-list]")).to_contain_text("In a locked period")
	assert names(site) == before


# -- two that may be one ---------------------------------------------------------------------------------------------
def test_duplicates_are_merged_and_the_merge_is_undone(desk: Desk, site: Site, account: str) -> None:
	made = twin(site, account)
	before = names(site)
	open_account(desk, account, "Find duplicates")
	pair = desk.dialog.locator("[data-pair]")
	expect(pair).to_have_count(1)
	expect(pair).to_contain_text("They came from different sources")
	expect(pair).to_contain_text(HOSTILE)
	pair.get_by_role("button", name="Keep this one").first.dblclick()
	expect(pair).to_have_count(0)
	assert len(names(site)) == len(before) - 1
	desk.dialog.get_by_role("button", name="Undo").click()
	expect(pair).to_have_count(1)
	assert names(site) == before
	pair.get_by_role("button", name="They are separate").click()
	expect(pair).to_have_count(0)
	desk.button("Search")
	expect(desk.dialog).to_contain_text("No two bank transactions look like one")
	desk.dialog.get_by_label("Show").select_option("1")
	desk.button("Search")
	expect(pair.filter(has_text=made)).to_have_count(1)
	assert desk.page.evaluate("window.broken") is None


def test_deleting_one_asks_first(desk: Desk, site: Site, account: str) -> None:
	made = twin(site, account)
	open_account(desk, account, "Find duplicates")
	pair = desk.dialog.locator("[data-pair]")
	pair.locator(f'[data-delete="{made}"]').click()
	question = desk.page.locator("dialog[open]").last
	expect(question).to_contain_text(made)
	question.get_by_role("button", name="Cancel").click()
	assert made in names(site)
	pair.locator(f'[data-delete="{made}"]').click()
	desk.page.locator("dialog[open]").last.locator(".btn-danger").click()
	expect(pair).to_have_count(0)
	assert made not in names(site)


def test_a_stale_page_is_explained_in_a_sentence(desk: Desk, site: Site, account: str) -> None:
	"""Somebody else has merged the pair in another tab meanwhile."""
	made = twin(site, account)
	open_account(desk, account, "Find duplicates")
	pair = desk.dialog.locator("[data-pair]")
	expect(pair).to_have_count(1)
	site.ledger.remove(made)
	pair.get_by_role("button", name="Keep this one").first.click()
	expect(desk.page.locator("dialog[open]").last).to_contain_text(f"There is no bank transaction {made}")


def test_what_could_be_one_of_two_is_asked_and_the_answer_undone(desk: Desk, site: Site) -> None:
	site.ledger.add_bank_account("Paper", BANK, "EUR")
	for name, *labels in (("1.csv", "VIR MARTIN LOYER", "VIR MARTIN CHARGES"), ("2.csv", "VIR MARTIN")):
		table = statement(*(f"14/10/2026;{label};-800,00" for label in labels))
		take(
			site.ledger,
			prepare(site.ledger, "Paper", name, table.encode(), ImportOptions(ReadingOptions(sign="normal"))),
			clock=site.clock,
		)
	before = names(site)
	assert len(before) == 2
	open_account(desk, "Paper")
	expect(desk.page.locator("#intro")).to_contain_text("See Questions")
	desk.menu("Questions (1)")
	question = desk.dialog.locator("[data-question]")
	expect(question).to_contain_text("VIR MARTIN CHARGES")
	expect(question.locator("tbody tr")).to_have_count(2)
	question.locator("tbody tr", has_text="LOYER").get_by_role("button", name="It is this one").dblclick()
	expect(desk.dialog).to_contain_text("1 matched")
	expect(desk.page.locator("#intro")).to_be_hidden()
	assert site.ledger.questions("Paper") == []
	desk.dialog.get_by_role("button", name="Undo").click()
	expect(question).to_have_count(1)
	question.get_by_role("button", name="It is a new one").click()
	expect(desk.dialog).to_contain_text("1 imported")
	assert len(names(site)) == 3


# -- what is missing ---------------------------------------------------------------------------------------------------
def test_what_is_missing_is_taken_and_given_back(desk: Desk, site: Site, account: str) -> None:
	row = site.ledger.transactions(bank_account=account, limit=1)[0]
	before = names(site)
	site.ledger.remove(row.name)
	open_account(desk, account, "Find missing")
	found = desk.dialog.locator("tbody tr", has_text="Deleted by a user")
	expect(found).to_have_count(1, timeout=30 * SECONDS)
	expect(desk.dialog.locator("[data-take=all]")).to_be_disabled()
	found.get_by_role("checkbox").check()
	desk.dialog.locator("[data-take=chosen]").dblclick()
	expect(desk.dialog).to_contain_text("1 imported", timeout=30 * SECONDS)
	expect(found).to_have_count(0)
	assert len(names(site)) == len(before)
	desk.dialog.get_by_role("button", name="Undo").click()
	expect(desk.dialog.locator("[data-account]")).to_have_count(1, timeout=30 * SECONDS)
	assert len(names(site)) == len(before) - 1


def test_a_bank_that_cannot_be_asked(desk: Desk, site: Site, account: str, sandbox: SandboxServer) -> None:
	sandbox.close()
	open_account(desk, account, "Find missing")
	expect(desk.page.locator("dialog[open]").last).to_contain_text("BS-4", timeout=60 * SECONDS)
	desk.page.locator("dialog[open]").last.get_by_role("button", name="Close").last.click()
	expect(desk.dialog).to_contain_text("The bank could not be asked")


# -- proof ---------------------------------------------------------------------------------------------------------------
def test_a_difference_is_named_and_a_gap_leads_to_the_bank(desk: Desk, site: Site, account: str) -> None:
	row = site.ledger.transactions(bank_account=account, limit=1)[0]
	site.ledger.remove(row.name)
	site.sync(site.ledger.connections()[0].name)
	open_account(desk, account, "Proof")
	expect(desk.dialog).to_contain_text("Differs")
	expect(desk.dialog).to_contain_text("This is the difference")
	expect(desk.dialog.get_by_role("columnheader", name="Part of the difference")).to_be_visible()
	expect(desk.dialog).to_contain_text(row.description)
	desk.dialog.get_by_label("Days from").fill((site.clock().date() - timedelta(days=500)).isoformat())
	desk.button("Show")
	desk.dialog.locator("[data-gap]").first.click()
	expect(desk.page.get_by_role("heading", name="Find missing")).to_be_visible()
	expect(desk.dialog.get_by_label("First day")).to_have_value(
		(site.clock().date() - timedelta(days=500)).isoformat()
	)


def test_no_bank_is_asked_about_the_gaps_of_an_account_without_a_connection(
	desk: Desk, site: Site, account: str
) -> None:
	site.ledger.add_bank_account("Saving book", BANK, "EUR")
	open_account(desk, "Saving book", "Proof")
	expect(desk.dialog).to_contain_text("A statement file of these days fills the gaps.")
	expect(desk.dialog.locator("[data-gap]")).to_have_count(0)


def test_a_proof_is_printed_once_without_its_buttons_and_the_page_below(desk: Desk, account: str) -> None:
	open_account(desk, account, "Proof")
	expect(desk.dialog).to_contain_text("Agrees")
	desk.page.emulate_media(media="print")
	for hidden in (desk.page.locator(".side"), desk.page.locator("main"), desk.dialog.locator("footer")):
		expect(hidden).to_be_hidden()
	expect(desk.dialog.locator(".btn:not(.btn-link):visible")).to_have_count(0)
	expect(desk.dialog.get_by_role("heading", name=f"Proof – {account}")).to_be_visible()
	pages = len(re.findall(rb"/Type\s*/Page\b", desk.page.pdf(prefer_css_page_size=True)))
	assert 1 <= pages <= 2


# -- preview of a fetch ------------------------------------------------------------------------------------------------------
def test_a_fetch_is_looked_at_a_row_left_out_and_exactly_that_is_done(
	desk: Desk, site: Site, account: str, sandbox: SandboxServer
) -> None:
	before = names(site)
	with sandbox.bridge.lock:
		sandbox.world.advance(timedelta(days=3))
	connection = site.ledger.connections()[0].name
	desk.open(f"/sync-connection/{connection}")
	desk.button("Preview")
	new = desk.dialog.locator(
		"tbody tr", has=desk.page.locator(".indicator-pill", has_text=re.compile("^Will be imported$"))
	)
	expect(new.first).to_be_visible(timeout=30 * SECONDS)
	number = new.count()
	new.first.get_by_role("checkbox").uncheck()
	assert names(site) == before
	desk.dialog.locator(".btn-primary").dblclick()
	expect(desk.dialog).to_have_count(0, timeout=30 * SECONDS)
	assert len(names(site) - before) == number - 1
	assert [line.reason for line in site.ledger.lines(account, held=True)].count(Reason.EXCLUDED.value) == 1


# -- certificates ----------------------------------------------------------------------------------------------------------------
def test_a_month_is_certified_on_a_page_to_be_printed(desk: Desk, site: Site, account: str) -> None:
	open_account(desk, account, "Certificate of a month")
	desk.dialog.locator(".btn-primary").dblclick()
	desk.page.wait_for_url("**/sync-certificate/**")
	assert len(site.ledger.certificates()) == 1
	expect(desk.page.locator("#intro")).to_contain_text("as they were when it was made")
	expect(desk.page.locator(".certificate")).to_contain_text("Signature")
	desk.page.emulate_media(media="print")
	for hidden in (".side", ".page-head", "#intro"):
		expect(desk.page.locator(hidden)).to_be_hidden()
	assert desk.page.pdf()[:5] == b"%PDF-"
	desk.page.emulate_media(media="screen")
	first = site.ledger.certificates()[0]["first_day"].isoformat()
	row = next(r for r in site.ledger.transactions(limit=-1) if r.date.isoformat()[:7] == first[:7])
	site.ledger.remove(row.name)
	desk.page.reload()
	expect(desk.page.locator("#intro")).to_contain_text("have changed since it was made")


# -- in French --------------------------------------------------------------------------------------------------------------------
def test_all_of_it_is_said_in_french(bureau: Desk, site: Site, account: str) -> None:
	twin(site, account)
	for item, words in (
		("Chercher les doublons", "Elles viennent de sources différentes"),
		("Chercher ce qui manque", "En ordre"),
		("Preuve", "La banque a"),
		("Importer un relevé", "Rien n’est enregistré sans votre accord"),
		("Certificat d’un mois", "Faire le certificat"),
	):
		open_account(bureau, account, item)
		expect(bureau.dialog).to_contain_text(words, timeout=30 * SECONDS)
	bureau.dialog.locator(".btn-primary").click()
	bureau.page.wait_for_url("**/sync-certificate/**")
	expect(bureau.page.locator(".certificate")).to_contain_text("Certificat")
	expect(bureau.page.locator("#intro")).to_contain_text("comme elle était à ce moment-là")


# -- on any screen ------------------------------------------------------------------------------------------------------------------
def test_dialogs_fit_a_narrow_screen_and_every_control_has_a_name(
	desk: Desk, site: Site, account: str
) -> None:
	twin(site, account)
	desk.page.set_viewport_size({"width": 380, "height": 720})
	unnamed = """[...document.querySelectorAll("dialog[open] :is(input, select, button)")].filter(
		(one) => one.checkVisibility() && !one.labels?.length && !one.ariaLabel && !one.textContent.trim()
	).map((one) => one.outerHTML)"""
	for item in ("Find duplicates", "Find missing", "Proof", "Import a statement file"):
		open_account(desk, account, item)
		expect(desk.dialog.locator("[data-pair], [data-account], svg, [data-file]").first).to_be_visible(
			timeout=30 * SECONDS
		)
		assert desk.page.evaluate(unnamed) == []
		assert desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), item
	assert site.ledger.bank(BANK)
