"""The currency of rows that name none: that of a title, of the balances, or of the text above the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from dokos_banksync.statements.currencies import code_of, in_title
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.nouns import ACCOUNTS, STATEMENTS
from dokos_banksync.statements.roles import FLOWS, Places, Role, TitleMeaning
from dokos_banksync.statements.sections import currency_of
from dokos_banksync.statements.tables import Table
from dokos_banksync.statements.vocabulary import key, meanings

_USUAL = re.compile(
	r"\b(?:EUR|USD|GBP|CHF|CAD|AUD|NZD|JPY|SEK|NOK|DKK|PLN|CZK|HUF|RON|INR|SGD|HKD|BRL|MXN|ZAR)\b"
)
"""Codes that are no words of another meaning: `ALL` and `TOP` are currencies as well."""


def default_currency(table: Table, roles: Places, expected: str) -> str:
	"""Return the currency of rows without one of their own; `expected`, that of the account, where the file names none."""
	places = [roles[role] for role in (*FLOWS, Role.BALANCE) if role in roles]
	titles = [table.titles[place] for place in places if place < len(table.titles)]
	named = (in_title(title, expected) for title in titles)
	return next(filter(None, named), "") or next(_above(table, expected), "") or expected


def _above(table: Table, expected: str) -> Iterator[str]:
	for row in table.before:
		for title, value in pairwise(row.texts):
			roles = {meant.role for meant in meanings(title)}
			if roles & {Role.CURRENCY, TitleMeaning.ACCOUNT_CURRENCY} and code_of(value):
				yield code_of(value, expected)
		if found := currency_of(row) or _in_name(row):
			yield found


def _in_name(row: Row) -> str:
	"""Return the one currency in the name of an account or a statement: `Relevé de compte en USD`."""
	if len(row.filled) != 1 or (ACCOUNTS | STATEMENTS).isdisjoint(key(row.text).split()):
		return ""
	found = set(_USUAL.findall(row.text))
	return found.pop() if len(found) == 1 else ""
