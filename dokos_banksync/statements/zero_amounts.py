"""Rows of 0.00: information of the bank that moves no money (the notice of a fee, the closing of a quarter)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.statements.contract import Account, Statement

NOTHING_MOVED = "A row of 0.00 moves no money and was left out: {0}, {1}"
FURTHER = "{0} further rows of 0.00 were left out"
_NAMED = 20
"""Rows that are named in remarks."""


def without_zero_amounts(statement: Statement) -> Statement:
	"""Return the statement without its rows of 0.00, each of which is remarked on.

	They are left out behind the check of the control values: a file may count them.
	"""
	found = [line for account in statement.accounts for line in _zero_amounts(account)]
	if not found:
		return statement
	remarks = [
		Message(NOTHING_MOVED, line.date, line.description or line.kind or line.remote_id)
		for line in found[:_NAMED]
	]
	if len(found) > _NAMED:
		remarks.append(Message(FURTHER, len(found) - _NAMED))
	accounts = tuple(_others(account) for account in statement.accounts)
	return replace(statement, accounts=accounts, remarks=(*statement.remarks, *remarks))


def _zero_amounts(account: Account) -> Iterator[Line]:
	lines = account.lines
	if isinstance(lines, PackedLines) and not lines.zero_amounts:
		return iter(())
	return (line for line in lines if not line.amount)


def _others(account: Account) -> Account:
	if next(_zero_amounts(account), None) is None:
		return account
	return replace(account, lines=PackedLines(line for line in account.lines if line.amount))
