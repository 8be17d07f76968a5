"""Why the bank's balance and the ledger differ, and since when; and the certificate of a month."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import accumulate
from typing import Protocol

from dokos_banksync.core.importing.balance_check import count_once
from dokos_banksync.core.records import BalanceCheck, BankAccountRecord, Covered, PastCheck, UnmatchedItem
from dokos_banksync.core.review.causes import COUNTED_BY_THE_BANK, MOST_BROUGHT, Cause, find_causes, late_rows
from dokos_banksync.core.review.coverage import DayState, Stretch, strip

__all__ = [
	"COUNTED_BY_THE_BANK",
	"Cause",
	"Certificate",
	"CertificateStatus",
	"Proof",
	"absorbed",
	"certify",
	"prove",
]

_FIRST, _LAST = date(1900, 1, 1), date(9999, 12, 31)
_GAPS = (DayState.FAILED, DayState.NEVER)


@dataclass(frozen=True)
class Proof:
	"""The last balance of the bank compared with the books as they are now. `first_day` is the first day on which a
	difference can lie.

	`check` is None while no run has compared the account with the bank.
	"""

	bank_account: str
	checked: PastCheck | None
	proven_at: datetime | None
	"""When the bank and the ledger last agreed."""
	first_day: date | None = None
	causes: Sequence[Cause] = ()
	since: Decimal = Decimal()
	"""Sum of the bank transactions after the day of the balance, which it does not include."""

	@property
	def complete(self) -> bool:
		"""Return whether the last check compared every row up to the bank's balance."""
		return self.checked is not None and self.checked.check.complete


class CertificateStatus(str, Enum):
	"""Whether a month is certified as complete. The value is stored, and translatable."""

	COMPLETE = "Complete"
	NOT_COMPLETE = "Not complete"


@dataclass(frozen=True)
class Certificate:
	"""A month of an account, as an accountant files it; amounts in the account's currency."""

	bank_account: BankAccountRecord
	first: date
	last: date
	opening: Decimal | None
	"""None while the opening balance of the account is not known, or later than the month."""
	money_in: Decimal
	money_out: Decimal
	"""Negative."""
	count: int
	closing: Decimal | None
	proven_at: datetime | None
	"""The first agreement with the bank after the end of the month."""
	stretches: Sequence[Stretch]
	held: Sequence[UnmatchedItem]

	@property
	def gaps(self) -> list[Stretch]:
		"""Return the stretches of days that no source was read for."""
		return [stretch for stretch in self.stretches if stretch.state in _GAPS]

	@property
	def complete(self) -> bool:
		"""Return whether all days were fetched, and the sum was proven since."""
		return self.closing is not None and self.proven_at is not None and not self.gaps

	@property
	def status(self) -> CertificateStatus:
		"""Return whether it is complete, as it is stored."""
		return CertificateStatus.COMPLETE if self.complete else CertificateStatus.NOT_COMPLETE


class ProofLedger(Protocol):
	"""The part of `core.ledger.Ledger` that is used here."""

	def bank_account(self, name: str) -> BankAccountRecord:
		"""Return the bank account. Raise `NotFound`."""
		...

	def set_opening(self, bank_account: str, amount: Decimal, day: date) -> None:
		"""Set the opening balance, signed, at the start of a day."""
		...

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		"""Return the sum of the transactions, signed, before a day or of all days."""
		...

	def verify_totals(self, bank_account: str) -> None:
		"""Make sure that `movements` is the sum of the bank transactions."""
		...

	def checks(self, bank_account: str) -> list[PastCheck]:
		"""Return the past balance checks, the latest first."""
		...

	def unmatched(self, bank_account: str) -> list[UnmatchedItem]:
		"""Return booked rows without a transaction, and transactions without a row."""
		...

	def covered(self, bank_account: str) -> list[Covered]:
		"""Return the days that a source was read for."""
		...

	def imported_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""Return what was imported since an instant, the latest first, at most `limit` items."""
		...

	def undone_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""Return the rows of files that were undone after an instant, at most `limit` items."""
		...

	def lacking(self, bank_account: str, day: date, source: str) -> list[UnmatchedItem]:
		"""Return the bank transactions of a day of which a source has no line."""
		...

	def booked_since(self, bank_account: str, at: datetime, last: date) -> bool:
		"""Return whether a transaction up to `last` was added after an instant."""
		...

	def turnover(
		self, bank_account: str, first: date, last: date
	) -> Sequence[tuple[date, Decimal, Decimal, int]]:
		"""Return per day: the day, money in, money out (both positive), and the number of rows."""
		...


