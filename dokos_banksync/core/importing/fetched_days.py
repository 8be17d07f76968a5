"""Which days a run asks a provider for."""

from __future__ import annotations

from datetime import date

from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.records import AccountRecord, Covered, RunRecord


def days_requested(
	ledger: Ledger, run: RunRecord, account: AccountRecord, today: date, complete: bool
) -> Covered:
	"""What a run asks of a feed: from the beginning where there is no cursor, else from where its last one ended,
	whatever a file or another feed has given since.
	"""
	before = ledger.covered_until(account.bank_account, account.source) if account.cursor else None
	first = min(before, today) if before else None
	start = first or account.start_date or ledger.first_day(account.bank_account) or today
	return Covered(
		run=run.name,
		source=account.source,
		bank_account=account.bank_account,
		first=min(start, today),
		last=today,
		complete=complete,
	)
