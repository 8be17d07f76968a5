"""Totals of debits and credits that a table states once, for all of its rows: what contradicts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import LineState
from dokos_banksync.statements.columns import is_amount
from dokos_banksync.statements.contract import Account
from dokos_banksync.statements.control import CREDITS, DEBITS
from dokos_banksync.statements.grid import Cell, Row, written
from dokos_banksync.statements.interpret import control_amount
from dokos_banksync.statements.roles import Places, Role
from dokos_banksync.statements.rows import ControlRow, Sorted, control_row
from dokos_banksync.statements.tables import Table
from dokos_banksync.statements.vocabulary import Control, control, key, meanings, side

_SIDES = {Role.CREDIT: CREDITS, Role.DEBIT: DEBITS}


def contradicted(accounts: tuple[Account, ...], sentence: str) -> tuple[Account, ...]:
	"""Return the accounts, each with a sentence that the user has to confirm; empty for none."""
	if not sentence:
		return accounts
	return tuple(replace(one, mismatches=(*one.mismatches, sentence)) for one in accounts)


class StatedTotals:
	"""The totals of one table. Only those that it states once count: several are those of pages or days."""

	def __init__(self, table: Table, sorted_: Sorted, roles: Places, mark: str) -> None:
		found = [one for row in table.before if (one := control_row(row))] + sorted_.controls
		opening = {_value(one.cell, mark) for one in found if one.kind is Control.OPENING}
		totals = [one for one in found if one.kind is Control.TOTAL]
		self._opening = [abs(one) for one in opening if one is not None]
		self._stated = {role: {abs(v) for v in _of_side(totals, role, roles, mark)} for role in _SIDES}

	def checked(self, accounts: tuple[Account, ...]) -> tuple[Account, ...]:
		"""Return the accounts; a single one whose rows were all read, with the totals that its rows do not make."""
		if (
			not any(self._stated.values())
			or len(accounts) != 1
			or accounts[0].refused
			or accounts[0].mismatches
		):
			return accounts
		moved = [line.amount for line in accounts[0].lines if line.state is LineState.BOOKED]
		for role, sentence in _SIDES.items():
			made = sum((abs(one) for one in moved if (one > 0) is (role is Role.CREDIT)), Decimal(0))
			stated = self._stated[role]
			if len(stated) == 1 and not stated & {made, *(made + one for one in self._opening)}:
				accounts = contradicted(accounts, Message(sentence, next(iter(stated)), made))
		return accounts


def _of_side(totals: Sequence[ControlRow], role: Role, roles: Places, mark: str) -> Iterator[Decimal]:
	"""Yield the totals that stand in the column of a side, beside another in that of the other; or whose name says it."""
	for one in totals:
		cells = [_cell(one.row, roles.get(side_role, -1)) for side_role in _SIDES]
		named = _named_side(one.row)
		if all(map(is_amount, cells)):
			value = _value(_cell(one.row, roles[role]), mark)
		else:
			value = _value(one.cell, mark) if named is role else None
		if value is not None:
			yield value


def _named_side(row: Row) -> Role | None:
	"""Return the side that the name of a total says, `Total débits`; None for one that says none, or more."""
	found: set[Role] = set()
	for text in row.texts:
		if control(text) is Control.TOTAL:
			for word in key(text).split():
				meant = {title.role for title in meanings(word)} & set(_SIDES)
				said = {1: Role.CREDIT, -1: Role.DEBIT}.get(side(word) or 0)
				found |= {role for role in _SIDES if role in meant} | ({said} if said else set())
	return found.pop() if len(found) == 1 else None


def _value(cell: Cell | None, mark: str) -> Decimal | None:
	return None if cell is None or not written(cell) else control_amount(cell, mark)


def _cell(row: Row, place: int) -> Cell:
	return row.cells[place] if 0 <= place < len(row.cells) else ""
