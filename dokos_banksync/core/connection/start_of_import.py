"""The start date that Update bank accounts proposes for an account that is linked to an existing Bank Account."""

from __future__ import annotations

from datetime import date

from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.windows import start_date


def proposed_start(ledger: Ledger, connection: str, bank_account: str) -> tuple[date | None, str]:
	"""Return the first day to import, None for all there is, and the reason that is shown.

	An account that replaces one of the same connection, under another id, starts where that one started: what the
	bank booked late in between would be lost otherwise, and what is here already is linked by its content.
	"""
	target = ledger.bank_account(bank_account)
	last = ledger.last_day(bank_account)
	replaced = _replaced_start(ledger, connection, bank_account)
	start = start_date(replaced, last, target.lock_date)
	if start is None:
		return None, "All the history that the bank gives"
	if replaced and start == replaced:
		return start, "As before: the bank shows this account under another number"
	if target.lock_date and (replaced or last is None or last <= target.lock_date):
		return start, "The day after the books were closed"
	return start, "The day after the last bank transaction"


def _replaced_start(ledger: Ledger, connection: str, bank_account: str) -> date | None:
	"""Return where the account began that fed the Bank Account and is not shown any more; None where none did."""
	gone = [one for one in ledger.accounts(connection) if one.gone and one.bank_account == bank_account]
	starts = [one.start_date or ledger.first_day(bank_account) for one in gone]
	return min((day for day in starts if day), default=None)
