"""Headings among the rows of a table that say whose account the rows below them are of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.roles import Role
from dokos_banksync.statements.vocabulary import meanings

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_NUMBERED = re.compile(r"([^\W\d_][^\d:|]*?)[ :|.#°]*(?:(?:n|no|nr)[.°o]? ?)?[: ]*([0-9][0-9 ./-]{3,})")
_FEW_CELLS = 3


def ibans_of(row: Row) -> set[str]:
	"""Return the IBANs that stand in a row."""
	return {normalize_iban(match) for match in _IBAN.findall(row.text)}


class Sections:
	"""The accounts that headings among the rows name. Without such a heading there is one section."""

	def __init__(self, before: Sequence[Row], notes: Sequence[Row], last: int) -> None:
		named = [(row.number, number) for row in notes if row.number < last and (number := _account_of(row))]
		above = [number for row in before if (number := _account_of(row))]
		self._accounts = [(0, above[-1] if above else ""), *named] if named else []

	def __bool__(self) -> bool:
		"""Whether a heading names an account."""
		return bool(self._accounts)

	def account(self, row: Row) -> str:
		"""Return the account of the last heading above a row; empty where there is none."""
		if not self._accounts:
			return ""
		place = bisect_right(self._accounts, row.number, key=lambda one: one[0])
		return self._accounts[place - 1][1] if place else ""


def _account_of(row: Row) -> str:
	"""Return the IBAN or number that a row of few cells names as an account's: `Compte : 00012345678`."""
	if not 0 < len(row.filled) <= _FEW_CELLS:
		return ""
	found = ibans_of(row)
	if len(found) == 1:
		return found.pop()
	numbered = _NUMBERED.fullmatch(row.text.strip())
	if not numbered or not any(title.role == Role.ACCOUNT for title in meanings(numbered[1].strip())):
		return ""
	return "".join(numbered[2].split())
