"""Rows that a remark, a label or the reason of a refusal says not to be booked, in a table without a column for states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dokos_banksync.core.model import LineState
from dokos_banksync.statements import questions
from dokos_banksync.statements.amounts import is_nothing
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import (
	DETAILS,
	NO_COLUMN,
	Places,
	Role,
	column_option,
)
from dokos_banksync.statements.states import State, says_not_booked
from dokos_banksync.statements.vocabulary import key
from dokos_banksync.statements.yes_and_no import yes_or_no

_TEXTS = {Role.LABEL, Role.PARTY, *DETAILS}
_LONGEST = 30
_BEGINNINGS = (
	"pending",
	"not booked",
	"uncleared",
	"vorgemerkt",
	"nicht gebucht",
	"en attente",
	"non comptabilise",
	"in behandeling",
	"gereserveerd",
	"nog niet verwerkt",
	"pendiente",
	"pendente",
	"in sospeso",
	"in attesa",
	"da contabilizzare",
	"non contabilizzat",
	"niezaksiegowan",
	"reserverat",
	"reserveret",
	"reservert",
	"ej bokford",
	"katevaraus",
)
"""With which the label of a row begins that is not booked; no payee is called so."""
_MAY_BEGIN = re.compile("(?:pend|not|uncl|vorg|nich|en at|non|in |gere|nog|da c|niez|rese|ej|kat)", re.I)
"""A cheap test for them."""
_IN_BRACKETS = re.compile(r"[(\[]([^\d()\[\]]{4,30})[)\]]")
_REFUSAL = re.compile(
	r"\b(?:declin|reject|refus|rejet|annul|cancel|storn|ablehn|rechaz|weiger|rifiut|failure|avvis|odmow)"
)
"""What the title of a column begins a word with that says why, or when, a row was not executed."""


def check_doubtful_states(asker: Asker, rows: Sequence[Row], states: Sequence[State], roles: Places) -> None:
	"""Raise `ReadingQuestion` for the first row that is read as booked, and that a text of its own says not to be."""
	other = {place for role, place in roles.items() if role not in _TEXTS}
	for place, title in enumerate(asker.titles):
		if place in other:
			continue
		is_refusal = bool(_REFUSAL.search(key(title)))
		for row, text in _booked_texts(rows, states, place):
			if _is_given(text) if is_refusal else _says_not_booked(text):
				values = (row.number, text, asker.name(place), column_option(Role.STATE, NO_COLUMN))
				raise asker.ask(questions.FLAG, *values, suggested={Role.STATE: NO_COLUMN})


def _booked_texts(rows: Sequence[Row], states: Sequence[State], place: int) -> Iterator[tuple[Row, str]]:
	for row, state in zip(rows, states, strict=True):
		cell = row.cells[place] if place < len(row.cells) else ""
		if cell and state is LineState.BOOKED:
			yield row, written(cell)


def _is_given(text: str) -> bool:
	"""Whether the cell of a reason, or of a day, says something."""
	return not is_nothing(text) and yes_or_no(text) is not False and bool(text.strip(" 0.,-"))


def _says_not_booked(text: str) -> bool:
	if _MAY_BEGIN.match(text) and key(text).startswith(_BEGINNINGS):
		return True
	if ("(" in text or "[" in text) and any(map(says_not_booked, _IN_BRACKETS.findall(text))):
		return True
	return len(text) <= _LONGEST and " " not in text and text.isalpha() and says_not_booked(text)
