"""Nothing that a user or the scheduler does reads a whole table that grows with the history.

All operations of the contract of ledgers, and all pages and calls of a browser on an imported history, are made while
each statement is explained; see `whole_reads`, which also names the few that must read all, and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

import pytest

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.model import Reason
from tests.hosts.standalone.ledger.build import connected_ledger
from tests.hosts.standalone.ledger.contract import NOW, LedgerContract
from tests.hosts.standalone.ledger.on_sqlite import OnSqlite
from tests.hosts.standalone.ledger.review_contract import ReviewContract
from tests.hosts.standalone.ledger.whole_reads import WholeRead, recorded, unexpected, whole_reads
from tests.hosts.standalone.web.conftest import *  # noqa: F403
from tests.hosts.standalone.web.conftest import BANK, connected

SEEN: dict[str, list[WholeRead]] = {}
"""What each statement reads whole, explained once in all tests."""


@pytest.fixture(autouse=True)
def _nothing_is_read_whole() -> Iterator[None]:
	with recorded(SEEN):
		yield
	found = unexpected(SEEN)
	SEEN.clear() if found else None
	assert found == []


class TestLedgerReads(OnSqlite, LedgerContract):
	"""Each test of the contract, explained."""


class TestReviewReads(OnSqlite, ReviewContract):
	"""Each test of the contract, explained."""


# -- the detector -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("statement", "read"),
	[
		("SELECT * FROM sync_run WHERE subject = 'a'", [("sync_run", "sync_run")]),
		("SELECT * FROM sync_run WHERE name = 'a'", []),
		("SELECT count(*) FROM sync_run", [("sync_run", "run_ended")]),
		("SELECT * FROM sync_run ORDER BY started_at DESC LIMIT 3", [("sync_run", "run_page")]),
		(
			"SELECT 1 FROM bank WHERE EXISTS (SELECT 1 FROM sync_line WHERE amount = 1)",
			[("sync_line", "sync_line")],
		),
		("DELETE FROM sync_run WHERE name = 'a'", [("sync_line", "sync_line")]),
		("DELETE FROM bank_transaction WHERE name = 'a'", []),
		("SELECT * FROM bank", []),
	],
	ids=[
		"no index",
		"a key",
		"a count",
		"backwards",
		"correlated",
		"foreign key",
		"foreign key with an index",
		"small",
	],
)
def test_what_is_read_whole_is_recognised(tmp_path, statement, read):
	ledger, _ = connected_ledger(tmp_path)
	with ledger:
		found = whole_reads(ledger.db._connection(), statement, ())
	assert [(one.table, one.index) for one in found] == read


def test_a_statement_of_the_product_is_recorded_and_one_of_a_test_is_not(tmp_path):
	ledger, _ = connected_ledger(tmp_path)
	found: dict[str, list[WholeRead]] = {}
	with ledger, recorded(found):
		ledger.db.rows("SELECT * FROM sync_run WHERE subject = 'a'")
		assert ledger.runs() == []
	assert [one.table for reads in found.values() for one in reads] == ["sync_run"]


# -- a site -------------------------------------------------------------------------------------------------
@pytest.fixture
def history(site, sandbox):
	"""A connection with an imported history, two empty runs after it, and a file that asks a question."""
	connection = connected(site)
	[first, *_] = site.ledger.accounts(connection)
	site.link(connection, [Choice(first.source, "Current")])
	site.sync(connection)
	for _ in range(2):
		sandbox.world.clock.advance(timedelta(days=1))
		site.sync(connection)
	assert site.due() == []
	return connection


def _file(site, known):
	"""Import a file: a row that is known, a new one, and one that cannot be read."""
	amount = str(known.amount).replace(".", ",")
	rows = (
		f"{known.date:%d/%m/%Y};{known.description};{amount}",
		"13/10/2026;NEW;-3,10",
		"15/10/2026;BAD;abc",
		"",
	)
	table = "\n".join(("Date;Libellé;Montant", *rows)).encode()
	return take(
		site.ledger, prepare(site.ledger, "Current", "a.csv", table, ImportOptions()), clock=site.clock
	).name


def test_pages_and_calls_on_a_history(site, history, visitor):
	site.ledger.add_bank_account("Other", BANK, "EUR")
	[row, other, *_] = site.ledger.transactions(bank_account="Current", limit=5)
	run = _file(site, row)
	_file(site, row)
	run_of_undo = visitor.message("undo_run", run=run)["run"]
	visitor.message("undo_run", run=run_of_undo)
	account = {"bank_account": "Current"}
	lines = site.ledger.transaction_story(row.name).lines
	key = visitor.message("preview_connection", connection=history)["key"]
	calls = (
		*(
			(name, account)
			for name in ("account_pictures", "account_proof", "account_review", "find_duplicates")
		),
		*((name, account) for name in ("open_questions", "reversed_signs")),
		("find_missing", {**account, "since": str(row.date)}),
		("make_certificate", {**account, "month": f"{row.date:%Y-%m}"}),
		("explain_bank_transaction", {"name": row.name}),
		("explain_sync_line", {"name": lines[0].name}),
		*((name, {"run": run}) for name in ("run_review", "preview_undo")),
		("apply_preview", {"connection": history, "key": key}),
		*((name, {"bank": BANK}) for name in ("bank_state", "history")),
		*((name, {"bank": BANK, "connection": history}) for name in ("account_choices", "connection_quotas")),
	)
	for method, arguments in calls:
		assert visitor.call(method, **arguments).ok, method
	line = site.ledger.lines("Current")[0].name
	category = site.ledger.all_categories()[0].name
	pages = [
		*("/bank", f"/bank/{quote(BANK)}", "/bank-account", "/bank-account/Current", "/sync-connection"),
		*(f"/sync-connection/{history}", "/sync-run", f"/sync-run/{run}", f"/sync-line/{line}"),
		*("/bank-transaction", "/bank-transaction?bank_account=Current", "/bank-transaction?search=cafe"),
		*(f"/bank-transaction?category={quote(category)}", "/bank-transaction?from=2026-11-01"),
		*("/bank-transaction?sort=amount", f"/bank-transaction/{other.name}", "/bank-transaction-category"),
		*("/sync-certificate", "/sync-provider"),
	]
	assert [path for path in pages if visitor.get(path).status_code >= HTTPStatus.BAD_REQUEST] == []


def test_what_only_the_ledger_does(site, history, visitor):
	"""Lists of the command line, deletions, and what a bank account's name is in."""
	ledger = site.ledger
	run = ledger.runs(history)[-1].name
	assert {line.run for line in ledger.lines(run=run)} == {run}
	gone = ledger.transactions(bank_account="Current", limit=1)[0].name
	ledger.remove(gone)
	assert [story.suppressed_transaction for story in ledger.deleted_stories(gone)] == [gone]
	assert Reason.DELETED.value in {line.reason for line in ledger.lines(held=True)}
	assert len(ledger.certificates("Current")) == 0
	ledger.booked_since("Current", NOW, NOW.date())
	ledger.imported_since("Current", NOW, 10)
	ledger.imported_since("Current", None, 10)
	ledger.rename_bank_account("Current", "Renamed")
	fresh = ledger.add_connection(BANK, ledger.connection(history).provider)
	ledger.forget_connection(fresh.name)
	site.disconnect(history)
	removable = ledger.add_connection(BANK, ledger.connection(history).provider)
	ledger.remove_connection(removable.name)
