"""Tables whose titles are missing or unknown: columns by what stands in them, where running balances prove it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, permutations, product

from dokos_banksync.statements import evidence
from dokos_banksync.statements.amount_lists import AmountList
from dokos_banksync.statements.amounts import MARKS, possible_marks
from dokos_banksync.statements.columns import Columns, is_day
from dokos_banksync.statements.contract import NORMAL, SIGNS
from dokos_banksync.statements.evidence import BalanceProof
from dokos_banksync.statements.flows import Amounts, Reading
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.roles import FLOWS, Places, Role
from dokos_banksync.statements.vocabulary import meanings

_LINKS = 3
"""Balances that must follow from one another at least, and all of them."""
_MOST = 6
"""Columns of amounts that are tried at most."""
_SAMPLE = 500


def proven_columns(rows: Sequence[Row], columns: Columns, known: Places) -> dict[Role, int] | None:
	"""Return the columns by role that the balances prove, `known` ones kept; None where none or several are proven."""
	sample = [*islice((row for row in rows if any(map(is_day, row.cells))), _SAMPLE)]
	days = [place for place in range(columns.width) if columns.are_days(place)]
	if Role.DATE not in known and not days:
		return None
	amounts = Amounts(sample)
	proven: dict[tuple[object, ...], dict[Role, int]] = {}
	for roles in _candidates(columns, known):
		for values in _proven_amounts(amounts, roles, columns, SIGNS):
			proven.setdefault(tuple(str(value) for value in values), roles)
	if len(proven) != 1:
		return None
	[found] = proven.values()
	return {Role.DATE: days[0] if days else 0, **_label(columns, found), **known, **found}


def proven_balance(rows: Sequence[Row], columns: Columns, known: Places) -> int | None:
	"""Return the column under an unknown title that is a running balance of the known amounts, None without one.

	With reversed signs, the balances before each row would follow as well: they prove nothing here.
	"""
	sample = [*islice((row for row in rows if any(map(is_day, row.cells))), _SAMPLE)]
	taken, amounts = set(known.values()), Amounts(sample)
	free = [p for p in range(columns.width) if p not in taken and not meanings(columns.title(p))]
	flows = {role: known[role] for role in (*FLOWS, Role.DIRECTION) if role in known}
	for place in [p for p in free if columns.are_money(p)][:_MOST]:
		if any(True for _ in _proven_amounts(amounts, {**flows, Role.BALANCE: place}, columns, (NORMAL,))):
			return place
	return None


def _proven_amounts(
	amounts: Amounts, roles: Places, columns: Columns, signs: Sequence[str]
) -> Iterator[AmountList]:
	"""Yield the amounts of each reading of some columns that the balances prove."""
	for marks in _marks(roles, columns):
		for sign in signs if Role.AMOUNT in roles else (NORMAL,):
			values = amounts.signed(reading := Reading(roles, marks, sign))
			pairs = [
				(v if not isinstance(v, Exception) else None, b)
				for v, b in zip(values, amounts.balances(reading), strict=True)
			]
			chain = evidence.check(pairs)
			if chain.proof is BalanceProof.PROVEN and chain.links >= _LINKS:
				yield values


def _candidates(columns: Columns, known: Places) -> Iterator[dict[Role, int]]:
	taken = set(known.values())
	money = [p for p in range(columns.width) if p not in taken and columns.are_amounts(p)][:_MOST]
	balances = [known[Role.BALANCE]] if Role.BALANCE in known else money
	for balance in balances:
		rest = [place for place in money if place != balance]
		for amount in rest:
			yield {Role.AMOUNT: amount, Role.BALANCE: balance}
		for debit, credit in permutations(rest, 2):
			if _exclusive(columns, debit, credit):
				yield {Role.DEBIT: debit, Role.CREDIT: credit, Role.BALANCE: balance}


def _exclusive(columns: Columns, one: int, other: int) -> bool:
	"""Whether each row fills one of two columns."""
	return all(
		(bool(row.texts[one]) if one < len(row.cells) else False)
		!= (bool(row.texts[other]) if other < len(row.cells) else False)
		for row in columns.rows
		if any(is_day(cell) for cell in row.cells)
	)


def _marks(roles: Places, columns: Columns) -> Iterator[dict[int, str]]:
	places = sorted(set(roles.values()))
	for marks in product(*(possible_marks(columns.texts(place)) or MARKS for place in places)):
		yield dict(zip(places, marks, strict=True))


def _label(columns: Columns, found: Places) -> dict[Role, int]:
	"""Return the longest texts."""
	taken = set(found.values())
	texts = [
		p
		for p in range(columns.width)
		if p not in taken and not columns.are_days(p) and not columns.are_amounts(p)
	]
	return {Role.LABEL: max(texts, key=lambda p: sum(map(len, columns.texts(p))))} if texts else {}