def prove(ledger: ProofLedger, bank_account: str) -> Proof:
	"""Compare the latest balance that the bank reported with the books as they are now; say what can explain a difference.

	Of several balances the one of the latest day counts. What was found at the time of a run is not repeated: rows
	may have come, changed or gone since.
	"""
	target = ledger.bank_account(bank_account)
	ledger.verify_totals(bank_account)
	checks = ledger.checks(bank_account)
	if not checks:
		return Proof(bank_account, None, None)
	books = Books(ledger, target)
	latest = _latest(checks)
	now = latest._replace(check=books.recheck(latest))
	proven_at = next((one.at for one in reversed(checks) if one.check.complete), None)
	since = books.until(None) - books.counted(latest)
	if now.check.complete:
		return Proof(bank_account, now, proven_at, since=since)
	causes = find_causes(ledger, bank_account, now.check.difference, proven_at)
	causes = [*late_rows(ledger, now), *causes]
	agreed = next((_as_of(one) for one in reversed(checks) if books.holds(one)), target.opening_date)
	first_day = _first_day(causes, agreed)
	return Proof(
		bank_account=bank_account,
		checked=now,
		proven_at=proven_at,
		first_day=first_day,
		causes=causes,
		since=since,
	)


def _latest(checks: Sequence[PastCheck]) -> PastCheck:
	"""Return the balance of the latest day: the last one of a feed, unless that of a file is later."""
	feeds = [one for one in checks if one.check.day is None]
	files = [one for one in checks if one.check.day is not None]
	if not files:
		return feeds[-1]
	file = max(reversed(files), key=_as_of)
	return feeds[-1] if feeds and _as_of(feeds[-1]) >= _as_of(file) else file


def _as_of(past: PastCheck) -> date:
	"""Return the day whose end the balance is of."""
	return past.check.day or past.at.date()


class Books:
	"""The sums of a bank account by day, as they are now: one query for any number of checks."""

	def __init__(self, ledger: ProofLedger, target: BankAccountRecord) -> None:
		self._opening = target.opening_balance
		rows = ledger.turnover(target.name, _FIRST, _LAST)
		self._days = [row[0] for row in rows]
		self._sums = list(accumulate((row[1] + row[2] for row in rows), initial=Decimal()))

	def until(self, day: date | None) -> Decimal:
		"""Return the sum of all bank transactions up to the end of a day, or of all days."""
		return self._sums[bisect_right(self._days, day) if day else -1]

	def counted(self, past: PastCheck) -> Decimal:
		"""Return the sum of what the balance of a check can include: rows up to its day.

		A balance without a day is of all that was booked, rows dated ahead included: where these make it agree they
		were in it.
		"""
		whole, day = self.until(None), past.check.day
		if day is None and self._difference(past, whole) == 0:
			return whole
		return self.until(day or past.at.date())

	def holds(self, past: PastCheck, correction: Decimal = Decimal()) -> bool:
		"""Whether a check agrees with the books as they are now, or differs by just `correction`."""
		return self._difference(past, self.counted(past)) in (0, correction)

	def recheck(self, past: PastCheck) -> BalanceCheck:
		"""Return the check as it is now."""
		movements = self.counted(past)
		difference = self._difference(past, movements)
		return past.check._replace(
			opening=self._opening_of(past),
			movements=movements,
			difference=difference,
			complete=difference == 0,
		)

	def _difference(self, past: PastCheck, movements: Decimal) -> Decimal:
		return past.check.bank_balance - self._opening_of(past) - movements

	def _opening_of(self, past: PastCheck) -> Decimal:
		return past.check.opening if self._opening is None else self._opening


