"""The readings of a table that are possible: each ambiguity doubles them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from babel.numbers import get_currency_precision

from dokos_banksync.statements.amounts import MARKS, Money, possible_marks
from dokos_banksync.statements.contract import NORMAL, SIDE_SIGNS, SIGNS, UNSIGNED, ReadingOptions
from dokos_banksync.statements.flows import Amounts, Reading
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.half_known_sides import half_known
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.minus import SIDES, is_doubtful
from dokos_banksync.statements.roles import AMOUNT_PARTS, MONEY, Places, Role, Setting, TitleMeaning
from dokos_banksync.statements.vocabulary import meanings


class Candidates:
	"""Generates readings from what is known of the columns and from what the user gave."""

	def __init__(
		self, rows: Sequence[Row], known: Known, titles: Sequence[str], options: ReadingOptions
	) -> None:
		self.rows, self.known, self.titles, self.options = rows, known, titles, options
		self.amounts = Amounts(rows)
		self._marks: dict[int, tuple[str, ...]] = {}

	def readings(self) -> Iterable[Reading]:
		"""Yield every reading that the file allows."""
		for roles in self._role_variants():
			undecided, signs = self._undecided_marks(roles), self._signs(roles)
			for marks, sign in product(self._mark_variants(roles, undecided), signs):
				free = {
					*(["mark"] if undecided else []),
					*([Setting.SIGN] if len(signs) > 1 else []),
				}
				yield Reading(roles, marks, sign, frozenset(free))

	def _role_variants(self) -> list[dict[Role, int]]:
		roles = dict(self.known.roles)
		if Role.FEE in roles and self._net_of_fee(roles):
			del roles[Role.FEE]
		variants = [roles]
		for role in (Role.AMOUNT, Role.BALANCE):
			variants += [{**roles, role: place} for place in self.known.others.get(role, ())]
		if Role.FEE in roles and Role.FEE not in self.known.given and self._has_fees(roles[Role.FEE]):
			variants += [{r: p for r, p in one.items() if r != Role.FEE} for one in variants]
		return variants

	def _net_of_fee(self, roles: Places) -> bool:
		"""Whether the amount is titled as a net one, or no fee is charged at all."""
		titles = self.titles
		amount = roles.get(Role.AMOUNT)
		net = amount is not None and any(
			title.role == TitleMeaning.NET_AMOUNT for title in meanings(titles[amount])
		)
		return Role.FEE not in self.known.given and (net or not self._has_fees(roles[Role.FEE]))

	def _has_fees(self, place: int) -> bool:
		column = self.amounts.column(place, self.possible(place)[0])
		return any(isinstance(one, Money) and one.value for one in column)

	def possible(self, place: int) -> tuple[str, ...]:
		"""Return the decimal marks that a column allows, or the one that the user gave."""
		if place not in self._marks:
			self._marks[place] = self._marks_of(place)
		return self._marks[place]

	def _marks_of(self, place: int) -> tuple[str, ...]:
		texts = (row.cells[place] for row in self.rows if place < len(row.cells))
		marks = possible_marks(text for text in texts if isinstance(text, str) and text.strip())
		if len(marks) > 1 and self._has_no_decimals():
			used = {
				mark
				for row in self.rows
				for mark in MARKS
				if place < len(row.cells) and mark in str(row.cells[place])
			}
			marks = tuple(mark for mark in MARKS if mark not in used) or marks
		option = self.options.decimal
		return (option,) if option and (option in marks or not marks) else marks or MARKS

	def _has_no_decimals(self) -> bool:
		"""Whether the currency has no decimals: three digits behind a mark are then thousands."""
		currency = self.options.currency
		return bool(currency) and get_currency_precision(currency) == 0

	def _undecided_marks(self, roles: Places) -> list[list[int]]:
		"""Return columns whose decimal mark is open: those of amounts share one, the balance has its own."""
		flows = [roles[role] for role in AMOUNT_PARTS if role in roles]
		balance = [roles[Role.BALANCE]] if Role.BALANCE in roles else []
		open_ = [[place for place in group if len(self.possible(place)) > 1] for group in (flows, balance)]
		return [group for group in open_ if group]

	def _mark_variants(self, roles: Places, undecided: Sequence[Sequence[int]]) -> list[dict[int, str]]:
		places = [roles[role] for role in MONEY if role in roles]
		certain = {place: self.possible(place)[0] for place in places}
		choices = product(MARKS, repeat=len(undecided))
		return [
			{**certain, **{p: mark for group, mark in zip(undecided, marks, strict=True) for p in group}}
			for marks in choices
		]

	def _signs(self, roles: Places) -> tuple[str, ...]:
		said = self.known.said(Setting.SIGN, self.options.sign)
		if said and not (said == UNSIGNED and Role.AMOUNT in roles):
			return (said,)
		if Role.AMOUNT not in roles:
			marks = {roles[role]: self.possible(roles[role])[0] for role in SIDES if role in roles}
			return SIDE_SIGNS if is_doubtful(self.amounts, Reading(roles, marks)) else (NORMAL,)
		if Role.DIRECTION in roles:
			return SIGNS if half_known(self.texts(roles[Role.DIRECTION])) else (NORMAL,)
		return (NORMAL,) if self._has_sides(roles) else SIGNS

	def texts(self, place: int) -> list[str]:
		"""Return the cells of a column as text."""
		return [written(row.cells[place]) if place < len(row.cells) else "" for row in self.rows]

	def _has_sides(self, roles: Places) -> bool:
		column = self.amounts.column(roles[Role.AMOUNT], self.possible(roles[Role.AMOUNT])[0])
		return any(isinstance(one, Money) and one.side and one.value for one in column)
