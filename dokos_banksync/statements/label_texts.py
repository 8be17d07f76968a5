"""The texts of a row that make its label."""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.statements.amounts import is_nothing

_LONGEST_MARK = 4
"""Characters of a mark that a text is missing: `null`."""


def at(texts: Sequence[str], place: int) -> str:
	"""Return the text at a place, empty where there is none."""
	return texts[place] if 0 <= place < len(texts) else ""


def label_part(texts: Sequence[str], place: int) -> str:
	"""Return a text of a label; nothing for a mark that says that there is none, such as a dash."""
	text = at(texts, place)
	return "" if len(text) <= _LONGEST_MARK and is_nothing(text) else text


def joined(label: str, more: str) -> str:
	"""Return two texts without what both say."""
	if more.casefold() in label.casefold():
		return label
	return more if label.casefold() in more.casefold() else f"{label} {more}"
