"""One account from two sources that date, name, split and sum its rows in their own ways.

The answers were written down first. A row is never lost and never counted twice without a question or a suggested pair.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from dokos_banksync.core.review.duplicates import find
from dokos_banksync.core.review.questions import questions
from tests.core.two_sources import TwoSources

FIRST, LAST = (-4, "-1", "DEBUT"), (9, "-2", "FIN")
SILENT, ASKED, LISTED = "silent", "asked", "listed"


def whole(source, *rows):
	"""Rows of a source that covers all days."""
	return source, (FIRST, *rows, LAST)


def part(source, *rows):
	return source, rows


def on(days, amount, label):
	return [(day, amount, label) for day in days]


E2E = [("reference", "E2E-SAL-2026-03")]
SALARIES = (5, "-100", "VIR SALAIRE A"), (5, "-80", "VIR SALAIRE B"), (5, "-120", "VIR SALAIRE C")
CARD = "CB SNCF INTERNET"
CUT = "VIR DUPONT FACTURE 2"
DEPOSIT = (3, "500", "REMISE CHQ 1234567"), (5, "500", "REM CHEQUE 1234567")
CINEMA = (5, "19.99", "CB NETFLIX ANNUL"), (6, "-19.99", "CB NETFLIX")

SCENARIOS = {
	# -- days: value date and booking date, weekends, time zones, card settlement ---------------------------------
	"DE: value date on Saturday, booked on Monday": (
		[
			whole("file", (6, "-950", "SEPA-LASTSCHRIFT MIETE HAUSVERWALTUNG")),
			whole("feed", (4, "-950", "SEPA Lastschr. Miete Hausverwaltung")),
		],
		["-950"],
		ASKED,
	),
	"DE: a standing order on Saturday in other words": (
		[
			whole("feed", (4, "-800", "Dauerauftrag Miete")),
			whole("file", (6, "-800", "DA MIETE WOHNUNG MUELLER")),
		],
		["-800"],
		ASKED,
	),
	"IT: an abbreviated transfer over the weekend": (
		[
			whole("file", (6, "-20", "BONIFICO A FAVORE DI ROSSI MARIO")),
			whole("feed", (4, "-20", "BON. ROSSI MARIO")),
		],
		["-20"],
		ASKED,
	),
	"UTC dates every row a day earlier": (
		[
			whole("file", *on((1, 3, 5), "-20", "UBER TRIP")),
			whole("feed", *on((0, 2, 4), "-20", "UBER TRIP")),
		],
		["-20"] * 3,
		SILENT,
	),
	"UTC, where a file ends": (
		[
			part("file", (1, "-20", "UBER TRIP"), (3, "-7", "LIDL"), (5, "-20", "UBER TRIP")),
			part("feed", (4, "-20", "UBER TRIP"), (8, "-9", "ALDI")),
		],
		["-20", "-7", "-20", "-9"],
		SILENT,
	),
	"ES: a card that settles after three days, day after day": (
		[
			whole("feed", *on((2, 3, 4), "-3.50", "COMPRA TARJ. BAR PEPE")),
			whole("file", *on((5, 6, 7), "-3.50", "COMPRA TARJETA BAR PEPE")),
		],
		["-3.5"] * 3,
		ASKED,
	),
	"a card that settles after four days, on the day of the next purchase": (
		[whole("feed", *on((0, 4), "-15", "CB PISCINE")), whole("file", *on((4, 8), "-15", "CB PISCINE"))],
		["-15"] * 2,
		ASKED,
	),
	"a card that settles after five days": (
		[whole("feed", (1, "-27.80", CARD)), whole("file", (6, "-27.80", CARD))],
		["-27.8"],
		LISTED,
	),
	"a card that settles after five days, with the day of the purchase": (
		[whole("feed", (1, "-27.80", "SNCF INTERNET")), whole("file", (6, "-27.80", f"{CARD} 11/03"))],
		["-27.8"],
		LISTED,
	),
	"a cheque that is deposited two days earlier": (
		[whole("file", DEPOSIT[0]), whole("feed", DEPOSIT[1])],
		["500"],
		SILENT,
	),
	"the last day of a feed in a file that begins a day later": (
		[part("feed", FIRST, (10, "-55", "EDF PRLV MARS")), part("file", (11, "-55", "EDF PRLV MARS"))],
		["-55"],
		LISTED,
	),
	# -- labels: cut, abbreviated, in other words ------------------------------------------------------------------
	"FR: cut and abbreviated": (
		[
			whole("file", (3, "-61", "PRELEVEMENT EUROPEEN EDF CLIENTS PARTICULIERS 123456")),
			whole("feed", (3, "-61", "PRLV SEPA EDF CLIE")),
		],
		["-61"],
		SILENT,
	),
	"NL: two shops, one amount, one abbreviated": (
		[
			whole("file", (3, "-12.50", "BETAALAUTOMAAT ALBERT HEIJN 1234"), (3, "-12.50", "BEA JUMBO")),
			whole("feed", (3, "-12.50", "Albert Heijn 1234"), (3, "-12.50", "Jumbo supermarkt")),
		],
		["-12.5"] * 2,
		LISTED,
	),
	"FR: two rows of one amount in crossing words": (
		[
			whole("file", (3, "-30", "CB DARTY"), (3, "-30", "PRLV SFR")),
			whole("feed", (3, "-30", "SFR MOBILE"), (3, "-30", "DARTY FR 75")),
		],
		["-30"] * 2,
		LISTED,
	),
	"two subscriptions of one price whose days are exchanged": (
		[
			whole("feed", (2, "-9.99", "SPOTIFY"), (3, "-9.99", "NETFLIX")),
			whole("file", (2, "-9.99", "PAYPAL *NETFLIX"), (3, "-9.99", "PAYPAL *SPOTIFY")),
		],
		["-9.99"] * 2,
		ASKED,
	),
	"two invoices cut before their numbers, a day later": (
		[
			whole("feed", (2, "-500", f"{CUT}026-017"), (3, "-500", f"{CUT}026-018")),
			whole("file", *on((3, 4), "-500", CUT)),
		],
		["-500"] * 2,
		ASKED,
	),
	"the same, in a file that begins where the feed ends": (
		[
			part("feed", FIRST, (9, "-500", f"{CUT}026-017"), (10, "-500", f"{CUT}026-018")),
			part("file", *on((10, 11), "-500", CUT)),
		],
		["-500"] * 2,
		LISTED,
	),
	"an invoice number with leading zeros": (
		[
			whole("file", (3, "-90", "VIR DUPONT FACTURE 00123")),
			whole("feed", (3, "-90", "VIREMENT DUPONT FACTURE 123")),
		],
		["-90"],
		SILENT,
	),
	"ES: two invoices of one amount and day": (
		[
			whole("file", (3, "-20", "RECIBO AGUA 2026/0312")),
			whole("feed", (3, "-20", "ADEUDO AGUA 20260313")),
		],
		["-20"] * 2,
		SILENT,
	),
	"DE: a mandate here, a customer number there": (
		[
			whole("file", (3, "-20", "LASTSCHRIFT TELEKOM MREF 99887766")),
			whole("feed", (3, "-20", "TELEKOM KDNR 11223344")),
		],
		["-20"],
		LISTED,
	),
	"a reference in a field here, in the label there": (
		[
			whole("feed", (3, "2500", "GEHALT", E2E)),
			whole("file", (4, "2500", "LOHN GEHALT E2E-SAL-2026-03")),
		],
		["2500"],
		LISTED,
	),
	"one of two people of one family name": (
		[
			whole("file", (3, "-40", "VIR MARTIN PAUL"), (3, "-40", "VIR MARTIN ANNE")),
			whole("feed", (3, "-40", "VIREMENT MARTIN")),
		],
		["-40"] * 2,
		ASKED,
	),
	"the one at the end of a file, the other at the beginning of the next one": (
		[
			part("file", FIRST, (3, "-40", "VIR MARTIN PAUL LOYER")),
			part("file", (3, "-40", "VIR MARTIN ANNE LOYER"), LAST),
		],
		["-40"] * 2,
		ASKED,
	),
	"another provider in other words": (
		[
			whole("feed", (3, "-33.10", "AMZN Mktp DE*2K3")),
			whole("second feed", (3, "-33.10", "Amazon")),
		],
		["-33.1"],
		LISTED,
	),
	"an amount in another currency in the label": (
		[
			whole("file", (3, "-9.30", "AMAZON COM 10,00USD KURS 1,075")),
			whole("feed", (3, "-9.30", "AMAZON.COM USD 10.00")),
		],
		["-9.3"],
		LISTED,
	),
	# -- the same amount several times -----------------------------------------------------------------------------
	"the second of two coffees comes with the next fetch": (
		[
			whole("file", *on((3, 3), "-4", "CAFE")),
			part("feed", FIRST, (3, "-4", "CAFE")),
			part("feed", (3, "-4", "CAFE"), LAST),
		],
		["-4"] * 2,
		SILENT,
	),
	"two withdrawals of a day, in two fetches": (
		[
			whole("file", *on((2, 2), "-50", "RETRAIT DAB 12/03 LYON")),
			part("feed", FIRST, (2, "-50", "RET DAB 12/03 LYON 14H02")),
			part("feed", (2, "-50", "RET DAB 12/03 LYON 18H40"), LAST),
		],
		["-50"] * 2,
		SILENT,
	),
	"a file ends at noon, the feed has the whole day": (
		[part("file", FIRST, (5, "-10", "CB BUS")), whole("feed", *on((5, 5), "-10", "CB BUS"))],
		["-10"] * 2,
		SILENT,
	),
	"three equal rows, one of them a day later": (
		[
			whole("file", *on((3, 3, 3), "-2", "PARKING")),
			whole("feed", *on((3, 3, 4), "-2", "PARKING")),
		],
		["-2"] * 3,
		SILENT,
	),
	"entered twice by hand, booked once": (
		[part("hand", *on((3, 3), "-15", "Taxi")), whole("feed", (3, "-15", "TAXI"))],
		["-15"] * 2,
		SILENT,
	),
	"entered by hand in other words, booked two days later": (
		[part("hand", (3, "-120", "Loyer bureau")), whole("feed", (5, "-120", "VIR SCI DUPONT LOYER MARS"))],
		["-120"],
		LISTED,
	),
	# -- reversals -------------------------------------------------------------------------------------------------
	"a reversal that is booked a day later": (
		[
			whole("file", (3, "-50", "CB HOTEL IBIS"), (4, "50", "ANNULATION CB HOTEL IBIS")),
			whole("feed", (3, "-50", "Hotel Ibis"), (5, "50", "Hotel Ibis")),
		],
		["-50", "50"],
		ASKED,
	),
	"a debit that is returned": (
		[
			whole("file", (4, "-80", "PRLV EDF"), (4, "80", "REJET PRLV EDF")),
			whole("feed", (4, "-80", "EDF"), (6, "80", "EDF REJET")),
		],
		["-80", "80"],
		ASKED,
	),
	"reversed and booked again, in a file from the reversal on": (
		[part("file", *CINEMA, LAST), whole("feed", (3, "-19.99", "CB NETFLIX"), *CINEMA)],
		["-19.99", "19.99", "-19.99"],
		SILENT,
	),
	# -- sums ------------------------------------------------------------------------------------------------------
	"IT: the fee of a foreign currency is a row of its own": (
		[
			whole("file", (4, "-100", "PAGAMENTO POS NEW YORK"), (4, "-1.75", "COMMISSIONE VALUTA")),
			whole("feed", (4, "-101.75", "Pagamento POS New York")),
		],
		["-100", "-1.75"],
		ASKED,
	),
	"IT: the fee two days later": (
		[
			whole("feed", (4, "-101.75", "Pagamento POS New York")),
			whole("file", (4, "-100", "PAGAMENTO POS NEW YORK"), (6, "-1.75", "COMMISSIONE VALUTA")),
		],
		["-101.75"],
		ASKED,
	),
	"a payout, gross and fee": (
		[
			whole("file", (4, "970", "STRIPE PAYOUT")),
			whole("feed", (4, "1000", "STRIPE"), (4, "-30", "STRIPE FEE")),
		],
		["970"],
		ASKED,
	),
	"the fixed fee of a small payment": (
		[
			whole("file", (4, "2.60", "PAYPAL")),
			whole("feed", (4, "3.00", "PAYPAL"), (4, "-0.40", "PAYPAL FEE")),
		],
		["2.6"],
		ASKED,
	),
	"DE: interest and the tax on it": (
		[
			whole("feed", (4, "10.00", "HABENZINSEN"), (4, "-2.64", "KAPITALERTRAGSTEUER")),
			whole("file", (4, "7.36", "ABSCHLUSS ZINSEN")),
		],
		["10", "-2.64"],
		ASKED,
	),
	"a payout of three days": (
		[
			whole("file", (5, "60", "SUMUP")),
			whole("feed", (3, "10", "V1"), (4, "20", "V2"), (5, "30", "V3")),
		],
		["60"],
		ASKED,
	),
	"a tip beside the bill": (
		[whole("file", (3, "-44", "RESTO")), whole("feed", (3, "-40", "RESTO"), (3, "-4", "RESTO TIP"))],
		["-44"],
		ASKED,
	),
	"two batches of one day": (
		[
			whole("file", (5, "-300", "BATCH 1"), (5, "-500", "BATCH 2")),
			whole("feed", (5, "-100", "V1"), (5, "-200", "V2"), (5, "-150", "V3"), (5, "-350", "V4")),
		],
		["-300", "-500"],
		ASKED,
	),
	"three sources, one has the parts": (
		[
			whole("file", (5, "-300", "BATCH")),
			whole("feed", *SALARIES),
			whole("second feed", (5, "-300", "BATCH VIR")),
		],
		["-300"],
		ASKED,
	),
	"three sources, two have the parts": (
		[whole("file", (5, "-300", "BATCH")), whole("feed", *SALARIES), whole("second feed", *SALARIES)],
		["-300"],
		ASKED,
	),
	"a batch that was entered by hand": (
		[part("hand", (5, "-300", "Salaires mars")), whole("feed", *SALARIES)],
		["-300"],
		ASKED,
	),
}


def go_through(books, steps):
	second = None
	for number, (source, rows) in enumerate(steps):
		if source == "file":
			books.take(*rows, name=f"{number}.csv")
		elif source == "feed":
			books.fetch(*rows)
		elif source == "hand":
			books.enter(*rows)
		else:
			second = second or books.second_feed()
			second(*rows)


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_or_counted_twice_without_a_word(tmp_path, name):
	steps, truth, outcome = SCENARIOS[name]
	books = TwoSources(tmp_path)
	with books.ledger:
		go_through(books, steps)
		held = Counter(Decimal(one) for one in books.amounts())
		asked = Counter(one.line.amount for one in questions(books.ledger))
		listed = Counter(pair.first.known.amount for pair in find(books.ledger, "A"))
	wanted = Counter(map(Decimal, truth))
	wanted += Counter({Decimal(row[1]): 1 for row in (FIRST, LAST) if any(row in rows for _, rows in steps)})
	assert not wanted - held - asked, "lost"
	assert not held - wanted - asked - listed, "counted twice"
	shown = ASKED if asked else LISTED if held != wanted else SILENT
	assert shown == outcome
