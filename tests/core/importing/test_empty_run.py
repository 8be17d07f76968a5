"""What a run costs that finds nothing new. Statements are counted, nothing is timed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.importing.test_sync import Feed

STATEMENTS = 42
"""A third of them begin and end transactions."""


def statements(feed):
	"""Return the statements of a second run that finds nothing new."""
	feed.sync()
	feed.bank.now += timedelta(days=1)
	feed.sync()
	feed.bank.now += timedelta(days=1)
	before = feed.ledger.db.calls
	run = feed.sync()
	assert (run.created, run.updated, run.removed, run.checks[0].complete) == (0, 0, 0, True)
	return feed.ledger.db.calls - before


@pytest.mark.parametrize("rows", [1, 60])
def test_an_empty_run_takes_few_statements_whatever_the_history(tmp_path, rows):
	feed = Feed(tmp_path, rows)
	with feed.ledger:
		assert statements(feed) <= STATEMENTS


def test_balances_that_agree_are_compared_with_one_sum(tmp_path):
	feed = Feed(tmp_path)
	asked = []
	with feed.ledger:
		feed.sync()
		movements = feed.ledger.movements
		feed.ledger.movements = lambda *args, **more: asked.append(more) or movements(*args, **more)
		feed.sync()
	assert asked == [{"before": None}]


def test_balances_that_differ_are_compared_with_the_movements_before_the_opening_day(tmp_path):
	feed = Feed(tmp_path)
	asked = []
	with feed.ledger:
		feed.sync()
		opening = feed.ledger.bank_account("Current")
		feed.ledger.set_opening("Current", opening.opening_balance + 1, opening.opening_date)
		movements = feed.ledger.movements
		feed.ledger.movements = lambda *args, **more: asked.append(more) or movements(*args, **more)
		run = feed.sync()
	assert {"before": opening.opening_date} in asked
	assert run.checks[0].difference == -1
