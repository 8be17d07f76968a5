"""The words yes and no, in the languages of statements."""

from __future__ import annotations

from dokos_banksync.statements.vocabulary import key

_YES = frozenset(
	(
		"yes",
		"y",
		"true",
		"1",
		"x",
		"ja",
		"j",
		"oui",
		"o",
		"si",
		"s",
		"sim",
		"tak",
		"verdadero",
		"vrai",
		"wahr",
	)
)
_NO = frozenset(
	("no", "n", "false", "0", "nein", "nee", "non", "nao", "nie", "nej", "falso", "faux", "falsch")
)


def yes_or_no(text: str) -> bool | None:
	"""Return whether a word says yes; None for any other word than yes and no."""
	word = key(text)
	return True if word in _YES else False if word in _NO else None
