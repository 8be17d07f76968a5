"""Days that two sources share in part: one file ends at noon, and another source begins there.

Each of the two holds rows of that day which the other lacks, so an equal row may be the same one or a second one.
The balance that the file gives for its last day says how the day began and ended for that file; a balance of a later day, and
the opening balance of the other source, say how often the row was booked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Protocol

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.balance_evidence import (
	BalanceLedger,
	Gap,
	KnownBalance,
	balance_gap,
	border_days,
	decide_by_balance,
	is_decided,
	may_be_refuted,
)
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.repeated_rows import with_first_rows
from dokos_banksync.core.matching.known_days import KnownDays
from dokos_banksync.core.model import (
	SUPPRESSED,
	Action,
	Decision,
	Line,
	MatchEvidence,
	Reason,
)
from dokos_banksync.core.packed_lines import booked_amounts, lines_of_day, references_of
from dokos_banksync.core.records import PastCheck

SPLIT_DAY = "Two files share a part of this day: it may be the known transaction or a second one"

_OF_LABEL = (MatchEvidence.SAME_DAY_SAME_LABEL, MatchEvidence.SAME_REFERENCE)

Planned = Iterable[tuple[str, date, Decimal]]
"""Additions that are not stored yet: bank account, day, amount."""


@dataclass(frozen=True)
class LastDay:
	"""The last day of a file, with the number and the sum of its booked rows on that day."""

	day: date
	rows: int
	total: Decimal
	lines: Iterable[Line] = ()
	"""All rows of the file."""
	first: date | None = None
	"""The first day of the file, if that is another one."""

	@cached_property
	def begin(self) -> LastDay | None:
		"""Return the same of the first day."""
		return last_day_of(self.lines, self.first) if self.first else None

	@cached_property
	def _references(self) -> Counter[str]:
		wanted = {line.reference for line in lines_of_day(self.lines, self.day)}
		return Counter(one for one in references_of(self.lines) if one in wanted)

	def has_once(self, reference: str) -> bool:
		"""Return whether one row of the file has the reference: that of a mandate is on each of its debits."""
		return self._references[reference] == 1


class SplitLedger(BalanceLedger, Protocol):
	"""The part of a ledger that is asked here; see `core.ledger`."""

	def checks(self, bank_account: str) -> list[PastCheck]:
		"""See `Ledger.checks`."""
		...


def last_day_of(lines: Iterable[Line], day: date, first: date | None = None) -> LastDay:
	"""Return the figures of the last day of a file that begins on the `first` one."""
	amounts = booked_amounts(lines, day)
	earlier = first if first and first < day else None
	return LastDay(day=day, rows=len(amounts), total=sum(amounts, Decimal()), lines=lines, first=earlier)


def total_if_shared(last: LastDay | None, known_days: KnownDays | None, day: date | None) -> Decimal | None:
	"""Return the sum of a file's own rows of its last day, if that is the day and other sources may have further rows of it."""
	if last is None or known_days is None or day != last.day:
		return None
	return last.total if known_days.ends_on(last.day) else None


def is_postponed(
	made: Decision, feed: Feed, last: LastDay | None, *, released: Container[str], has_balance: bool
) -> bool:
	"""Return whether a decision is made only after all others are stored: the balance, or the other rows of a
	shared day, may prove or refute it. A decision about a bank transaction whose line the bank removed in this run
	(`released`) does not wait: it is stored with the removal.
	"""
	if made.transaction in released or made.proposed in released:
		return False
	borders = border_days(feed.source, feed.start_date, feed.last_day)
	if has_balance and may_be_refuted(made, borders):
		return True
	begin = last.begin if last and not has_balance else None
	return any(may_be_second(made, day, feed.known_days) for day in (last, begin))


def may_be_second(made: Decision, last: LastDay | None, known_days: KnownDays | None) -> bool:
	"""Return whether a row that is linked by day and label may be a second one: where its day is the last of the file,
	and an end of every other source that covers it. A reference that the file has once identifies the row.
	"""
	return (
		last is not None
		and known_days is not None
		and made.action is Action.LINK
		and made.evidence in _OF_LABEL
		and made.line.date == last.day
		and not (made.evidence is MatchEvidence.SAME_REFERENCE and last.has_once(made.line.reference))
		and known_days.ends_on(last.day)
	)


def _suppressed_by_user(batch: Batch, feed: Feed, last: LastDay | None) -> frozenset[Decimal]:
	"""Return the amounts of rows that a user merged, deleted or left out, of the sources that cover the last day of a file."""
	if last is None or feed.known_days is None or not feed.known_days.ends_on(last.day):
		return frozenset()
	number = last.day.toordinal()
	sources = feed.known_days.sources_near(number, number)
	return frozenset(one.line.amount for source in sources for one in batch.held(source, SUPPRESSED))


def decide_unproven(
	ledger: SplitLedger,
	batch: Batch,
	feed: Feed,
	decisions: Sequence[Decision],
	*,
	balance: KnownBalance | None,
	last: LastDay | None,
	planned: Planned = (),
) -> list[Decision]:
	"""Return the decisions of one source that waited until all others were stored.

	First those about a shared day; then the balance decides the others, if these left no question.
	"""
	split: list[Decision] = []
	rest: list[Decision] = []
	for made in with_first_rows(batch, decisions):
		(split if may_be_second(made, last, feed.known_days) else rest).append(made)
	planned = list(planned)
	rest = rest if balance else _asked_on_begin(ledger, feed, rest, last=last, planned=planned)
	decided = (
		decide_split_day(
			ledger,
			split,
			last,
			balance=balance,
			planned=planned,
			suppressed=_suppressed_by_user(batch, feed, last),
		)
		if split and last
		else []
	)
	if balance is None or any(made.action is Action.HOLD for made in decided):
		return [*decided, *rest]
	planned += [(feed.bank_account, m.line.date, m.line.amount) for m in decided if m.action is Action.NEW]
	asked = batch.lines(feed.source, [made.line.remote_id for made in rest])
	gap = balance_gap(ledger, feed.bank_account, balance, planned, deciding={one.name for one in asked})
	proven = decide_by_balance(rest, gap)
	return [*decided, *(_unless_identified(was, made) for was, made in zip(rest, proven, strict=True))]


