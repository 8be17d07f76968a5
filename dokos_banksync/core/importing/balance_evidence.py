"""The balance of the bank as evidence: which of the matches that nothing else proves are right."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple, Protocol

from dokos_banksync.core.importing.balance_check import count_once
from dokos_banksync.core.model import Action, Decision, MatchEvidence, Reason, is_file
from dokos_banksync.core.records import BankAccountRecord, UnmatchedItem

REFUTABLE = (
	MatchEvidence.SAME_DAY_SIMILAR_LABEL,
	MatchEvidence.SHIFTED_SAME_LABEL,
	MatchEvidence.SHIFTED_BUSINESS_DAY,
)
"""Evidence that stands unless the balance contradicts it."""

MAX_SEARCHED = 14
"""More unproven lines than this are not searched for a subset: their sums explain too much."""

NOTE = MatchEvidence.BALANCE_PROVEN.value

_COUNTED_ELSEWHERE = (MatchEvidence.REPEATED_ID, MatchEvidence.EQUAL_SUM)
"""Questions whether a row is a part of what is there, and not which bank transaction it is."""

_OPEN = (Reason.AMBIGUOUS, Reason.UNLISTED)

_ELSEWHERE = (Reason.LOCKED, Reason.DELETED, Reason.UNDONE, Reason.HOST, Reason.EXCLUDED)
"""Lines that the bank counts and the books do not, because a user or a setting says so."""


class KnownBalance(NamedTuple):
	"""What the bank says an account holds at the end of a day; `day` None for all that is booked."""

	amount: Decimal
	day: date | None


class BalanceLedger(Protocol):
	"""The part of a ledger that is asked here; see `core.ledger`."""

	def bank_account(self, name: str) -> BankAccountRecord:
		"""See `Ledger.bank_account`."""
		...

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		"""See `Ledger.movements`."""
		...

	def unmatched(self, bank_account: str) -> list[UnmatchedItem]:
		"""See `Ledger.unmatched`."""
		...


class Gap(NamedTuple):
	"""What the bank has more than the books; lines after `day` have no part in it."""

	amount: Decimal
	day: date | None


def may_be_refuted(made: Decision, borders: Container[date | None] = ()) -> bool:
	"""Return whether the decision is a question, or is based on evidence that the balance may contradict.

	On the `borders`, the first and the last day of a file, an equal label of an equal day is no more: one file may
	end in the midst of a day, and the next one begin there.
	"""
	if made.reason is Reason.AMBIGUOUS:
		return True
	if made.action is not Action.LINK:
		return False
	return made.evidence in REFUTABLE or (_is_strong(made) and made.line.date in borders)


def border_days(source: str, first: date | None, last: date | None) -> tuple[date | None, ...]:
	"""Return the days of which a file may hold a part: its first and its last one. A feed has none."""
	return (first, last) if is_file(source) else ()


def _is_strong(made: Decision) -> bool:
	return made.evidence in (MatchEvidence.SAME_DAY_SAME_LABEL, MatchEvidence.SAME_REFERENCE)


def balance_gap(
	ledger: BalanceLedger,
	bank_account: str,
	balance: KnownBalance,
	planned: Iterable[tuple[str, date, Decimal]] = (),
	*,
	deciding: Container[str] = (),
) -> Gap | None:
	"""Return how much the bank has more than the books, or None where the opening balance is not known, or other
	open questions make the sum uncertain.

	`planned` are additions (bank account, day, amount) that are not stored yet, `deciding` the lines that are decided by it.
	"""
	target = ledger.bank_account(bank_account)
	if target.opening_balance is None or ledger.movements(bank_account, before=target.opening_date):
		return None
	day = balance.day
	if day and target.opening_date and day < target.opening_date:
		return None
	unmatched_items = [
		one for one in count_once(ledger.unmatched(bank_account)) if day is None or one.day <= day
	]
	if any(one.reason in _OPEN and one.name not in deciding for one in unmatched_items):
		return None
	held = ledger.movements(bank_account, before=day + timedelta(days=1) if day else None)
	held += sum((a for name, d, a in planned if name == bank_account and not (day and d > day)), Decimal())
	held += sum((one.amount for one in unmatched_items if one.reason in _ELSEWHERE), Decimal())
	return Gap(balance.amount - target.opening_balance - held, day)


def decide_by_balance(decisions: Sequence[Decision], gap: Gap | None) -> list[Decision]:
	"""Return the decisions, changed where the balance proves another one.

	Without a gap all proposals are right. A gap that is the sum of some of the lines, and of one choice of them only,
	makes these new. Where the balance says neither the decisions stay, questions as questions.
	"""
	concerned = [d for d in decisions if gap and not (gap.day and d.line.date > gap.day)]
	if gap is None or not concerned:
		return list(decisions)
	if gap.amount == 0:
		return [_confirmed(d) if d in concerned else d for d in decisions]
	weak = [one for one in concerned if not _is_strong(one)]
	fresh = _only_subset(weak, gap.amount) if weak else None
	fresh = fresh or _only_subset(concerned, gap.amount)
	if fresh is None:
		return list(decisions)
	new = {id(one) for one in fresh}
	return [_new(d) if id(d) in new else _confirmed(d) if d in concerned else d for d in decisions]


def is_decided(decisions: Sequence[Decision], gap: Gap) -> bool:
	"""Return whether a gap says of each line whether it is new: it is zero, or the sum of one choice of lines only."""
	return gap.amount == 0 or _only_subset(decisions, gap.amount) is not None


def _confirmed(made: Decision) -> Decision:
	"""The line is not a new transaction: it is the proposed one, where there is one."""
	if made.action is Action.LINK:
		return made
	if made.evidence in _COUNTED_ELSEWHERE:
		return made._replace(
			reason=Reason.DUPLICATE,
			transaction=made.proposed,
			note=NOTE,
			evidence=MatchEvidence.BALANCE_PROVEN,
		)
	if not made.proposed:
		return made
	return made._replace(
		action=Action.LINK,
		reason=Reason.NONE,
		transaction=made.proposed,
		note=NOTE,
		evidence=MatchEvidence.BALANCE_PROVEN,
	)


def _new(made: Decision) -> Decision:
	return made._replace(
		action=Action.NEW,
		reason=Reason.NONE,
		transaction="",
		changes={},
		note=NOTE,
		evidence=MatchEvidence.BALANCE_PROVEN,
	)


def _only_subset(decisions: Sequence[Decision], amount: Decimal) -> Sequence[Decision] | None:
	"""Return the lines that add up to an amount; None where there are none, or several choices. Of lines that are the
	same in all that is compared, any will do.
	"""
	if sum((one.line.amount for one in decisions), Decimal()) == amount and len(decisions) > MAX_SEARCHED:
		return decisions
	if len(decisions) > MAX_SEARCHED:
		return None
	found = {
		tuple(sorted(map(_likeness, chosen))): chosen
		for size in range(1, len(decisions) + 1)
		for chosen in combinations(decisions, size)
		if sum((one.line.amount for one in chosen), Decimal()) == amount
	}
	return next(iter(found.values())) if len(found) == 1 else None


def _likeness(made: Decision) -> tuple[date, Decimal, str, str]:
	return made.line.date, made.line.amount, made.line.original, made.action.value
