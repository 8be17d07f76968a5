"""The mapping of a table: which column holds what, from the user, an earlier import, a profile, or the titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.amounts import MARKS
from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.contract import ALL_SIGNS, ReadingOptions
from dokos_banksync.statements.days import ALL_ORDERS
from dokos_banksync.statements.fee_columns import fee_column
from dokos_banksync.statements.headers import guess
from dokos_banksync.statements.profiles import Profile
from dokos_banksync.statements.roles import FLOWS, NO_COLUMN, Places, Role, Setting, TitleMeaning, by_role
from dokos_banksync.statements.tables import Table
from dokos_banksync.statements.vocabulary import key, meanings, state

_MAY_BE_EMPTY = frozenset((Role.BALANCE, Role.FEE, Role.STATE, Role.CURRENCY, Role.DIRECTION, Role.ACCOUNT))
"""What a column holds that may be empty in one file of a bank and filled in the next."""


@dataclass(frozen=True)
class Known:
	"""What is known of a table before its amounts are checked."""

	roles: Places
	others: Mapping[Role, tuple[int, ...]]
	"""Further columns that could hold the amount or the balance."""
	day_first: bool
	stored: Mapping[str, str]
	"""The mapping of an earlier import of a table with these titles."""
	given: frozenset[Role]
	"""Roles that the user, an earlier import or a profile decides."""
	profile: Profile | None

	def said(self, name: Setting, option: str) -> str:
		"""Return a setting as the user gave it (`option`), else an earlier import, else the profile."""
		return (
			option or self.stored.get(name, "") or (self.profile.said.get(name, "") if self.profile else "")
		)


def check_options(options: ReadingOptions) -> None:
	"""Raise `InvalidData` for an option that no table could follow."""
	for role in options.columns:
		if role not in set(Role):
			raise InvalidData("{0} is not the meaning of a column: choose among {1}", role, ", ".join(Role))
	if options.dates and options.dates not in ALL_ORDERS:
		raise InvalidData(
			"{0} is not an order of a date: choose among {1}", options.dates, ", ".join(ALL_ORDERS)
		)
	if options.decimal and options.decimal not in MARKS:
		raise InvalidData("{0} is not a decimal mark: choose a comma or a point", options.decimal)
	if options.sign and options.sign not in ALL_SIGNS:
		raise InvalidData(
			"{0} is not a meaning of a sign: choose among {1}", options.sign, ", ".join(ALL_SIGNS)
		)


def what_is_known(table: Table, columns: Columns, profile: Profile | None, options: ReadingOptions) -> Known:
	"""Return the columns by role as far as anything says them. Raises `InvalidData` for a column that is not there."""
	titles = table.titles + ("",) * (columns.width - len(table.titles))
	stored = options.recall(signature(table))
	found = guess(titles, columns.fits)
	roles = dict(found.roles)
	if profile:
		roles = {**roles, **profile.places(titles)}
	roles = _without_repeats(roles, set(profile.columns) if profile else set())
	_drop_sums(roles, columns)
	_add_beside_currencies(roles, titles, columns)
	_add_by_content(roles, titles, columns)
	_add_fee(roles, titles, columns)
	_add_account_names(roles, titles, columns)
	chosen, earlier = by_role(options.columns), by_role(stored)
	remembered = {role: column for role, column in earlier.items() if column != NO_COLUMN}
	if remembered:
		roles = _with_new(_placed(titles, remembered), roles)
	asked = {role: column for role, column in chosen.items() if column != NO_COLUMN}
	roles = {**roles, **_placed(titles, asked)}
	_add_currency(roles, titles, columns)
	ruled_out = {**(profile.columns if profile else {}), **earlier, **chosen}
	dropped = {role for role, column in ruled_out.items() if column == NO_COLUMN}
	roles = {role: place for role, place in roles.items() if role not in dropped}
	_leave_to_user(roles, set(asked))
	given = frozenset((*chosen, *earlier, *(profile.columns if profile else ())))
	others = {role: places for role, places in found.others.items() if role not in given}
	return Known(
		roles=roles, others=others, day_first=found.day_first, stored=stored, given=given, profile=profile
	)


def _without_repeats(roles: dict[Role, int], preferred: set[Role]) -> dict[Role, int]:
	"""A column holds one thing: what a profile says of it comes first."""
	taken = {roles[role] for role in preferred if role in roles}
	return {role: place for role, place in roles.items() if role in preferred or place not in taken}


def _with_new(remembered: dict[Role, int], guessed: Places) -> dict[Role, int]:
	"""Return the remembered columns, and those that were empty when they were remembered: a balance, a fee, a state."""
	taken = set(remembered.values())
	new = {
		role: place
		for role, place in guessed.items()
		if role in _MAY_BE_EMPTY and role not in remembered and place not in taken
	}
	return {**new, **remembered}


def _leave_to_user(roles: dict[Role, int], asked: set[Role]) -> None:
	"""A column that the user gave another role loses the one that its title gave it."""
	taken = {roles[role] for role in asked}
	for role in [role for role, place in roles.items() if place in taken and role not in asked]:
		del roles[role]
	if Role.AMOUNT in asked:
		for role in {Role.DEBIT, Role.CREDIT} - asked:
			roles.pop(role, None)
	elif asked & {Role.DEBIT, Role.CREDIT}:
		roles.pop(Role.AMOUNT, None)


def _add_by_content(roles: dict[Role, int], titles: Sequence[str], columns: Columns) -> None:
	"""Columns without a known title that hold words for a side, or for a state, alone."""
	for place in range(columns.width):
		known = {title.role for title in meanings(titles[place])}
		if place in roles.values() and not (known == {Role.KIND} and roles.get(Role.KIND) == place):
			continue
		if Role.DIRECTION not in roles and columns.are_sides(place) and not _is_signed(roles, columns):
			roles.pop(Role.KIND, None) if roles.get(Role.KIND) == place else None
			roles[Role.DIRECTION] = place
		elif Role.STATE not in roles and not known and _are_states(columns.texts(place)):
			roles[Role.STATE] = place


def _add_fee(roles: dict[Role, int], titles: Sequence[str], columns: Columns) -> None:
	"""A fee under a title that is not known as a whole, beside amounts."""
	place = fee_column(titles, columns, set(roles.values())) if Role.FEE not in roles else None
	if place is not None and not roles.keys().isdisjoint(FLOWS):
		roles[Role.FEE] = place


def _add_account_names(roles: dict[Role, int], titles: Sequence[str], columns: Columns) -> None:
	"""Names of accounts distinguish the accounts of a file that gives no numbers, and more than one name."""
	for place, title in enumerate(titles):
		named = any(meant.role is TitleMeaning.ACCOUNT_NAME for meant in meanings(title))
		if named and Role.ACCOUNT not in roles and len(set(columns.texts(place))) > 1:
			roles[Role.ACCOUNT] = place


def _drop_sums(roles: dict[Role, int], columns: Columns) -> None:
	"""Columns of debit and credit that every row fills, beside an amount, are sums of the file."""
	if {Role.AMOUNT, Role.DEBIT, Role.CREDIT} <= roles.keys() and columns.are_all_filled(
		(roles[Role.DEBIT], roles[Role.CREDIT])
	):
		del roles[Role.DEBIT], roles[Role.CREDIT]


def _add_beside_currencies(roles: dict[Role, int], titles: Sequence[str], columns: Columns) -> None:
	"""A title above a column of currencies is also that of the amounts beside it, which have none of their own."""
	for place, title in enumerate(titles[:-1]):
		beside = place + 1
		if not title or titles[beside] or beside in roles.values():
			continue
		if not columns.are_currencies(place) or not columns.are_amounts(beside):
			continue
		meant = {found.role for found in meanings(title)}
		for role in (*FLOWS, Role.BALANCE):
			if role in meant and role not in roles:
				roles[role] = beside
				if role in FLOWS:
					roles.setdefault(Role.CURRENCY, place)
				break


def _add_currency(roles: dict[Role, int], titles: Sequence[str], columns: Columns) -> None:
	"""A column without a title beside the amounts holds their currency, where nothing but currencies stands in it."""
	if Role.CURRENCY in roles:
		return
	beside = [roles[role] + step for role in FLOWS if role in roles for step in (1, -1)]
	for place in beside:
		untitled = 0 <= place < len(titles) and not titles[place] and place not in roles.values()
		if untitled and columns.are_currencies(place):
			roles[Role.CURRENCY] = place
			return


def _is_signed(roles: Places, columns: Columns) -> bool:
	return Role.AMOUNT not in roles or columns.is_signed(roles[Role.AMOUNT])


def _are_states(texts: Sequence[str]) -> bool:
	found = {state(text) for text in texts}
	return bool(found) and None not in found and len(found) > 1


def _placed(titles: Sequence[str], columns: Mapping[Role, str]) -> dict[Role, int]:
	"""Return the positions of columns that are given by title or by number from 1. Raises `InvalidData`."""
	return {role: _place(titles, column) for role, column in columns.items()}


def _place(titles: Sequence[str], column: str) -> int:
	number = column.removeprefix("#")
	same = [i for i, title in enumerate(titles) if title == column]
	same = same or [i for i, title in enumerate(titles) if title and key(title) == key(column)]
	if len(same) == 1:
		return same[0]
	if number.isdecimal() and 0 < int(number) <= len(titles):
		return int(number) - 1
	if same:
		numbers = ", ".join(str(i + 1) for i in same)
		raise InvalidData(
			"Several columns are called {0}: give the number of one of them ({1})", column, numbers
		)
	raise InvalidData(
		"There is no column {0}: the columns are {1}", column, ", ".join(t or "–" for t in titles)
	)


def name_of(titles: Sequence[str], place: int) -> str:
	"""Return the title of a column, or its number from 1 where it has none of its own."""
	title = titles[place] if place < len(titles) else ""
	return title if title and list(titles).count(title) == 1 else f"#{place + 1}"


def signature(table: Table) -> str:
	"""Return what is the same for all tables with these titles."""
	width = max([len(table.titles), *(len(row.cells) for row in table.rows[:100])])
	text = "\x1f".join(key(title) for title in table.titles) if table.has_titles else f"{width} columns"
	return sha256(text.encode()).hexdigest()[:16]
