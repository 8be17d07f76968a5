"""Tables: what is left open is asked, an answer is followed, and any dialect gives the same rows."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import tabular
from dokos_banksync.statements.amounts import money
from dokos_banksync.statements.contract import Balance, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.grid import as_json
from dokos_banksync.statements.registry import read, table
from tests.effort import growth, hang_guard


def one(content, **options):
	"""The only account of a table."""
	if isinstance(content, str):
		content = content.encode()
	[account] = read(content, ReadingOptions("EUR", **{"sign": "normal", **options})).accounts
	return account


def rows_of(account):
	return [(str(line.date), str(line.amount), line.description) for line in account.lines]


# -- what nobody can know ------------------------------------------------------------------------------
OPEN_DAYS = "Date,Description,Amount\n02/11/2026,A,1.5\n03/11/2026,B,2.5\n"
OPEN_MARK = "Date,Description,Amount\n2026-11-02,A,1.234\n"


def test_a_day_that_may_be_a_month_is_asked_for():
	with pytest.raises(InvalidData, match="--date-format"):
		one(OPEN_DAYS)
	assert [str(line.date) for line in one(OPEN_DAYS, dates="DMY").lines] == ["2026-11-02", "2026-11-03"]
	assert [str(line.date) for line in one(OPEN_DAYS, dates="MDY").lines] == ["2026-02-11", "2026-03-11"]


def test_a_mark_that_may_be_of_thousands_is_asked_for():
	with pytest.raises(InvalidData, match="--decimal"):
		one(OPEN_MARK)
	assert one(OPEN_MARK, decimal=".").lines[0].amount == Decimal("1.234")
	assert one(OPEN_MARK, decimal=",").lines[0].amount == 1234


SIDES = "Date,Description,Amount,Type\n2026-02-13,A,10.00,D\n2026-02-14,B,20.00,C\n2026-02-15,C,-5.00,D\n"


def test_a_column_of_sides_that_contradicts_the_signs_is_asked_about():
	with pytest.raises(ReadingQuestion, match="Row 2: column Type says D, and the amount is 10") as asked:
		one(SIDES)
	assert list(asked.value.choices) == [{"direction": "4"}, {"direction": "-"}]
	by_sign = [("2026-02-13", "10.00", "A"), ("2026-02-14", "20.00", "B"), ("2026-02-15", "-5.00", "C")]
	assert rows_of(one(SIDES, columns={"direction": "-"})) == by_sign
	by_column = one(SIDES, columns={"direction": "4"})
	assert rows_of(by_column) == [("2026-02-13", "-10.00", "A"), ("2026-02-14", "20.00", "B")]
	assert [refused.row for refused in by_column.refused] == [4]


def test_a_column_of_sides_that_agrees_or_whose_signs_the_balances_prove_is_not_asked_about():
	agreeing = SIDES.replace("A,10.00", "A,-10.00")
	assert [str(line.amount) for line in one(agreeing).lines] == ["-10.00", "20.00", "-5.00"]
	# A refund to a debit card: the type is the kind of card, and the balances prove the signs.
	proven = "Date,Description,Amount,Type,Balance\n2026-02-13,A,10.00,D,110\n2026-02-14,B,-20.00,D,90\n"
	assert [str(line.amount) for line in one(proven).lines] == ["10.00", "-20.00"]


def test_titles_in_french_or_german_put_the_day_first():
	assert rows_of(one("Date;Libellé;Montant\n02/11/2026;A;1,5\n")) == [("2026-11-02", "1.5", "A")]
	assert rows_of(one("Buchungstag;Text;Betrag\n02/11/2026;A;1,5\n")) == [("2026-11-02", "1.5", "A")]


@pytest.mark.parametrize(
	("options", "reason"),
	[
		({"columns": {"colour": "1"}}, "not the meaning of a column"),
		({"columns": {"amount": "9"}}, "no column 9"),
		({"columns": {"amount": "Solde"}}, "no column Solde"),
		({"dates": "XYZ"}, "not an order of a date"),
		({"decimal": ";"}, "not a decimal mark"),
	],
)
def test_an_option_that_cannot_be_followed_says_why(options, reason):
	with pytest.raises(InvalidData, match=reason):
		one(OPEN_DAYS, **options)


@pytest.mark.parametrize(
	("content", "reason"),
	[
		(b" \n", "empty"),
		(b"just words\nand more\n", "not a statement of a known format"),
		(b"a;b;c\nd;e;f\n", "no row of titles"),
		(b"Date;Montant\n", "no transaction"),
		(b"\x89PNG\0\0", "an image"),
		(b"\xd0\xcf\x11\xe0rest", "file is damaged"),
		(b"PK\x03\x04 cut off", "not a workbook"),
		(b"OFXHEADER:100\nDATA:OFXSGML\n", "ends before its data"),
		(b"<OFX><BANKMSGSRSV1><STMTTRNRS>", "is cut off"),
		(b"<OFX><BANKMSGSRSV1></BANKMSGSRSV1>lost</OFX>", "no statement"),
		(b"<OFX><SIGNONMSGSRSV1></SIGNONMSGSRSV1></OFX>", "no statement"),
	],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content, reason):
	with pytest.raises(InvalidData, match=reason):
		one(content)


# -- what a user says --------------------------------------------------------------------------------
def test_columns_by_title_and_by_number():
	table = "Quand;Quoi;Combien\n13/11/2026;A;1,5\n"
	with pytest.raises(InvalidData):
		one(table)
	by_title = {"date": "quand", "label": "Quoi", "amount": "COMBIEN"}
	assert rows_of(one(table, columns=by_title)) == [("2026-11-13", "1.5", "A")]
	by_number = {"date": "1", "label": "2", "amount": "3"}
	assert rows_of(one("13/11/2026;A;1,5\n", columns=by_number)) == [("2026-11-13", "1.5", "A")]


def test_what_was_answered_once_is_remembered_for_tables_with_that_header():
	kept = {}
	days = "Day;What;How much\n02/11/2026;A;1.234\n"
	columns = {"date": "Day", "label": "What", "amount": "How much"}
	first = read(days.encode(), ReadingOptions("EUR", columns, "DMY", ",", sign="normal"))
	kept[first.signature] = first.mapping
	again = read(days.replace("A", "B").encode(), ReadingOptions("EUR", recall=lambda s: kept.get(s, {})))
	assert rows_of(again.accounts[0]) == [("2026-11-02", "1234", "B")]
	proved = days.replace("02/11", "11/13")
	other = read(proved.encode(), ReadingOptions("EUR", recall=lambda s: kept.get(s, {})))
	assert rows_of(other.accounts[0])[0][0] == "2026-11-13"


def test_ids_are_made_of_the_row_and_not_of_how_it_is_understood():
	ids = [[line.remote_id for line in one(OPEN_DAYS, dates=order).lines] for order in ("DMY", "MDY")]
	assert ids[0] == ids[1]


def test_an_id_of_the_bank_counts_once():
	table = "id,date,label,amount\n7,2026-11-02,A,1\n7,2026-11-03,B,2\n8,2026-11-03,C,3\n"
	first, second, third = (line.remote_id for line in one(table).lines)
	assert (first, third) == ("7", "8")
	assert second not in ("7", "8")


@pytest.mark.parametrize("minus", ["", "-"])
def test_debits_with_or_without_a_minus(minus):
	table = f"Date;Libellé;Débit;Crédit\n13/11/2026;A;{minus}3,20;\n14/11/2026;B;{minus}5,00;\n15/11/2026;C;;7,00\n"
	assert [str(line.amount) for line in one(table).lines] == ["-3.20", "-5.00", "7.00"]


def test_a_balance_is_that_of_the_latest_row_or_none():
	head = "date,label,amount,balance\n"
	up, down = "2026-11-02,A,1,11\n", "2026-11-03,B,2,13\n"
	assert (
		one(head + up + down).balance
		== one(head + down + up).balance
		== Balance(Decimal(13), date(2026, 11, 3))
	)
	assert one(head + up + up.replace("A", "C")).balance is None
	assert one(head + up + "2026-11-03,B,x,13\n").balance is None


def test_the_other_sides_account_is_not_taken_for_ones_own():
	head = "date,payee,account number,amount\n"
	statement = read(f"{head}2026-11-02,A,,-1\n2026-11-03,B,FR76300,2\n".encode(), ReadingOptions("EUR"))
	assert [account.number for account in statement.accounts] == [""]
	assert "account" not in statement.mapping
	many = "".join(f"2026-11-0{n},P{n},FR{n},1\n" for n in range(1, 8))
	assert one(head + many).number == ""
	few = read((head + many[: len(many) // 7 * 2]).encode(), ReadingOptions("EUR", sign="normal"))
	assert [account.number for account in few.accounts] == ["FR1", "FR2"]


def test_a_table_without_titles_is_asked_about_with_a_likely_mapping():
	rows = (
		"13/11/2026;-9,99;Carte;;CB SHOP 01/11;;0;Divers\n14/11/2026;12,00;Virement;;VIR MARTIN;;0;Divers\n"
	)
	with pytest.raises(ReadingQuestion, match="--column date=1 --column label=5 --column amount=2") as asked:
		one(rows)
	assert asked.value.suggested == {"date": "#1", "label": "#5", "amount": "#2"}
	assert asked.value.columns[1] == ["", "-9,99", "12,00"]
	columns = {"date": "1", "label": "5", "amount": "2"}
	assert rows_of(one(rows, columns=columns)) == [
		("2026-11-13", "-9.99", "CB SHOP 01/11"),
		("2026-11-14", "12.00", "VIR MARTIN"),
	]


def test_a_label_over_two_lines_keeps_its_row_number():
	account = one('Date;Libellé;Montant\n13/11/2026;"A\nB";1,00\n14/11/2026;C;x\n')
	assert rows_of(account)[0][2] == "A B"
	assert account.refused[0].row == 4


# -- spreadsheets --------------------------------------------------------------------------------------
def workbook(*rows):
	book = Workbook()
	book.active.title = "Vide"
	sheet = book.create_sheet("Relevé")
	for row in rows:
		sheet.append(row)
	file = io.BytesIO()
	book.save(file)
	return file.getvalue()


HALF_CONVERTED = (
	["Date", "Libellé", "Montant"],
	[date(2026, 3, 10), "A", -1],
	["13/10/2026", "B", -2],
	[date(2026, 5, 10), "C", -3],
)
"""The bank's days are 3, 13 and 5 October; a spreadsheet of the United States made dates of two of them."""


