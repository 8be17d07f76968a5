"""Which days a run asks a provider for, and that it asked for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dokos_banksync.core.importing import lookback
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import AccountRecord, Covered, RunRecord


def days_requested(
	ledger: Ledger, run: RunRecord, account: AccountRecord, today: date, complete: bool
) -> Covered:
	"""Return what a run asks of a feed: from the beginning where there is no cursor, else from where its last one ended,
	whatever a file or another feed has given since.
	"""
	before = account.read_until if account.cursor else None
	first = min(before, today) if before else None
	start = first or account.start_date or ledger.first_day(account.bank_account) or today
	return covered(run, account, first=start, today=today, complete=complete)


def covered(
	run: RunRecord, account: AccountRecord, *, first: date, today: date, complete: bool = True
) -> Covered:
	"""Return the days from `first` until today, of one account; today alone for a day to come."""
	return Covered(
		run=run.name,
		source=account.source,
		bank_account=account.bank_account,
		first=min(first, today),
		last=today,
		complete=complete,
	)


def record_days(
	ledger: Ledger, run: RunRecord, accounts: Iterable[AccountRecord], clock: Clock, *, complete: bool
) -> None:
	"""Store which days the run asked for, with or without success."""
	today = clock().date()
	days = [days_requested(ledger, run, account, today=today, complete=complete) for account in accounts]
	if days:
		ledger.cover(days)


def record_lookback(ledger: Ledger, run: RunRecord, accounts: Iterable[AccountRecord], today: date) -> None:
	"""Store that the run looked further back."""
	ledger.cover(
		[covered(run, account, first=lookback.first_day(account, today), today=today) for account in accounts]
	)
