"""A journal of hledger (and Ledger): https://hledger.org/hledger.html#journal"""

from __future__ import annotations

import re

from dokos_banksync.actions.exports.model import AccountNames, Contents, Row

_SPECIAL = re.compile(r"[:;()\[\]{}=@\"]+")
"""What has a meaning in the name of an account."""


def hledger(contents: Contents) -> str:
	"""Return the transactions as a journal: each has its bank account, and one of expenses or income by category."""
	names = AccountNames(_part)
	return "\n".join(
		_entry(
			row,
			names.account(["assets", "bank", row.bank_account]),
			names.account(contents.counter_account(row)),
		)
		for row in contents.rows
	)


def _entry(row: Row, bank: str, other: str) -> str:
	text = re.sub(r"\s+", " ", row.description.replace(";", ",").replace("|", "/")).strip()
	code = re.sub(r"[()\s]+", " ", row.name)
	wide = max(len(bank), len(other))
	return (
		f"{row.date} * ({code}) {text}\n"
		f"    {bank:<{wide}}  {row.amount:f} {row.currency}\n"
		f"    {other:<{wide}}  {-row.amount:f} {row.currency}\n"
	)


def _part(name: str) -> str:
	"""Return a name as one part of an account: two blanks would end it."""
	return re.sub(r"\s+", " ", _SPECIAL.sub(" ", name)).strip() or "unnamed"