def test_days_that_a_spreadsheet_converted_in_part_are_asked_about():
	with pytest.raises(ReadingQuestion, match="--date-format DMY if the dates are right"):
		one(workbook(*HALF_CONVERTED))
	assert [str(line.date) for line in one(workbook(*HALF_CONVERTED), dates="DMY").lines] == [
		*("2026-03-10", "2026-10-13", "2026-05-10")
	]


def test_a_date_after_the_12th_beside_texts_was_converted_by_none():
	rows = (*HALF_CONVERTED, [date(2026, 10, 14), "D", -4])
	assert str(one(workbook(*rows)).lines[0].date) == "2026-03-10"


def test_a_workbook_knows_its_days_and_numbers():
	content = workbook(
		["Relevé de compte"],
		[],
		["Date", "Libellé", "Montant", "Solde"],
		[datetime(2026, 11, 2), "CB CAFE", -3.2, 96.8],  # noqa: DTZ001 - a spreadsheet has no zones
		[date(2026, 11, 3), "SOMME", 0.1 + 0.2, 97.1],
		["04/11/2026", "TEXTE", "1 234,50", 1331.6],
		["05/11/2026", "RIEN", True, None],
	)
	statement = read(content, ReadingOptions("EUR"))
	[account] = statement.accounts
	assert (statement.format, statement.mapping["sheet"]) == ("XLSX", "Relevé")
	assert rows_of(account) == [
		("2026-11-02", "-3.2", "CB CAFE"),
		("2026-11-03", "0.3", "SOMME"),
		("2026-11-04", "1234.50", "TEXTE"),
	]
	assert [(r.row, r.reason) for r in account.refused] == [(7, "True is not an amount")]


