"""Headings among the rows of a table that say whose account the rows below them are of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.statements.currencies import codes
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.nouns import ACCOUNTS
from dokos_banksync.statements.roles import Role, TitleMeaning
from dokos_banksync.statements.vocabulary import key, meanings

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_NUMBERED = re.compile(r"([^\W\d_][^\d:|]*?)[ :|.#°]*(?:(?:n|no|nr)[.°o]? ?)?[: ]*([0-9][0-9 ./-]{3,})")
_FEW_CELLS = 3
_FEW_WORDS = 4
_LONGEST = 40


def ibans_of(row: Row) -> set[str]:
	"""Return the IBANs that stand in a row."""
	return {normalize_iban(match) for match in _IBAN.findall(row.text)}


class Sections:
	"""The accounts and currencies that headings among the rows name. Without such a heading there is one section."""

	def __init__(self, before: Sequence[Row], notes: Sequence[Row], last: int) -> None:
		among = [row for row in notes if row.number < last]
		self._accounts = _marks(before, among, _account_of) or _several(
			_marks(before, among, _account_name_of)
		)
		self._currencies = _marks(before, among, currency_of)

	def __bool__(self) -> bool:
		"""Whether a heading names an account."""
		return bool(self._accounts)

	def account(self, row: Row) -> str:
		"""Return the account of the last heading above a row; empty where there is none."""
		return _last(self._accounts, row)

	def currency(self, row: Row) -> str:
		"""Return the currency of the last heading above a row that names one; empty where there is none."""
		return _last(self._currencies, row)


def _marks(before: Sequence[Row], among: Sequence[Row], named: Callable[[Row], str]) -> list[tuple[int, str]]:
	"""Return what headings name, by the number of the row below which it holds; nothing without one among the rows."""
	found = [(row.number, name) for row in among if (name := named(row))]
	above = [name for row in before if (name := named(row))]
	return [(0, above[-1] if above else ""), *found] if found else []


def _several(marks: list[tuple[int, str]]) -> list[tuple[int, str]]:
	"""Return headings without numbers where they name several accounts, the first of them above all rows; else nothing."""
	names = {name for _, name in marks}
	return marks if "" not in names and len(names) > 1 else []


def _last(marks: Sequence[tuple[int, str]], row: Row) -> str:
	if not marks:
		return ""
	return marks[bisect_right(marks, row.number, key=lambda one: one[0]) - 1][1]


def currency_of(row: Row) -> str:
	"""Return the currency of a heading such as `Devise : USD`, or of an account's, `Compte USD`."""
	if not 0 < len(row.filled) <= _FEW_CELLS:
		return ""
	*words, last = re.split(r"[\s:|()]+", row.text.strip().rstrip(")")) or [""]
	code = last if last in codes() else ""
	named = {title.role for title in meanings(" ".join(words))} if code and words else set()
	return code if named & {Role.ACCOUNT, Role.CURRENCY, TitleMeaning.ACCOUNT_CURRENCY} else ""


def _account_name_of(row: Row) -> str:
	"""Return a heading of few words with a word for an account among them: `Savings account`."""
	if len(row.filled) != 1 or len(row.text) > _LONGEST or any(map(str.isdigit, row.text)):
		return ""
	words = key(row.text).split()
	return row.text.strip() if len(words) <= _FEW_WORDS and not ACCOUNTS.isdisjoint(words) else ""


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