def _asked_on_begin(
	ledger: SplitLedger,
	feed: Feed,
	decisions: list[Decision],
	*,
	last: LastDay | None,
	planned: Sequence[tuple[str, date, Decimal]],
) -> list[Decision]:
	"""Return the decisions; where no balance decides, equal rows of the first day of a file are questions if the file has
	rows of that day that the books lack, and the other way round: it may go on where another source ended.
	"""
	begin = last.begin if last else None
	split = {id(made) for made in decisions if may_be_second(made, begin, feed.known_days)}
	shared = [made for made in decisions if id(made) in split]
	if not (begin and shared and _is_partial(ledger, feed.bank_account, shared, last=begin, planned=planned)):
		return decisions
	return [_asked(made) if id(made) in split else made for made in decisions]


def _unless_identified(was: Decision, made: Decision) -> Decision:
	"""Return the decision, as a question where a balance contradicts a reference."""
	contradicted = was.evidence is MatchEvidence.SAME_REFERENCE and made.action is Action.NEW
	return _asked(was) if contradicted else made


def decide_split_day(
	ledger: SplitLedger,
	decisions: Sequence[Decision],
	last: LastDay,
	*,
	balance: KnownBalance | None,
	planned: Planned = (),
	suppressed: Container[Decimal] = (),
) -> list[Decision]:
	"""Return the decisions about equal rows of a shared day, proven by the balances where they can be.

	Where balances contradict the decisions, or both sources have rows of the day that the other lacks, they
	become questions. So does a row that a balance takes for a second one, if a user suppressed a row of its amount:
	the balance may differ by that decision.
	"""
	[bank_account] = {made.bank_account for made in decisions}
	planned = list(planned)
	later = latest_after(ledger, bank_account, last.day)
	if later and may_count_later_days(ledger, bank_account, later):
		return [_asked(made) for made in decisions]
	gaps = [
		balance_gap(ledger, bank_account, _balance_of(later), planned) if later else None,
		*_gaps_of_opening(ledger, bank_account, decisions, last=last, balance=balance),
	]
	known = [gap for gap in gaps if gap is not None]
	for gap in known:
		if is_decided(decisions, gap):
			proven = decide_by_balance(decisions, gap)
			return [
				_asked(was) if made.action is Action.NEW and made.line.amount in suppressed else made
				for was, made in zip(decisions, proven, strict=True)
			]
	if known or _is_partial(ledger, bank_account, decisions, last=last, planned=planned):
		return [_asked(made) for made in decisions]
	return list(decisions)


def latest_after(ledger: SplitLedger, bank_account: str, day: date) -> PastCheck | None:
	"""Return the check of the latest day after a day."""
	found = [(day_of(one), one.at, one) for one in ledger.checks(bank_account) if day_of(one) > day]
	return max(found, key=itemgetter(0, 1))[2] if found else None


def day_of(past: PastCheck) -> date:
	"""Return the day of a check."""
	return past.check.day or past.at.date()


def _balance_of(past: PastCheck) -> KnownBalance:
	return KnownBalance(past.check.bank_balance, day_of(past))


def may_count_later_days(ledger: SplitLedger, bank_account: str, past: PastCheck) -> bool:
	"""Return whether a balance may count rows of later days than that of its check: a bank may date a row ahead, and the
	balance of a feed has all that was booked at that time.
	"""
	if past.check.day:
		return False
	until = ledger.movements(bank_account, before=day_of(past) + timedelta(days=1))
	return until != ledger.movements(bank_account)


def _gaps_of_opening(
	ledger: SplitLedger,
	bank_account: str,
	decisions: Sequence[Decision],
	*,
	last: LastDay,
	balance: KnownBalance | None,
) -> list[Gap]:
	"""Return what the rows of older history have more than is known, where the books begin on its last day.

	From the opening balance of the books to the closing balance of the file there are the rows that both have, and no
	others: these decisions alone, or all rows of the day where ids link the others.
	"""
	target = ledger.bank_account(bank_account)
	if balance is None or target.opening_balance is None or target.opening_date != last.day:
		return []
	shared = balance.amount - target.opening_balance
	totals = [sum((made.line.amount for made in decisions), Decimal()), last.total]
	return [Gap(total - shared, None) for total in totals]


def _is_partial(
	ledger: SplitLedger, bank_account: str, decisions: Sequence[Decision], *, last: LastDay, planned: Planned
) -> bool:
	"""Return whether the file has rows of the day that the books lack, and the other way round."""
	after = ledger.movements(bank_account, before=last.day + timedelta(days=1))
	held = after - ledger.movements(bank_account, before=last.day)
	held += sum(
		(amount for name, day, amount in planned if (name, day) == (bank_account, last.day)), Decimal()
	)
	return last.rows > len(decisions) and held != last.total


def _asked(made: Decision) -> Decision:
	return made._replace(
		action=Action.HOLD,
		reason=Reason.AMBIGUOUS,
		transaction="",
		proposed=made.transaction,
		note=SPLIT_DAY,
		evidence=MatchEvidence.NONE,
	)