def test_days_that_a_workbook_stores_as_numbers_are_read():
	content = workbook(
		["Buchungstag", "Verwendungszweck", "Betrag"], [20261103, "MIETE", -12.5], [20261117, "LOHN", 1000]
	)
	assert [str(line.date) for line in one(content).lines] == ["2026-11-03", "2026-11-17"]


def test_numbers_that_are_no_days_are_not_read_as_such():
	content = workbook(
		["Buchungstag", "Text", "Betrag"], [20261303, "MIETE", -12.5], [20261117, "LOHN", 1000]
	)
	with pytest.raises(ReadingQuestion, match="No column holds the day"):
		one(content)


def sheet(*rows, end="</sheetData></worksheet>"):
	"""A workbook whose sheet is written by hand, with what no program would write."""
	plain, made = io.BytesIO(workbook(["x"])), io.BytesIO()
	begin = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
	with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
		for name in old.namelist():
			own = name.endswith("sheet2.xml")
			new.writestr(name, begin + "".join(rows) + end if own else old.read(name))
	return made.getvalue()


def row(number, **cells):
	cell_texts = [
		f'<c r="{at}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in cells.items()
	]
	return f'<row r="{number}">{"".join(cell_texts)}</row>'


TITLES, FIRST = row(1, A="Date", B="Libellé", C="Montant"), row(2, A="13/11/2026", B="CAFE", C="-3,20")
INFINITE = '<row r="3"><c r="A3" t="inlineStr"><is><t>14/11/2026</t></is></c><c r="C3"><v>1e999</v></c></row>'


