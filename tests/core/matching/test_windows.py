from __future__ import annotations

from datetime import date

import pytest

from dokos_banksync.core.matching.windows import start_date

CHOSEN, LAST, LOCK = date(2026, 2, 1), date(2026, 3, 31), date(2026, 1, 31)


@pytest.mark.parametrize(
	("chosen", "last", "lock", "start"),
	[
		(CHOSEN, LAST, LOCK, CHOSEN),
		(None, LAST, LOCK, date(2026, 4, 1)),
		(None, None, None, None),
		(None, None, LOCK, CHOSEN),
		(date(2025, 1, 1), None, LOCK, CHOSEN),
		(LOCK, None, LOCK, CHOSEN),
		(None, date(2025, 12, 31), LOCK, CHOSEN),
		(None, date(2024, 2, 28), None, date(2024, 2, 29)),
	],
)
def test_the_start_date(chosen, last, lock, start):
	assert start_date(chosen, last, lock) == start
