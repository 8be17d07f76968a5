"""Exports that a spreadsheet or a slip of the pen has changed: quoted lines, day numbers, wrong years, missing pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.statements.contract import Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.distant_days import distant_days
from dokos_banksync.statements.registry import read
from dokos_banksync.statements.wrapped_lines import unwrap
from tests.core.build import line


def account(text, currency="EUR"):
	statement = read(text.encode(), ReadingOptions(currency))
	[one] = statement.accounts
	return statement, one


def rows(text, currency="EUR"):
	_, one = account(text, currency)
	return [(str(row.date), str(row.amount), row.description) for row in one.lines]


# -- lines that are one quoted cell ------------------------------------------------------------------------
QUOTED = """\
"Date;Libellé;Montant;Solde"
"02/11/2026;CB ""LIDL"" LYON;-20,15;79,85"
"05/11/2026;""VIR; SEPA"";100,00;179,85"
"""


@pytest.mark.parametrize("tail", ["", ";;;", ",,"])
def test_lines_that_are_quoted_as_a_whole_are_read(tail):
	text = QUOTED.replace('"\n', f'"{tail}\n')
	statement, one = account(text)
	assert [(row.amount, row.description) for row in one.lines] == [
		(Decimal("-20.15"), 'CB "LIDL" LYON'),
		(Decimal("100.00"), "VIR; SEPA"),
	]
	assert one.evidence is Evidence.ROW_BALANCES
	assert any("quoted as a whole" in remark for remark in statement.remarks)


@pytest.mark.parametrize(
	"text",
	['"Date","Label"\n"1","a, b"\n', "Date;Label\n1;a\n", '"a"\n"b"\n', 'Date;Label\n1;"x"\n2;y\n', ""],
)
def test_cells_that_are_quoted_one_by_one_are_left_as_they_are(text):
	assert unwrap(text) is text


# -- day numbers -------------------------------------------------------------------------------------------
def test_the_day_numbers_of_a_spreadsheet_are_days():
	text = "Date,Description,Amount,Balance\n46328,LIDL,-20.15,79.85\n46331.5,SALARY,1000.00,1079.85\n"
	statement, _ = account(text)
	assert rows(text) == [("2026-11-02", "-20.15", "LIDL"), ("2026-11-05", "1000.00", "SALARY")]
	assert "Column Date holds day numbers of a spreadsheet: 46328 was read as 2026-11-02" in statement.remarks


def test_numbers_that_are_no_days_of_these_years_are_not():
	text = "Date,Description,Amount\n46328,LIDL,-20.15\n12345,SALARY,1000.00\n"
	with pytest.raises(Exception, match="No column holds the day"):
		read(text.encode(), ReadingOptions("EUR"))


# -- the latest balance --------------------------------------------------------------------------------------
LATEST = (
	"Letzter Kontostand;;;{0}\nBuchungstag;Verwendungszweck;Betrag;Auftraggeber\n17.11.2026;LOHN;1.000,00;FIRMA\n"
	"03.11.2026;KARTE;-12,50;SHOP\nKontostand;30.11.2026;;{1}\n"
)


@pytest.mark.parametrize(
	("latest", "end", "found"),
	[("1.087,50", "1.087,50", 0), ("100,00", "1.087,50", 0), ("90,00", "1.087,50", 1)],
)
def test_the_latest_balance_is_that_of_the_end_or_of_the_begin(latest, end, found):
	_, one = account(LATEST.format(latest, end))
	assert len(one.mismatches) == found
	assert [str(line.amount) for line in one.lines] == ["1000.00", "-12.50"]


# -- years -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("days", "found"),
	[
		(("2026-11-02", "1996-11-05", "2026-11-06"), ["1996-11-05"]),
		(("2026-11-02", "2062-11-05", "2026-11-06"), ["2062-11-05"]),
		(("2026-11-02", "1926-11-05", "2026-11-06", "2036-11-06"), ["1926-11-05", "2036-11-06"]),
		(("2021-12-01", "2026-11-05", "2026-11-06"), []),
		(("2010-01-01", "2026-11-05"), []),
		(("1999-01-01", "1999-02-01", "1999-03-01", "1999-04-01", *["2026-11-05"] * 9), []),
		((), []),
	],
)
def test_a_day_years_away_from_all_others_is_named(days, found):
	lines = [line(day)._replace(date=date.fromisoformat(day)) for day in days]
	sentences = distant_days(lines)
	assert len(sentences) == len(found)
	assert all(day in sentence for day, sentence in zip(found, sentences, strict=True))


def test_a_slip_of_the_year_is_a_contradiction_that_the_user_confirms():
	_, one = account(
		"Date;Libellé;Montant\n02/11/2026;LIDL;-20,15\n05/11/1996;VIR;100,00\n06/11/2026;X;-1,00\n"
	)
	assert [str(text) for text in one.mismatches] == [
		"The day 1996-11-05 of VIR is more than five years away from all others of the file: check its year"
	]


# -- pages -------------------------------------------------------------------------------------------------
PAGES = """\
Datum;Text;Betrag
01.11.2026;Saldovortrag;100,00
02.11.2026;LIDL;-20,15
;Übertrag;79,85
;Übertrag;{0}
05.11.2026;GEHALT;50,00
;Endsaldo;129,85
"""
FRENCH = """\
Date;Libellé;Débit;Crédit
;Ancien solde;;100,00
02/11/2026;LIDL;20,15;
;A reporter;;79,85
;Report;;{0}
05/11/2026;VIR;;50,00
;Nouveau solde;;129,85
"""


@pytest.mark.parametrize("text", [PAGES, FRENCH])
def test_a_page_opens_with_the_balance_of_the_page_before_it(text):
	_, one = account(text.format("79,85"))
	assert ([row.amount for row in one.lines], one.mismatches) == ([Decimal("-20.15"), Decimal("50.00")], ())
	_, one = account(text.format("69,85"))
	assert [str(found) for found in one.mismatches] == [
		"Row 5: a page closed with 79.85, and the next one opens with 69.85: rows are missing between them"
	]


def test_the_balances_at_the_end_of_a_statement_need_not_be_equal():
	_, one = account(
		"Date;Libellé;Montant\n02/11/2026;LIDL;-20,15\n;Solde comptable;79,85\n;Solde disponible;200,00\n"
	)
	assert one.mismatches == ()


# -- titles ------------------------------------------------------------------------------------------------
def test_a_title_of_two_known_words_is_known():
	assert rows("Date,Memo/Description,Amount\n2026-11-02,POS COUNTDOWN,-5.00\n2026-11-03,IN,9.00\n")[0][
		2
	] == ("POS COUNTDOWN")


def test_a_column_of_texts_under_an_unknown_title_is_the_label_with_a_remark():
	text = "Date,Zzqx,Amount\n2026-11-02,POS COUNTDOWN,-5.00\n2026-11-03,SALARY,9.00\n"
	statement, _ = account(text)
	assert [row[2] for row in rows(text)] == ["POS COUNTDOWN", "SALARY"]
	assert "No title is known for the label: column Zzqx is read as the label" in statement.remarks


# -- MT940 and MT942 that were cut ------------------------------------------------------------------------
REPORT = ":20:R\n:25:DE89370400440532013000\n:28C:1/1\n:34F:EUR0,\n:13D:2611051200+0100\n"


@pytest.mark.parametrize(
	"row", [":61:2611051105C100,", ":61:2611051105C1", ":61:26110", ":61:", ":61:2611051105C100,NT"]
)
def test_an_interim_report_that_ends_in_the_middle_of_a_row_is_cut_off(row):
	_, one = account(REPORT + ":61:2611021102D20,15NTRFNONREF\n:86:LIDL\n" + row)
	assert [line.amount for line in one.lines] == [Decimal("-20.15")]
	assert "The file ends in the middle of this row: download it again" in map(str, one.mismatches)
	assert len(one.refused) == 1


def test_a_row_without_a_type_in_the_middle_of_a_file_is_read():
	_, one = account(REPORT + ":61:2611051105C100,\n:86:VIR\n:61:2611021102D20,15NTRFNONREF\n-\n")
	assert [line.amount for line in one.lines] == [Decimal("100"), Decimal("-20.15")]
	assert one.mismatches == ()


# -- balances of the rows beside what else the file says ---------------------------------------------------
BALANCED = """\
Date;Libellé;Montant;Solde
02/10/2026;CAFE;-3,00;97,00
03/10/2026;VIR;10,00;107,00
04/10/2026;PAIN;-1,00;106,00
"""


@pytest.mark.parametrize(
	("above", "below", "sentences"),
	[
		("Solde initial;;;100,00\n", "Solde final;;;106,00\n", []),
		(
			"",
			"Solde final au 04/10/2026;;150,00;\n",
			["closing balance 150.00, and the balances of its rows end with 106.00"],
		),
		("", "Solde disponible au 30/11/2026;;150,00;\n", []),
		(
			"Solde initial;;;90,00\n",
			"",
			["opening balance 90.00, and the balances of its rows begin with 100.00"],
		),
		(
			"Solde initial;;;90,00\n",
			"Solde final;;;107,00\n",
			["opening balance 90.00", "closing balance 107.00"],
		),
	],
)
def test_rows_whose_balances_follow_must_lead_from_the_opening_to_the_closing_balance(
	above, below, sentences
):
	_, one = account(above + BALANCED + below)
	assert len(one.mismatches) == len(sentences)
	assert all(said in str(found) for said, found in zip(sentences, one.mismatches, strict=True))
	assert (one.evidence is Evidence.ROW_BALANCES) is not bool(sentences)


def test_the_balances_of_pages_among_the_rows_are_not_those_of_the_file():
	pages = "03/10/2026;A REPORTER;;107,00\n03/10/2026;REPORT;;107,00\n04/10/2026;PAIN"
	_, one = account(BALANCED.replace("04/10/2026;PAIN", pages))
	assert (one.mismatches, one.evidence) == ((), Evidence.ROW_BALANCES)


def test_balances_that_follow_against_the_order_of_the_days_prove_nothing():
	"""90 + 10 = 100 and 100 - 3 = 97, but the 10 came two days after the 3: seven are missing in between."""
	_, one = account("Date;Libellé;Montant;Solde\n02/10/2026;CAFE;-3,00;97,00\n04/10/2026;VIR;10,00;100,00\n")
	[mismatch] = one.mismatches
	assert str(mismatch) == "Row 3: the balance is 100.00, the balance before and the amount make 107.00"
	assert (one.evidence, one.balance, one.opening) == (Evidence.NONE, None, None)


@pytest.mark.parametrize("days", [("05", "04", "02"), ("04", "05", "04"), ("04", "02", "05")])
def test_balances_follow_from_the_newest_row_where_the_days_do_or_are_mixed(days):
	texts = zip(days, ("-3,00;103,00", "10,00;106,00", "-4,00;96,00"), strict=True)
	_, one = account("Date;Libellé;Montant;Solde\n" + "".join(f"{d}/10/2026;X;{rest}\n" for d, rest in texts))
	assert (one.mismatches, one.evidence) == ((), Evidence.ROW_BALANCES)
	assert one.balance.amount == Decimal("103.00")


def test_a_contradiction_names_its_row_where_a_pending_row_stands_before_it():
	balances = (93, 95, 97, 100, 102, 104, 106, 108, 110, 112, 114, 116, 118, 120)
	held = "".join(
		f"{14 - place:02}/10/2026;X;-2,00;{one},00;Comptabilisé\n" for place, one in enumerate(balances)
	)
	with pytest.raises(ReadingQuestion, match="first at row 5"):
		account("Date;Libellé;Montant;Solde;Statut\n15/10/2026;P;-9,00;;En attente\n" + held)
