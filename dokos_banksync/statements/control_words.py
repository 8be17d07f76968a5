"""Words that the names of balances and totals are made of, and their abbreviations: `Closing Bal.`, `BAL B/FWD`."""

from __future__ import annotations

_ABBREVIATIONS = {
	"bal": "balance",
	"blce": "balance",
	"fwd": "forward",
	"frwd": "forward",
	"sdo": "saldo",
	"sld": "solde",
	"ant": "anterior",
	"prec": "precedente",
	"iniz": "iniziale",
	"ing": "ingaende",
	"utg": "utgaende",
	"prev": "previous",
	"eod": "end of day",
	"tot": "total",
}
_NOUNS_WORDS = """
	total totals totaux totale totali totaal totales totais totalt totaler sum sums summe summen summa suma sumy soma
	somme razem lacznie celkem spolu osszesen ukupno skupaj obroty
	"""
_NOUNS = frozenset(_NOUNS_WORDS.split())
"""With which the name of a total begins."""
_SUMMED_WORDS = """
	debit debits credit credits dr cr withdrawal withdrawals deposit deposits transaction transactions entries
	movements payments receipts in out charges purchases
	mouvement mouvements operation operations depenses recettes achats encaissements decaissements debiteur crediteur
	soll haben belastungen gutschriften lastschriften umsatze buchungen einnahmen ausgaben eingange ausgange
	entrate uscite addebiti accrediti dare avere movimenti cargos abonos debe haber ingresos gastos movimientos
	debitos creditos entradas saidas movimentos lancamentos af bij debet mutaties uznania uznan obciazenia obciazen
	operacji wplywy wydatki vydaje prijmy
	"""
_SUMMED = frozenset(_SUMMED_WORDS.split())
"""What a total is the sum of."""
_BETWEEN_WORDS = """
	of the for and au aux de des du la le les et en a der die und im di dei delle del e y los las do da dos das o i
	van w po
	"""
_BETWEEN = frozenset(_BETWEEN_WORDS.split())
CARRIED = frozenset(
	("ubertrag", "transport", "riporto", "suma y sigue", "report", "carried forward", "transporte")
)
"""Names of the balance that ends a page and begins the next one, under the same name."""
_END_OF_PERIOD = """
	closing end ending final cloture fin nouveau chiusura finale fine cierre fecho koncowe zamkniecia loppusaldo lopussa
	abschlusssaldo endbestand endsaldo neuer schlusssaldo schlussaldo eindsaldo slotsaldo slutsaldo sluttsaldo ultimo
	ultimosaldo utgaende
"""
END_OF_PERIOD = frozenset(_END_OF_PERIOD.split())
"""Words of the balance at the end of the period of a file; other closing balances may be those of its export."""
LATEST = frozenset(("letzter kontostand",))
"""Names of the balance before a statement, or of the latest one: at the end of it."""


def unabbreviated(words: str) -> str:
	"""Return the name of a control value with its abbreviations written out: `balance b forward`."""
	return " ".join(_ABBREVIATIONS.get(word, word) for word in words.split())


def names_total(words: str) -> bool:
	"""Whether a text says of what it is the total, and nothing else: `Total opérations au débit`, `Sum of credits`.

	`Total` alone, or beside any other word, may be a shop.
	"""
	first, *rest = [word for word in words.split() if not word.isdigit()] or [""]
	said = set(rest)
	return first in _NOUNS and bool(said & _SUMMED) and said <= _SUMMED | _BETWEEN
