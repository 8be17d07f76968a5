"""Causes of a difference: rows that were undone, and imported again or not."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import BalanceCheck, Covered, Origin, PastCheck, UnmatchedItem
from dokos_banksync.core.review.causes import find_causes, late_rows
from dokos_banksync.core.trigger import Trigger

DAY = date(2026, 11, 10)
UNDONE_AT = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def item(name: str, amount: str, *, at: datetime, trigger: Trigger) -> UnmatchedItem:
	"""An item of a file or of an undo; `amount` is what it adds to bank minus ledger."""
	origin = Origin(trigger, "a.csv")
	return UnmatchedItem(name, DAY, Decimal(amount), "CB CAFE", Reason.NONE, since=at, origin=origin)


class Books:
	"""What a ledger answers: rows that were undone, and bank transactions that were imported."""

	source = "file:0123456789abcdef"

	def __init__(self, brought: list[UnmatchedItem], undone: list[UnmatchedItem]) -> None:
		self._brought, self._undone = brought, undone

	def unmatched(self, _bank_account: str) -> list[UnmatchedItem]:
		return []

	def imported_since(self, _account: str, _since: datetime | None, _most: int) -> list[UnmatchedItem]:
		return self._brought

	def undone_since(self, _account: str, _since: datetime | None, _most: int) -> list[UnmatchedItem]:
		return self._undone

	def covered(self, _bank_account: str) -> list[Covered]:
		return [Covered("RUN", self.source, "Current", DAY, DAY, complete=True)]

	def lacking(self, _bank_account: str, _day: date, _source: str) -> list[UnmatchedItem]:
		return self._brought


def named(brought: list[UnmatchedItem], undone: list[UnmatchedItem]) -> list[str]:
	"""Return the names of the rows that are shown as causes of a difference of 3.20."""
	causes = find_causes(Books(brought, undone), "Current", Decimal("3.20"), None)
	return sorted(one.name for cause in causes for one in cause.items)


@pytest.mark.parametrize(
	("imported_at", "causes"),
	[
		(UNDONE_AT + HOUR, []),
		(UNDONE_AT - HOUR, ["imported", "undone"]),
	],
)
def test_only_an_import_after_the_undo_replaces_the_row(imported_at: datetime, causes: list[str]) -> None:
	undone = item("undone", "-3.20", at=UNDONE_AT, trigger=Trigger.UNDO)
	imported = item("imported", "3.20", at=imported_at, trigger=Trigger.FILE)
	assert named([imported], [undone]) == causes


def test_one_import_replaces_one_row() -> None:
	undone = [item(f"undone {n}", "-3.20", at=UNDONE_AT, trigger=Trigger.UNDO) for n in (1, 2)]
	imported = item("imported", "3.20", at=UNDONE_AT + HOUR, trigger=Trigger.FILE)
	assert named([imported], undone) == ["undone 2"]


@pytest.mark.parametrize(
	("source", "amounts", "causes"),
	[
		("file:0123456789abcdef", ["-3.20"], ["-3.20"]),
		("file:0123456789abcdef", ["-3.20", "-1.00"], ["-3.20"]),
		("file:0123456789abcdef", ["-3.19"], []),
		("SYNC-ACC-000001", ["-3.20"], []),
	],
)
def test_a_file_of_a_part_of_a_day_lacks_rows_and_a_feed_does_not(
	source: str, amounts: list[str], causes: list[str]
) -> None:
	lacking = [item(amount, amount, at=UNDONE_AT, trigger=Trigger.MANUAL) for amount in amounts]
	books = Books(lacking, [])
	books.source = source
	money = [Decimal(amount) for amount in ("100", "3.20", "100", "-3.20")]
	check = BalanceCheck("Current", "EUR", *money, complete=False, day=DAY)
	found = late_rows(books, PastCheck("RUN", UNDONE_AT, check))
	assert [one.name for cause in found for one in cause.items] == causes
