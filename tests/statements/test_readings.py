"""A reading is proven by the file, or asked about: never a wrong amount, day or sign in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read


def one(content, currency="EUR", **options):
	"""The only account of a table."""
	content = content.encode() if isinstance(content, str) else content
	[account] = read(content, ReadingOptions(currency, **options)).accounts
	return account


def amounts(account):
	return [str(line.amount) for line in account.lines]


def question(content, **options):
	with pytest.raises(ReadingQuestion) as raised:
		one(content, **options)
	return raised.value


# -- signs ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("title", "out", "in_"),
	[
		("Soll/Haben", "S", "H"),
		("", "S", "H"),
		("D/C", "D", "C"),
		("Cr/Dr", "Dr", "Cr"),
		("Direction", "OUT", "IN"),
		("Af Bij", "Af", "Bij"),
		("Debit/Kredit", "Belastung", "Gutschrift"),
		("Sens", "Débit", "Crédit"),
		("Cargo/Abono", "Cargo", "Abono"),
		("Dare/Avere", "Dare", "Avere"),
		("Segno", "-", "+"),
		("Wn/Ma", "Wn", "Ma"),
		("Débito/Crédito", "Débito", "Crédito"),
		("Debet/Kredit", "Uttag", "Insättning"),
		("Ind/ud", "Ud", "Ind"),
		("Type", "Debit", "Credit"),
		("Mouvement XY", "Sortie", "Entrée"),
	],
)
def test_a_word_beside_an_unsigned_amount_says_its_side(title, out, in_):
	rows = f"Datum;Text;Betrag;{title}\n13.11.2026;A;80,00;{out}\n14.11.2026;B;1.337,00;{in_}\n"
	assert amounts(one(rows)) == ["-80.00", "1337.00"]


@pytest.mark.parametrize(
	("debit", "credit"),
	[
		("Débit", "Crédit"),
		("Montant débité (CHF)", "Montant crédité (CHF)"),
		("Belastung", "Gutschrift"),
		("Belastungsbetrag", "Gutschriftsbetrag"),
		("Withdrawals (SGD)", "Deposits (SGD)"),
		("Paid out", "Paid in"),
		("Debe", "Haber"),
		("Cargos", "Abonos"),
		("Addebiti", "Accrediti"),
		("Uscite", "Entrate"),
		("Débito", "Crédito"),
		("Obciążenia", "Uznania"),
		("Uttag", "Insättning"),
		("Udbetaling", "Indbetaling"),
		("Af", "Bij"),
		("Lastschrift in CHF", "Gutschrift in CHF"),
	],
)
@pytest.mark.parametrize("minus", ["", "-"])
def test_two_columns_of_money(debit, credit, minus):
	rows = f"Date;Text;{debit};{credit}\n13.11.2026;A;{minus}80,00;\n14.11.2026;B;;900,00\n"
	assert amounts(one(rows)) == ["-80.00", "900.00"]


def test_a_side_behind_the_amount():
	rows = 'Date,Details,Amount\n15/11/2026,A,"1,200.00 Dr"\n16/11/2026,B,200.00 Cr\n'
	assert amounts(one(rows)) == ["-1200.00", "200.00"]
	only_cr = 'Date,Details,Amount\n15/11/2026,A,"1,200.00"\n16/11/2026,B,200.00CR\n'
	assert amounts(one(only_cr)) == ["-1200.00", "200.00"]


def test_a_word_that_is_no_side_rejects_its_row_only():
	account = one("Datum;Text;Betrag;S/H\n13.11.2026;A;1,00;S\n14.11.2026;B;2,00;H\n15.11.2026;C;3,00;Q\n")
	assert amounts(account) == ["-1.00", "2.00"]
	assert [(r.row, r.reason) for r in account.refused] == [(4, "Q says neither debit nor credit")]


def test_a_signed_amount_with_debit_and_credit_beside_it_is_checked_against_them():
	rows = "Datum;Omschrijving;Bedrag;credit;debet\n16/11/2026;A;-3,40;;-3,40\n18/11/2026;B;100,00;100,00;\n19/11/2026;C;5,00;6,00;\n"
	account = one(rows)
	assert amounts(account) == ["-3.40", "100.00"]
	assert account.refused[0].row == 4


def test_unsigned_amounts_without_any_evidence_are_asked_about():
	rows = "Date;Libellé;Montant\n13/11/2026;AAA;3,20\n14/11/2026;BBB;5,00\n"
	asked = question(rows)
	assert "--sign" in str(asked)
	assert asked.choices == [{"sign": "normal"}, {"sign": "reversed"}]
	assert amounts(one(rows, sign="normal")) == ["3.20", "5.00"]
	assert amounts(one(rows, sign="reversed")) == ["-3.20", "-5.00"]


def test_a_card_whose_payments_are_negative_is_asked_about():
	rows = "Date,Description,Amount\n11/20/2026,SHOE PURCHASE,8.01\n11/21/2026,PAYMENT - THANK YOU,-52.42\n"
	assert "--sign" in str(question(rows))


@pytest.mark.parametrize(
	"rows",
	[
		"Trans. Date,Post Date,Description,Amount\n2026-11-13,2026-11-14,KIOSK,4.50\n"
		"2026-11-15,2026-11-15,DIRECTPAY FULL BALANCE,-100.00\n",
		"Datum;Beschreibung;Betrag\n20.11.2026;Markt;10,00\n21.11.2026;Kiosk;20,00\n24.11.2026;Einzug;-30,00\n",
	],
)
def test_a_card_without_a_word_of_its_payments_is_asked_about(rows):
	assert "--sign" in str(question(rows))


def test_more_amounts_below_zero_than_above_need_no_words():
	rows = "Datum;Beschreibung;Betrag\n20.11.2026;Markt;-10,00\n21.11.2026;Kiosk;-20,00\n24.11.2026;Kunde;30,00\n"
	assert amounts(one(rows)) == ["-10.00", "-20.00", "30.00"]


def test_a_flag_beside_the_amount_contradicts_its_sign_on_a_card():
	rows = (
		"Posting Date,Billing Amount,Merchant,Debit/Credit Flag\n"
		"2026-11-21,10.00,KIOSK,D\n2026-11-22,-30.00,PAYMENT,C\n"
	)
	assert amounts(one(rows)) == ["-10.00", "30.00"]


def test_the_sign_is_stored_with_the_mapping():
	rows = "Date;Libellé;Montant\n13/11/2026;AAA;3,20\n"
	statement = read(rows.encode(), ReadingOptions("EUR", sign="reversed"))
	assert statement.mapping["sign"] == "reversed"
	kept = {statement.signature: statement.mapping}
	again = read(
		rows.replace("3,20", "4,20").encode(), ReadingOptions("EUR", recall=lambda s: kept.get(s, {}))
	)
	assert amounts(again.accounts[0]) == ["-4.20"]


# -- balances ------------------------------------------------------------------------------------------
FALLING = "Date;Libellé;Montant;Solde\n13/11/2026;A;10,00;90,00\n14/11/2026;B;30,00;60,00\n15/11/2026;C;5,00;55,00\n"


def test_balances_prove_that_positive_amounts_are_money_out():
	account = one(FALLING)
	assert amounts(account) == ["-10.00", "-30.00", "-5.00"]
	assert account.evidence is Evidence.ROW_BALANCES
	assert (account.opening.amount, account.balance.amount) == (100, 55)
	assert (str(account.opening.day), str(account.balance.day)) == ("2026-11-12", "2026-11-15")


def test_balances_are_followed_in_either_order():
	head, *rows = FALLING.splitlines()
	account = one("\n".join([head, *reversed(rows)]))
	assert amounts(account) == ["-5.00", "-30.00", "-10.00"]
	assert (account.opening.amount, account.balance.amount) == (100, 55)


def test_balances_prove_the_decimal_mark():
	rows = "date,label,amount,balance\n2026-11-13,A,-1.250,98.750\n2026-11-14,B,-1.750,97.000\n2026-11-15,C,2.500,99.500\n"
	assert "--decimal" in str(question(rows))
	proven = rows.replace("98.750", "5000.25").replace("97.000", "4998.50").replace("99.500", "5001.00")
	assert amounts(one(proven, "KWD")) == ["-1.250", "-1.750", "2.500"]


def test_balances_that_contradict_every_reading_are_asked_about():
	rows = "Date;Libellé;Montant;Solde\n13/11/2026;A;-10,00;7,00\n14/11/2026;B;-30,00;61,00\n15/11/2026;C;5,00;12,00\n"
	assert "balance=-" in str(question(rows))
	assert amounts(one(rows, columns={"balance": "-"})) == ["-10.00", "-30.00", "5.00"]


def test_a_missing_row_is_a_mismatch_with_both_figures():
	head, rows = "Date;Libellé;Montant;Solde", ["13/11/2026;A;-1,00;99,00", "14/11/2026;B;-2,00;97,00"]
	rows += ["16/11/2026;D;-4,00;90,00", "17/11/2026;E;-5,00;85,00", "18/11/2026;F;7,00;92,00"]
	account = one("\n".join([head, *rows]))
	assert account.mismatches == (
		"Row 4: the balance is 90.00, the balance before and the amount make 93.00",
	)
	assert account.evidence is Evidence.NONE


def test_the_same_balance_on_every_row_proves_nothing_and_contradicts_nothing():
	rows = "Date;Libellé;Montant;Solde\n13/11/2026;A;-10,00;7.00\n14/11/2026;B;30,00;7.00\n"
	account = one(rows)
	assert amounts(account) == ["-10.00", "30.00"]
	assert (account.evidence, account.balance) == (Evidence.NONE, None)


def test_opening_and_closing_balances_prove_the_amounts():
	rows = "Anfangssaldo;100,00\nDatum;Text;Betrag\n13.11.2026;A;10,00\n14.11.2026;B;30,00\nEndsaldo;140,00\n"
	account = one(rows)
	assert account.evidence is Evidence.OPENING_AND_CLOSING
	assert amounts(account) == ["10.00", "30.00"]
	assert amounts(one(rows.replace("140", "60"))) == ["-10.00", "-30.00"]


def test_a_dated_balance_row_is_known_by_its_name_in_whatever_column_where_it_has_no_label():
	rows = "Datum;Text;Referenz;Währung;Betrag;Soll/Haben\n13.11.2026;A;R1;EUR;10,00;S\n14.11.2026;B;R2;EUR;30,00;H\n"
	rows += "01.11.2026;;Anfangssaldo;EUR;100,00;H\n30.11.2026;;Endsaldo;EUR;120,00;H\n"
	account = one(rows)
	assert account.evidence is Evidence.OPENING_AND_CLOSING
	assert amounts(account) == ["-10.00", "30.00"]


def test_titles_that_are_unknown_are_asked_about_unless_balances_prove_the_columns():
	rows = "Wann;Was;Raus;Rein;Stand\n13.11.2026;A;10,00;;90,00\n14.11.2026;B;;30,00;120,00\n15.11.2026;C;5,00;;115,00\n16.11.2026;D;7,00;;108,00\n"
	account = one(rows)
	assert amounts(account) == ["-10.00", "30.00", "-5.00", "-7.00"]
	assert [line.description for line in account.lines] == ["A", "B", "C", "D"]
	assert "--column date=1" in str(question(rows.replace("115", "114")))


def test_one_of_two_columns_that_is_known_is_not_enough():
	rows = "Datum;Text;Belastung;Qwertz\n13.11.2026;A;10,00;\n14.11.2026;B;;30,00\n"
	assert isinstance(question(rows), ReadingQuestion)


# -- fees ----------------------------------------------------------------------------------------------
def test_a_fee_is_deducted_where_balances_prove_it_and_asked_about_elsewhere():
	rows = "Date,Label,Amount,Fee,Balance\n2026-11-13,A,-50.00,0.50,100.00\n2026-11-14,B,-30.00,0.25,69.75\n2026-11-15,C,20.00,0.00,89.75\n"
	assert amounts(one(rows)) == ["-50.50", "-30.25", "20.00"]
	included = rows.replace("69.75", "70.00").replace("89.75", "90.00")
	assert amounts(one(included)) == ["-50.00", "-30.00", "20.00"]
	silent = "\n".join(row.rpartition(",")[0] for row in rows.splitlines())
	assert "--column fee=4" in str(question(silent))
	assert amounts(one(silent, columns={"fee": "-"})) == ["-50.00", "-30.00", "20.00"]
	assert amounts(one(silent, columns={"fee": "Fee"})) == ["-50.50", "-30.25", "20.00"]


@pytest.mark.parametrize(
	"titles", ["Montant brut;Commission;Montant net", "Gross;Fee;Net", "Brutto;Gebühr;Netto"]
)
def test_the_net_amount_is_taken_beside_gross_and_fee(titles):
	rows = f"Date;Description;{titles}\n13/11/2026;A;100,00;1,75;98,25\n16/11/2026;B;-98,25;0,00;-98,25\n"
	assert amounts(one(rows)) == ["98.25", "-98.25"]


# -- states --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("title", "booked", "pending", "rejected"),
	[
		("State", "COMPLETED", "PENDING", "REVERTED"),
		("Statut", "Accepté", "En attente", "Refusé"),
		("Status", "Gebucht", "Vorgemerkt", "Abgelehnt"),
		("Info", "Umsatz gebucht", "Umsatz vorgemerkt", "Storniert"),
		("Estado", "Realizado", "Pendiente", "Rechazado"),
		("Stato", "Contabilizzato", "In attesa", "Annullato"),
		("Status", "Zaksięgowana", "Oczekująca", "Odrzucona"),
		("Status", "Bokförd", "Preliminär", "Nekad"),
		("Status", "Udført", "Venter", "Afvist"),
		("Toestand", "Uitgevoerd", "In behandeling", "Geweigerd"),
		("Situação", "Efetuado", "Pendente", "Recusado"),
		("Qwertz", "Executed", "Pending", "Declined"),
	],
)
def test_rows_that_moved_no_money_are_not_booked(title, booked, pending, rejected):
	rows = f"Date;Text;Betrag;{title}\n13.11.2026;A;-1,00;{booked}\n14.11.2026;B;-2,00;{pending}\n15.11.2026;C;-3,00;{rejected}\n"
	account = one(rows)
	assert [(str(line.amount), line.state.value) for line in account.lines] == [
		("-1.00", "Booked"),
		("-2.00", "Pending"),
	]
	assert [(r.row, r.reason) for r in account.refused] == [(4, f"The bank did not execute it: {rejected}")]


def test_a_state_that_is_not_known_is_asked_about():
	rows = "Date;Text;Betrag;Status\n13.11.2026;A;-1,00;Gebucht\n14.11.2026;B;-2,00;Blubb\n"
	assert "Blubb" in str(question(rows))
	assert amounts(one(rows, columns={"state": "-"})) == ["-1.00", "-2.00"]


def test_a_pending_row_without_a_day_is_reported():
	account = one("Date Processed,Description,Amount\nPending,CAFE,-7.40\n12-Nov-2026,SHOP,-1.00\n")
	assert amounts(account) == ["-1.00"]
	assert [r.row for r in account.refused] == [2]


# -- rows that are no transactions ---------------------------------------------------------------------
@pytest.mark.parametrize(
	"label",
	[
		"Anfangssaldo",
		"Endsaldo",
		"Tagessaldo",
		"Solde initial",
		"Opening balance",
		"Saldo final",
		"Saldo iniziale al 13/11/2026",
	],
)
def test_a_dated_balance_is_no_transaction(label):
	rows = f"Datum;Text;Betrag\n13.11.2026;A;-1,00\n13.11.2026;{label};500,00\n14.11.2026;B;-2,00\n"
	statement = read(rows.encode(), ReadingOptions("EUR"))
	assert amounts(statement.accounts[0]) == ["-1.00", "-2.00"]
	assert statement.accounts[0].refused == ()
	assert any("Row 3 is a balance" in remark for remark in statement.remarks)


@pytest.mark.parametrize(
	"label",
	["TOTAL", "TOTAL ENERGIES", "Solde de tout compte", "BALANCE SHOES", "SUMME & SOHN", "Solde facture 12"],
)
def test_a_purchase_whose_shop_sounds_like_a_balance_is_one(label):
	assert amounts(one(f"Date;Libellé;Montant\n13/11/2026;{label};-40,00\n14/11/2026;B;-2,00\n")) == [
		"-40.00",
		"-2.00",
	]


@pytest.mark.parametrize(
	"label",
	[
		"Ancien solde créditeur au 31/10/2026",
		"ANCIEN SOLDE DEBITEUR",
		"Solde précédent créditeur au 31 octobre 2026",
		"Saldo anterior acreedor al 31/10/2026",
		"Saldo precedente creditore al 31/10/2026",
		"Balance as at 31 Oct 2026",
		"Report solde précédent",
		"Solde en début de période",
		"Solde de votre compte au 31/10/2026",
		"BALANCE FROM PREVIOUS STATEMENT",
		"SALDO CONTABILE INIZIALE",
		"Report à nouveau",
	],
)
def test_a_balance_by_another_name_is_no_transaction(label):
	rows = f"Date;Libellé;Débit;Crédit\n31/10/2026;{label};;1 000,00\n02/11/2026;Marché;10,00;\n"
	assert amounts(one(rows)) == ["-10.00"]


def test_text_in_rows_of_its_own_joins_the_row_above():
	rows = (
		"Datum;Text;Betrag\n13.11.2026;A;-1,00\n;zweite Zeile;\n14.11.2026;B;-2,00\n;noch eine;\n\nHinweis\n"
	)
	account = one(rows)
	assert [line.description for line in account.lines] == ["A zweite Zeile", "B noch eine"]
	assert account.refused == ()


def test_repeated_titles_are_no_rows():
	rows = "Datum;Text;Betrag\n13.11.2026;A;-1,00\nSeite 2;;\nDatum;Text;Betrag\n14.11.2026;B;-2,00\n"
	account = one(rows)
	assert (amounts(account), account.refused) == (["-1.00", "-2.00"], ())


def test_a_second_table_is_asked_about_and_can_be_chosen():
	rows = "Konto\nDatum;Text;Betrag\n13.11.2026;A;-1,00\n\nKarte\nBuchungstag;Referenz;Text;Betrag\n14.11.2026;7;B;-2,00\n"
	assert "--sheet 1 (Konto), --sheet 2 (Karte)" in str(question(rows))
	assert amounts(one(rows, sheet="1")) == ["-1.00"]
	assert amounts(one(rows, sheet="2")) == ["-2.00"]
	with pytest.raises(InvalidData, match="There is no table 3: the file holds 2"):
		one(rows, sheet="3")


@pytest.mark.parametrize("sheet", ["2", "0", "Movements"])
def test_a_table_that_is_not_there_is_not_another_one(sheet: str) -> None:
	rows = "Date;Label;Amount\n2026-11-22;A;-1.00\n"
	with pytest.raises(InvalidData, match=f"There is no table {sheet}: the file holds 1"):
		one(rows, sheet=sheet)
	assert amounts(one(rows, sheet="1")) == ["-1.00"]


PENDING_FIRST = (
	"Pending transactions\nDate,Description,Amount\n2026-11-20,HOTEL,-100.00\n\n"
	"Posted transactions\nDate,Description,Amount\n2026-11-18,SHOP,-10.00\n2026-11-17,SHOP,-10.00\n"
)
PENDING_LAST = (
	"Umsätze\nDatum;Text;Betrag\n18.11.2026;LADEN;-10,00\n17.11.2026;LADEN;-10,00\n\n"
	"Umsätze vorgemerkt\nDatum;Text;Betrag\n20.11.2026;HOTEL;-100,00\n"
)


@pytest.mark.parametrize(("rows", "posted"), [(PENDING_FIRST, "2"), (PENDING_LAST, "1")])
def test_a_table_of_pending_rows_is_not_joined_with_the_booked_ones(rows, posted):
	assert "--sheet" in str(question(rows))
	assert amounts(one(rows, sheet=posted)) == ["-10.00", "-10.00"]


@pytest.mark.parametrize(
	"rows",
	[
		"Pending transactions\nDate,Description,Amount\n2026-11-20,HOTEL,-100.00\n2026-11-21,SHOP,-10.00\n",
		"Date;Libellé;Montant\nOpérations en attente\n20/11/2026;HOTEL;-100,00\n21/11/2026;CB;-10,00\n",
	],
)
def test_a_heading_of_pending_rows_is_asked_about(rows):
	assert "--column state=-" in str(question(rows))
	assert amounts(one(rows, columns={"state": "-"})) == ["-100.00", "-10.00"]


def test_a_column_that_counts_the_rows_is_no_id():
	rows = "ID;Date;Libellé;Montant\n1;13/11/2026;A;-1,00\n2;14/11/2026;B;-2,00\n"
	assert {line.remote_id for line in one(rows).lines}.isdisjoint({"1", "2"})
	real = rows.replace("\n1;", "\n90417;").replace("\n2;", "\n90533;")
	assert [line.remote_id for line in one(real).lines] == ["90417", "90533"]


# -- cells that do not fit -----------------------------------------------------------------------------
def test_a_comma_in_a_text_that_nobody_quoted_is_repaired_where_only_one_column_can_have_it():
	rows = "Date,Description,Amount\n13/11/2026,A,-1.00\n14/11/2026,ROOM 12, 75,-80.00\n"
	account = one(rows)
	assert [(str(line.amount), line.description) for line in account.lines] == [
		("-1.00", "A"),
		("-80.00", "ROOM 12, 75"),
	]


def test_a_row_that_may_be_split_in_several_columns_is_rejected():
	rows = "Date,Libellé,Montant\n13/11/2026,A,-1\n14/11/2026,VIR,900,50\n"
	account = one(rows, decimal=",")
	assert amounts(account) == ["-1"]
	assert [r.row for r in account.refused] == [3]


def test_unbalanced_quotes_swallow_no_row():
	rows = 'Date;Libellé;Montant\n13/11/2026;"CHEZ A;-1,00\n14/11/2026;B;-2,00\n15/11/2026;BAR"C;-3,00\n16/11/2026;D;-4,00\n'
	assert amounts(one(rows)) == ["-1.00", "-2.00", "-3.00", "-4.00"]


def test_a_backslash_before_a_quote_is_no_end_of_the_row():
	rows = '"Date","Description","Amount"\n"2026-11-03","C:\\","-12.50"\n"2026-11-04","O\\"HARA","-8.00"\n'
	account = one(rows)
	assert [(str(line.amount), line.description) for line in account.lines] == [
		("-12.50", "C:\\"),
		("-8.00", 'O"HARA'),
	]


# -- currencies ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("rows", "currency"),
	[
		("Date,Description,Amount (USD)\n13/11/2026,A,-3.20\n", "USD"),
		("Datum;Text;Betrag in CHF\n13.11.2026;A;-3,20\n", "CHF"),
		("Date,Description,Amount\n15/11/2026,A,-$4.20\n", "USD"),
		("Date,Description,Amount\n15/11/2026,A,-8.00 GBP\n", "GBP"),
		("Date,Description,Amount,Currency\n15/11/2026,A,-8.00,usd\n", "USD"),
		("Währung:;CHF\nDatum;Text;Betrag\n13.11.2026;A;-3,20\n", "CHF"),
		("Date,Description,Amount\n15/11/2026,A,-€4.20\n", "EUR"),
		("Date,Description,Amount\n15/11/2026,A,-4.20\n", "EUR"),
	],
)
def test_the_currency_of_a_title_a_cell_or_the_file_is_carried(rows, currency):
	assert [line.currency for line in one(rows).lines] == [currency]


def test_a_dollar_sign_is_the_accounts_own_dollar():
	[line] = one("Date,Description,Amount\n15/11/2026,A,-$4.20\n", "CAD").lines
	assert line.currency == "CAD"


# -- days ----------------------------------------------------------------------------------------------
def test_the_sequence_of_the_days_proves_their_order():
	rows = "Date,Description,Amount\n05/11/2026,A,-1.00\n03/12/2026,B,-2.00\n04/12/2026,C,-2.00\n"
	assert [str(line.date) for line in one(rows).lines] == ["2026-11-05", "2026-12-03", "2026-12-04"]


def test_a_year_of_two_digits_that_may_come_first_is_asked_about():
	rows = "Datum;Text;Betrag\n26-11-15;A;-3,20\n26-11-16;B;1200,00\n"
	asked = question(rows)
	assert asked.choices == [{"date_format": "DMY"}, {"date_format": "YMD"}]
	assert str(one(rows, dates="YMD").lines[0].date) == "2026-11-15"


def test_the_day_of_booking_is_the_day():
	rows = "Date operation;Date de comptabilisation;Date de valeur;Libellé;Montant\n13/11/2026;16/11/2026;17/11/2026;A;-1,00\n"
	[line] = one(rows).lines
	assert (str(line.date), str(line.transaction_date), str(line.value_date)) == (
		"2026-11-16",
		"2026-11-13",
		"2026-11-17",
	)


@pytest.mark.parametrize("separator", list(";,\t|~"))
def test_separators(separator):
	rows = (
		separator.join(["Date", "Description", "Amount"])
		+ "\n"
		+ separator.join(["13/11/2026", "A", "-250.00"])
	)
	[line] = one(rows).lines
	assert line.amount == Decimal(-250)


def test_columns_with_one_title_go_by_number():
	rows = "Date;Libellé;Solde;Solde\n13/11/2026;A;-8,00;13853.59\n14/11/2026;B;1 126,70;13853.59\n"
	assert isinstance(question(rows), ReadingQuestion)
	with pytest.raises(InvalidData, match="number of one of them"):
		one(rows, columns={"amount": "Solde"})
	statement = read(rows.encode(), ReadingOptions("EUR", {"amount": "3"}))
	assert (statement.mapping["amount"], amounts(statement.accounts[0])) == ("#3", ["-8.00", "1126.70"])


# -- control values, empty marks -------------------------------------------------------------------------
@pytest.mark.parametrize("mark", ["", "-", "–", "--", "n/a", "N/A", "null", "-,--"])
def test_a_mark_for_no_amount_is_an_empty_cell(mark):
	rows = f"Date;Libellé;Débit;Crédit\n13/11/2026;A;3,20;{mark}\n14/11/2026;B;{mark};5,00\n"
	account = one(rows)
	assert amounts(account) == ["-3.20", "5.00"]
	assert account.refused == ()


@pytest.mark.parametrize(
	"rows",
	[
		"Date;Libellé;Montant\n31/10/2026;Ancien solde;100,00\n13/11/2026;A;-3,20\n30/11/2026;Nouveau solde;99,80\n",
		"Solde initial;100,00\nSolde final;99,80\nDate;Libellé;Montant\n13/11/2026;A;-3,20\n",
		"Opening balance,100.00\nDate,Description,Amount\n13/11/2026,A,-3.20\nClosing balance,99.80\n",
	],
)
def test_balances_around_a_table_that_its_rows_contradict_are_named(rows):
	[sentence] = one(rows).mismatches
	assert all(figure in sentence for figure in ("100.00", "96.80", "99.80"))


def test_a_refused_row_explains_a_difference_of_the_balances():
	rows = (
		"Solde initial;100,00\nSolde final;90,00\nDate;Libellé;Montant\n13/11/2026;A;-3,20\n14/11/2026;B;x\n"
	)
	account = one(rows)
	assert (account.mismatches, len(account.refused)) == ((), 1)


def test_a_category_that_is_called_like_a_balance_makes_no_balance_row():
	rows = "Date;Libellé;Montant;Rubrique\n13/11/2026;A;-3,20;Solde\n14/11/2026;B;-4,20;Courses\n"
	assert amounts(one(rows)) == ["-3.20", "-4.20"]


# -- rows wider than the titles --------------------------------------------------------------------------
def test_decimal_commas_that_nobody_quoted_are_read_where_every_row_has_them():
	rows = "Date,Description,Amount,Currency\n13/11/2026,SHOP,-10,00,EUR\n14/11/2026,X,-5,25,EUR\n"
	assert amounts(one(rows)) == ["-10.00", "-5.25"]
	rows = "Date,Description,Amount\n13/11/2026,SHOP,-10,00\n14/11/2026,WAGES,900,50\n"
	assert amounts(one(rows)) == ["-10.00", "900.50"]


def test_a_column_without_title_behind_the_others_is_left_out():
	rows = "Date,Description,Amount\n13/11/2026,SHOP,-10.00,ok\n14/11/2026,X,-5.25,ok\n"
	assert [(line.description, str(line.amount)) for line in one(rows).lines] == [
		("SHOP", "-10.00"),
		("X", "-5.25"),
	]


@pytest.mark.parametrize(
	"rows",
	[
		"13/11/2026,SHOP,-10.00,-90.00\n14/11/2026,X,-5.25,-95.25\n",
		"13/11/2026,SHOP,-1,234.00\n14/11/2026,X,-2,345.25\n",
		"13/11/2026,TABLE,12,340.00\n14/11/2026,SOFA,10,250.00\n",
	],
)
def test_a_row_whose_amount_may_be_one_of_two_is_refused(rows):
	account = one(f"Date,Description,Amount\n{rows}", sign="normal")
	assert (account.lines, len(account.refused)) == ((), 2)


def test_the_thousands_of_one_amount_are_never_taken_for_its_label():
	account = one("Date,Description,Amount\n13/11/2026,SHOP,-1,234.00\n14/11/2026,X,-45.25\n")
	assert (amounts(account), [row.row for row in account.refused]) == (["-45.25"], [2])


def test_a_comma_in_a_text_at_the_end_of_a_row_is_part_of_it():
	rows = "Date,Amount,Description\n13/11/2026,-10.00,SHOP, PARIS\n14/11/2026,-5.25,CAFE, LYON\n"
	assert [line.description for line in one(rows).lines] == ["SHOP, PARIS", "CAFE, LYON"]


# -- collective orders, years of two digits ---------------------------------------------------------------
COLLECTIVE = (
	"Date;Text;Amount;Balance\n2026-11-13;ORDER;-30.00;970.00\n;Rent A;-10.00;\n;Rent B;{0};\n"
	"2026-11-14;WAGES;1000.00;1970.00\n"
)


def test_the_parts_of_a_collective_order_are_its_text():
	account = one(COLLECTIVE.format("-20.00"))
	assert amounts(account) == ["-30.00", "1000.00"]
	assert "Rent A" in account.lines[0].description
	assert account.evidence is Evidence.ROW_BALANCES


@pytest.mark.parametrize("rows", [COLLECTIVE.format("-21.00"), COLLECTIVE.replace(";Rent B;{0};\n", "")])
def test_rows_without_a_day_that_do_not_make_the_amount_above_them_are_not_swallowed(rows):
	with pytest.raises(ReadingQuestion):
		one(rows)


def test_without_balances_rows_without_a_day_are_refused():
	rows = "Date;Text;Amount\n2026-11-13;ORDER;-30.00\n;A;-10.00\n;B;-20.00\n2026-11-14;WAGES;1000.00\n"
	account = one(rows)
	assert (amounts(account), [row.row for row in account.refused]) == (["-30.00", "1000.00"], [3, 4])


@pytest.mark.parametrize("sign", ["/", ".", " ", "-"])
def test_a_year_of_two_digits_may_come_first(sign):
	days = [f"26{sign}11{sign}13", f"26{sign}11{sign}03"]
	rows = "".join(f"{day};A;-3.20\n" for day in days)
	asked = question(f"Date;Text;Amount\n{rows}")
	assert "--date-format" in str(asked)
	assert asked.suggested == {"date": "Date", "label": "Text", "amount": "Amount"}
	account = one(f"Date;Text;Amount\n{rows}", dates="YMD")
	assert [str(line.date) for line in account.lines] == ["2026-11-13", "2026-11-03"]


def test_a_year_of_two_digits_at_the_end_needs_no_question():
	rows = "Date;Texte;Montant\n13/11/26;A;-3,20\n03/11/26;B;-3,20\n"
	assert [str(line.date) for line in one(rows).lines] == ["2026-11-13", "2026-11-03"]


OFX = "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>{0}<BANKTRANLIST>{1}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"


def ofx(*texts, currency="EUR"):
	row = "<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20261113<TRNAMT>{0}<FITID>{1}<NAME>A</STMTTRN>"
	return OFX.format(currency, "".join(row.format(text, place) for place, text in enumerate(texts)))


def test_three_digits_behind_the_only_mark_of_a_file_are_asked_about_in_a_currency_of_two_decimals():
	assert "--decimal" in str(question(ofx("-1,234")))
	assert amounts(one(ofx("-1,234"), decimal=".")) == ["-1234"]
	assert amounts(one(ofx("-1,234", "-3.20"))) == ["-1234", "-3.20"]
	assert amounts(one(ofx("-1.234", currency="KWD"), currency="KWD")) == ["-1.234"]


def test_a_decimal_comma_says_that_the_month_does_not_come_first():
	rows = 'Date,Label,Amount\n01/04/26,A,"-50,00"\n02/04/26,B,"-80,68"\n'
	assert [str(line.date) for line in one(rows).lines] == ["2026-04-01", "2026-04-02"]
	assert "--date-format" in str(question(rows.replace(",00", ".00").replace(",68", ".68")))