def absorbed(ledger: ProofLedger, bank_account: str, lines: Collection[str]) -> Decimal:
	"""Return how much of some lines, which are no bank transactions, the opening balance must hold.

	The bank counts them: where it agreed with the books without them, it did so because of that.
	"""
	checks = ledger.checks(bank_account)
	if not lines or not checks or not checks[-1].check.complete:
		return Decimal()
	at = checks[-1].at
	correction = [item for item in ledger.unmatched(bank_account) if item.name in lines]
	return sum((item.amount for item in correction if item.since is None or item.since <= at), Decimal())


def _first_day(causes: Sequence[Cause], agreed: date | None) -> date | None:
	"""Return the day of an exact cause; else the day after which nothing is proven, or the earliest cause there is."""
	exact = [item.day for cause in causes if cause.exact for item in cause.items]
	if exact:
		return min(exact)
	days = [item.day for cause in causes for item in cause.items]
	return min([agreed, *days] if agreed else days, default=None)


def certify(ledger: ProofLedger, bank_account: str, month: date) -> Certificate:
	"""Certify the month that `month` lies in."""
	target = ledger.bank_account(bank_account)
	first = month.replace(day=1)
	last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
	days = ledger.turnover(bank_account, first, last)
	money_in = sum((row[1] for row in days), Decimal())
	money_out = sum((row[2] for row in days), Decimal())
	opening = _opening(ledger, target, first)
	unmatched = count_once(ledger.unmatched(bank_account))
	return Certificate(
		bank_account=target,
		first=first,
		last=last,
		opening=opening,
		money_in=money_in,
		money_out=money_out,
		count=sum(row[3] for row in days),
		closing=None if opening is None else opening + money_in + money_out,
		proven_at=_proven(ledger, prove(ledger, bank_account), unmatched, last),
		stretches=strip(ledger.covered(bank_account), {row[0]: row[3] for row in days}, first, last),
		held=[item for item in unmatched if first <= item.day <= last],
	)


def _opening(ledger: ProofLedger, target: BankAccountRecord, first: date) -> Decimal | None:
	"""Balance at the start of a day, by the account's own opening balance and what moved since."""
	if target.opening_balance is None or target.opening_date is None or target.opening_date > first:
		return None
	return target.opening_balance + ledger.movements(target.name, before=first)


def _proven(
	ledger: ProofLedger, proof: Proof, unmatched: Sequence[UnmatchedItem], last: date
) -> datetime | None:
	"""Return the first agreement after a day, unless a row on the days up to it was added, or a difference arose, since
	the last one.
	"""
	books = Books(ledger, ledger.bank_account(proof.bank_account))
	later = [one for one in ledger.checks(proof.bank_account) if one.check.complete and one.at.date() > last]
	changed = [
		*unmatched,
		*(ledger.imported_since(proof.bank_account, later[0].at, MOST_BROUGHT) if later else ()),
	]
	after = [one for one in changed if one.day > last]
	agreed = [one.at for one in later if books.holds(one, _since(after, one.at))]
	if not agreed or (not proof.complete and (proof.first_day is None or proof.first_day <= last)):
		return None
	correction = any(item.since and item.since > agreed[-1] for item in unmatched if item.day <= last)
	came = ledger.booked_since(proof.bank_account, agreed[-1], last)
	return None if correction or came else agreed[0]


def _since(items: Sequence[UnmatchedItem], at: datetime) -> Decimal:
	"""Return the sum of the rows that were added, or became a difference, after an instant."""
	return sum((one.amount for one in items if one.since and one.since > at), Decimal())
