"""Balances under a name that only a day tells apart: evidence for the rows between them, and for the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from dokos_banksync.statements.contract import Balance, Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read
from dokos_banksync.statements.vocabulary import Control, control

NAMES = (
	("Solde au 31/10/2026", "Solde au 30 novembre 2026"),
	("Balance as of 2026-10-31", "Balance as of November 30, 2026"),
	("Kontostand am 31.10.2026", "Kontostand am 30. November 2026"),
	("Saldo op 31-10-2026", "Saldo op 30 november 2026"),
	("Saldo a 31/10/2026", "Saldo a 30 de noviembre de 2026"),
	("Saldo al 31/10/2026", "Saldo al 30 novembre 2026"),
	("Saldo em 31/10/2026", "Saldo em 30 de novembro de 2026"),
	("Saldo na dzień 31.10.2026", "Saldo na dzień 30 listopada 2026"),
	("Saldo per 2026-10-31", "Saldo per 30 november 2026"),
	("Saldo pr. 31-10-2026", "Saldo pr. 30. november 2026"),
)


def table(first, last, closing, titles="Datum;Text;Betrag"):
	rows = ("12.11.2026;Bakery;-45,00", "13.11.2026;Salary;1500,00")
	return "\n".join((titles, f";{first};1000,00", *rows, f";{last};{closing}")) + "\n"


def only(text, currency="EUR"):
	content = text if isinstance(text, bytes) else text.encode()
	[account] = read(content, ReadingOptions(currency)).accounts
	return account


@pytest.mark.parametrize(("first", "last"), NAMES)
def test_two_dated_balances_prove_the_rows_between_them(first, last):
	account = only(table(first, last, "2455,00"))
	assert (account.evidence, account.mismatches) == (Evidence.OPENING_AND_CLOSING, ())
	assert [line.amount for line in account.lines] == [Decimal("-45.00"), Decimal("1500.00")]


@pytest.mark.parametrize(("first", "last"), NAMES)
def test_rows_that_do_not_lead_from_one_dated_balance_to_the_next_are_a_contradiction(first, last):
	[sentence] = only(table(first, last, "2450,00")).mismatches
	assert [*map(str, sentence.values)] == ["1000.00", "1455.00", "2455.00", "2450.00"]


def test_dated_balances_of_a_list_with_the_newest_first_do_not_turn_the_signs():
	text = (
		"Datum;Text;Betrag\n;Saldo per 30.11.2026;2455,00\n13.11.2026;B;1500,00\n12.11.2026;A;-45,00\n"
		";Saldo per 31.10.2026;1000,00\n"
	)
	assert [line.amount for line in only(text).lines] == [Decimal("1500.00"), Decimal("-45.00")]


def test_balances_without_a_day_or_an_order_do_not_prove_a_sign():
	text = (
		"Datum;Text;Betrag\n;Saldo;2475,00\n14.11.2026;C;20,00\n13.11.2026;B;1500,00\n12.11.2026;A;-45,00\n"
		";Saldo;1000,00\n"
	)
	with pytest.raises(ReadingQuestion, match="--sign"):
		only(text)


@pytest.mark.parametrize("day", ["12.11.2026", "11.11.2026"])
def test_a_dated_balance_holds_at_the_end_of_its_day_or_at_its_beginning(day):
	assert only(table(f"Saldo per {day}", "Saldo per 30.11.2026", "2455,00")).mismatches == ()


def test_every_balance_between_the_rows_counts():
	text = (
		"Datum;Text;Betrag\n31.10.2026;Kontostand am 31.10.2026;500,00\n12.11.2026;A;-50,00\n"
		"12.11.2026;Kontostand am 12.11.2026;440,00\n13.11.2026;B;-80,00\n13.11.2026;Kontostand am 13.11.2026;370,00\n"
	)
	assert len(only(text).mismatches) == 2


def test_a_single_dated_balance_is_the_one_of_its_day():
	text = "Date;Libellé;Montant\n12/11/2026;A;-45,00\n13/11/2026;B;-6,00\nSolde au 15/11/2026;;2455,00\n"
	assert only(text).balance == Balance(Decimal("2455.00"), date(2026, 11, 15))


@pytest.mark.parametrize("name", ["Solde au 11/11/2026", "Solde disponible au 15/11/2026", "Solde"])
def test_a_balance_from_before_the_last_row_or_without_a_day_or_with_credit_is_not_compared(name):
	text = f"Date;Libellé;Montant\n12/11/2026;A;-45,00\n13/11/2026;B;-6,00\n{name};;2455,00\n"
	assert only(text).balance is None


def test_two_balances_of_one_day_say_nothing():
	text = (
		"Date;Libellé;Montant\n12/11/2026;A;-45,00\n13/11/2026;B;-6,00\n"
		"Solde au 15/11/2026;;2455,00\nSolde comptable au 15/11/2026;;2450,00\n"
	)
	assert only(text).balance is None


def test_the_balance_beside_the_only_row_is_the_closing_one():
	text = "Date;Libellé;Montant;Solde\n13/11/2026;CAFE;-2,50;97,50\n"
	assert only(text).balance == Balance(Decimal("97.50"), date(2026, 11, 13))


@pytest.mark.parametrize(("closing", "mismatches"), [(951, 0), (950, 1)])
def test_days_in_names_are_read_where_the_days_of_a_workbook_need_no_order(closing, mismatches):
	book = openpyxl.Workbook()
	for row in (
		("Solde au 31/10/2026", 1000, None),
		("Date", "Libellé", "Montant"),
		(date(2026, 11, 12), "A", -45),
		(date(2026, 11, 13), "B", -4),
		("Solde au 30/11/2026", None, closing),
	):
		book.active.append(row)
	content = BytesIO()
	book.save(content)
	assert len(only(content.getvalue()).mismatches) == mismatches


def test_a_month_without_a_year_is_not_taken_out_of_a_name():
	assert control("Saldo per 30 november 2026") is Control.CLOSING
	assert control("Saldo november") is None


@pytest.mark.parametrize(
	"name", ["Solde débiteur au 15/11/2026", "Saldo deudor a 15/11/2026", "Saldo debitore al 15/11/2026"]
)
def test_a_balance_whose_name_says_so_is_below_zero(name):
	text = f"Date;Libellé;Montant\n12/11/2026;A;-45,00\n13/11/2026;B;-6,00\n{name};;35,00\n"
	assert only(text).balance == Balance(Decimal("-35.00"), date(2026, 11, 15))


def test_a_minus_before_such_a_balance_is_not_counted_twice():
	text = "Date;Libellé;Montant\n12/11/2026;A;-45,00\n13/11/2026;B;-6,00\nSolde débiteur au 15/11/2026;;-35,00\n"
	assert only(text).balance == Balance(Decimal("-35.00"), date(2026, 11, 15))
