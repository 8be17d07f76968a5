"""The proof: what the bank says an account holds, against what the ledger adds up to."""

from __future__ import annotations

from decimal import Decimal

from dokos_banksync.ledgers.contract import AccountRecord, BalanceCheck, BankAccountRecord


def check_balance(
	account: AccountRecord, bank_account: BankAccountRecord, movements: Decimal
) -> BalanceCheck | None:
	"""Opening plus movements beside the bank's balance, or None where the bank gives none.

	Before the opening balance is known it is what the bank's balance leaves when the movements are taken
	off, so the first check only founds the later ones.
	"""
	balance = account.remote.balance
	if balance is None or account.remote.failed:
		return None
	opening = bank_account.opening_balance
	if opening is None:
		opening = balance - movements
	difference = balance - opening - movements
	return BalanceCheck(
		bank_account.name, bank_account.currency, opening, movements, balance, difference, difference == 0
	)
