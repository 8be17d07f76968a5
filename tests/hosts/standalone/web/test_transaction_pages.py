"""What the pages of a bank transaction and of its line show."""

from __future__ import annotations

import re

import pytest

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.operation_kind import shown_kind
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.web.conftest import BANK, Visitor

IBAN = "FR7630006000011234567890189"
TITLES = "Date;Date de valeur;Libellé;Montant;Tiers;IBAN tiers;Référence;Type\n"
ROW = f"13/11/2026;15/11/2026;FACTURE 12;-1234,50;Imprimerie Noir;{IBAN};RF-18;transfer\n"


def imported(site: Site, rows: str = ROW) -> tuple[str, str]:
	"""Import a file; return the names of its bank transaction and its line."""
	site.ledger.add_bank_account("Current", BANK, "EUR")
	other = "14/11/2026;14/11/2026;LOYER;-850,00;Agence;DE89370400440532013000;;\n"
	prepared = prepare(site.ledger, "Current", "a.csv", (TITLES + rows + other).encode(), ImportOptions())
	take(site.ledger, prepared, clock=site.clock)
	[line] = site.ledger.lines("Current", search="FACTURE")
	return line.bank_transaction, line.name


def facts(page: str) -> dict[str, str]:
	"""Return the facts of a page by their labels, without markup."""
	found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
	return {label: re.sub(r"<[^>]*>", "", text).replace("\u00a0", " ") for label, text in found}


def test_a_bank_transaction_has_its_counterparty_and_all_that_its_line_has(
	site: Site, visitor: Visitor
) -> None:
	name, line = imported(site)
	visitor.get("/?lang=fr")
	page = visitor.get(f"/bank-transaction/{name}").text
	shown = facts(page)
	assert shown["Date"] == "13 nov. 2026"
	assert shown["Date de valeur"] == "15 nov. 2026"
	assert shown["Montant"] == "−1\u202f234,50 €"
	assert shown["Contrepartie"] == "Imprimerie Noir"
	assert shown["IBAN de la contrepartie"] == "FR76 3000 6000 0112 3456 7890 189"
	assert shown["Référence"] == "RF-18"
	assert shown["Nature"] == "Virement"
	assert shown["D’où elle vient"] == "Fichier a.csv"
	assert f'href="/sync-line/{line}"' in page


def test_the_line_of_a_bank_transaction_has_the_same(site: Site, visitor: Visitor) -> None:
	name, line = imported(site)
	shown = facts(visitor.get(f"/sync-line/{line}").text)
	assert (shown["Bank Transaction"], shown["Bank Account"]) == (name, "Current")
	assert (shown["Counterparty"], shown["Reference"], shown["Kind"]) == (
		"Imprimerie Noir",
		"RF-18",
		"Bank transfer",
	)
	assert (shown["Date"], shown["Value date"]) == ("13 Nov 2026", "15 Nov 2026")
	assert shown["Where it comes from"] == "File a.csv"


def test_a_counterparty_account_that_is_no_iban_is_called_an_account(site: Site, visitor: Visitor) -> None:
	name, _line = imported(site, ROW.replace(IBAN, "12345-678 X"))
	shown = facts(visitor.get(f"/bank-transaction/{name}").text)
	assert shown["Counterparty account"] == "12345-678X"
	assert "Counterparty IBAN" not in shown


def test_what_is_not_known_of_a_bank_transaction_has_no_label(site: Site, visitor: Visitor) -> None:
	name, _line = imported(site, "13/11/2026;;FACTURE 12;-1234,50;;;;unknown\n")
	shown = facts(visitor.get(f"/bank-transaction/{name}").text)
	assert shown.keys() == {
		"Bank Account",
		"Date",
		"Amount",
		"Description",
		"Where it comes from",
	}


@pytest.mark.parametrize(
	("kind", "shown"),
	[("card", "Paiement par carte"), ("PMNT-RCDT-ESCT", "PMNT-RCDT-ESCT"), ("unknown", ""), ("", "")],
)
def test_the_kind_of_an_operation_in_words(kind: str, shown: str) -> None:
	assert shown_kind(Translations("fr"), kind) == shown
