"""The proof: what the bank says an account holds, against what the ledger adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from dokos_banksync.core.records import AccountRecord, BalanceCheck, BankAccountRecord, UnmatchedItem

_NOTHING = Decimal()


def check_balance(
	account: AccountRecord,
	target: BankAccountRecord,
	movements: Decimal,
	older: Decimal,
	left: Decimal = _NOTHING,
	day: date | None = None,
) -> BalanceCheck | None:
	"""Opening plus movements beside the bank's balance, or None where the bank gives none.

	Before the opening balance is known it is what the bank's balance leaves when the movements are taken
	off, so the first check only founds the later ones. `older` is the part of the movements that lies before
	the opening day. Such a row is either history that the bank gave late, and was in its balance all along:
	the opening balance then moves back by it; or it was booked since under an old day, and has moved the
	bank's balance. The balance itself tells which. `left` is what the bank counts and the movements do not, for a
	user left it out: it is not a part of the opening balance. `day` is the day whose end the balance is of.
	"""
	balance = account.remote.balance
	if balance is None or account.remote.failed:
		return None
	opening = target.opening_balance
	if opening is None:
		opening = balance - movements - left
	elif older and balance - (opening - older) - movements == 0:
		opening -= older
	difference = balance - opening - movements
	return BalanceCheck(
		bank_account=target.name,
		currency=target.currency,
		opening=opening,
		movements=movements,
		bank_balance=balance,
		difference=difference,
		complete=difference == 0,
		day=day,
	)


def count_once(items: Iterable[UnmatchedItem]) -> list[UnmatchedItem]:
	"""What stands for one and the same counts once, from the time when the first of them stood apart."""
	found: dict[str, UnmatchedItem] = {}
	for item in items:
		key = item.stands_for or item.name
		before = found.setdefault(key, item)
		if before.since and (item.since is None or item.since < before.since):
			found[key] = item
	return list(found.values())
