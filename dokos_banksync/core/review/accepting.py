"""Accepting a difference between the books and the bank: the opening balance is wrong, and gets it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData, PlanChanged
from dokos_banksync.core.records import BalanceCheck
from dokos_banksync.core.review.proof import Proof, ProofLedger, prove


def accept(ledger: ProofLedger, bank_account: str, shown: Decimal | None = None) -> Proof:
	"""Add the difference to the opening balance: the user knows that to be wrong.

	Raises `InvalidData` where there is none, `PlanChanged` where it is not the one that the user was shown.
	"""
	found = prove(ledger, bank_account)
	check, opening_date = _acceptable(ledger, found)
	if shown is not None and check.difference != shown:
		raise PlanChanged(
			"The difference of {0} is {1} now, and was {2} when it was shown: look at it again",
			bank_account,
			check.difference,
			shown,
		)
	ledger.set_opening(bank_account, check.opening + check.difference, opening_date)
	return found


def difference_of(ledger: ProofLedger, bank_account: str) -> Decimal:
	"""Return the difference that `accept` would add. Raise `InvalidData` where there is none."""
	return _acceptable(ledger, prove(ledger, bank_account))[0].difference


def _acceptable(ledger: ProofLedger, found: Proof) -> tuple[BalanceCheck, date]:
	"""Return the check that differs, and the day of the opening balance. Raise `InvalidData` where there is none."""
	opening_date = ledger.bank_account(found.bank_account).opening_date
	if found.checked is None or found.complete or opening_date is None:
		raise InvalidData(
			"There is no difference of {0} to take into its opening balance", found.bank_account
		)
	return found.checked.check, opening_date
