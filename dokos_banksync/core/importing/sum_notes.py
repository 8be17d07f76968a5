"""What is written down with a question about a sum: which bank transactions count the money of the row already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dokos_banksync.core.message import Message

IS_SUM = "Its amount is the sum of {0}, which another source gives"
IS_PART = "With other rows it adds up to {0}, which another source gives"
IS_LAST_PART = (
	"With other rows, of which {1} were imported earlier, it adds up to {0}, which another source gives"
)
COUNTED_IN = "A user decided that {0} counts it"

_BETWEEN = ", "


class Noted(NamedTuple):
	"""The names in a note."""

	counted_in: tuple[str, ...]
	"""The bank transactions of other sources that have the same sum."""
	imported: tuple[str, ...] = ()
	"""Bank transactions of the source of the row that are further parts of it."""


def note_of(counted_in: Iterable[str], imported: Iterable[str], *, is_sum: bool) -> Message:
	"""Return the note of a row that is the sum of bank transactions, or a part of one."""
	theirs, own = _BETWEEN.join(counted_in), _BETWEEN.join(imported)
	if own:
		return Message(IS_LAST_PART, theirs, own)
	return Message(IS_SUM if is_sum else IS_PART, theirs)


def noted(note: str) -> Noted | None:
	"""Return the names in the note of a question about a sum; None for any other note."""
	if not isinstance(note, Message) or note.template not in (IS_SUM, IS_PART, IS_LAST_PART):
		return None
	return Noted(*(tuple(str(value).split(_BETWEEN)) for value in note.values))


def counted_in(note: str) -> str:
	"""Return the bank transaction that counts a row, as a user answered; empty for any other note."""
	return str(note.values[0]) if isinstance(note, Message) and note.template == COUNTED_IN else ""
