"""The list of bank accounts says what its totals hold: a balance that is not known is not a zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.web.conftest import BANK, Visitor


def test_a_total_of_each_currency_counts_the_balances_that_are_known(visitor: Visitor, site: Site) -> None:
	for name, currency, opening in (("A", "EUR", 10), ("B", "EUR", 5), ("C", "EUR", None), ("D", "USD", 7)):
		site.ledger.add_bank_account(name, BANK, currency)
		if opening is not None:
			site.ledger.set_opening(name, Decimal(opening), date(2026, 1, 1))
	page = visitor.get("/bank-account").text
	assert "Balance of 2 of 3 accounts in EUR" in page
	assert "€15.00" in page
	assert "accounts in USD" not in page, "one account is its own total"


def test_no_total_where_no_balance_is_known(visitor: Visitor, site: Site) -> None:
	for name in ("A", "B"):
		site.ledger.add_bank_account(name, BANK, "EUR")
	assert "accounts in EUR" not in visitor.get("/bank-account").text
