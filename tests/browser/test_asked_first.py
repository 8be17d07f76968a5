"""Pages ask before anything doubtful: how a file is read, and a new Bank Account beside an equal one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dokos_banksync.hosts.standalone.site import Site
from tests.browser.conftest import Desk
from tests.browser.test_review import account, file_of, names, open_account, statement
from tests.hosts.standalone.web.conftest import BANK, connected

__all__ = ["account"]

pytestmark = pytest.mark.browser


def choose_file(desk: Desk, site: Site, account: str, text: str) -> None:
	open_account(desk, account, "Import a statement file")
	desk.dialog.get_by_label("File").set_input_files(file_of(site, "a.csv", text))


def test_the_meaning_of_the_sign_is_asked_with_the_columns_and_three_rows(
	desk: Desk, site: Site, account: str
) -> None:
	before = names(site)
	choose_file(desk, site, account, statement("13/10/2026;AAA;3,20", "14/10/2026;BBB;5,00"))
	expect(desk.dialog).to_contain_text("Nothing says whether positive amounts are money in or money out")
	expect(desk.dialog.get_by_label("Montant", exact=True)).to_have_value("amount")
	expect(desk.dialog).to_contain_text("AAA · BBB")
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()
	desk.dialog.get_by_label("Sign").select_option(label="positive is money out")
	desk.button("Read it again")
	expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(2)
	desk.dialog.locator(".btn-primary").click()
	expect(desk.dialog).to_contain_text("2 imported")
	made = [row for row in site.ledger.transactions(limit=-1) if row.name not in before]
	assert sorted(str(row.amount) for row in made) == ["-3.20", "-5.00"]


def test_rows_below_a_heading_of_pending_ones_are_asked_about(desk: Desk, site: Site, account: str) -> None:
	rows = ("Opérations en attente", "13/10/2026;AAA;-3,20", "14/10/2026;BBB;-5,00")
	choose_file(desk, site, account, statement(*rows))
	expect(desk.dialog).to_contain_text("or read it again to import them all the same")
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()
	desk.button("Read it again")
	expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(2)


def test_one_of_several_tables_is_chosen(desk: Desk, site: Site, account: str) -> None:
	second = "\nLivret\n\n" + statement("15/10/2026;INTERETS;-1,00").replace("Libellé", "Motif")
	choose_file(desk, site, account, statement("13/10/2026;CAFE;-3,20") + second)
	expect(desk.dialog).to_contain_text("several tables of transactions: choose one below")
	desk.dialog.get_by_label("Sheet or table").select_option("2")
	desk.button("Read it again")
	expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(1)
	expect(desk.dialog.locator("[data-list]")).to_contain_text("INTERETS")
	expect(desk.dialog.get_by_label("Sheet or table")).to_have_value("2")


def test_balances_that_contradict_the_rows_are_confirmed_before_the_import(
	desk: Desk, site: Site, account: str
) -> None:
	broken = "Solde initial;100,00\nSolde final;50,00\n" + statement("13/10/2026;CAFE;-3,20")
	choose_file(desk, site, account, broken)
	expect(desk.dialog).to_contain_text("make 96.80, and the closing balance is 50.00")
	expect(desk.dialog.locator(".btn-primary")).to_be_disabled()
	desk.dialog.get_by_label("Import the file all the same").check()
	desk.button("Read it again")
	expect(desk.dialog.locator("[data-list] tbody tr")).to_have_count(1)
	desk.dialog.locator(".btn-primary").click()
	expect(desk.dialog).to_contain_text("1 imported")


def test_a_new_account_beside_an_equal_one_is_asked_about(desk: Desk, site: Site) -> None:
	proposals = site.proposals(connected(site))
	remote = next(one.remote for one in proposals if one.remote.iban)
	site.ledger.add_bank_account("From before", BANK, remote.currency, remote.iban)
	desk.open_bank()
	desk.menu("Update bank accounts")
	row = desk.dialog.locator("[data-source]", has_text=remote.account_name).first
	expect(row.locator("[data-field=target]")).to_have_value("From before")
	row.locator("[data-field=target]").select_option(label="New…")
	row.locator("[data-field=name]").fill("A second one")
	desk.dialog.locator(".btn-primary").click()
	question = desk.page.locator("dialog[open]").last
	expect(question).to_contain_text("A second one: From before may be the same account")
	question.get_by_role("button", name="No", exact=True).click()
	assert "A second one" not in [one.name for one in site.ledger.bank_accounts()]
	desk.dialog.locator(".btn-primary").click()
	desk.page.locator("dialog[open]").last.get_by_role("button", name="Yes", exact=True).click()
	desk.wait_for_the_end()
	assert "A second one" in [one.name for one in site.ledger.bank_accounts()]