def test_a_cell_at_the_far_end_of_a_sheet_is_refused_before_memory_is_taken():
	content = sheet(TITLES, FIRST, row(1_048_576, XFD="end"))
	with hang_guard(), pytest.raises(InvalidData, match="too large"):
		one(content)


def test_rows_that_are_all_as_wide_as_a_sheet_can_be_are_refused():
	with pytest.raises(InvalidData, match="too large"):
		one(sheet(TITLES, *(row(number, XFD="x") for number in range(2, 400))))


def test_a_number_without_end_is_no_amount():
	account = one(sheet(TITLES, FIRST, INFINITE))
	assert len(account.lines) == len(account.refused) == 1


@pytest.mark.parametrize(
	"damage",
	[
		lambda _: sheet(TITLES, end=""),
		lambda _: sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
		lambda content: locked(content, 8, 1),
		lambda content: locked(content, 10, 99),
		lambda content: content.replace(b"xl/workbook.xml", b"xl/workbook.xxx"),
	],
	ids=["cut off", "a text that is not there", "with a password", "packed otherwise", "without its book"],
)
def test_a_damaged_workbook_is_reported_to_be_one(damage):
	content = damage(sheet(TITLES, FIRST))
	with pytest.raises(InvalidData, match=r"not a workbook|holds no"):
		read(content, ReadingOptions("EUR"))
	assert table(content) == []


def locked(content, place, value):
	"""Every part of an archive with another value at a place of its entry in the list of contents."""
	changed, at = bytearray(content), content.find(b"PK\x01\x02")
	while at >= 0:
		changed[at + place] = value
		at = content.find(b"PK\x01\x02", at + 4)
	return bytes(changed)


def test_a_table_of_very_many_columns_is_refused_at_once():
	wide = ";".join(["a"] * 60_000) + "\n" + ";".join(["1"] * 60_000)
	with pytest.raises(InvalidData, match="more than 200 columns"):
		one(wide)
	assert table(wide.encode()) == []


def test_an_empty_workbook_says_so():
	with pytest.raises(InvalidData, match="holds no row"):
		read(workbook(), ReadingOptions())


# -- any dialect ---------------------------------------------------------------------------------------
LABELS = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=25).map(
	lambda t: " ".join(f"x {t}".split())
)
ROWS = st.lists(
	st.tuples(
		st.dates(date(2001, 1, 1), date(2068, 12, 31)),
		st.decimals(-99_999, 9_999_999, places=2),
		LABELS,
	),
	min_size=1,
	max_size=15,
)


