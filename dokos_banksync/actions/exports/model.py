"""What an export is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from dokos_banksync.core.records import BankAccountRecord, CategoryRecord


@dataclass(frozen=True)
class Row:
	"""A bank transaction. `amount` is signed, money in is positive; `category` is its title."""

	name: str
	date: date
	amount: Decimal
	currency: str
	description: str
	bank_account: str
	category: str = ""
	transaction_id: str = ""
	reference: str = ""
	kind: str = ""
	party_name: str = ""
	party_iban: str = ""


@dataclass(frozen=True)
class Contents:
	"""The rows of an export, the earliest first, with their accounts and all categories.

	`balances` holds the balance of the books at the end of `last`, of the accounts that have one.
	"""

	rows: Sequence[Row]
	accounts: Mapping[str, BankAccountRecord]
	categories: Sequence[CategoryRecord]
	made_at: datetime
	first: date
	last: date
	balances: Mapping[str, Decimal] = field(default_factory=dict)

	@cached_property
	def paths(self) -> Mapping[str, Sequence[str]]:
		"""Return the titles from the top down to each category, by its title; one that several share stands alone."""
		known = {one.name: one for one in self.categories}
		shared = Counter(one.category_name for one in self.categories)
		paths = {}
		for one in self.categories:
			path = [one.category_name]
			above = known.get(one.parent) if shared[one.category_name] == 1 else None
			while above and len(path) < len(known):
				path.append(above.category_name)
				above = known.get(above.parent)
			paths[one.category_name] = path[::-1]
		return paths

	def counter_account(self, row: Row) -> list[str]:
		"""Return the account of a journal that a row is booked against: of expenses or income, by its category."""
		root = "income" if row.amount > 0 else "expenses"
		return [root, *(self.paths.get(row.category) or [row.category or "unknown"])]


class AccountNames:
	"""Names of accounts in a journal, whose parts `write` gives in the letters that it allows. Different names stay different."""

	def __init__(self, write: Callable[[str], str]) -> None:
		self._write = write
		self._made: dict[tuple[str, ...], str] = {}

	def account(self, parts: Sequence[str]) -> str:
		"""Return the account of these parts."""
		key = tuple(parts)
		if key not in self._made:
			made = ":".join(map(self._write, parts))
			taken = set(self._made.values())
			numbered = (made, *(f"{made}-{number}" for number in range(2, len(taken) + 3)))
			self._made[key] = next(name for name in numbered if name not in taken)
		return self._made[key]
