"""The balance to come: what the books hold now, and what the bank has announced and not booked yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from dokos_banksync.core.importing.overlay import as_transaction
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.exact import match
from dokos_banksync.core.model import ExistingTransaction
from dokos_banksync.core.records import OpenLine


class Due(NamedTuple):
	"""What is announced for a day: its sum, and of how many rows."""

	day: date
	amount: Decimal
	rows: int


@dataclass(frozen=True)
class ProjectedBalance:
	"""Amounts are in the account's currency. `balance` is None while no opening balance is known."""

	bank_account: str
	currency: str
	balance: Decimal | None
	"""Opening balance and all bank transactions: what is booked."""
	days: Sequence[Due]
	items: Sequence[OpenLine]

	@property
	def announced(self) -> Decimal:
		"""Return the sum of the announced rows, signed."""
		return sum((due.amount for due in self.days), Decimal())

	@property
	def balance_to_come(self) -> Decimal | None:
		"""Return the balance after the announced rows; None where the balance is unknown."""
		return None if self.balance is None else self.balance + self.announced


def projected_balances(ledger: Ledger, bank_account: str) -> ProjectedBalance:
	"""Return the present and the expected balance of a Bank Account. A row that several sources announce counts once.

	Raises `NotFound` for a bank account that does not exist.
	"""
	target = ledger.bank_account(bank_account)
	opening = target.opening_balance
	balance = None if opening is None else opening + ledger.movements(bank_account)
	items = _once([one for one in ledger.announced(bank_account) if one.line.currency == target.currency])
	days = [
		Due(day, sum((one.line.amount for one in rows), Decimal()), len(rows))
		for day, group in groupby(items, key=lambda one: one.line.date)
		if (rows := list(group))
	]
	return ProjectedBalance(
		bank_account=bank_account, currency=target.currency, balance=balance, days=days, items=items
	)


def _once(announced: Sequence[OpenLine]) -> list[OpenLine]:
	"""Return the lines without those that a source before theirs lists too, matched as booked lines are."""
	listed: list[OpenLine] = []
	for source in sorted({one.source for one in announced}):
		own = [one for one in announced if one.source == source]
		by_amount: dict[Decimal, list[ExistingTransaction]] = {}
		for one in listed:
			transaction = as_transaction(one.line, name=one.name, source=one.source)
			by_amount.setdefault(one.line.amount, []).append(transaction)
		again: set[str] = set()
		for amount in {one.line.amount for one in own}:
			lines = [one.line for one in own if one.line.amount == amount]
			found = match(lines, by_amount.get(amount, ()), source)
			again |= {m.line.remote_id for m in (*found.matches, *found.proposals)} | {
				line.remote_id for line in found.ambiguous
			}
		listed += [one for one in own if one.line.remote_id not in again]
	return sorted(listed, key=lambda one: (one.line.date, one.name))
