"""What a small French company's accounts live through, day by day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

from dokos_banksync.sandbox.movements import Draft, Monthly

LOAN_INSTALMENT = 178025
"""In cents: what the loan takes from the main account on the fifth."""

_QUARTERS = (1, 4, 7, 10)

MAIN_ACCOUNT = (
	Monthly(1, "VIR SEPA SCI DES TILLEULS LOYER {month}", "Loyer Sci Des Tilleuls", -185000, -185000, "rent", "transfer"),
	Monthly(3, "PRLV SEPA NUAGEO HEBERGEMENT {ref:06d}", "Nuageo", -8990, -8990, "online_services", announced=3),
	Monthly(5, "ECHEANCE PRET 0512 {month}", "Echeance Pret", -LOAN_INSTALMENT, -LOAN_INSTALMENT, "loan", "unknown", 5),
	Monthly(5, "PRLV SEPA URSSAF ILE DE FRANCE {ref:06d}", "Urssaf", -142000, -88000, "social", announced=4),
	Monthly(8, "PRLV SEPA VOLTALYS ELECTRICITE {ref:06d}", "Voltalys", -24500, -9800, "electricity", announced=3),
	Monthly(10, "PRLV SEPA MUTUELLE DU PHARE {ref:06d}", "Mutuelle Du Phare", -21430, -21430, "insurance"),
	Monthly(12, "PRLV SEPA FIBRALINE PRO {ref:06d}", "Fibraline Pro", -5880, -5880, "internet", announced=3),
	Monthly(15, "PRLV SEPA MOBIWAVE {ref:06d}", "Mobiwave", -9700, -6200, "mobile"),
	Monthly(18, "VIR SEPA CABINET HORTENSE COMPTA {month}", "Cabinet Hortense", -42000, -42000, "accounting", "transfer"),
	Monthly(21, "PRLV SEPA DGFIP TVA {month}", "Dgfip Tva", -290000, -110000, "vat", announced=5),
	Monthly(15, "PRLV SEPA DGFIP IS ACOMPTE {month}", "Dgfip Is", -180000, -120000, "tax", months=(3, 6, 9, 12)),
	Monthly(26, "VIR SEPA SALAIRE A PERRIN {month}", "Salaire A Perrin", -231040, -231040, "wages", "transfer"),
	Monthly(26, "VIR SEPA SALAIRE L NGUYEN {month}", "Salaire L Nguyen", -198515, -198515, "wages", "transfer"),
	Monthly(26, "VIR SEPA SALAIRE S BENALI {month}", "Salaire S Benali", -176290, -176290, "wages", "transfer"),
	Monthly(26, "VIR SEPA REMUNERATION GERANCE {month}", "Remuneration Gerance", -320000, -320000, "director", "transfer"),
	Monthly(27, "COTISATION CONVENTION PRO", "Cotisation Convention Pro", -2490, -2490, "bank_fees", "unknown"),
	Monthly(28, "COMMISSIONS CARTE {month}", "Commissions Carte", -9400, -3100, "bank_fees", "unknown"),
	Monthly(14, "VIR SEPA ATELIER GRAVURE SOUS TRAITANCE", "Atelier Gravure", -160000, -60000, "subcontracting", "transfer"),
	Monthly(9, "PRLV SEPA REGIE DES EAUX {ref:06d}", "Regie Des Eaux", -14200, -7600, "water", months=_QUARTERS),
)  # fmt: skip
SECOND_ACCOUNT = (
	Monthly(2, "VIR INTERNE APPROVISIONNEMENT", "Virement Interne", 60000, 90000, "transfer_in", "transfer"),
	Monthly(11, "PRLV SEPA AFFICHEO PUBLICITE {ref:06d}", "Afficheo", -38000, -12000, "advertising", announced=3),
	Monthly(22, "PRLV SEPA LICENCIA LOGICIELS {ref:06d}", "Licencia", -11880, -11880, "licences"),
	Monthly(27, "COTISATION COMPTE", "Cotisation Compte", -900, -900, "bank_fees", "unknown"),
)  # fmt: skip
DOLLAR_ACCOUNT = (
	Monthly(4, "INCOMING WIRE HARBORSIDE GOODS INC {ref:06d}", "Harborside Goods", 180000, 420000, "sales", "transfer"),
	Monthly(13, "OUTGOING WIRE PACIFIC PARTS LTD {ref:06d}", "Pacific Parts", -260000, -90000, "work_other", "transfer"),
	Monthly(17, "CLOUDPEAK SUBSCRIPTION {ref:06d}", "Cloudpeak", -7900, -7900, "online_services", "card"),
	Monthly(27, "WIRE FEES", "Wire Fees", -1500, -1500, "bank_fees", "unknown"),
)  # fmt: skip
SAVINGS_ACCOUNT = (
	Monthly(6, "VIR EPARGNE", "Virement Epargne", 30000, 50000, "savings", "transfer"),
	Monthly(31, "INTERETS CREDITEURS", "Interets Crediteurs", 18000, 34000, "interest", "unknown", months=(12,)),
)  # fmt: skip
CASH_ACCOUNT = (
	Monthly(7, "VERSEMENT ESPECES AUTOMATE", "Versement Especes", 15000, 60000, "sales", "unknown"),
	Monthly(20, "RETRAIT DAB 0412", "Retrait Dab", -40000, -10000, "withdrawal", "card"),
)  # fmt: skip

_CUSTOMERS = (
	"MAISON BRUNEL", "SARL OPALINE", "GARAGE DU MOULIN", "MAIRIE DE VALROUGE", "ATELIERS KERMOR", "STE DELVAUX",
	"EPICERIE FINE LOUISE", "CABINET ROMARIN", "BOULANGERIE MARTIAL", "HOTEL DES REMPARTS", "ASSOC LES GLYCINES",
)  # fmt: skip
_SUPPLIERS = (
	"PAPETERIE CENTRALE", "GROSSISTE DU NORD", "TRANSPORTS ALIZE", "IMPRIMERIE CELADON", "METAUX RIVOIRE",
	"EMBALLAGES DUPRE", "OUTILLAGE PRO 33", "VERRERIE DU LAC",
)  # fmt: skip
_SHOPS = (
	("CAFE DU CANAL", 250, 890, "restaurant"), ("BISTROT LE ZINC", 1450, 5200, "restaurant"),
	("STATION PETROVAL", 4500, 9600, "fuel"), ("RAIL EXPRESS", 2900, 14800, "train"),
	("AUTOROUTES DU LEVANT", 380, 3460, "toll"), ("BUREAU FACILE", 890, 18900, "supplies"),
	("QUINCAILLERIE DU PORT", 640, 9900, "work_other"), ("PARKING REPUBLIQUE", 300, 2400, "work_other"),
)  # fmt: skip
_FUEL_HOLD = 12000


def main_account(day: date, rng: random.Random) -> Iterator[Draft]:
	"""Yield customers, card takings, suppliers, purchases and all that is due each month."""
	yield from _monthly(MAIN_ACCOUNT, day, rng)
	if day.weekday() > 4:
		return
	if rng.random() < 0.6:
		yield _customer_pays(day, rng)
	takings = rng.randint(12000, 78000)
	yield Draft(
		takings,
		f"REMISE CB {rng.randrange(10**7):07d} DU {day:%d%m%y}",
		clean="Remise Cb",
		category="sales",
		operation="unknown",
	)
	if rng.random() < 0.42:
		yield _supplier_paid(rng)
	if rng.random() < 0.06:
		yield Draft(
			rng.randint(9000, 64000),
			f"REMISE CHEQUES {rng.randrange(10**7):07d}",
			clean="Remise Cheques",
			category="cheque",
			operation="check",
		)
	yield from purchases(day, rng, 3)


def second_account(day: date, rng: random.Random) -> Iterator[Draft]:
	"""Yield a quieter account: advertising and licences, fed from the main one."""
	yield from _monthly(SECOND_ACCOUNT, day, rng)
	if day.weekday() < 5 and rng.random() < 0.04:
		yield _customer_pays(day, rng)


def dollar_account(day: date, rng: random.Random) -> Iterator[Draft]:
	"""Trade in dollars."""
	return _monthly(DOLLAR_ACCOUNT, day, rng)


def savings_account(day: date, rng: random.Random) -> Iterator[Draft]:
	"""Return a monthly saving and the interest of the year."""
	return _monthly(SAVINGS_ACCOUNT, day, rng)


def cash_account(day: date, rng: random.Random) -> Iterator[Draft]:
	"""Cash paid in and drawn."""
	return _monthly(CASH_ACCOUNT, day, rng)


def purchases(day: date, rng: random.Random, most: int) -> Iterator[Draft]:
	"""Card purchases of a working day; on some days two coffees that differ in nothing."""
	if day.weekday() > 4:
		return
	for _ in range(rng.randint(0, most)):
		yield _purchase(day, rng)
	if rng.random() < 0.05:
		yield from [
			Draft(
				-260,
				f"CB CAFE DU CANAL {day:%d%m%y}",
				clean="Cafe Du Canal",
				category="restaurant",
				operation="card",
			)
		] * 2


def _monthly(schedule: tuple[Monthly, ...], day: date, rng: random.Random) -> Iterator[Draft]:
	for due in schedule:
		yield from due.drafts(day, rng)


def _customer_pays(day: date, rng: random.Random) -> Draft:
	customer = rng.choice(_CUSTOMERS)
	label = f"VIR SEPA RECU {customer} FACT FA-{day:%Y}-{rng.randrange(10**4):04d}"
	return Draft(
		rng.randint(24000, 280000), label, clean=customer.title(), category="sales", operation="transfer"
	)


def _supplier_paid(rng: random.Random) -> Draft:
	supplier, cents = rng.choice(_SUPPLIERS), -rng.randint(6000, 128000)
	if rng.random() < 0.5:
		return Draft(cents, f"PRLV SEPA {supplier} REF {rng.randrange(10**5):05d}", clean=supplier.title(), category="work_other", operation="direct_debit", announced=3)  # fmt: skip
	return Draft(
		cents,
		f"VIR SEPA {supplier} FACTURE {rng.randrange(10**5):05d}",
		clean=supplier.title(),
		category="work_other",
		operation="transfer",
	)


def _purchase(day: date, rng: random.Random) -> Draft:
	shop, low, high, category = rng.choice(_SHOPS)
	cents, before = -rng.randint(low, high), rng.randint(0, 2)
	waiting = 2 if rng.random() < 0.25 else 0
	held = -_FUEL_HOLD if waiting and category == "fuel" else None
	label = f"CB {shop} {day:%d%m%y}"
	return Draft(
		cents,
		label,
		clean=shop.title(),
		category=category,
		operation="card",
		bought_before=before,
		announced=waiting,
		announced_cents=held,
		rebooks=bool(waiting),
	)
