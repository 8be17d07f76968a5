"""The balance check: the bank's balance of an account compared with that of the ledger."""

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
	"""Return the opening balance plus movements compared with the bank's balance, or None if the bank gives none.

	An unknown opening balance is derived as the bank's balance minus the movements, so the first check always agrees.
	`older` is the part of the movements before the opening day. Such a row is either history that the bank gave
	late and that was always in its balance: then the opening balance is reduced by it. Or it was booked since under
	an old day and has changed the bank's balance. The balance decides which. `left` is the sum of the rows that the
	bank counts and a user left out: it is not a part of the opening balance. `day` is the day of the balance, at
	its end.
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
	"""Return the items without duplicates of one transaction; each has the earliest `since` of its duplicates."""
	found: dict[str, UnmatchedItem] = {}
	for item in items:
		key = item.suppressed_transaction or item.name
		before = found.setdefault(key, item)
		if before.since and (item.since is None or item.since < before.since):
			found[key] = item
	return list(found.values())
