"""A journal of hledger (and Ledger): https://hledger.org/hledger.html#journal"""

from __future__ import annotations

import re

from dokos_banksync.actions.exports.model import Contents, Row

_SPECIAL = re.compile(r"[:;()\[\]{}=@\"]+")
"""What has a meaning in the name of an account."""


def hledger(contents: Contents) -> str:
	"""Return the transactions as a journal: each has its bank account, and one of expenses or income by category."""
	return "\n".join(_entry(contents, row) for row in contents.rows)


def _entry(contents: Contents, row: Row) -> str:
	bank = ":".join(["assets", "bank", _account(row.bank_account)])
	other = ":".join(_account(part) for part in contents.counter_account(row))
	text = re.sub(r"\s+", " ", row.description.replace(";", ",").replace("|", "/")).strip()
	code = re.sub(r"[()\s]+", " ", row.name)
	wide = max(len(bank), len(other))
	return (
		f"{row.date} * ({code}) {text}\n"
		f"    {bank:<{wide}}  {row.amount:f} {row.currency}\n"
		f"    {other:<{wide}}  {-row.amount:f} {row.currency}\n"
	)


def _account(name: str) -> str:
	"""Return a name as one part of an account: two blanks would end it."""
	return re.sub(r"\s+", " ", _SPECIAL.sub(" ", name)).strip() or "unnamed"
