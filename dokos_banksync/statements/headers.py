"""Titles of columns in French, English and German, and what stands below them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

ROLES: Mapping[str, tuple[str, ...]] = {
	"value_date": (
		*("date valeur", "date de valeur", "dateval", "value date", "valuta", "valutadatum", "wertstellung"),
		*("wert", "wertstellungsdatum", "valeur"),
	),
	"date": (
		*("date", "date operation", "date d operation", "date de l operation", "dateop", "date comptable"),
		*("date de comptabilisation", "date d execution", "booking date", "transaction date", "posting date"),
		*("posted date", "date posted", "completed date", "buchungstag", "buchungsdatum", "datum", "buchung"),
	),
	"debit": (
		*("debit", "debits", "montant debit", "depenses", "withdrawal", "withdrawals", "debit amount"),
		*("paid out", "money out", "soll", "belastung", "lastschrift", "ausgang"),
	),
	"credit": (
		*("credit", "credits", "montant credit", "recettes", "deposit", "deposits", "credit amount"),
		*("paid in", "money in", "haben", "gutschrift", "eingang"),
	),
	"amount": (
		*("montant", "montant operation", "montant de l operation", "amount", "transaction amount"),
		*("betrag", "umsatz"),
	),
	"direction": ("sens", "debit credit", "credit debit", "soll haben", "dr cr"),
	"label": (
		*("libelle", "libelle operation", "libelle de l operation", "libelle simplifie", "label", "intitule"),
		*("nature de l operation", "description", "transaction description", "narrative", "memo"),
		*("verwendungszweck", "buchungstext", "beschreibung", "text"),
	),
	"details": (
		"details",
		"detail",
		"libelle complementaire",
		"informations complementaires",
		"communication",
	),
	"party": (
		*("beneficiaire", "contrepartie", "tiers", "nom", "counterparty", "payee", "name", "empfanger"),
		*("auftraggeber empfanger", "beguenstigter zahlungspflichtiger", "name zahlungsbeteiligter"),
	),
	"party_iban": ("iban contrepartie", "counterparty iban", "iban zahlungsbeteiligter"),
	"reference": (
		*("reference", "ref", "reference operation", "numero de piece", "check number", "referenz"),
		*("kundenreferenz", "end to end id"),
	),
	"id": (
		"id",
		"transaction id",
		"identifiant",
		"identifiant operation",
		"numero operation",
		"operation id",
	),
	"balance": (
		"solde",
		"solde apres operation",
		"balance",
		"running balance",
		"saldo",
		"kontostand",
		"accountbalance",
	),
	"currency": ("devise", "currency", "wahrung", "waehrung"),
	"account": (
		*("compte", "numero de compte", "numero compte", "account", "account number", "konto"),
		*("kontonummer", "auftragskonto", "iban auftragskonto"),
	),
}
"""What a column may hold, with its titles, as `key` writes them."""

_ENGLISH = frozenset(
	{
		*(
			"date",
			"value date",
			"booking date",
			"transaction date",
			"posting date",
			"posted date",
			"date posted",
		),
		*("completed date", "debit", "debits", "credit", "credits", "withdrawal", "withdrawals", "deposit"),
		*("deposits", "paid out", "paid in", "money out", "money in", "amount", "transaction amount", "memo"),
		*("label", "description", "transaction description", "narrative", "details", "detail", "reference"),
		*("ref", "check number", "id", "transaction id", "balance", "running balance", "currency", "account"),
		*("account number", "iban", "payee", "name", "counterparty", "text", "counterparty iban"),
		*("operation id", "debit amount", "credit amount", "communication", "end to end id", "dr cr"),
	}
)
_OTHERWISE = re.compile(r"\b(?:(?:en|in) )?(?:eur|euros?|usd|gbp|chf)\b")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def key(title: str) -> str:
	"""`Débit (€)` and `DEBIT EUROS` are `debit`."""
	text = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
	text = _NOT_A_WORD.sub(" ", text)
	return " ".join(_OTHERWISE.sub(" ", text).split()) or text.strip()


def guess(titles: Sequence[str]) -> dict[str, int]:
	"""Places of columns by role: titles that are known, then those that begin like one."""
	keys = [key(title) for title in titles]
	found: dict[str, int] = {}
	for role, words in ROLES.items():
		places = [(words.index(k), i) for i, k in enumerate(keys) if k in words]
		if places:
			found[role] = min(places)[1]
	for role in ("value_date", "date", "debit", "credit", "amount", "label", "balance"):
		free = [i for i in range(len(keys)) if i not in found.values()]
		begins = next((i for i in free if any(keys[i].startswith(f"{w} ") for w in ROLES[role])), None)
		if role not in found and begins is not None:
			found[role] = begins
	return found


def is_enough(roles: Mapping[str, object]) -> bool:
	"""A day, and money in one column or two."""
	return "date" in roles and bool({"amount", "debit", "credit"} & roles.keys())


def day_comes_first(titles: Sequence[str], roles: Mapping[str, int]) -> bool:
	"""French and German titles stand over days that are written day first; English ones tell nothing."""
	keys = {role: key(titles[place]) for role, place in roles.items() if place < len(titles)}
	return any(title in ROLES[role] and title not in _ENGLISH for role, title in keys.items())
