"""Tables in the shapes that banks without a profile export, with invented rows: read right at once, or asked about."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dokos_banksync.core.model import LineState
from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

READ_AT_ONCE = {
	"AIB": (
		"EUR",
		"utf-8",
		(
			"Posted Account, Posted Transactions Date, Description1, Description2, Description3, Debit Amount, "
			"Credit Amount,Balance,Posted Currency,Transaction Type,Local Currency Amount,Local Currency\n",
			'"930001-11111111","03/11/2026","VDP-BAKERY","","","12.50","","87.50",EUR,Debit,12.50,EUR\n',
			'"930001-11111111","17/11/2026","SALARY","","","","1,000.00","1,087.50",EUR,Credit,1000.00,EUR\n',
		),
		[("2026-11-03", "-12.50"), ("2026-11-17", "1000.00")],
	),
	"Česká spořitelna": (
		"CZK",
		"cp1250",
		(
			'"Položka";"Datum zaúčtování";"Částka CZK";"Datum provedení";"Variabilní symbol 1";"Název protiúčtu";"Zpráva pro příjemce";"Referenční číslo transakce"\n',
			'"Platba kartou";"2026/11/13";"-111,11";"2026/11/12";"11111111";"OBCHOD BRNO";;"1111111111111"\n',
			'"Příchozí úhrada";"2026/11/15";"20 000,00";"2026/11/15";"";"FIRMA SRO";"Mzda";"1111111111112"\n',
		),
		[("2026-11-13", "-111.11"), ("2026-11-15", "20000.00")],
	),
	"Tatra banka": (
		"EUR",
		"cp1250",
		(
			"Dátum zaúčtovania,Suma,Mena,Typ obratu,Protiúčet,Názov protiúčtu,Informácia pre príjemcu\n",
			"13.11.2026,12.50,EUR,Debet,SK111,POTRAVINY,Nákup\n",
			"15.11.2026,1000.00,EUR,Kredit,SK222,FIRMA,Výplata\n",
		),
		[("2026-11-13", "-12.50"), ("2026-11-15", "1000.00")],
	),
	"Erste Magyarország": (
		"HUF",
		"cp1250",
		(
			"Tranzakció dátuma,Partner neve,Partner számlaszáma,Számlaszám,Tranzakció típusa,Tranzakció összege,Tranzakció devizaneme,Bevétel/Kiadás,Értéknap,Közlemény,Egyenleg\n",
			"2026.04.19.,BOLT KFT,,11111111-22222222,Kártyás vásárlás,-350,HUF,Kiadás,2026.04.19.,,234556\n",
			"2026.04.17.,CÉG ZRT,,11111111-22222222,Átutalás,1290,HUF,Bevétel,2026.04.18.,Fizetés,234906\n",
		),
		[("2026-04-19", "-350"), ("2026-04-17", "1290")],
	),
	"BCR": (
		"RON",
		"utf-8",
		(
			"Data tranzacției;Detalii tranzacție;Beneficiar;Debit;Credit;Sold\n",
			"13.11.2026;Cumpărare magazin;MAGAZIN;12,50;;987,50\n",
			"15.11.2026;Salariu;FIRMA;;1.000,00;1.987,50\n",
		),
		[("2026-11-13", "-12.50"), ("2026-11-15", "1000.00")],
	),
	"Simplii": (
		"CAD",
		"utf-8",
		(
			"Date, Transaction Details, Funds Out, Funds In\n",
			"11/13/2026, BAKERY,45.90,\n",
			"11/16/2026, PAYROLL,,1045.90\n",
		),
		[("2026-11-13", "-45.90"), ("2026-11-16", "1045.90")],
	),
	"BNP Paribas Fortis in French": (
		"EUR",
		"utf-8",
		(
			"ANNEE + REFERENCE;DATE DE L'EXECUTION;DATE VALEUR;MONTANT;DEVISE DU COMPTE;CONTREPARTIE DE L'OPERATION;DETAIL;NUMERO DE COMPTE\n",
			"2026-0012;14/11/2026;13/11/2026;-25,00;EUR;PAIEMENT CARTE;BOULANGERIE;BE12345678901234\n",
			"2026-0013;16/11/2026;16/11/2026;1.250,00;EUR;BE98765432109876;SALAIRE;BE12345678901234\n",
		),
		[("2026-11-14", "-25.00"), ("2026-11-16", "1250.00")],
	),
	"Barclays card in German": (
		"EUR",
		"utf-8",
		(
			"Referenznummer;Buchungsdatum;Transaktionsdatum;Betrag;Beschreibung;Typ;Status;Kartennummer;Originalbetrag;Händlerdetails\n",
			"0012;13.11.2026;12.11.2026;-45,90 €;Supermarkt;Kauf;Berechnet;1234XXXX5678;-45,90 €;Supermarkt Berlin\n",
			"0013;16.11.2026;15.11.2026;200,00 €;Per Lastschrift dankend erhalten;Zahlung;Berechnet;1234XXXX5678;;\n",
		),
		[("2026-11-13", "-45.90"), ("2026-11-16", "200.00")],
	),
	"Revolut in French": (
		"EUR",
		"utf-8",
		(
			"Type,Produit,Date de début,Date de fin,Description,Montant,Frais,Devise,État,Solde\n",
			"PAIEMENT PAR CARTE,Actuel,2026-11-12 10:11:12,2026-11-13 09:00:00,Boulangerie,-12.50,0.00,EUR,TERMINÉ,987.50\n",
			"TRANSFERT,Actuel,2026-11-14 10:11:12,2026-11-15 09:00:00,Acme,1000.00,0.50,EUR,TERMINÉ,1987.00\n",
			"PAIEMENT PAR CARTE,Actuel,2026-11-16 10:11:12,,Cafe,-3.00,0.00,EUR,EN ATTENTE,\n",
		),
		[("2026-11-13", "-12.50"), ("2026-11-15", "999.50")],
	),
	"Revolut in Italian": (
		"EUR",
		"utf-8",
		(
			"Tipo,Prodotto,Data di inizio,Data di completamento,Descrizione,Importo,Costo,Valuta,State,Saldo\n",
			"Pagamento con carta,Attuale,2026-11-12 10:11:12,2026-11-13 09:00:00,Forno,-12.50,0.00,EUR,COMPLETATO,987.50\n",
			"Trasferimento,Attuale,2026-11-14 10:11:12,2026-11-15 09:00:00,Acme,1000.00,0.50,EUR,COMPLETATO,1987.00\n",
		),
		[("2026-11-13", "-12.50"), ("2026-11-15", "999.50")],
	),
	"1822direkt": (
		"EUR",
		"utf-8",
		(
			"Kontonummer;Datum/Zeit;Buchungstag;Wertstellung;Soll/Haben;Vorgang;Empfänger/Auftraggeber Name;Vwz.0\n",
			"1;12.11.2026 10:11;13.11.2026;13.11.2026;-12,50;Überweisung;Laden;Einkauf\n",
			"1;15.11.2026 10:11;15.11.2026;15.11.2026;1.000,00;Gutschrift;Firma;Gehalt\n",
		),
		[("2026-11-13", "-12.50"), ("2026-11-15", "1000.00")],
	),
	"Monzo": (
		"GBP",
		"utf-8",
		(
			"Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,Local currency,Notes and #tags,Address,Receipt,Description,Category split,Money Out,Money In\n",
			"tx_1,03/11/2026,08:15:00,Card payment,Pret A Manger,🥪,Eating out,-4.50,GBP,-4.50,GBP,,,,PRET A MANGER LONDON,,-4.50,\n",
			"tx_2,04/11/2026,09:15:00,Faster payment,ACME LTD,,Income,1200.00,GBP,1200.00,GBP,Salary,,,ACME SALARY,,,1200.00\n",
			"tx_3,14/11/2026,10:00:00,Card payment,Boulangerie,🥖,Eating out,-10.32,GBP,-12.00,EUR,,,,BOULANGERIE PARIS,,-10.32,\n",
		),
		{("2026-11-03", "-4.50"), ("2026-11-04", "1200.00"), ("2026-11-14", "-10.32")},
	),
	"Starling": (
		"GBP",
		"utf-8",
		(
			"Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,Notes\n",
			"03/11/2026,Tesco,TESCO STORES,CONTACTLESS,-12.40,987.60,GROCERIES,\n",
			"15/11/2026,Employer,SALARY NOV,FASTER PAYMENT,2000.00,2987.60,INCOME,\n",
		),
		{("2026-11-03", "-12.40"), ("2026-11-15", "2000.00")},
	),
	"Barclays": (
		"GBP",
		"utf-8",
		(
			"Number,Date,Account,Amount,Subcategory,Memo\n",
			" ,16/11/2026,20-00-00 12345678,-50.00,Debit,TESCO STORES     ON 15 NOV CPM\n",
			" ,13/11/2026,20-00-00 12345678,1500.00,Counter Credit,ACME LTD  SALARY BGC\n",
		),
		{("2026-11-16", "-50.00"), ("2026-11-13", "1500.00")},
	),
	"Lloyds": (
		"GBP",
		"utf-8",
		(
			"Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance\n",
			"27/11/2026,DEB,'30-00-00,12345678,TESCO STORES,23.10,,976.90\n",
			"26/11/2026,FPI,'30-00-00,12345678,J SMITH,,100.00,1000.00\n",
		),
		{("2026-11-27", "-23.10"), ("2026-11-26", "100.00")},
	),
	"NatWest": (
		"GBP",
		"utf-8",
		(
			"Date, Type, Description, Value, Balance, Account Name, Account Number\n",
			"\n",
			'05 Nov 2026,D/D,"\'BRITISH GAS",-45.00,955.00,"\'SMITH J","\'601234-12345678",\n',
			'04 Nov 2026,BAC,"\'ACME LTD",1000.00,1000.00,"\'SMITH J","\'601234-12345678",\n',
		),
		{("2026-11-05", "-45.00"), ("2026-11-04", "1000.00")},
	),
	"Nationwide": (
		"GBP",
		"latin-1",
		(
			'"Account Name:","FlexAccount ****12345"\n',
			'"Account Balance:","£1,234.56"\n',
			'"Available Balance: ","£1,234.56"\n',
			"\n",
			'"Date","Transaction type","Description","Paid out","Paid in","Balance"\n',
			'"02 Nov 2026","Visa purchase","TESCO","£12.34","","£1,334.56"\n',
			'"03 Nov 2026","Direct debit","COUNCIL","£100.00","","£1,234.56"\n',
		),
		{("2026-11-02", "-12.34"), ("2026-11-03", "-100.00")},
	),
	"Chase": (
		"USD",
		"utf-8",
		(
			"Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n",
			'DEBIT,11/20/2026,"STARBUCKS STORE 123",-5.75,DEBIT_CARD,994.25,,\n',
			'CREDIT,11/05/2026,"PAYROLL ACME",1000.00,ACH_CREDIT,1000.00,,\n',
		),
		{("2026-11-20", "-5.75"), ("2026-11-05", "1000.00")},
	),
	"Chase card": (
		"USD",
		"utf-8",
		(
			"Transaction Date,Post Date,Description,Category,Type,Amount,Memo\n",
			"11/18/2026,11/20/2026,STARBUCKS,Food & Drink,Sale,-5.75,\n",
			"11/15/2026,11/16/2026,AUTOMATIC PAYMENT,,Payment,250.00,\n",
		),
		{("2026-11-20", "-5.75"), ("2026-11-16", "250.00")},
	),
	"Bank of America": (
		"USD",
		"utf-8",
		(
			"Description,,Summary Amt.\n",
			'Beginning balance as of 11/01/2026,,"1,000.00"\n',
			'Total credits,,"500.00"\n',
			'Total debits,,"-20.50"\n',
			'Ending balance as of 11/30/2026,,"1,479.50"\n',
			"\n",
			"Date,Description,Amount,Running Bal.\n",
			'11/01/2026,Beginning balance as of 11/01/2026,,"1,000.00"\n',
			'11/05/2026,"PAYROLL","500.00","1,500.00"\n',
			'11/18/2026,"COFFEE","-20.50","1,479.50"\n',
		),
		{("2026-11-05", "500.00"), ("2026-11-18", "-20.50")},
	),
	"Capital One": (
		"USD",
		"utf-8",
		(
			"Transaction Date,Posted Date,Card No.,Description,Category,Debit,Credit\n",
			"2026-11-18,2026-11-19,1234,STARBUCKS,Dining,5.75,\n",
			"2026-11-15,2026-11-15,1234,PAYMENT,Payment/Credit,,250.00\n",
		),
		{("2026-11-19", "-5.75"), ("2026-11-15", "250.00")},
	),
	"LCL": (
		"EUR",
		"cp1252",
		(
			"Date;Valeur;Libellé;Débit euros;Crédit euros\n",
			"05/11/2026;06/11/2026;CB CAFE DU PORT;3,50;\n",
			"06/11/2026;06/11/2026;VIR CLIENT;;1 200,00\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"HSBC France": (
		"EUR",
		"utf-8",
		(
			"Date de l'opération;Libellé;Débit;Crédit\n",
			"05/11/2026;CB CAFE;-3,50;\n",
			"06/11/2026;VIR;;1200,00\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"Qonto": (
		"EUR",
		"utf-8",
		(
			"Statut;Date de la valeur (locale);Date de l'opération (locale);Montant total (TTC);Devise;Type;Contrepartie;Référence;Solde\n",
			"Exécuté;05-11-2026 10:00:00;05-11-2026 10:00:00;-3,50;EUR;Carte;CAFE;;996,50\n",
			"Exécuté;06-11-2026 10:00:00;06-11-2026 10:00:00;1200,00;EUR;Virement;CLIENT;FA1;2196,50\n",
			"Refusé;07-11-2026 10:00:00;07-11-2026 10:00:00;-50,00;EUR;Carte;X;;2196,50\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"Fortuneo": (
		"EUR",
		"latin-1",
		(
			"Date opération;Date valeur;libellé;Débit;Crédit;\n",
			"05/11/2026;05/11/2026;CARTE 04/11 CAFE;-3,5;;\n",
			"06/11/2026;06/11/2026;VIR DE CLIENT;;1200;\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"bunq": (
		"EUR",
		"utf-8",
		(
			'"Date","Interest Date","Amount","Account","Counterparty","Name","Description"\n',
			'"2026-11-05","2026-11-05","-3.50","NL12BUNQ1234567890","NL00INGB0000000000","Cafe","Coffee"\n',
			'"2026-11-06","2026-11-06","1,200.00","NL12BUNQ1234567890","","Client","Invoice"\n',
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"Fineco": (
		"EUR",
		"utf-8",
		(
			"Conto Corrente: 123456\n",
			"Intestazione Conto Corrente: ROSSI\n",
			"\n",
			"Data_Operazione;Data_Valuta;Entrate;Uscite;Descrizione;Descrizione_Completa;Stato;Moneymap\n",
			"05/11/2026;05/11/2026;;-3,50;Pagamento Visa;CAFE ROMA;Contabilizzato;Bar\n",
			"06/11/2026;06/11/2026;1.200,00;;Bonifico;CLIENTE SRL;Contabilizzato;\n",
			"07/11/2026;07/11/2026;;-9,99;Pagamento Visa;NETFLIX;Autorizzato;\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"UniCredit": (
		"EUR",
		"utf-8",
		(
			"Data Registrazione;Data valuta;Descrizione;Importo (EUR);\n",
			"05.11.2026;05.11.2026;PAGAMENTO POS CAFE;-3,50;\n",
			"06.11.2026;06.11.2026;BONIFICO CLIENTE;1.200,00;\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"CaixaBank": (
		"EUR",
		"latin-1",
		(
			"Fecha;Fecha valor;Movimiento;Más datos;Importe;Saldo\n",
			"05/11/2026;05/11/2026;COMPRA CAFE;;-3,50EUR;996,50EUR\n",
			"06/11/2026;06/11/2026;TRANSFERENCIA;;+1.200,00EUR;2.196,50EUR\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"Caixa Geral de Depósitos": (
		"EUR",
		"latin-1",
		(
			"Consultar saldos e movimentos à ordem - 28-11-2026\n",
			"Conta ;0001000001230 - EUR - Conta Extracto\n",
			"Data de início ;01-11-2026\n",
			"Data de fim ;28-11-2026\n",
			"\n",
			"Data mov. ;Data valor ;Descrição ;Débito ;Crédito ;Saldo contabilístico ;Saldo disponível ;Categoria ;\n",
			"05-11-2026;05-11-2026;COMPRA CAFE ;3,50;;996,50;996,50;Diversos ;\n",
			"06-11-2026;06-11-2026;TRF CLIENTE ;;1.200,00;2.196,50;2.196,50;Diversos ;\n",
			" ; ; ; ;Saldo contabilístico ;2.196,50 EUR ; ; ;\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"PKO": (
		"PLN",
		"cp1250",
		(
			'"Data operacji","Data waluty","Typ transakcji","Kwota","Waluta","Saldo po transakcji","Opis transakcji","","",""\n',
			'"2026-11-06","2026-11-06","Przelew na konto","+1200.00","PLN","+2196.50","Rachunek nadawcy: 1234","Nazwa nadawcy: KLIENT","",""\n',
			'"2026-11-05","2026-11-05","Płatność kartą","-3.50","PLN","+996.50","Tytuł: KAWA","","",""\n',
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"Handelsbanken": (
		"SEK",
		"utf-8",
		(
			"Reskontradatum;Transaktionsdatum;Text;Belopp;Saldo\n",
			"2026-11-05;2026-11-05;ICA NARA;-103,50;896,50\n",
			"2026-11-06;2026-11-06;LON;12 000,00;12 896,50\n",
		),
		{("2026-11-05", "-103.50"), ("2026-11-06", "12000.00")},
	),
	"SEB": (
		"SEK",
		"utf-8",
		(
			"Bokföringsdatum;Valutadatum;Verifikationsnummer;Text;Belopp;Saldo\n",
			"2026-11-06;2026-11-06;5490990004;LÖN;12000.000;12896.500\n",
			"2026-11-05;2026-11-05;5490990003;ICA;-103.500;896.500\n",
		),
		{("2026-11-05", "-103.50"), ("2026-11-06", "12000.00")},
	),
	"Erste": (
		"EUR",
		"utf-8",
		(
			"Buchungsdatum,Partnername,Partner IBAN,Betrag,Währung,Buchungstext,Valutadatum\n",
			'05.11.2026,CAFE,,"-3,50",EUR,POS,05.11.2026\n',
			'06.11.2026,KUNDE,AT00,"1.200,00",EUR,Gutschrift,06.11.2026\n',
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"Cembra": (
		"CHF",
		"utf-8",
		(
			"Transaction date,Description,Card number,Currency,Amount in foreign currency,Debit,Credit\n",
			"05.11.2026,CAFE,XXXX1234,CHF,,3.50,\n",
			'06.11.2026,PAYMENT,XXXX1234,CHF,,,"1\'200.00"\n',
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"ZKB": (
		"CHF",
		"utf-8",
		(
			"Date;Booking text;Curr;Amount detail;ZKB reference;Reference number;Debit CHF;Credit CHF;Value date;Balance CHF\n",
			"06.11.2026;Credit CLIENT;;;Z1;;;1200.00;06.11.2026;2196.50\n",
			"05.11.2026;Debit CAFE;;;Z2;;3.50;;05.11.2026;996.50\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"Mercury": (
		"USD",
		"utf-8",
		(
			"Date (UTC),Description,Amount,Status,Source Account,Bank Description,Reference,Note,Last Four Digits,Name On Card,Category,GL Code,Timestamp,Original Currency\n",
			"11-05-2026,Coffee,-3.50,Sent,Checking,COFFEE,,,1234,J,Food,,11-05-2026 10:00:00,USD\n",
			"11-16-2026,Client,1200.00,Sent,Checking,CLIENT,,,,,Sales,,11-16-2026 10:00:00,USD\n",
			"11-17-2026,Bad,-75.00,Failed,Checking,BAD,,,,,,,11-17-2026 10:00:00,USD\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-16", "1200.00")},
	),
	"State Bank of India": (
		"INR",
		"utf-8",
		(
			"Txn Date\tValue Date\tDescription\tRef No./Cheque No.\t        Debit\tCredit\tBalance\n",
			'5 Nov 2026\t5 Nov 2026\tUPI CAFE\t123\t"350.00"\t" "\t"9,650.00"\n',
			'6 Nov 2026\t6 Nov 2026\tNEFT CLIENT\t\t" "\t"1,20,000.00"\t"1,29,650.00"\n',
		),
		{("2026-11-05", "-350.00"), ("2026-11-06", "120000.00")},
	),
	"Westpac": (
		"AUD",
		"utf-8",
		(
			"Bank Account,Date,Narrative,Debit Amount,Credit Amount,Balance,Categories,Serial\n",
			"123456,26/11/2026,COFFEE,3.50,,996.50,OTHER,\n",
			"123456,25/11/2026,SALARY,,1000.00,1000.00,DEP,\n",
		),
		{("2026-11-26", "-3.50"), ("2026-11-25", "1000.00")},
	),
	"dashes for minus": (
		"EUR",
		"utf-8",
		(
			"Buchung;Wertstellung;Umsatz;Verwendungszweck\n",
			"05.11.2026;05.11.2026;−3,50 €;Cafe\n",
			"06.11.2026;06.11.2026;1.200,00 €;Gehalt\n",
		),
		{("2026-11-05", "-3.50"), ("2026-11-06", "1200.00")},
	),
	"signs behind": (
		"EUR",
		"utf-8",
		(
			"Datum;Text;Betrag\n",
			"25.11.2026;Cafe;3,50-\n",
			"26.11.2026;Gehalt;1.200,00+\n",
		),
		{("2026-11-25", "-3.50"), ("2026-11-26", "1200.00")},
	),
	"parentheses": (
		"USD",
		"utf-8",
		(
			"Date,Description,Amount\n",
			"11/25/2026,Coffee,($3.50)\n",
			'11/26/2026,Salary,"$1,200.00"\n',
		),
		{("2026-11-25", "-3.50"), ("2026-11-26", "1200.00")},
	),
}
"""By bank: currency, encoding, lines, and the transactions as days and amounts."""

ASKED = {
	"American Express in French, as many payments as purchases": (
		"EUR",
		(
			"Date,Description,Titulaire de la carte,Montant\n",
			'13/11/2026,BOULANGERIE,A MARTIN,"12,50"\n',
			'15/11/2026,PRELEVEMENT AUTOMATIQUE ENREGISTRE-MERCI,A MARTIN,"-100,00"\n',
		),
		"--sign normal",
	),
	"HSBC": (
		"GBP",
		(
			"25/11/2026,TESCO STORES 2041,-23.45\n",
			'24/11/2026,ACME LTD SALARY,"1,500.00"\n',
		),
		"--column date=1 --column label=2 --column amount=3",
	),
	"Wells Fargo": (
		"USD",
		(
			'"11/20/2026","-5.75","*","","PURCHASE AUTHORIZED ON 11/19 STARBUCKS"\n',
			'"11/15/2026","1000.00","*","","ACME PAYROLL"\n',
		),
		"--column date=1 --column label=5 --column amount=2",
	),
	"a card whose payments are negative": (
		"EUR",
		(
			"Datum,Beschreibung,Karteninhaber,Konto #,Betrag\n",
			'18/11/2026,AMAZON EU,MAX M,-11009,"23,90"\n',
			'15/11/2026,ZAHLUNG ERHALTEN DANKE,MAX M,-11009,"-250,00"\n',
		),
		"--sign normal",
	),
	"RBC": (
		"CAD",
		(
			'"Account Type","Account Number","Transaction Date","Cheque Number","Description 1","Description 2","CAD$","USD$"\n',
			'Chequing,01234-1234567,11/5/2026,,"COFFEE","TIM HORTONS",-3.50,,\n',
			'Chequing,01234-1234567,11/16/2026,,"PAYROLL","ACME",1200.00,,\n',
		),
		"--column date=3 --column label=5 --column amount=7",
	),
	"TD": (
		"CAD",
		(
			"11/05/2026,TIM HORTONS,3.50,,996.50\n",
			"11/16/2026,ACME PAYROLL,,1200.00,2196.50\n",
		),
		"--column date=1 --column label=2",
	),
	"HDFC": (
		"INR",
		(
			"Date,Narration,Value Dat,Debit Amount,Credit Amount,Chq/Ref Number,Closing Balance\n",
			"05/11/26,UPI-CAFE-1234,05/11/26,350.00,0.00,0000123,9650.00\n",
			"06/11/26,NEFT CLIENT,06/11/26,0.00,120000.00,N123,129650.00\n",
		),
		"--date-format DMY / --date-format MDY",
	),
}
"""By bank: currency, lines, and the options that the question names."""


@pytest.mark.parametrize(
	("currency", "encoding", "lines", "expected"), READ_AT_ONCE.values(), ids=READ_AT_ONCE.keys()
)
def test_the_export_is_read_at_once(currency, encoding, lines, expected):
	[account] = read("".join(lines).encode(encoding), ReadingOptions(currency)).accounts
	found = {(str(line.date), line.amount) for line in account.lines if line.state is LineState.BOOKED}
	assert found == {(day, Decimal(amount)) for day, amount in expected}
	assert len(found) == len(expected)
	assert account.mismatches == ()
	assert all("did not execute" in one.reason for one in account.refused)


@pytest.mark.parametrize(("currency", "lines", "options"), ASKED.values(), ids=ASKED.keys())
def test_an_export_that_could_mean_two_things_is_asked_about_with_a_likely_answer(currency, lines, options):
	with pytest.raises(ReadingQuestion) as asked:
		read("".join(lines).encode(), ReadingOptions(currency))
	assert options in str(asked.value)


def test_a_title_with_a_number_means_what_it_means_without():
	rows = "Date;Libellé 1;Libellé 3;Montant\n13/11/2026;CB;CAFE;-1,00\n14/11/2026;VIR;CLIENT;2,00\n"
	[account] = read(rows.encode(), ReadingOptions("EUR")).accounts
	assert [line.description for line in account.lines] == ["CB CAFE", "VIR CLIENT"]
