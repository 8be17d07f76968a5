"""Why the bank's balance and the ledger differ, and since when; and the certificate of a month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple, Protocol

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.balance_check import count_once
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import BankAccountRecord, Covered, PastCheck, UnmatchedItem
from dokos_banksync.core.review.coverage import DayState, Stretch, strip

COUNTED_BY_THE_BANK = (
	Reason.LOCKED,
	Reason.DELETED,
	Reason.UNDONE,
	Reason.HOST,
	Reason.AMBIGUOUS,
	Reason.EXCLUDED,
)
"""Why booked lines are no bank transactions though the bank's balance holds them."""

_GAPS = (DayState.FAILED, DayState.NEVER)


class Cause(NamedTuple):
	"""What may explain a difference: `exact` when its sum is the difference."""

	sentence: str
	reason: Reason
	amount: Decimal
	exact: bool
	items: Sequence[UnmatchedItem]


@dataclass(frozen=True)
class Proof:
	"""The last check of an account. `first_day` is the first day on which a difference can sit.

	`check` is None while no run has compared the account with the bank.
	"""

	bank_account: str
	checked: PastCheck | None
	proven_at: datetime | None
	"""When the bank and the ledger last agreed."""
	first_day: date | None = None
	causes: Sequence[Cause] = ()

	@property
	def complete(self) -> bool:
		return self.checked is not None and self.checked.check.complete


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
		return [stretch for stretch in self.stretches if stretch.state in _GAPS]

	@property
	def complete(self) -> bool:
		"""All days were fetched, and the sum was proven since."""
		return self.closing is not None and self.proven_at is not None and not self.gaps


class ProofLedger(Protocol):
	"""What is asked of a ledger; see `ledgers.review`."""

	def bank_account(self, name: str) -> BankAccountRecord: ...

	def set_opening(self, bank_account: str, amount: Decimal, day: date) -> None: ...

	def movements(self, bank_account: str, before: date | None = None) -> Decimal: ...

	def checks(self, bank_account: str) -> list[PastCheck]: ...

	def loose(self, bank_account: str) -> list[UnmatchedItem]: ...

	def covered(self, bank_account: str) -> list[Covered]: ...

	def came_since(self, bank_account: str, at: datetime, last: date) -> bool: ...

	def turnover(
		self, bank_account: str, first: date, last: date
	) -> Sequence[tuple[date, Decimal, Decimal, int]]: ...


def prove(ledger: ProofLedger, bank_account: str) -> Proof:
	"""The latest check of an account and, where it differs, what can explain that."""
	ledger.bank_account(bank_account)
	checks = ledger.checks(bank_account)
	agreed = [one for one in checks if one.check.complete]
	proven_at = agreed[-1].at if agreed else None
	if not checks or checks[-1].check.complete:
		return Proof(bank_account, checks[-1] if checks else None, proven_at)
	difference = checks[-1].check.difference
	causes = sorted(
		_causes(count_once(ledger.loose(bank_account)), difference),
		key=lambda c: (not c.exact, -abs(c.amount)),
	)
	first_day = _first_day(causes, proven_at)
	return Proof(bank_account, checks[-1], proven_at, first_day, causes)


def accept(ledger: ProofLedger, bank_account: str) -> Proof:
	"""Take the difference of the last check into the opening balance: a person knows that to be wrong.

	Raises `InvalidData` where there is none, or where the opening balance has moved since: asked twice, it is taken
	once.
	"""
	found = prove(ledger, bank_account)
	target = ledger.bank_account(bank_account)
	if (
		found.checked is None
		or found.complete
		or target.opening_balance != found.checked.check.opening
		or target.opening_date is None
	):
		raise InvalidData("There is no difference of {0} to take into its opening balance", bank_account)
	opening = found.checked.check.opening + found.checked.check.difference
	ledger.set_opening(bank_account, opening, target.opening_date)
	return found


