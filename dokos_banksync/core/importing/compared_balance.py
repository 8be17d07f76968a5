"""The balance check of one account in a run: what the ledger holds, and what follows for the opening balance."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dokos_banksync.core.importing.balance_check import check_balance, count_once
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import AccountRecord, BalanceCheck, BankAccountRecord, UnmatchedItem


def compare_balance(
	ledger: Ledger,
	account: AccountRecord,
	*,
	incomplete: bool,
	until: date | None,
	today: date,
	store: bool,
	own: Decimal | None = None,
) -> BalanceCheck | None:
	"""Return the check of the bank's balance (at the end of the day `until`, else of all days), or None without one.

	An opening balance is not derived from movements of which some are missing (`incomplete`), or are a question to the
	user; what a user left out is not in it either. With `store` the opening balance and its day are stored.

	`own` is the sum of the rows that the source itself has of the day `until`, where another source may have later rows
	of that day: the balance is then compared with these rows too.
	"""
	day_after = until + timedelta(days=1) if until else None
	target, first_day, moved = ledger.extent(account.bank_account, before=day_after)
	founding = target.opening_balance is None
	unanswered = _unanswered(ledger, target.name) if founding else []
	if founding and (incomplete or any(i.reason is not Reason.EXCLUDED for i in unanswered)):
		return None
	at_cut = None if own is None or until is None else ledger.movements(target.name, before=until) + own
	if founding and at_cut is not None:
		moved = at_cut
	first = first_day or target.opening_date or today
	older = _older(ledger, account, target, moved)
	left = sum((i.amount for i in unanswered if first <= i.day <= (until or i.day)), Decimal())
	check = check_balance(account, target, moved, older=older, left=left, day=until)
	if check is None:
		return None
	check = _better(check, account, target, at_cut)
	# The opening moves only with a proof that adds up, and never to a later day.
	day = min(first, target.opening_date or first)
	known = (target.opening_balance, target.opening_date)
	if (check.complete or founding) and known != (check.opening, day) and store:
		ledger.set_opening(target.name, check.opening, day)
	return check


def _better(
	check: BalanceCheck, account: AccountRecord, target: BankAccountRecord, at_cut: Decimal | None
) -> BalanceCheck:
	"""Return the check, or that of the movements up to the source's own last row where only the latter agrees."""
	if check.complete or at_cut is None:
		return check
	second = check_balance(account, target, at_cut, older=Decimal(), day=check.day)
	return second if second and second.complete else check


def _older(ledger: Ledger, account: AccountRecord, target: BankAccountRecord, moved: Decimal) -> Decimal:
	"""Return the movements before the opening day, which `check_balance` needs only where the balances differ."""
	opening, balance = target.opening_balance, account.remote.balance
	if opening is None or balance is None or balance == opening + moved:
		return Decimal()
	return ledger.movements(target.name, before=target.opening_date)


def _unanswered(ledger: Ledger, bank_account: str) -> list[UnmatchedItem]:
	"""Return lines that wait for a user's answer, or were left out."""
	unmatched = count_once(ledger.unmatched(bank_account))
	return [item for item in unmatched if item.reason in (Reason.AMBIGUOUS, Reason.UNLISTED, Reason.EXCLUDED)]
