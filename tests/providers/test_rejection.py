"""The reason of a rejected row names the first thing that it lacks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.providers.rejection import why_rejected

DAY, MONEY = date(2026, 11, 2), Decimal("-12.50")


@pytest.mark.parametrize(
	("amount", "day", "ids", "reason"),
	[
		(None, None, {"remote_id": "", "account": ""}, "The transaction has no id."),
		(None, None, {"remote_id": "7", "account": ""}, "The transaction names no account."),
		(None, None, {"remote_id": "7", "account": "3"}, "The transaction has no amount that can be read."),
		(MONEY, None, {"remote_id": "7"}, "The transaction has no date that can be read."),
		(MONEY, DAY, {}, "The transaction has no currency."),
		(Decimal(0), DAY, {}, "The transaction has no currency."),
	],
)
def test_the_first_thing_that_a_row_lacks_is_named(amount, day, ids, reason):
	assert why_rejected(amount, day, **ids) == reason
