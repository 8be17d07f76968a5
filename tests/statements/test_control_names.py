"""Balances and totals among the rows, by abbreviated and composed names: control values, not transactions."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read
from dokos_banksync.statements.vocabulary import Control, control

TABLE = "Date;Libellé;Montant\n02/11/2026;LIDL;-20,15\n05/11/2026;ACME;1000,00\n30/11/2026;{0};{1}\n"


def account(name, amount="1475,85"):
	[one] = read(TABLE.format(name, amount).encode(), ReadingOptions("EUR")).accounts
	return one


@pytest.mark.parametrize(
	("name", "kind"),
	[
		("BAL B/FWD", Control.OPENING),
		("OPENING BAL", Control.OPENING),
		("Balance b/d", Control.OPENING),
		("Saldo ant.", Control.OPENING),
		("Ing saldo", Control.OPENING),
		("Saldoübertrag", Control.OPENING),
		("Bilans otwarcia", Control.OPENING),
		("Position initiale", Control.OPENING),
		("Stan końcowy", Control.CLOSING),
		("Closing Bal.", Control.CLOSING),
		("C/FWD", Control.CLOSING),
		("EOD balance", Control.CLOSING),
		("SDO CTA/APL AUTOMATICAS", Control.CLOSING),
		("Total Cr", Control.TOTAL),
		("Sum of debits", Control.TOTAL),
		("Total opérations au débit", Control.TOTAL),
		("Total Withdrawals/Deposits", Control.TOTAL),
		("Celkem", Control.TOTAL),
	],
)
def test_abbreviated_and_composed_names_are_control_values(name, kind):
	assert control(name) is kind
	assert [line.description for line in account(name).lines] == ["LIDL", "ACME"]


@pytest.mark.parametrize(
	"name",
	["TOTAL ACCESS 1234", "ACHAT TOTAL", "TOTAL CARTE 4321", "FWD INSURANCE", "Credits total", "Bal masqué"],
)
def test_shops_whose_names_begin_alike_are_transactions(name):
	assert control(name) is None
	assert account(name, "-75,85").lines[-1].description == name


@pytest.mark.parametrize("name", ["Suma", "Summe", "GESAMT"])
def test_a_name_of_a_total_that_may_be_a_shop_is_rejected_with_that_reason(name):
	found = account(name)
	assert len(found.lines) == 2
	assert "a purchase at a shop of that name" in found.refused[0].reason