def printed(amount, mark, thousands, minus):
	text = f"{abs(amount):,.2f}".replace(",", "\0").replace(".", mark).replace("\0", thousands)
	if not amount.is_signed():
		return text
	return {"before": f"-{text}", "behind": f"{text}-", "around": f"({text})"}[minus]


@settings(max_examples=150, deadline=None)
@given(
	rows=ROWS,
	delimiter=st.sampled_from(";,\t|"),
	encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
	mark=st.sampled_from([(",", " "), (",", "."), (",", "\u202f"), (".", ","), (".", "'"), (".", "")]),
	minus=st.sampled_from(["before", "behind", "around"]),
	days=st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y%m%d"]),
	preamble=st.integers(0, 4),
	two_columns=st.booleans(),
)
def test_rows_come_back_from_any_dialect(rows, delimiter, encoding, mark, minus, days, preamble, two_columns):
	file = io.StringIO()
	writer = csv.writer(file, delimiter=delimiter)
	writer.writerows([["Relevé"]] * preamble)
	writer.writerow(["Date", "Libellé", *(["Débit", "Crédit"] if two_columns else ["Montant"])])
	kept = [(day, value, label) for day, value, label in rows if value or not two_columns]
	for day, value, label in kept:
		text = printed(value, *mark, minus)
		cells = ["" if value > 0 else text, text if value > 0 else ""] if two_columns else [text]
		writer.writerow([day.strftime(days), label, *cells])
	if not kept:
		return
	account = one(file.getvalue().encode(encoding))
	assert account.refused == ()
	assert [(line.date, line.amount, line.description) for line in account.lines] == [
		one for one in kept if one[1]
	]
	assert len({line.remote_id for line in account.lines}) == len(account.lines)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
	table, ofx = b"Date;Libell\xe9;Montant\n", b"<OFX><STMTRS><STMTTRN><FITID>1"
	for start, end in ((b"", b""), (b"PK\x03\x04", b""), (table, b""), (ofx, b"</STMTTRN></STMTRS></OFX>")):
		with suppress(InvalidData):
			read(start + content + end, ReadingOptions("EUR"))


def test_statements_inside_statements_are_read_in_linear_effort():
	"""Each of them was read with all that stands in it."""

	def nested(depth):
		def work():
			with pytest.raises(InvalidData, match="no transaction"):
				read(b"<OFX>" + b"<STMTRS>" * depth + b"</OFX>", ReadingOptions("EUR"))

		return work

	nested(30_000)()
	assert growth(nested, 1000, times=4) < 5


# -- work ----------------------------------------------------------------------------------------------
def test_rows_as_wide_as_the_titles_are_tested_for_a_day_and_an_amount_in_a_sample_only(monkeypatch):
	tested = []
	whole = tabular.is_dated_money
	monkeypatch.setattr(tabular, "is_dated_money", lambda row: tested.append(row) or whole(row))
	rows = "".join(f"2026-11-{1 + n % 28:02},SHOP {n},-{n}.50\n" for n in range(1, 3001))
	assert len(one("Date,Description,Amount\n" + rows).lines) == 3000
	assert len(tested) < 600


@pytest.mark.parametrize(
	("text", "value"), [("12,50 leiCR", "12.50"), ("12,50 SFr.", "12.50"), ("kr 12,50 DR", "12.50")]
)
def test_letters_beside_an_amount_do_not_make_it_a_word(text, value):
	assert money(text, ",").value == Decimal(value)


@given(st.lists(st.text()), st.integers(1))
def test_a_row_is_kept_as_json_text_that_reads_as_the_row(texts, number):
	assert json.loads(as_json(number, texts)) == {"row": number, "cells": texts}


def test_a_row_is_kept_in_the_text_that_earlier_imports_stored():
	assert (
		as_json(3, ['Café "Bar"', "1\t2", "é\\"])
		== '{"row": 3, "cells": ["Café \\"Bar\\"", "1\\t2", "é\\\\"]}'
	)
