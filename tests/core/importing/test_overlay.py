"""What a dry run takes for stored: later lines of the same run are matched with it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import plan_by_content
from dokos_banksync.core.model import ExistingTransaction, LineState
from tests.core.build import DAY, FEED, held, line

GONE = line("1", state=LineState.REMOVED)


def left(transaction: ExistingTransaction, lock_date: date | None = None) -> list[ExistingTransaction]:
	"""Return what is left of the transaction of a line that the bank has removed, in a dry run."""
	feed = FEED._replace(lock_date=lock_date)
	overlay = DryRunOverlay()
	for made in plan_by_content(feed, [], {transaction.name: GONE}, [transaction]):
		overlay.add(made)
	return overlay.over([transaction], feed, [])


def test_a_removed_transaction_is_not_there_for_the_next_lines() -> None:
	assert left(held("T1", sources=frozenset({"feed"}))) == []


@pytest.mark.parametrize(
	("reconciled", "lock_date"), [(True, None), (False, DAY), (False, DAY + timedelta(days=9))]
)
def test_one_that_has_to_be_kept_is_there_without_its_source(
	reconciled: bool, lock_date: date | None
) -> None:
	[kept] = left(held("T1", sources=frozenset({"feed"}), reconciled=reconciled), lock_date)
	assert (kept.name, kept.sources) == ("T1", frozenset())


def test_a_day_after_the_closed_period_is_not_kept() -> None:
	assert left(held("T1", sources=frozenset({"feed"})), DAY - timedelta(days=1)) == []
