"""Nouns of headings and titles, as `vocabulary.key` writes them, in the languages of the banks whose statements are read."""

from __future__ import annotations

_ACCOUNTS = """
	account compte comptes konto livret girokonto sparkonto tagesgeldkonto rekening betaalrekening spaarrekening cuenta
	cuentas conta conto lonekonto lonkonto tili ucet szamla rachunek racun cont
	"""
ACCOUNTS = frozenset(_ACCOUNTS.split())
_STATEMENTS = """
	statement releve extrait extracto extrato estratto kontoauszug kontoauszuge rekeningafschrift kontoutdrag kontoudskrift
	kontoutskrift tiliote vypis wyciag
	"""
STATEMENTS = frozenset(_STATEMENTS.split())
_AMOUNTS = """
	amount amounts figures values montant montants sommes betrag betrage werte importe importes importo importi valor
	valores bedrag bedragen belopp belop belob kwota kwoty summa suma castka
	"""
AMOUNTS = frozenset(_AMOUNTS.split())
