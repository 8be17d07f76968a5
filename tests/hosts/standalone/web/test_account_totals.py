"""The list of bank accounts says what its totals hold: a balance that is not known is not a zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.totals import BalanceTotal, balance_totals
from tests.hosts.standalone.web.conftest import BANK, Visitor


def test_a_total_of_each_currency_counts_the_balances_that_are_known(visitor: Visitor, site: Site) -> None:
	for name, currency, opening in (("A", "EUR", 10), ("B", "EUR", 5), ("C", "EUR", None), ("D", "USD", 7)):
		site.ledger.add_bank_account(name, BANK, currency)
		if opening is not None:
			site.ledger.set_opening(name, Decimal(opening), date(2026, 1, 1))
	page = visitor.get("/bank-account").text
	assert "Balance here of 2 of 3 accounts in EUR" in page
	assert "€15.00" in page
	assert "accounts in USD" not in page, "one account is its own total"


def test_the_page_of_a_bank_has_the_totals_of_its_own_accounts(visitor: Visitor, site: Site) -> None:
	for name, bank, opening in (("A", BANK, 10), ("B", BANK, 5), ("C", "Other", 100)):
		site.ledger.add_bank_account(name, bank, "EUR")
		site.ledger.set_opening(name, Decimal(opening), date(2026, 1, 1))
	page = visitor.get(f"/bank/{BANK}").text
	assert "Balance here of 2 of 2 accounts in EUR" in page
	assert "€15.00" in page
	assert "Balance at the bank of" not in page, "no bank gave a balance"


def test_the_sum_is_exact() -> None:
	balances = [("EUR", Decimal("0.10"))] * 3 + [("EUR", None), ("JPY", None), ("JPY", None)]
	assert balance_totals(balances) == [BalanceTotal("EUR", Decimal("0.30"), known=3, accounts=4)]


def test_no_total_where_no_balance_is_known(visitor: Visitor, site: Site) -> None:
	for name in ("A", "B"):
		site.ledger.add_bank_account(name, BANK, "EUR")
	assert "accounts in EUR" not in visitor.get("/bank-account").text