def absorbed(ledger: ProofLedger, bank_account: str, lines: Collection[str]) -> Decimal:
	"""How much of some lines, which are no bank transactions, the opening balance must hold.

	The bank counts them: where it agreed with the books without them, it did so because of that.
	"""
	checks = ledger.checks(bank_account)
	if not lines or not checks or not checks[-1].check.complete:
		return Decimal()
	at = checks[-1].at
	apart = [item for item in ledger.loose(bank_account) if item.name in lines]
	return sum((item.amount for item in apart if item.since is None or item.since <= at), Decimal())


def _first_day(causes: Sequence[Cause], proven_at: datetime | None) -> date | None:
	"""That of an exact cause; else the day after which nothing was proven, or the earliest cause there is."""
	exact = [item.day for cause in causes if cause.exact for item in cause.items]
	if exact:
		return min(exact)
	days = [item.day for cause in causes for item in cause.items]
	return min([proven_at.date(), *days] if proven_at else days, default=None)


def _causes(loose: Iterable[UnmatchedItem], difference: Decimal) -> Iterator[Cause]:
	"""By reason; a single item that is the whole difference is told alone."""
	by_reason = sorted(loose, key=lambda item: (item.reason.value, item.day, item.name))
	for reason, group in groupby(by_reason, key=lambda item: item.reason):
		items = list(group)
		amount = sum((item.amount for item in items), Decimal())
		single = [item for item in items if item.amount == difference]
		if amount != difference and len(single) == 1:
			yield _cause(reason, single, difference)
		else:
			yield _cause(reason, items, difference)


def _cause(reason: Reason, items: Sequence[UnmatchedItem], difference: Decimal) -> Cause:
	amount = sum((item.amount for item in items), Decimal())
	if reason is Reason.NONE:
		sentence = "Bank transactions that no line of the bank speaks for"
	elif reason is Reason.REMOVED:
		sentence = "Taken back by the bank, and kept because they are reconciled"
	elif reason is Reason.AMBIGUOUS:
		sentence = "Open questions: each may be a bank transaction that is there, or a new one"
	else:
		sentence = "Lines of the bank that are no bank transactions"
	return Cause(sentence, reason, amount, amount == difference, items)


def certify(ledger: ProofLedger, bank_account: str, month: date) -> Certificate:
	"""The month that `month` lies in."""
	target = ledger.bank_account(bank_account)
	first = month.replace(day=1)
	last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
	days = ledger.turnover(bank_account, first, last)
	money_in = sum((row[1] for row in days), Decimal())
	money_out = sum((row[2] for row in days), Decimal())
	opening = _opening(ledger, target, first)
	loose = count_once(ledger.loose(bank_account))
	return Certificate(
		*(target, first, last, opening, money_in, money_out, sum(row[3] for row in days)),
		None if opening is None else opening + money_in + money_out,
		_proven(ledger, prove(ledger, bank_account), loose, last),
		strip(ledger.covered(bank_account), {row[0]: row[3] for row in days}, first, last),
		[item for item in loose if first <= item.day <= last],
	)


def _opening(ledger: ProofLedger, target: BankAccountRecord, first: date) -> Decimal | None:
	"""Balance at the start of a day, by the account's own opening balance and what moved since."""
	if target.opening_balance is None or target.opening_date is None or target.opening_date > first:
		return None
	return target.opening_balance + ledger.movements(target.name, before=first)


def _proven(ledger: ProofLedger, proof: Proof, loose: Sequence[UnmatchedItem], last: date) -> datetime | None:
	"""The first agreement after a day, unless something on the days up to it has come, or come apart, since the
	last one.
	"""
	agreed = [
		one.at for one in ledger.checks(proof.bank_account) if one.check.complete and one.at.date() > last
	]
	if not agreed or (not proof.complete and (proof.first_day is None or proof.first_day <= last)):
		return None
	apart = any(item.since and item.since > agreed[-1] for item in loose if item.day <= last)
	came = ledger.came_since(proof.bank_account, agreed[-1], last)
	return None if apart or came else agreed[0]
