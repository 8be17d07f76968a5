"""What a run costs that finds nothing new. Statements are counted, nothing is timed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.importing.test_sync import Feed

STATEMENTS = 15


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


def sums(ledger):
	"""Record what is added up from now on, and of which days."""
	asked = []
	for name in ("movements", "extent"):
		plain = getattr(ledger, name)

		def recorded(bank_account, before=None, plain=plain, name=name):
			asked.append((name, before))
			return plain(bank_account, before)

		setattr(ledger, name, recorded)
	return asked


def test_balances_that_agree_are_compared_with_one_sum(tmp_path):
	feed = Feed(tmp_path)
	with feed.ledger:
		feed.sync()
		asked = sums(feed.ledger)
		feed.sync()
	assert asked == [("extent", None)]


def test_balances_that_differ_are_compared_with_the_movements_before_the_opening_day(tmp_path):
	feed = Feed(tmp_path)
	with feed.ledger:
		feed.sync()
		opening = feed.ledger.bank_account("Current")
		feed.ledger.set_opening("Current", opening.opening_balance + 1, opening.opening_date)
		asked = sums(feed.ledger)
		run = feed.sync()
	assert ("movements", opening.opening_date) in asked
	assert run.checks[0].difference == -1


def test_a_run_that_finds_nothing_new_opens_no_transaction(tmp_path):
	feed = Feed(tmp_path, 60)
	with feed.ledger:
		feed.sync()
		feed.bank.now += timedelta(days=1)
		feed.sync()
		begun, plain = [], feed.ledger.db.run
		feed.ledger.db.run = lambda sql, values=(): begun.append(sql) or plain(sql, values)
		feed.bank.now += timedelta(days=1)
		feed.sync()
	assert begun
	assert not [sql for sql in begun if sql.startswith("BEGIN")]
