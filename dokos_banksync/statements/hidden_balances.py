"""Balances and totals among the rows whose names are not known: their amounts are made of those between them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dokos_banksync.core.message import Message
from dokos_banksync.statements.amount_lists import AmountList
from dokos_banksync.statements.grid import Row

_BALANCES = (
	"Rows {0} and {1} look like balances: the rows between them make the difference of their amounts. "
	"Remove them from the file if they are no transactions"
)
_TOTAL = (
	"Row {0} looks like a balance or a total: it is the sum of all other rows. "
	"Remove it from the file if it is no transaction"
)
_FEWEST = 4
"""Rows, below which amounts may agree by chance."""
_MOST = 5_000
"""Rows, above which a table is no longer looked through."""
_ZERO = Decimal(0)


def hidden_balance(rows: Sequence[Row], amounts: AmountList, groups: Sequence[str]) -> str:
	"""Return a sentence about rows that are a balance or a total by what they amount to; empty without one."""
	if len(rows) > _MOST:
		return ""
	booked = [
		(row, amount)
		for row, amount, group in zip(rows, amounts, groups, strict=True)
		if group and isinstance(amount, Decimal)
	]
	if len({group for group in groups if group}) != 1 or len(booked) < _FEWEST:
		return ""
	values = [amount for _, amount in booked]
	first, last = booked[0][0].number, booked[-1][0].number
	if not _are_varied(values):
		return ""
	for row, value in (booked[-1], booked[0]):
		if value and sum(values, _ZERO) == 2 * value:
			return Message(_TOTAL, row.number)
	found = _are_balances(values) or _are_balances(values[::-1])
	return Message(_BALANCES, first, last) if found else ""


def _are_balances(values: Sequence[Decimal]) -> bool:
	"""Whether the last amount is the first one and those between, but for one or two totals of them before it."""
	for totals in (1, 2):
		between, said = values[1 : -1 - totals], values[-1 - totals : -1]
		sides = {abs(sum((v for v in between if v * side > 0), _ZERO)) for side in (1, -1)}
		if (
			len(between) > 1
			and values[0] + sum(between, _ZERO) == values[-1]
			and {abs(v) for v in said} <= sides
		):
			return True
	return False


def _are_varied(values: Sequence[Decimal]) -> bool:
	"""Whether the amounts differ: those of regular payments add up by chance."""
	return len({abs(value) for value in values}) * 2 >= len(values)
