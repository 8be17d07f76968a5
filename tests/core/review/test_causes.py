"""Causes of a difference: rows that were undone, and imported again or not."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import Covered, Origin, UnmatchedItem
from dokos_banksync.core.review.causes import find_causes
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

	def __init__(self, brought: list[UnmatchedItem], undone: list[UnmatchedItem]) -> None:
		self._brought, self._undone = brought, undone

	def unmatched(self, _bank_account: str) -> list[UnmatchedItem]:
		return []

	def imported_since(self, _account: str, _since: datetime | None, _most: int) -> list[UnmatchedItem]:
		return self._brought

	def undone_since(self, _account: str, _since: datetime | None, _most: int) -> list[UnmatchedItem]:
		return self._undone

	def covered(self, _bank_account: str) -> list[Covered]:
		return []

	def lacking(self, _bank_account: str, _day: date, _source: str) -> list[UnmatchedItem]:
		return []


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
