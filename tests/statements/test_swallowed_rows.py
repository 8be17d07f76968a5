"""What a table could lose without a word: rows, accounts, letters, labels, and the meaning of a sign."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read
from dokos_banksync.statements.text import decode


def read_text(text, currency="EUR", encoding="utf-8"):
	return read(text.encode(encoding), ReadingOptions(currency))


def test_a_row_without_a_booking_date_is_no_text_of_the_row_above_it():
	text = (
		"Datum;Buchungstag;Text;Betrag;Reserviert\n12.11.2026;12.11.2026;Bakery;-4,80;\n14.11.2026;;Hotel;;-90,00\n"
		"13.11.2026;13.11.2026;Salary;900,00;\n"
	).replace("Datum", "Transaktionsdatum")
	[account] = read_text(text).accounts
	assert [line.description for line in account.lines] == ["Bakery", "Salary"]
	assert [(row.row, "Hotel" in row.text) for row in account.refused] == [(3, True)]


def test_text_with_a_day_and_without_an_amount_stays_text_of_the_row_above_it():
	text = (
		"Transaktionsdatum;Buchungstag;Text;Betrag\n12.11.2026;12.11.2026;Bakery;-4,80\n14.11.2026;;No 12;\n"
		"13.11.2026;13.11.2026;Salary;900,00\n"
	)
	[account] = read_text(text).accounts
	assert (len(account.lines), account.refused) == (2, ())


def test_names_of_accounts_distinguish_them_where_there_are_no_numbers():
	text = (
		"Date,Description,Amount,Account Name\n2026-11-12,Bakery,-4.80,Current\n2026-11-13,Salary,900.00,Current\n"
		"2026-11-13,Card bill,-45.00,Card\n"
	)
	accounts = read_text(text).accounts
	assert [(one.number, len(one.lines)) for one in accounts] == [("Current", 2), ("Card", 1)]
	[alone] = read_text(text.replace("Card\n", "Current\n")).accounts
	assert (alone.number, len(alone.lines)) == ("", 3)


def test_a_number_of_an_account_comes_before_its_name():
	text = "Date,Description,Amount,Account Name,Account\n2026-11-12,A,-4.80,One,111\n2026-11-13,B,9.00,Two,111\n"
	[account] = read_text(text).accounts
	assert account.number == "111"


@pytest.mark.parametrize("mark", ["-", "n/a", "null"])
def test_a_mark_for_a_missing_text_is_no_label(mark):
	text = f"Date;Libellé;Bénéficiaire;Montant\n12/11/2026;{mark};Boulangerie;-4,80\n13/11/2026;Loyer;Agence;-9,00\n"
	[account] = read_text(text).accounts
	assert [line.description for line in account.lines] == ["Boulangerie", "Loyer"]


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2"])
def test_polish_letters_are_read_in_their_own_code_page(encoding):
	text = "Data;Tytuł;Kwota\n2026-11-12;Zażółć gęślą jaźń, PŁATNOŚĆ PRZY UŻYCIU;-4,80\n"
	assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
	"text",
	[
		"Date;Libellé;Crédit\n12/11/2026;Intérêts, prêt de Noël à Besançon;4,80\n",
		"Fläche;12 m²;50 km²\n",
		"Año;Señor;São João;Ação\n",
	],
)
def test_the_letters_of_western_europe_are_not_taken_for_polish_ones(text):
	assert decode(text.encode("cp1252")).text == text


def test_a_card_whose_only_payment_is_called_one_does_not_prove_its_signs():
	text = "Datum;Text;Belopp\n2026-11-12;ICA;45,00\n2026-11-13;SJ;60,00\n2026-11-14;BETALNING;-105,00\n"
	with pytest.raises(ReadingQuestion, match="--sign"):
		read_text(text, "SEK")


def test_more_money_in_than_out_is_believed_where_a_label_speaks_of_income():
	text = "Datum;Text;Belopp\n2026-11-12;INBETALNING A;45,00\n2026-11-13;B;60,00\n2026-11-14;HYRA;-105,00\n"
	[account] = read_text(text, "SEK").accounts
	assert [line.amount for line in account.lines] == [Decimal("45.00"), Decimal("60.00"), Decimal("-105.00")]


VENMO = (
	",ID,Datetime,Type,Status,Note,From,To,Amount (total),Amount (tip),Amount (fee),Funding Source,Destination,"
	"Beginning Balance,Ending Balance\n,,,,,,,,,,,,,$80.00,\n"
	",1,2026-03-02T18:22:01,Payment,Complete,Kites,Ann,Bo,+ $45.00,,,,Venmo balance,,\n"
	",2,2026-03-05T11:00:00,Payment,Complete,Boat,Bo,Di,- $60.00,,,HARBOUR BANK *0001,,,\n"
	",3,2026-03-09T09:10:44,Standard Transfer,Issued,,,,- $70.00,,,,HARBOUR BANK *0001,,\n,,,,,,,,,,,,,,{0}\n"
)


def test_what_another_account_paid_moved_no_money_of_this_one():
	[account] = read_text(VENMO.format("$55.00"), "USD").accounts
	assert [line.amount for line in account.lines] == [Decimal("45.00"), Decimal("-70.00")]
	assert "Another account or card" in str(account.refused[0].reason)
	assert account.mismatches == ()


def test_balances_below_titles_of_their_own_must_follow_from_the_rows():
	[account] = read_text(VENMO.format("$54.00"), "USD").accounts
	assert len(account.mismatches) == 1


def test_an_interim_report_without_totals_or_an_end_may_be_cut_off():
	text = (
		":20:A\n:25:12345678\n:28C:1/1\n:34F:EURD0,\n:13D:2611131200+0100\n:61:2611131113D45,00NTRFNONREF\n"
		":86:Bakery\n"
	)
	[cut] = read_text(text).accounts
	assert "cut off" in str(cut.mismatches[0])
	for end in ("-\n", ":90D:1EUR45,00\n:90C:0EUR0,00\n"):
		[whole] = read_text(text + end).accounts
		assert whole.mismatches == ()


@pytest.mark.parametrize("label", ["New Balance", "NEW BALANCE 4312"])
def test_a_purchase_at_a_shop_with_the_name_of_a_balance_does_not_vanish(label):
	text = f"Date,Description,Amount\n2026-11-12,Bakery,-4.80\n2026-11-13,{label},-129.00\n"
	[account] = read_text(text, "USD").accounts
	assert [(row.row, "purchase at a shop" in str(row.reason)) for row in account.refused] == [(3, True)]


def test_a_balance_without_a_day_of_its_own_is_no_shop():
	text = "Date,Description,Amount\n2026-11-12,Bakery,-4.80\n2026-11-13,B,-1.00\n,New balance,900.00\n"
	[account] = read_text(text, "USD").accounts
	assert (len(account.lines), account.refused) == (2, ())
