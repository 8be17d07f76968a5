"""What a file says of the state of each row: booked, pending, or not executed at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, Union

from dokos_banksync.core.model import LineState
from dokos_banksync.statements import questions
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import NO_COLUMN, Role, column_option
from dokos_banksync.statements.vocabulary import REJECTED, key, state
from dokos_banksync.statements.yes_and_no import yes_or_no

State: TypeAlias = Union[LineState, str]  # noqa: UP007 - Python 3.10 evaluates it
"""A state of the model, or `REJECTED` for a row that moved no money."""

_KINDS_OF_BOOKED = frozenset(
	[
		"scheduled",
		"planned",
		"open",
		"processing",
		"outstanding",
		"in transit",
		"authorised",
		"authorized",
		"prevu",
		"previsionnel",
		"autorise",
		"programado",
		"autorizado",
		"agendado",
		"previsto",
		"programmato",
		"autorizzato",
		"prenotato",
		"geplant",
		"autorisiert",
		"offen",
		"gepland",
		"openstaand",
		"lopend",
		"planlagt",
		"planerad",
		"zaplanowana",
		"zaplanowany",
		"bevakning",
		"avoin",
		"tuleva",
	]
)
"""Words for pending rows that may as well be the kind of a booked one: a scheduled payment that was made."""

_REVERSALS = frozenset(
	(
		*("storno", "stornierung", "reversal", "cancellation", "extourne", "contrepassation", "annulation"),
		*("anulacion", "annullamento", "estorno", "annulering", "makulering"),
	)
)
"""Titles of columns that mark a reversal, or what it reverses, with a yes."""

PAID_ELSEWHERE = "paid elsewhere"
"""Of a row that another account or card paid: no money of this account moved."""

_BY_NAME: dict[str, State] = {"booked": LineState.BOOKED, "pending": LineState.PENDING, "rejected": REJECTED}


def find_states(rows: Sequence[Row], known: Known, asker: Asker) -> list[State]:
	"""Return the state of each row. Raises `ReadingQuestion` for a word of the state's column that is not known."""
	place = known.roles.get(Role.STATE)
	flag = _flag(rows, known, asker) if place is None and Role.STATE not in known.given else None
	return _paid_elsewhere(rows, flag or _from_words(rows, place, known, asker), known, asker)


def _paid_elsewhere(rows: Sequence[Row], found: list[State], known: Known, asker: Asker) -> list[State]:
	"""Return the states, with `PAID_ELSEWHERE` for the rows that the profile's column says another account paid."""
	funding = known.profile.funding if known.profile else None
	if not funding:
		return found
	place = [key(title) for title in asker.titles].index(key(funding.column))
	return [
		said if funding.is_own(_text(row, place)) else PAID_ELSEWHERE
		for row, said in zip(rows, found, strict=True)
	]


def _from_words(rows: Sequence[Row], place: int | None, known: Known, asker: Asker) -> list[State]:
	"""Return the states that the words of a column say, or those that stand where days do."""
	day = known.roles.get(Role.DATE, -1)
	asks_kind = place is None and Role.STATE not in known.given
	kind = known.roles.get(Role.KIND, -1) if asks_kind else -1
	special = known.profile.states if known.profile else {}
	found: list[State] = []
	for row in rows:
		text = _text(row, place) if place is not None else ""
		said = _BY_NAME.get(special.get(text.lower(), "")) or (state(text) if text else LineState.BOOKED)
		if said is None:
			raise asker.ask(
				questions.STATE,
				row.number,
				text,
				column_option(Role.STATE, NO_COLUMN),
				suggested={Role.STATE: NO_COLUMN},
			)
		if said is LineState.BOOKED and not _begins_with_digit(row, day) and (in_day := _text(row, day)):
			said = said if in_day[0].isdigit() else state(in_day) or said
		if kind >= 0 and _is_pending_kind(_text(row, kind)):
			said = LineState.PENDING
		found.append(said)
	return found


def _is_pending_kind(text: str) -> bool:
	return state(text) is LineState.PENDING and key(text) not in _KINDS_OF_BOOKED


def says_not_booked(text: str) -> bool:
	"""Whether a text is a word for a row that is pending or moved no money, and no kind of a booked one."""
	found = state(text)
	return found not in (None, LineState.BOOKED) and key(text) not in _KINDS_OF_BOOKED


def _flag(rows: Sequence[Row], known: Known, asker: Asker) -> list[State] | None:
	"""Return the states by a column of yes and no whose title is a state, such as `Pending`; None without such a column.

	Raises `ReadingQuestion` for a yes under `Reversed`, where the row may be the reversal or what it reversed, and for
	a no under `Booked` or `Cleared`, where only the user's own books may lack it.
	"""
	taken = set(known.roles.values())
	for place, title in enumerate(asker.titles):
		meant = _meant(key(title).removeprefix("is ")) if title else None
		if meant is None or place in taken:
			continue
		texts = [_text(row, place) for row in rows]
		said = [yes_or_no(text) if text else False for text in texts]
		if not any(texts) or None in said:
			continue
		if meant is LineState.PENDING:
			return [LineState.PENDING if one else LineState.BOOKED for one in said]
		if (doubtful := meant is not LineState.BOOKED) in said:
			index = said.index(doubtful)
			values = (rows[index].number, texts[index] or "–", title)
			raise asker.ask(
				questions.FLAG,
				*values,
				column_option(Role.STATE, NO_COLUMN),
				suggested={Role.STATE: NO_COLUMN},
			)
	return None


def _meant(title: str) -> State | None:
	return REJECTED if title in _REVERSALS else state(title)


def is_rejected(found: State) -> bool:
	"""Whether the row moved no money."""
	return found in (REJECTED, PAID_ELSEWHERE)


def _begins_with_digit(row: Row, place: int) -> bool:
	"""Return whether a cell begins as most days do; no state does."""
	cell = row.cells[place] if 0 <= place < len(row.cells) else ""
	return not isinstance(cell, str) or cell[:1].isdigit()


def _text(row: Row, place: int) -> str:
	return written(row.cells[place]) if 0 <= place < len(row.cells) else ""
