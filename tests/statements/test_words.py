"""Amounts, days, titles and encodings, one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import headers
from dokos_banksync.statements.amounts import amount, decimal_mark
from dokos_banksync.statements.days import day, possible_orders
from dokos_banksync.statements.rows import _may_name_control
from dokos_banksync.statements.text import decode
from dokos_banksync.statements.vocabulary import Control, key, languages


@pytest.mark.parametrize(
	("text", "mark", "value"),
	[
		("-3,20", ",", "-3.20"),
		("1 234,56", ",", "1234.56"),
		("1\u00a0234,56\u00a0€", ",", "1234.56"),
		("1\u202f234\u202f567,8", ",", "1234567.8"),
		("1.234,56", ",", "1234.56"),
		("1,234.56", ".", "1234.56"),
		("CHF 1'234.50", ".", "1234.50"),
		("(12.00)", ".", "-12.00"),
		("12,00-", ",", "-12.00"),
		("−12", ".", "-12"),
		("+12", ".", "12"),
		("-£1,000", ".", "-1000"),
		("EUR -0,01", ",", "-0.01"),
		(".5", ".", "0.5"),
		("1.234", ".", "1.234"),
		("1.234", ",", "1234"),
		("1,23,456.78", ".", "123456.78"),
		("0.005", ".", "0.005"),
		("1'234.50", ".", "1234.50"),
		("1’234.50", ".", "1234.50"),
		("US$ 7.00", ".", "7.00"),
		("R$ 1.234,56", ",", "1234.56"),
		("12 000,00 zł", ",", "12000.00"),
		("'-1,00", ",", "-1.00"),
		("3,20 -", ",", "-3.20"),
	],
)
def test_amounts(text, mark, value):
	assert amount(text, mark) == Decimal(value)


@pytest.mark.parametrize(
	("text", "mark"),
	[
		*(
			("", ","),
			("abc", ","),
			("12,34,56", ","),
			("1.23,4", ","),
			("1.234.56", ","),
			("12 EURO?", ","),
			("12 50", ","),
			("0.005", ","),
			("1,2345.00", "."),
		),
		*(
			("--5", "."),
			("5..0", "."),
			("1e5", "."),
			("NaN", "."),
			("Infinity", "."),
			("١٢x", "."),
			("-", "."),
		),
	],
)
def test_what_is_no_amount_is_never_taken_for_one(text, mark):
	with pytest.raises(InvalidData, match="is not an amount"):
		amount(text, mark)


@pytest.mark.parametrize(
	("texts", "mark"),
	[
		(["1.234,56"], ","),
		(["1,234.56"], "."),
		(["1.234", "5,5"], ","),
		(["1.234.567"], ","),
		(["12", "5"], "."),
		(["1.234"], ""),
		(["1,234", "7"], ""),
		(["1,5", "2,5", "3.5"], ","),
	],
)
def test_the_decimal_mark_is_proved_or_left_open(texts, mark):
	assert decimal_mark(texts) == mark


@pytest.mark.parametrize(
	("text", "order", "value"),
	[
		("02/11/2026", "DMY", date(2026, 11, 2)),
		("02/11/2026", "MDY", date(2026, 2, 11)),
		("2026-11-02", "DMY", date(2026, 11, 2)),
		("2.11.26", "DMY", date(2026, 11, 2)),
		("20261102", "MDY", date(2026, 11, 2)),
		("2026-11-02T23:59:59Z", "YMD", date(2026, 11, 2)),
		("02/11/2026 10:00", "DMY", date(2026, 11, 2)),
		("29/02/2028", "DMY", date(2028, 2, 29)),
		("26-11-15", "YMD", date(2026, 11, 15)),
		("15 Nov 2026", "MDY", date(2026, 11, 15)),
		("Nov 15, 2026", "DMY", date(2026, 11, 15)),
		("12-Nov-26", "YMD", date(2026, 11, 12)),
		("1er déc. 2026", "DMY", date(2026, 12, 1)),
		("15. März 2026", "DMY", date(2026, 3, 15)),
		("15 mrt 2026", "DMY", date(2026, 3, 15)),
		("15 de marzo de 2026", "DMY", date(2026, 3, 15)),
		("15 gen 2026", "DMY", date(2026, 1, 15)),
		("15/ago/2026", "DMY", date(2026, 8, 15)),
		("15 paź 2026", "DMY", date(2026, 10, 15)),
		("15 okt. 2026", "DMY", date(2026, 10, 15)),
		("15. maj 2026", "DMY", date(2026, 5, 15)),
		("Mon 16/11/2026", "DMY", date(2026, 11, 16)),
		("2026-11-03 00:00:00.0", "YMD", date(2026, 11, 3)),
	],
)
def test_days(text, order, value):
	assert day(text, order) == value


@pytest.mark.parametrize(
	"text",
	[
		"",
		"31/02/2026",
		"29/02/2026",
		"13/13/2026",
		"1/2",
		"02/11-2026",
		"hier",
		"0/1/2026",
		"16/11/2026 CAFE",
	],
)
def test_what_is_no_day_is_never_taken_for_one(text):
	with pytest.raises(InvalidData, match="is not a date"):
		day(text, "DMY")


def test_a_day_without_its_year_says_so():
	with pytest.raises(InvalidData, match="without a year"):
		day("15/nov", "DMY")


@pytest.mark.parametrize(
	("texts", "orders"),
	[
		(["02/11/2026", "13/11/2026"], ("DMY",)),
		(["02/11/2026", "11/13/2026"], ("MDY",)),
		(["2026-11-02", "15 Nov 2026", "20261103"], ()),
		(["02.11.2026"], ("DMY",)),
		(["02/11/2026", "03/11/2026"], ("DMY", "MDY")),
		(["13/01/2026", "14/01/2026", "01/31/2026"], ("DMY",)),
		(["26-11-15"], ("DMY", "YMD")),
		(["26.11.15"], ("DMY",)),
		(["99-11-15"], ("YMD",)),
		(["11-10-12"], ("DMY", "MDY", "YMD")),
	],
)
def test_the_order_is_proven_or_left_open(texts, orders):
	assert possible_orders(texts) == orders


@pytest.mark.parametrize(
	("titles", "roles"),
	[
		(["Date", "Libellé", "Montant (€)"], {"date": 0, "label": 1, "amount": 2}),
		(
			["Date de valeur", "Date d'opération", "Débit euros", "Crédit euros"],
			{"value_date": 0, "date": 1, "debit": 2, "credit": 3},
		),
		(["Paid out", "Paid in", "Date"], {"debit": 0, "credit": 1, "date": 2}),
		(["Buchungstag", "Wertstellung", "Umsatz in EUR"], {"date": 0, "value_date": 1, "amount": 2}),
		(["Montant du mouvement", "Date de la chose"], {"amount": 0}),
		(["Umsatz getätigt von", "Buchungsbetrag", "Originalbetrag"], {"amount": 1}),
		(["Datum", "Bedrag (EUR)", "Af Bij"], {"date": 0, "amount": 1, "direction": 2}),
		(["Fecha operación", "Importe", "Saldo"], {"date": 0, "amount": 1, "balance": 2}),
		(["Data contabile", "Dare", "Avere"], {"date": 0, "debit": 1, "credit": 2}),
		(["Data księgowania", "Kwota", "Tytuł"], {"date": 0, "amount": 1, "label": 2}),
		(["Bokföringsdag", "Belopp"], {"date": 0, "amount": 1}),
		(["Dato", "Beløb", "Tekst"], {"date": 0, "amount": 1, "label": 2}),
		(["Data", "Descrição", "Montante"], {"date": 0, "label": 1, "amount": 2}),
	],
)
def test_titles(titles, roles):
	assert headers.guess(titles).roles == roles


@pytest.mark.parametrize(
	("content", "encoding"),
	[
		("é".encode(), "utf-8"),
		("é".encode("utf-8-sig"), "utf-8-sig"),
		("é".encode("utf-16"), "utf-16"),
		("é €".encode("cp1252"), "cp1252"),
		("été déjà créé à \x81 la fête".encode("latin-1"), "latin-1"),
		("Énergie reçu Café".encode("cp850"), "cp850"),
		("été déjà reçu à Müller".encode("mac-roman"), "mac-roman"),
		("été; déjà".encode("utf-16-le"), "utf-16-le"),
		("été; déjà".encode("utf-16-be"), "utf-16-be"),
	],
)
def test_encodings(content, encoding):
	text, detected, remarks = decode(content)
	assert text[0] in "éÉ"
	assert detected == encoding
	assert bool(remarks) == (encoding in ("latin-1", "cp850", "mac-roman"))


def test_bytes_that_are_no_text_say_so():
	with pytest.raises(InvalidData, match="not text"):
		decode(b"a\0b")
	with pytest.raises(InvalidData, match="says that it is utf-16"):
		decode(b"\xff\xfea\x00b")


@pytest.mark.parametrize(
	"text",
	[
		*(
			"13 nov. 2026",
			"13-Nov-26",
			"Fri, Nov 13, 2026",
			"November 13th, 2026",
			"13NOV2026",
			"2026 Nov 13",
		),
		*("fredag den 13. november 2026", "Freitag, 13. November 2026", "am 13. Nov 2026", "vr 13 nov. 2026"),
		*("13 listopada 2026", "13-lis-2026", "13 de noviembre de 2026", "13/nov/2026", "ven. 13 nov. 2026"),
		*("venerdì 13 novembre 2026", "13 de novembro de 2026", "fre 13 nov. 2026", "le 13 novembre 2026"),
		*("13 nov. 2026 10:05", "13 nov. 2026 à 10h05", "13 Nov 2026 22:15:00 CET", "Nov 13, 2026 10:00 AM"),
	],
)
def test_a_month_by_name_is_the_same_day_in_every_language(text):
	assert day(text, "MDY") == date(2026, 11, 13)


def test_a_weekday_that_is_called_like_a_month_is_no_month():
	assert day("mar 10 nov. 2026", "DMY") == date(2026, 11, 10)
	assert day("mar. 3 mars 2026", "DMY") == date(2026, 3, 3)
	assert day("1er déc. 26", "DMY") == date(2026, 12, 1)


@pytest.mark.parametrize(
	"text",
	[
		*("13 nov", "Nov 2026", "MAI 5 SPORT", "13 nov 2026 SPAR", "May 10 2026 Paris", "31 Feb 2026"),
		*("10am nov", "1 may 1 2026", "2026-11-13 mars", "mars", "nov dec 2026", "Nov 13.2026"),
	],
)
def test_words_that_leave_a_day_open_are_no_day(text):
	with pytest.raises(InvalidData):
		day(text, "DMY")


def test_every_name_of_a_balance_passes_the_cheap_test_for_one():
	for _, words in languages():
		names = {name for kind in Control for name in words[kind.value]}
		assert [name for name in names if not _may_name_control(name)] == []


@pytest.mark.parametrize(
	"name",
	[
		*(
			"Počáteční stav",
			"Konečný zůstatek",
			"Součet",
			"Začiatočný zostatok",
			"Súčet",
			"Összesen",
			"Záró egyenleg",
		),
		*(
			"Αρχικό υπόλοιπο",
			"Σύνολο",
			"Εκ μεταφοράς",
			"Sākuma atlikums",
			"Apgrozījums",
			"Kopā",
			"Lõppjääk",
			"Käive",
		),
		*(
			"Likutis pradžiai",
			"Apyvarta",
			"Iš viso",
			"Početno stanje",
			"Skupaj v breme",
			"Sold inițial",
			"Turnover",
		),
	],
)
def test_names_of_balances_as_banks_write_them_pass_the_cheap_test(name):
	assert _may_name_control(name)


def test_titles_in_other_alphabets_are_distinguished():
	assert key("Ποσό") == "ποσο"
	assert key("Ημ/νία") == "ημ νια"
	assert key("Сумма в RUB") != key("Баланс в RUB")
	assert key("Débit (€)") == "debit"
