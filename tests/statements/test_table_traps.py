"""Tables with a trap: read right, held with a reason, or asked about; never booked wrongly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import LineState
from dokos_banksync.statements.contract import Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

READ = {
	"purchases in a debit column alone": (
		"EUR",
		"Date;Libellé;Débit\n05/11/2026;BOULANGERIE;4,80\n16/11/2026;LIBRAIRIE;12,00\n",
		[("2026-11-05", "-4.80"), ("2026-11-16", "-12.00")],
	),
	"the amount that the card was billed, not the one of the shop": (
		"EUR",
		"Date,Description,Transaction Amount,Transaction Currency,Billing Amount,Billing Currency\n"
		"2026-11-05,Hotel,-110.00,USD,-101.20,EUR\n2026-11-16,Refund,20.00,EUR,20.00,EUR\n",
		[("2026-11-05", "-101.20"), ("2026-11-16", "20.00")],
	),
	"the amount in the currency of the account, not the original one": (
		"EUR",
		"Date;Libellé;Montant;Devise;Contre-valeur EUR\n05/11/2026;HOTEL;-110,00;USD;-101,20\n"
		"16/11/2026;REMBOURSEMENT;20,00;EUR;20,00\n",
		[("2026-11-05", "-101.20"), ("2026-11-16", "20.00")],
	),
	"marks of the direction of writing before amounts": (
		"EUR",
		"Date;Libellé;Montant\n05/11/2026;BOULANGERIE;\u200e-4,80\n16/11/2026;PAIE;\u200e900,00\n",
		[("2026-11-05", "-4.80"), ("2026-11-16", "900.00")],
	),
	"a currency without decimals": (
		"JPY",
		'Date,Description,Amount\n2026/11/05,Kissaten,-480\n2026/11/16,Salary,"250,000"\n',
		[("2026-11-05", "-480"), ("2026-11-16", "250000")],
	),
	"days without signs, the year last": (
		"EUR",
		"Datum;Text;Betrag\n05112026;Bäcker;-4,80\n16112026;Gehalt;900,00\n",
		[("2026-11-05", "-4.80"), ("2026-11-16", "900.00")],
	),
	"years of two digits of the last century": (
		"EUR",
		"Datum;Text;Betrag\n30.12.98;Bäcker;-4,80\n03.01.99;Gehalt;900,00\n",
		[("1998-12-30", "-4.80"), ("1999-01-03", "900.00")],
	),
	"totals with a day": (
		"EUR",
		"Date;Libellé;Montant\n05/11/2026;BOULANGERIE;-4,80\n05/11/2026;Total du jour;-4,80\n"
		"16/11/2026;TOTAL;-50,00\n30/11/2026;Total des opérations;-54,80\n",
		[("2026-11-05", "-4.80"), ("2026-11-16", "-50.00")],
	),
	"a balance whose letters stand apart": (
		"BRL",
		'"Data","Histórico","Valor",\n"31/10/2026","Saldo Anterior","100.00",\n'
		'"05/11/2026","Compra PADARIA","-4.80",\n"30/11/2026","S A L D O","95.20",\n',
		[("2026-11-05", "-4.80")],
	),
	"pending rows by a column of yes and no": (
		"USD",
		"Date,Description,Amount,Pending\n2026-11-05,Bakery,-4.80,false\n2026-11-16,Hotel,-90.00,true\n",
		[("2026-11-05", "-4.80")],
	),
	"titles in Norwegian": (
		"NOK",
		'"Dato";"Forklaring";"Rentedato";"Ut fra konto";"Inn på konto"\n'
		'"05.11.2026";"Varekjøp Baker";"05.11.2026";"48,00";""\n"16.11.2026";"Lønn";"16.11.2026";"";"9.000,00"\n',
		[("2026-11-05", "-48.00"), ("2026-11-16", "9000.00")],
	),
	"the amount of the account, not that of the operation": (
		"EUR",
		"Date;Libellé;Montant opération;Montant compte\n05/11/2026;HOTEL NY;-14,80;-12,50\n16/11/2026;VIR;900,00;900,00\n",
		[("2026-11-05", "-12.50"), ("2026-11-16", "900.00")],
	),
	"a minus before money out, letters behind money in": (
		"GBP",
		"Date,Description,Amount\n13/11/2026,Bakery,-4.80\n16/11/2026,Client,900.00 CR\n",
		[("2026-11-13", "-4.80"), ("2026-11-16", "900.00")],
	),
	"titles in Finnish": (
		"EUR",
		"Tilinumero\tFI00 0000\n\nKirjauspäivä\tArvopäivä\tMäärä\tSaaja/Maksaja\tTapahtuma\tViesti\n"
		"05.11.2026\t05.11.2026\t-4,80\tLEIPOMO\tKorttiosto\t\n\n16.11.2026\t16.11.2026\t+900,00\tASIAKAS\tPano\tLasku\n",
		[("2026-11-05", "-4.80"), ("2026-11-16", "900.00")],
	),
}
"""By what is special: currency, text, and the booked transactions as days and amounts."""

ASKED = {
	"amounts in pence": ("GBP", "Date,Description,Amount (p)\n2026-11-05,A,-480\n2026-11-16,B,900\n"),
	"a journal of somebody's books": (
		"EUR",
		"Date;Journal;Libellé;Débit;Crédit\n05/11/2026;BQ;CLIENT;900,00;\n16/11/2026;BQ;LOYER;;500,00\n",
	),
	"a journal with letters for the side": (
		"EUR",
		"Belegdatum;Buchungstext;Umsatz;Soll/Haben;BU-Schlüssel\n05.11.2026;KUNDE;900,00;S;\n16.11.2026;MIETE;500,00;H;\n",
	),
	"amounts in centimes of a franc": (
		"CHF",
		"Datum;Text;Betrag (Rp.)\n05.11.2026;A;-480\n16.11.2026;B;900\n",
	),
	"amounts in cents": ("EUR", "Date;Libellé;Montant (centimes)\n05/11/2026;A;-480\n16/11/2026;B;900\n"),
	"amounts in thousands": ("EUR", "Date;Libellé;Montant (k€)\n05/11/2026;A;-4,80\n16/11/2026;B;9,00\n"),
	"what was reversed, or its reversal": (
		"USD",
		"Date,Description,Amount,Reversed\n2026-11-05,A,-4.80,No\n2026-11-16,B,-9.00,Yes\n",
	),
	"a column Storno": ("EUR", "Datum;Text;Betrag;Storno\n05.11.2026;A;-4,80;\n16.11.2026;B;-9,00;x\n"),
	"a plus before some amounts, and no sign before the others": (
		"CHF",
		"Datum;Text;Betrag\n05.11.2026;A;4,80\n16.11.2026;B;+900,00\n",
	),
	"what is not cleared in somebody's books": (
		"USD",
		"Date,Description,Amount,Cleared\n2026-11-05,A,-4.80,Y\n2026-11-16,B,-9.00,N\n",
	),
	"words for a side that contradict the signs": (
		"EUR",
		"Date;Libellé;Montant;Type\n05/11/2026;A;-4,80;Crédit\n16/11/2026;B;9,00;Débit\n",
	),
	"a heading of pending rows in an inflected form": (
		"EUR",
		"Datum;Text;Betrag\n05.11.2026;Bäcker;-4,80\nVorgemerkte Umsätze\n16.11.2026;Hotel;-90,00\n",
	),
	"a card that writes purchases without a minus, as few of them as payments": (
		"BRL",
		"date,title,amount\n2026-11-05,Padaria,4.80\n2026-11-16,Pagamento recebido,-90.00\n",
	),
}


@pytest.mark.parametrize(("currency", "text", "expected"), READ.values(), ids=READ.keys())
def test_a_table_is_read_right(currency, text, expected):
	[account] = read(text.encode(), ReadingOptions(currency)).accounts
	booked = [(str(x.date), x.amount, x.currency) for x in account.lines if x.state is LineState.BOOKED]
	assert booked == [(day, Decimal(amount), currency) for day, amount in expected]
	assert not account.refused


@pytest.mark.parametrize(("currency", "text"), ASKED.values(), ids=ASKED.keys())
def test_a_table_that_could_mean_two_things_is_asked_about(currency, text):
	with pytest.raises(ReadingQuestion):
		read(text.encode(), ReadingOptions(currency))


@pytest.mark.parametrize(("day", "asked"), [("30/02/2027", False), ("27/02/2027", True)])
def test_a_row_that_is_rejected_for_its_day_says_nothing_about_the_signs(day, asked):
	text = f"Date;Libellé;Montant\n28/02/2028;VIR;10,00\n{day};VIR;20,00\n31/12/2026;FRAIS;-1,00\n".encode()
	if asked:
		with pytest.raises(ReadingQuestion, match="--sign normal"):
			read(text, ReadingOptions("EUR"))
		return
	[account] = read(text, ReadingOptions("EUR")).accounts
	assert ([str(line.amount) for line in account.lines], len(account.refused)) == (["10.00", "-1.00"], 1)


JOURNAL = (
	"Date;Journal;Libellé;Débit;Crédit{0}\n05/11/2026;BQ;CLIENT;900,00;{1}\n16/11/2026;BQ;LOYER;;500,00{2}\n"
)


@pytest.mark.parametrize(
	("sign", "expected"), [("normal", ["-900.00", "500.00"]), ("reversed", ["900.00", "-500.00"])]
)
def test_the_user_says_what_the_debits_of_a_journal_are(sign, expected):
	text = JOURNAL.format("", "", "").encode()
	[account] = read(text, ReadingOptions("EUR", sign=sign)).accounts
	assert [str(line.amount) for line in account.lines] == expected


def test_balances_refuse_the_wrong_answer_about_a_journal():
	text = JOURNAL.format(";Solde", ";1000,00", ";500,00").encode()
	with pytest.raises(ReadingQuestion, match="The balances do not follow"):
		read(text, ReadingOptions("EUR", sign="normal"))
	[account] = read(text, ReadingOptions("EUR", sign="reversed")).accounts
	assert [str(line.amount) for line in account.lines] == ["900.00", "-500.00"]
	assert account.evidence is Evidence.ROW_BALANCES


def test_an_amount_is_rejected_whose_side_neither_a_minus_nor_letters_say():
	text = b"Date,Description,Amount\n13/11/2026,A,(4.80)\n16/11/2026,B,900.00\n17/11/2026,C,5.00CR\n"
	[account] = read(text, ReadingOptions("GBP")).accounts
	assert [str(line.amount) for line in account.lines] == ["5.00"]
	assert [row.row for row in account.refused] == [2, 3]


@pytest.mark.parametrize("answer", [{"state": "-"}])
def test_a_column_of_yes_and_no_is_left_out_when_the_user_says_so(answer):
	currency, text = ASKED["what is not cleared in somebody's books"]
	[account] = read(text.encode(), ReadingOptions(currency, columns=answer)).accounts
	assert [line.amount for line in account.lines] == [Decimal("-4.80"), Decimal("-9.00")]


def test_a_title_with_the_euro_sign_is_known_in_its_own_code_page():
	text = "Date;Libellé;Montant en €\n05/11/2026;ŒUVRES;-4,80\n16/11/2026;ÉTÉ;9,00\n"
	[account] = read(text.encode("iso8859-15"), ReadingOptions("EUR")).accounts
	assert [(line.amount, line.description) for line in account.lines] == [
		(Decimal("-4.80"), "ŒUVRES"),
		(Decimal("9.00"), "ÉTÉ"),
	]


def test_zeros_that_pad_the_end_of_a_file_are_no_text():
	content = b"Datum;Text;Betrag\n05.11.2026;Baecker;-4,80\n16.11.2026;Gehalt;900,00\n" + bytes(64)
	[account] = read(content, ReadingOptions("EUR")).accounts
	assert len(account.lines) == 2


@pytest.mark.parametrize(
	("heading", "numbers"),
	[
		("Compte : {0}", ("00012345678", "00087654321")),
		("{0}", ("FR7630006000011234567890189", "DE02120300000000202051")),
	],
)
def test_headings_among_the_rows_say_whose_account_they_are_of(heading, numbers):
	first, second = (heading.format(number) for number in numbers)
	text = (
		f"Date;Libellé;Montant\n{first}\n05/11/2026;BOULANGERIE;-4,80\n"
		f"{second}\n05/11/2026;LIBRAIRIE;-12,00\n16/11/2026;PAIE;900,00\n"
	)
	accounts = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [(a.number, [line.amount for line in a.lines]) for a in accounts] == [
		(numbers[0], [Decimal("-4.80")]),
		(numbers[1], [Decimal("-12.00"), Decimal("900.00")]),
	]


ROWS = "Date;Libellé;Débit;Crédit;Devise\n05/11/2026;A;4,80;;EUR\n16/11/2026;B;;900,00;EUR\n17/11/2026;C;650,00;;EUR\n"
LAST = "Date;Libellé;Montant\n05/11/2026;A;-4,80\n16/11/2026;B;900,00\n17/11/2026;C;-650,00\n"
QUOTED = '"Date";"Libellé";"Montant"\n"05/11/2026";"A";"-4,80"\n"16/11/2026";"B";"900,00"\n"17/11/2026";"C";"-650,00"\n'


@pytest.mark.parametrize(
	"text",
	[ROWS[:-6], ROWS[:-8], ROWS[:-10], LAST[:-2], LAST[:-4], QUOTED[:-3], QUOTED[:-6]],
)
def test_a_file_that_ends_in_the_middle_of_a_row_is_not_taken(text):
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert any("cut off" in str(mismatch) for mismatch in account.mismatches)


@pytest.mark.parametrize("text", [ROWS, ROWS[:-1], LAST, LAST[:-1], QUOTED[:-1]])
def test_a_whole_last_row_needs_no_line_break(text):
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert (len(account.lines), account.mismatches) == (3, ())


def test_a_table_of_nothing_but_a_heading_holds_no_transaction():
	with pytest.raises(InvalidData, match="no transaction"):
		read(b"Date;Montant\n", ReadingOptions("EUR"))


TWO = "Date;Libellé;Montant;Solde\n05/11/2026;BOULANGERIE;-4,80;95,20\n16/11/2026;PAIE;900,00;995,20\n"
THREE = f"{TWO}17/11/2026;LIBRAIRIE;-12,00;983,20\n"


@pytest.mark.parametrize(
	("text", "booked"),
	[
		(TWO.replace("95,20\n16", "95,2016"), []),
		(THREE.replace("95,20\n16", "95,2016"), ["-12.00"]),
		(THREE.replace("995,20\n17", "995,2017"), ["-4.80"]),
		(THREE.replace("BOULANGERIE;", "BOULANGERIE"), ["900.00", "-12.00"]),
		(THREE.replace("PAIE;", "PAIE"), ["-4.80", "-12.00"]),
		(f"{THREE}Report;983,2018/11/2026;CAFE;-1,00;982,20\n", ["-4.80", "900.00", "-12.00"]),
	],
)
def test_a_row_that_lost_a_line_break_or_a_delimiter_is_refused(text, booked):
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [line.amount for line in account.lines] == [Decimal(amount) for amount in booked]
	assert [row.reason for row in account.refused if "cells than there are columns" in str(row.reason)]


def test_a_row_that_lost_its_line_break_in_a_table_without_titles_is_refused():
	rows = [f"1{n}/11/2026;B{n};-1,00;{99 - n},00\n" for n in range(1, 7)]
	text = "".join(rows).replace("97,00\n13", "97,0013")
	[account] = read(
		text.encode(), ReadingOptions("EUR", columns={"date": "1", "label": "2", "amount": "3"})
	).accounts
	assert ([line.description for line in account.lines], len(account.refused)) == (
		["B1", "B4", "B5", "B6"],
		1,
	)


def test_the_amounts_of_a_swallowed_row_do_not_hide_in_columns_of_text():
	titles = "Konto;Bank;Datum;Text;Betrag;Saldo;Notiz;Marke;Mandat\n"
	text = f"{titles}A1;B;05.11.2026;X;-4,80;95,20;;;A1;B;16.11.2026;Y;900,00;995,20;;;\n"
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert (account.lines, len(account.refused)) == ((), 1)


def test_a_row_above_the_titles_is_one_of_the_table():
	titles, first, *rest = THREE.splitlines(keepends=True)
	[account] = read("".join([first, titles, *rest]).encode(), ReadingOptions("EUR")).accounts
	assert [line.amount for line in account.lines] == [Decimal("-4.80"), Decimal("900.00"), Decimal("-12.00")]


def test_a_damaged_first_row_without_titles_is_refused_and_not_taken_for_a_heading():
	rows = ["1/2026;A;-1,00;99,00\n", *(f"1{n}/11/2026;B{n};-1,00;{99 - n},00\n" for n in range(1, 6))]
	[account] = read(
		"".join(rows).encode(), ReadingOptions("EUR", columns={"date": "1", "label": "2", "amount": "3"})
	).accounts
	assert len(account.lines) == 5
	assert [row.row for row in account.refused] == [1]


def test_a_kind_that_is_a_state_is_pending_where_no_column_holds_states():
	text = "Date,Description,Type,Amount\n2026-11-13,SHOP,HOLD,-80.00\n2026-11-14,PAY,ACH,900.00\n"
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [line.state for line in account.lines] == [LineState.PENDING, LineState.BOOKED]
	[account] = read(text.replace("HOLD", "HOLDINGS FEE").encode(), ReadingOptions("EUR")).accounts
	assert [line.state for line in account.lines] == [LineState.BOOKED] * 2


def test_a_void_transaction_of_a_bookkeeping_program_is_rejected():
	text = "Date,Payee,Amount\n2026-11-13,**VOID** SHOP,-80.00\n2026-11-14,**PAY**,900.00\n"
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [line.description for line in account.lines] == ["**PAY**"]
	assert "void" in str(account.refused[0].reason)


@pytest.mark.parametrize("kind", ["Scheduled", "Prévu", "Programado", "Authorised"])
def test_a_kind_of_booked_rows_is_not_pending(kind):
	"""A pending row is not imported, and nothing asks about it: the word must mean nothing else."""
	text = f"Date,Description,Type,Amount\n2026-11-13,RENT,{kind},-80.00\n2026-11-14,PAY,ACH,900.00\n"
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [line.state for line in account.lines] == [LineState.BOOKED] * 2


def test_labels_that_agree_and_contradict_as_often_leave_the_sign_open():
	text = "Data;Lançamento;Tipo;Valor\n13/11/2026;PADARIA;Compra;R$ 45,90\n15/11/2026;NET;Pagamento;-R$ 1.045,90\n"
	with pytest.raises(ReadingQuestion, match="--sign normal"):
		read(text.encode(), ReadingOptions("BRL"))
	more = "16/11/2026;LUZ;Pagamento;-R$ 50,00\n"
	[account] = read((text + more).encode(), ReadingOptions("BRL")).accounts
	assert [str(line.amount) for line in account.lines] == ["45.90", "-1045.90", "-50.00"]


def test_a_state_beside_a_city_is_a_part_of_an_address():
	text = "Date,Amount,Description,City,State\n2026-07-24,-12.00,Cafe,Portland,OR\n2026-07-25,100.00,Pay,Reno,NV\n"
	[account] = read(text.encode(), ReadingOptions("USD")).accounts
	assert [str(line.amount) for line in account.lines] == ["-12.00", "100.00"]
	with pytest.raises(ReadingQuestion, match="state OR"):
		read(text.replace("City", "Note").encode(), ReadingOptions("USD"))


def test_a_time_may_follow_a_slash():
	text = "Date,Amount,Payee\n13-11-2026 / 10:11,-12.00,Shop\n12-11-2026 / 23:59,3.00,Acme\n"
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [str(line.date) for line in account.lines] == ["2026-11-13", "2026-11-12"]


@pytest.mark.parametrize(
	"label",
	[
		*(
			"PAGO RECIBIDO",
			"PAGAMENTO RICEVUTO",
			"UW BETALING BEDANKT",
			"VOTRE REGLEMENT MERCI",
			"ZAHLUNG VIELEN DANK",
		),
		*("PAYMENT - THANK YOU", "PAGAMENTO RECEBIDO", "INBETALNING TACK", "SPŁATA KARTY", "MAKSU KIITOS"),
	],
)
def test_the_payment_of_a_card_below_zero_is_asked_about_in_each_language(label):
	text = f"Datum;Text;Betrag\n13.11.2026;X;12,50\n15.11.2026;{label};-100,00\n"
	with pytest.raises(ReadingQuestion, match="--sign normal"):
		read(text.encode(), ReadingOptions("EUR"))
	[account] = read(
		text.replace("12,50", "-12,50").replace("-100", "100").encode(), ReadingOptions("EUR")
	).accounts
	assert [str(line.amount) for line in account.lines] == ["-12.50", "100.00"]


def test_brackets_that_say_net_or_gross_say_more_than_the_word_before_them():
	text = (
		"Datum;Typ;Betrag (brutto);Gebühr;Auszahlung (netto)\n13.11.2026;Verkauf;100,00;1,75;98,25\n"
		"15.11.2026;Erstattung;-10,00;0,00;-10,00\n16.11.2026;Verkauf;50,00;1,00;49,00\n"
	)
	with pytest.raises(ReadingQuestion, match="--sign normal"):
		read(text.encode(), ReadingOptions("EUR"))
	[account] = read(text.encode(), ReadingOptions("EUR", sign="normal")).accounts
	assert [str(line.amount) for line in account.lines] == ["98.25", "-10.00", "49.00"]
