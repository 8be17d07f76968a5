"""A minus in a column of debit or credit: a reversal, or nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import questions
from dokos_banksync.statements.amounts import Money
from dokos_banksync.statements.contract import SIDE_SIGNS
from dokos_banksync.statements.flows import Amounts, Reading
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import Role, Setting

SIDES = (Role.DEBIT, Role.CREDIT)
_MINORITY = 3
"""Of the amounts of a column one in so many may have another sign than the rest: a reversal."""


def is_doubtful(amounts: Amounts, reading: Reading) -> bool:
	"""Return whether a minus in the columns of debit and credit may be a reversal, or mean nothing.

	A few amounts with another sign than the rest are reversals. All debits may have a minus, credits may not.
	"""
	columns = {role: _values(amounts, reading, role) for role in SIDES if role in reading.roles}
	return any(_is_mixed(values, credit=role is Role.CREDIT) for role, values in columns.items())


def _values(amounts: Amounts, reading: Reading, role: Role) -> list[Decimal]:
	place = reading.roles[role]
	column = amounts.column(place, reading.marks[place])
	return [one.value for one in column if isinstance(one, Money) and one.value]


def _is_mixed(values: Sequence[Decimal], *, credit: bool) -> bool:
	minus = sum(value < 0 for value in values)
	if credit and minus * 2 > len(values):
		return True
	return min(minus, len(values) - minus) * _MINORITY > len(values)


def minus_question(
	asker: Asker, rows: Sequence[Row], amounts: Amounts, *, reading: Reading, suggested: Mapping[str, str]
) -> InvalidData:
	"""Return the question what the first minus means in the column of credits, else in that of debits."""
	places = [reading.roles[role] for role in reversed(SIDES) if role in reading.roles]
	columns = [(place, amounts.column(place, reading.marks[place])) for place in places]
	place, index, amount = next(
		(place, index, one.value)
		for place, column in columns
		for index, one in enumerate(column)
		if isinstance(one, Money) and one.value < 0
	)
	choices = [{Setting.SIGN: sign} for sign in SIDE_SIGNS]
	values = rows[index].number, amount, asker.name(place)
	return asker.ask(questions.MINUS, *values, suggested=suggested, choices=choices)
