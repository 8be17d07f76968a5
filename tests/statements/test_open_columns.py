"""Columns under unknown titles, or under none, that may hold the day or the currency of the rows."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

TWO_DAYS = (
	"Valuta;Tag der Verarbeitung;Text;Betrag\n"
	"12.11.2026;13.11.2026;Laden;-12,50\n16.11.2026;16.11.2026;Gehalt;1.000,00\n"
)
UNKNOWN_CURRENCY = "Datum;Text;Betrag;Zeichen\n12.11.2026;Laden;-12,50;EUR\n16.11.2026;Gehalt;1.000,00;USD\n"


def lines(text, **columns):
	[account] = read(text.encode(), ReadingOptions("EUR", columns=columns)).accounts
	return [(str(line.date), str(line.amount), line.currency) for line in account.lines]


def test_an_unknown_column_of_days_beside_the_value_date_is_asked_about():
	with pytest.raises(ReadingQuestion, match="--column date=1 or --column date=2") as asked:
		lines(TWO_DAYS)
	assert asked.value.suggested == {"date": "Tag der Verarbeitung"}
	assert asked.value.choices == [{"date": "2"}, {"date": "1"}]
	assert [day for day, *_ in lines(TWO_DAYS, date="2")] == ["2026-11-13", "2026-11-16"]
	assert [day for day, *_ in lines(TWO_DAYS, date="1")] == ["2026-11-12", "2026-11-16"]


@pytest.mark.parametrize(
	"text",
	[
		TWO_DAYS.replace("Valuta;", "Buchungstag;"),
		TWO_DAYS.replace(";13.11.", ";12.11."),
		TWO_DAYS.replace(";13.11.2026", ";16.11.2026"),
		TWO_DAYS.replace(";16.11.2026", ";"),
	],
	ids=["the day of booking is known", "the same days", "one day for all rows", "not in every row"],
)
def test_an_unknown_column_of_days_that_cannot_be_the_day_of_booking_is_no_question(text):
	assert [day for day, *_ in lines(text)] == ["2026-11-12", "2026-11-16"]


def test_an_unknown_column_of_another_currency_is_asked_about():
	with pytest.raises(ReadingQuestion, match=r"holds the currency USD.*--column currency=4.*currency=-"):
		lines(UNKNOWN_CURRENCY)
	assert [found for *_, found in lines(UNKNOWN_CURRENCY, currency="4")] == ["EUR", "USD"]
	assert [found for *_, found in lines(UNKNOWN_CURRENCY, currency="-")] == ["EUR", "EUR"]
	for text in (
		UNKNOWN_CURRENCY.replace("USD", "EUR"),
		UNKNOWN_CURRENCY.replace("Zeichen", "Tipo de divisa extranjera"),
	):
		assert [found for *_, found in lines(text)] == ["EUR", "EUR"]


@pytest.mark.parametrize("titles", ["Datum;Text;Betrag;", "Datum;Text;;Betrag"])
def test_an_untitled_column_beside_the_amounts_holds_their_currency(titles):
	swapped = titles.endswith("Betrag")
	rows = [("12.11.2026", "Laden", "-12,50", "EUR"), ("16.11.2026", "Gehalt", "1.000,00", "USD")]
	cells = [
		(day, text, *((code, amount) if swapped else (amount, code))) for day, text, amount, code in rows
	]
	text = "\n".join([titles, *(";".join(row) for row in cells)]) + "\n"
	assert lines(text) == [("2026-11-12", "-12.50", "EUR"), ("2026-11-16", "1000.00", "USD")]


def test_a_title_above_currencies_is_that_of_the_untitled_amounts_beside_them():
	text = (
		"Datum,Omschrijving,Mutatie,,Saldo,,Order Id\n"
		'27-12-2026,Rente,EUR,"0,19",EUR,"13,87",\n27-12-2026,Belasting,EUR,"-0,03",EUR,"13,68",\n'
		'26-12-2026,Dividend,USD,"2,50",USD,"2,50",\n'
	)
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [(str(line.amount), line.currency) for line in account.lines] == [
		("0.19", "EUR"),
		("-0.03", "EUR"),
		("2.50", "USD"),
	]


def test_the_amount_whose_title_names_its_currency_is_the_one_that_was_booked():
	text = (
		"datum;bedrag;credit;debet;munt;koers;bedrag in EUR;toelichting\n"
		"13/11/2026;-20,00;;-20,00;USD;0,9;-18,00;Aankoop boeken\n14/11/2026;35,00;35,00;;EUR;1;35,00;Terugbetaling\n"
	)
	assert lines(text) == [("2026-11-13", "-18.00", "EUR"), ("2026-11-14", "35.00", "EUR")]


def test_a_column_of_texts_under_an_unknown_title_completes_labels_that_are_empty_in_some_rows():
	text = "Date;Kort;Message for payee;Amount\n2026-11-13;Card payment;;-12.50\n2026-11-14;Transfer;Wages;1000.00\n"
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [line.description for line in account.lines] == ["Card payment", "Transfer Wages"]


def test_a_category_does_not_complete_a_label():
	text = (
		"Date;Category;Message for payee;Amount\n2026-11-13;Food;;-12.50\n2026-11-14;Income;Wages;1000.00\n"
	)
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [line.description for line in account.lines] == ["", "Wages"]


def test_a_day_of_booking_that_pending_rows_lack_is_asked_about():
	text = (
		"Transaction Date;Zzz;Text;Amount\n2026-11-12;2026-11-13;Shop;-12.50\n2026-11-14;2026-11-15;Pay;1000.00\n"
		"2026-11-16;;Cafe;-3.00\n"
	)
	with pytest.raises(ReadingQuestion, match="--column date=2"):
		lines(text)


def test_two_columns_of_days_under_one_title_are_asked_about_where_they_differ():
	text = "Date;Date;Text;Amount\n2026-11-12;2026-11-13;Shop;-12.50\n2026-11-14;2026-11-15;Pay;1000.00\n"
	with pytest.raises(ReadingQuestion, match="--column date=1 or --column date=2"):
		lines(text)
	assert lines(text, date="2")[0][0] == "2026-11-13"
	assert lines(text.replace("13;Shop", "12;Shop").replace("15;Pay", "14;Pay"))[0][0] == "2026-11-12"
