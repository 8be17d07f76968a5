"""What can explain that the balance of the bank and the books differ."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations, groupby
from typing import NamedTuple, Protocol

from dokos_banksync.core.importing.balance_check import count_once
from dokos_banksync.core.model import Reason, is_file
from dokos_banksync.core.records import Covered, Origin, PastCheck, UnmatchedItem
from dokos_banksync.core.trigger import Trigger

COUNTED_BY_THE_BANK = (
	Reason.LOCKED,
	Reason.DELETED,
	Reason.UNDONE,
	Reason.HOST,
	Reason.AMBIGUOUS,
	Reason.EXCLUDED,
)
"""Why booked lines are not bank transactions although the bank's balance includes them."""

MOST_BROUGHT = 5_000
"""Rows of files that are examined."""

MOST_SEARCHED = 40
"""Items among which up to three are searched that are the whole difference."""

_LARGEST_SUBSET = 3


class Cause(NamedTuple):
	"""What may explain a difference: `exact` when its sum is the difference."""

	sentence: str
	reason: Reason
	amount: Decimal
	exact: bool
	items: Sequence[UnmatchedItem]
	origin: Origin | None = None
	"""The file or the answer that the items came from."""


class CausesLedger(Protocol):
	"""The part of a ledger that is asked here; see `core.ledger`."""

	def unmatched(self, bank_account: str) -> list[UnmatchedItem]:
		"""Return booked rows without a transaction, and transactions without a row."""
		...

	def imported_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""Return what was imported since an instant, the latest first, at most `limit` items."""
		...

	def undone_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""Return the rows of files that were undone after an instant, at most `limit` items."""
		...

	def covered(self, bank_account: str) -> list[Covered]:
		"""Return the days that a source was read for."""
		...

	def lacking(self, bank_account: str, day: date, source: str) -> list[UnmatchedItem]:
		"""Return the bank transactions of a day of which a source has no line."""
		...


def find_causes(
	ledger: CausesLedger, bank_account: str, difference: Decimal, agreed_at: datetime | None
) -> list[Cause]:
	"""Return what can explain a difference, an exact cause first, then the largest.

	`agreed_at` is when bank and books last agreed: files imported before that are no cause.
	"""
	found = list(_causes(count_once(ledger.unmatched(bank_account)), difference))
	# What only a file has is not proven by anything else.
	brought = ledger.imported_since(bank_account, agreed_at, MOST_BROUGHT)
	undone = ledger.undone_since(bank_account, agreed_at, MOST_BROUGHT)
	for items in _without_replaced(brought, undone):
		found += _causes(items, difference)
	return sorted(found, key=lambda c: (not c.exact, -abs(c.amount)))


def late_rows(ledger: CausesLedger, past: PastCheck) -> list[Cause]:
	"""Return the rows that a file lacks of the day of its balance, where they are the whole difference: none or one cause."""
	check = past.check
	sources = [one.source for one in ledger.covered(check.bank_account) if one.run == past.run]
	if check.day is None or len(sources) != 1 or not is_file(sources[0]):
		return []
	lacking = ledger.lacking(check.bank_account, check.day, sources[0])
	items = _exactly(lacking, check.difference) if lacking else None
	return [_cause(items, check.difference)._replace(sentence=_LATE)] if items else []


def _without_replaced(
	brought: Sequence[UnmatchedItem], undone: Sequence[UnmatchedItem]
) -> tuple[list[UnmatchedItem], list[UnmatchedItem]]:
	"""Return what was imported and what was undone, without the undone rows that were imported again since, one for one."""
	later: dict[tuple[date, Decimal], list[UnmatchedItem]] = {}
	for one in brought if undone else ():
		later.setdefault((one.day, -one.amount), []).append(one)
	left, replaced = [], set[str]()
	for item in undone:
		rows = later.get((item.day, item.amount), [])
		again = next((one for one in rows if one.since and item.since and one.since >= item.since), None)
		if again is None:
			left.append(item)
		else:
			rows.remove(again)
			replaced.add(again.name)
	return [one for one in brought if one.name not in replaced], left


def _causes(items: Iterable[UnmatchedItem], difference: Decimal) -> Iterator[Cause]:
	"""Yield one cause for each reason and origin: all of its items, or the few that are the whole difference."""
	by_kind = sorted(items, key=lambda item: (*_kind(item), item.day, item.name))
	for _, group in groupby(by_kind, key=_kind):
		of_kind = list(group)
		yield _cause(_exactly(of_kind, difference) or of_kind, difference)


def _kind(item: UnmatchedItem) -> tuple[str, tuple[str, ...]]:
	return item.reason.value, item.origin or ()


def _exactly(items: Sequence[UnmatchedItem], difference: Decimal) -> Sequence[UnmatchedItem] | None:
	"""Return the only items, up to three, that add up to the difference; None where several choices do, or none."""
	if sum((item.amount for item in items), Decimal()) == difference:
		return items
	if len(items) > MOST_SEARCHED:
		found: list[Sequence[UnmatchedItem]] = [[item] for item in items if item.amount == difference]
		return found[0] if len(found) == 1 else None
	for size in range(1, _LARGEST_SUBSET + 1):
		found = [
			chosen
			for chosen in combinations(items, size)
			if sum((item.amount for item in chosen), Decimal()) == difference
		]
		if found:
			return found[0] if len(found) == 1 else None
	return None


_IMPORTED = "Bank transactions of a file or an answered question, imported since the balances last agreed"
_TAKEN_BACK = "Rows of a file that were undone since the balances last agreed"
_LATE = "Bank transactions of the day of the balance that its file lacks: it may have been made before they were booked"
_SENTENCES: dict[Hashable, str] = {
	Reason.NONE: "Bank transactions without a row of the bank",
	Reason.REMOVED: "Removed by the bank, and kept because they are reconciled or in a closed period",
	Reason.UNLISTED: "Open questions: bank transactions that the bank no longer lists",
	Reason.AMBIGUOUS: "Open questions: each may be a bank transaction that is there, or a new one",
}


def _cause(items: Sequence[UnmatchedItem], difference: Decimal) -> Cause:
	amount = sum((item.amount for item in items), Decimal())
	reason, origin = items[0].reason, items[0].origin
	if origin and origin.trigger is Trigger.UNDO:
		sentence = _TAKEN_BACK
	elif origin:
		sentence = _IMPORTED
	else:
		sentence = _SENTENCES.get(reason, "Rows of the bank without a bank transaction")
	return Cause(
		sentence=sentence,
		reason=reason,
		amount=amount,
		exact=amount == difference,
		items=items,
		origin=origin,
	)
