"""Usual abbreviations of bank statements, by language: each group is one word to the comparison of labels."""

from __future__ import annotations

from collections.abc import Mapping

_GROUPS: Mapping[str, tuple[tuple[str, ...], ...]] = {
	"fr": (
		("prelevement", "prlv", "prelvt", "prel", "prlvt"),
		("virement", "vir", "virt", "vrt"),
		(
			"carte",
			"cb",
			"paiement cb",
			"paiement carte",
			"paiement par carte",
			"achat cb",
			"achat carte",
			"facture carte",
		),
		("cheque", "chq", "chqe", "cheq"),
		("retrait", "ret", "retrait dab", "ret dab"),
		("versement", "vers", "verst"),
		("remise", "rem"),
		("cotisation", "cotis"),
		("frais", "frs"),
		("europeen", "sepa"),
	),
	"de": (
		("lastschrift", "lastschr", "ls", "sepa lastschrift", "basislastschrift"),
		("gutschrift", "gutschr", "gs"),
		("ueberweisung", "uberweisung", "ueberw", "uberw", "ueb"),
		("kartenzahlung", "kartenz", "girocard", "ec karte"),
		("dauerauftrag", "dauerauftr", "da"),
		("rechnung", "rechn", "rg", "rgnr"),
		("gehalt", "lohn gehalt"),
		("barauszahlung", "auszahlung"),
	),
	"en": (
		("direct debit", "dd", "ddr", "dir debit"),
		("standing order", "so", "sto", "stg order"),
		("card payment", "card", "pos", "card purchase", "visa purchase"),
		("transfer", "tfr", "trf", "xfer"),
		("payment", "pymt", "pmt", "pmnt"),
		("invoice", "inv"),
		("cash withdrawal", "atm", "cash machine"),
		("reference", "ref"),
	),
	"nl": (
		("overschrijving", "overschr", "overb", "overboeking"),
		("incasso", "domiciliering", "domicil"),
		("betaalautomaat", "bea"),
		("geldautomaat", "gea"),
	),
	"es": (
		("transferencia", "transf", "trf", "transfer"),
		("recibo", "rec", "rbo", "adeudo"),
		("tarjeta", "tarj", "compra tarjeta", "compra tarj"),
	),
	"it": (
		("bonifico", "bon", "bonif"),
		("addebito", "add", "addebito diretto", "rid"),
		("pagamento", "pag", "pagam"),
	),
}

MAX_PHRASE = max(len(form.split()) for groups in _GROUPS.values() for group in groups for form in group)
"""Words of the longest form."""


def _canonical() -> dict[tuple[str, ...], str]:
	found: dict[tuple[str, ...], str] = {}
	for groups in _GROUPS.values():
		for group in groups:
			word = group[0].replace(" ", "")
			for form in group:
				# A form of two languages means the word of the first.
				word = found.get(tuple(form.split()), word)
			for form in group:
				found.setdefault(tuple(form.split()), word)
	return found


CANONICAL: Mapping[tuple[str, ...], str] = _canonical()
"""The word by which each form is replaced; a form may be several words."""

_FURTHER_KINDS = (
	"core b2b instantane inst instant permanent recu recue emis emise recurrent zahlung paiement received sent online "
	"echtzeit folgelastschrift erstlastschrift"
)
KINDS = frozenset(CANONICAL.values()) - {"reference", "invoice", "rechnung"} | frozenset(
	_FURTHER_KINDS.split()
)
"""Words that say what kind of transaction it is, and not with whom."""
