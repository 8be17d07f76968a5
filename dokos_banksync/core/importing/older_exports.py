"""Files that were made before their last day had ended, or whose rows are older than all others: what their balance proves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from dokos_banksync.core.importing.balance_evidence import KnownBalance
from dokos_banksync.core.importing.split_days import (
	LastDay,
	SplitLedger,
	day_of,
	latest_after,
	may_count_later_days,
)
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.known_days import KnownDays
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.core.records import BankAccountRecord, PastCheck


def is_older_export(
	ledger: SplitLedger,
	target: BankAccountRecord,
	balance: KnownBalance,
	last: LastDay | None,
	known_days: KnownDays | None,
) -> bool:
	"""Return whether a file was made before its last day had ended, and another balance proves the rest of the day.

	Its closing balance agrees with the books up to its own rows of that day; with all rows of the day a balance of that
	day agrees, or one of a later day where another source goes on behind it. (Where none does, the balance is compared
	with the own rows.)
	"""
	day, opening = balance.day, target.opening_balance
	if last is None or day != last.day or opening is None:
		return False
	whole = ledger.movements(target.name, before=last.day + timedelta(days=1))
	begun = ledger.movements(target.name, before=last.day)
	if opening + whole == balance.amount or opening + begun + last.total != balance.amount:
		return False
	goes_on = known_days is not None and not known_days.ends_on(last.day)
	return any(
		opening + ledger.movements(target.name, before=_end_of(one)) == one.check.bank_balance
		for one in ledger.checks(target.name)
		if (as_of := day_of(one)) == last.day or (goes_on and as_of > last.day)
	)


def _end_of(past: PastCheck) -> date | None:
	return past.check.day + timedelta(days=1) if past.check.day else None


def correct_by_older_file(
	ledger: Ledger, target: BankAccountRecord, lines: Sequence[Line], balance: KnownBalance
) -> None:
	"""Store the opening balance of a file whose rows are older than all others, where it makes the books agree with the
	latest balance of a later day, and the present one does not.
	"""
	later = latest_after(ledger, target.name, balance.day) if balance.day else None
	if later is None or target.opening_balance is None or may_count_later_days(ledger, target.name, later):
		return
	first = min((line.date for line in lines), default=None)
	if (
		first is None
		or target.opening_date is None
		or first >= target.opening_date
		or ledger.movements(target.name, before=first)
	):
		return
	moved = ledger.movements(target.name, before=day_of(later) + timedelta(days=1))
	booked = (line.amount for line in lines if line.state is LineState.BOOKED)
	opening = balance.amount - sum(booked, Decimal())
	if target.opening_balance + moved != later.check.bank_balance == opening + moved:
		ledger.set_opening(target.name, opening, first)
