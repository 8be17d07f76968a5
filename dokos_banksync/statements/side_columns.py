"""The questions about columns of words for debit and credit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import questions
from dokos_banksync.statements.amount_lists import AmountList
from dokos_banksync.statements.contract import SIGNS
from dokos_banksync.statements.flows import Reading
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import NO_COLUMN, Role, Setting, column_option
from dokos_banksync.statements.vocabulary import key, label_side, meanings, side
from dokos_banksync.statements.yes_and_no import yes_or_no

_CONTRADICTING = 2
"""Labels that contradict columns of debit and credit, where none agrees with them."""
_OF_BOOKS = re.compile(r"\b(?:deb|cred|kred|(?:soll|haben|haber|dare|avere|winien|ma|wn)\b)")
"""Titles that mean the opposite in the books of the customer, in the languages of the banks whose statements are read."""


def check_sides(
	asker: Asker, known: Known, rows: Sequence[Row], *, reading: Reading, amounts: AmountList
) -> None:
	"""Raise `ReadingQuestion` where a column of words for a side contradicts the signs that were taken."""
	if Role.DIRECTION in reading.roles or Role.DIRECTION in known.given:
		return
	other = {place for role, place in reading.roles.items() if role != Role.KIND}
	for place in filter(asker.columns.are_sides, {*range(asker.columns.width)} - other):
		for row, amount in zip(rows, amounts, strict=True):
			text = written(row.cells[place]) if place < len(row.cells) else ""
			if isinstance(amount, Decimal) and amount * (side(text) or 0) < 0:
				raise _sides_question(asker, reading, place, (row.number, text, amount))


def check_labels(asker: Asker, rows: Sequence[Row], *, reading: Reading, amounts: AmountList) -> None:
	"""Raise `ReadingQuestion` where all labels that say a side contradict columns of debit and credit, which somebody's books
	turn round. `Paid in` and the like mean one thing everywhere.
	"""
	places = [reading.roles[role] for role in (Role.DEBIT, Role.CREDIT) if role in reading.roles]
	if not any(_OF_BOOKS.search(key(asker.titles[place])) for place in places):
		return
	pairs = zip(rows, amounts, strict=False)
	said = [label_side(row.text) * a for row, a in pairs if isinstance(a, Decimal) and a]
	if sum(one < 0 for one in said) >= _CONTRADICTING and not any(one > 0 for one in said):
		raise asker.sign_question(reading.roles)


def check_side_flags(asker: Asker, rows: Sequence[Row], *, reading: Reading, amounts: AmountList) -> None:
	"""Raise `ReadingQuestion` where a column of yes and no, `is_credit`, contradicts the signs that were taken."""
	for place, title in enumerate(asker.titles):
		said = _side_of_title(title) if place not in reading.roles.values() else 0
		flags = [yes_or_no(text) for text in asker.columns.texts(place)] if said else []
		if not flags or None in flags:
			continue
		for row, amount in zip(rows, amounts, strict=True):
			flag = yes_or_no(written(row.cells[place])) if place < len(row.cells) else None
			if isinstance(amount, Decimal) and flag is not None and amount * (said if flag else -said) < 0:
				raise asker.sign_question(reading.roles)


def _side_of_title(title: str) -> int:
	roles = {meant.role for meant in meanings(key(title).removeprefix("is "))}
	return (Role.CREDIT in roles) - (Role.DEBIT in roles)


def _sides_question(
	asker: Asker, reading: Reading, place: int, example: tuple[int, str, Decimal]
) -> InvalidData:
	number, text, amount = example
	choices = [{Role.DIRECTION: str(place + 1)}, {Role.DIRECTION: NO_COLUMN}]
	answers = [column_option(Role.DIRECTION, choice[Role.DIRECTION]) for choice in choices]
	suggested = {**asker.suggested(reading.roles), Role.DIRECTION: NO_COLUMN}
	values = (number, asker.name(place), text, amount, *answers)
	return asker.ask(questions.SIDES, *values, suggested=suggested, choices=choices)


def pair_question(asker: Asker, texts: Iterable[str], reading: Reading) -> InvalidData:
	"""Return the question which of two words for a side, of which one is known, is money in."""
	words = sorted({text for text in texts if text})
	known = next(word for word in words if side(word))
	unknown = next((word for word in words if not side(word)), "–")
	values = (asker.name(reading.roles[Role.DIRECTION]), known, unknown)
	choices = [{Setting.SIGN: sign} for sign in SIGNS]
	return asker.ask(questions.SIDE_WORDS, *values, suggested=asker.suggested(reading.roles), choices=choices)
