"""Tables of somebody's books: there, a debit of the bank's account is money in, and on the bank's statement it is money out."""

from __future__ import annotations

from dokos_banksync.statements.contract import NORMAL, REVERSED, SIGNS, Evidence
from dokos_banksync.statements.interpret import Choice
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.questions import JOURNAL, Asker
from dokos_banksync.statements.roles import Role, Setting
from dokos_banksync.statements.vocabulary import key

_SIDES = (Role.DEBIT, Role.CREDIT, Role.DIRECTION)
_TITLES = """
	journal|journalcode|journal code|code journal|journallib|libelle journal|journal entry|lettrage|ecriturelet
	ecriturenum|ecriturelib|numero d ecriture|n ecriture|buchungsjournal|journalnummer|buchungskreis|belegfeld 1
	gegenkonto ohne bu schlussel|bu schlussel|wkz umsatz|dagboek|dagboekcode|giornale|diario|asiento|n asiento
	numero de asiento|dziennik|verifikation|verifikationsnummer|bilagsnummer
"""
"""Titles of columns that books have, and no statement of a bank."""
_KNOWN = frozenset(title.strip() for line in _TITLES.strip().splitlines() for title in line.split("|"))

_BOTH_BALANCES = frozenset(("solde debiteur", "solde crediteur"))
"""Titles of two columns of balances, as a ledger has them."""


def check_journal(asker: Asker, known: Known, choice: Choice, *, sign: str) -> None:
	"""Raise `ReadingQuestion` where debits and credits stand beside the column of a journal, and no balance proves them.

	`sign` is what the user says.
	"""
	if choice.evidence is not Evidence.NONE or known.said(Setting.SIGN, sign):
		return
	titles = {key(title) for title in asker.titles}
	known_titles = _KNOWN | (_BOTH_BALANCES if titles >= _BOTH_BALANCES else frozenset())
	title = next((title for title in asker.titles if key(title) in known_titles), None)
	if title is None or choice.reading.roles.keys().isdisjoint(_SIDES):
		return
	choices = [{Setting.SIGN: one} for one in SIGNS]
	raise asker.ask(
		JOURNAL,
		title,
		f"--sign {NORMAL}",
		f"--sign {REVERSED}",
		suggested=asker.suggested(choice.reading.roles),
		choices=choices,
	)
