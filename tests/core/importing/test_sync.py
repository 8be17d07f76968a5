from __future__ import annotations

import weakref
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import (
	Busy,
	ConsentExpired,
	ConsentRevoked,
	InstitutionDown,
	LoginRequired,
	NotFound,
	RateLimited,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.importing import sync
from dokos_banksync.core.model import Action, ConnectionStatus, LineState, Page, RejectedRow, RemoteConnection
from dokos_banksync.core.trigger import Trigger
from tests.core.pretend import START, FakeProvider, PretendBank
from tests.hosts.standalone.ledger.build import connected_ledger


class Feed:
	"""A bank, a provider and a ledger that are linked."""

	def __init__(self, folder, rows=6):
		self.bank = PretendBank(11)
		self.provider = FakeProvider(self.bank)
		self.ledger, self.connection = connected_ledger(folder)
		for _ in range(rows):
			self.bank.book()
		complete_connect(self.ledger, self.provider, self.connection, {})
		[self.account] = self.ledger.accounts(self.connection)
		connect.link(self.ledger, self.connection, [connect.Choice(self.account.source, "Current")])

	def sync(self, **more):
		return sync.sync(self.ledger, self.provider, self.connection, clock=lambda: self.bank.now, **more)

	def record(self):
		return self.ledger.connection(self.connection)


@pytest.fixture
def feed(tmp_path):
	made = Feed(tmp_path)
	with made.ledger:
		yield made


def test_a_run_is_stored_with_its_counts(feed):
	run = feed.sync(trigger=Trigger.SCHEDULED)
	assert feed.ledger.run(run.name) == run
	assert (run.status, run.trigger, run.fetched, run.created) == ("Success", Trigger.SCHEDULED, 6, 6)
	assert feed.record().last_success_at == feed.bank.now


def test_a_preview_writes_nothing(feed):
	def everything():
		tables = (
			"bank_transaction",
			"sync_line",
			"sync_run",
			"sync_remote_account",
			"bank_account",
			"series",
		)
		return [[tuple(row) for row in feed.ledger.db.rows(f"SELECT * FROM {name}")] for name in tables]

	before, seen = everything(), []
	run = feed.sync(preview=seen.append)
	assert everything() == before
	assert (run.name, run.created, [d.action for d in seen]) == ("", 6, [Action.NEW] * 6)
	feed.sync()
	assert len(feed.ledger.transactions()) == 6


def test_progress_is_reported_stage_by_stage(feed):
	message = []
	feed.sync(progress=lambda *step: message.append(step))
	assert [stage for stage, _, _ in message[-2:]] == ["match", "store"]
	assert message[-1] == ("store", 6, 6)


def test_only_one_run_at_a_time(feed):
	with feed.ledger.hold(feed.connection), pytest.raises(Busy):
		feed.sync()


def test_a_connection_that_was_never_made_says_what_to_do(feed):
	feed.ledger.save_connection(replace(feed.record(), remote_id=""))
	with pytest.raises(NotFound, match="Connect your bank"):
		feed.sync()


@pytest.mark.parametrize(
	("error", "status"),
	[
		(LoginRequired("x"), ConnectionStatus.ACTION_REQUIRED),
		(ConsentExpired("x"), ConnectionStatus.CONSENT_EXPIRED),
		(ConsentRevoked("x"), ConnectionStatus.DISCONNECTED),
		(InstitutionDown("x"), ConnectionStatus.BANK_UNAVAILABLE),
		(UnsupportedByInstitution("x"), ConnectionStatus.NOT_SUPPORTED),
		(NotFound("x"), ConnectionStatus.ERROR),
		(TemporaryError("x"), ConnectionStatus.ACTIVE),
		(RateLimited("x", until=START), ConnectionStatus.ACTIVE),
	],
)
def test_a_failure_is_stored_on_the_run_and_on_the_connection(feed, error, status):
	def fail(access):
		error.reference = "ref 1"
		raise error

	consent = START + timedelta(days=90)
	feed.ledger.save_connection(replace(feed.record(), consent_expires_at=consent))
	feed.provider.status = fail
	with pytest.raises(type(error)):
		feed.sync()
	[run] = feed.ledger.runs()
	assert (run.status, run.error_code, run.error_reference) == ("Failed", error.code, "ref 1")
	record = feed.record()
	assert (record.status, record.status_code, record.status_reference) == (status, error.code, "ref 1")
	has_ended = status is ConnectionStatus.DISCONNECTED
	assert record.consent_expires_at == (None if has_ended else consent), (
		"an ended consent has no end to come"
	)


def test_a_run_counts_as_a_success_though_the_consent_was_renewed_meanwhile(feed):
	renewed, read = START + timedelta(days=90), feed.provider.accounts

	def accounts(access, context):
		feed.ledger.save_connection(replace(feed.record(), consent_expires_at=renewed))
		return read(access, context)

	feed.provider.accounts = accounts
	run = feed.sync()
	record = feed.record()
	assert (run.status, record.consent_expires_at) == ("Success", renewed)
	assert record.last_success_at == feed.bank.now


def test_what_the_provider_has_is_taken_even_when_the_bank_needs_the_user(feed):
	asked = RemoteConnection("item-1", "574", ConnectionStatus.ACTION_REQUIRED, "BS-213", "Code", "1010")
	feed.provider.status = lambda access: asked
	run = feed.sync()
	assert (run.status, run.created, run.error_code, run.error_reference) == ("Partial", 6, "BS-213", "1010")
	assert feed.record().status is ConnectionStatus.ACTION_REQUIRED


def test_a_bad_row_is_stored_with_its_reason_and_the_rest_goes_on(feed):
	whole = feed.provider.changes

	def pages(access, asks, context=None):
		yield Page([], [RejectedRow("account-1", "", "The transaction has no id.", '{"amount": 1}')])
		yield from whole(access, asks)

	feed.provider.changes = pages
	for _ in range(2):
		run = feed.sync()
		assert (run.status, run.refused) == ("Partial", 1)
	[kept] = feed.ledger.waiting("Current", 10)
	assert (kept.reason, kept.note) == ("Refused", "The transaction has no id.")
	assert len(feed.ledger.transactions()) == 6


@pytest.mark.parametrize("amount", ["0.00001", "1E+30", "NaN", "Infinity"])
def test_an_amount_that_no_ledger_can_keep_is_refused_and_the_rest_goes_on(feed, amount):
	row = next(iter(feed.bank.rows.values()))
	feed.bank.rows[row.id] = replace(row, amount=Decimal(amount))
	feed.bank.balance = lambda: None
	run = feed.sync()
	assert (run.created, run.refused) == (5, 1)


def test_the_cursor_stays_when_the_fetch_breaks(feed):
	feed.provider.fail_after = 1
	with pytest.raises(TemporaryError):
		feed.sync()
	[account] = feed.ledger.accounts(feed.connection)
	assert account.cursor == ""
	feed.provider.fail_after = None
	assert feed.sync().created == 6
	[account] = feed.ledger.accounts(feed.connection)
	assert account.cursor


def test_a_locked_period_is_held_and_comes_in_when_it_is_opened(feed):
	feed.ledger.set_lock_date("Current", feed.bank.now.date())
	run = feed.sync()
	assert (run.created, run.held) == (0, 6)
	feed.ledger.set_lock_date("Current", None)
	run = feed.sync()
	assert (run.created, feed.ledger.waiting("Current", 10)) == (6, [])


def test_an_announced_line_is_shown_and_becomes_the_booked_one(feed):
	feed.bank.announce()
	feed.sync()
	[waiting] = feed.ledger.waiting("Current", 10)
	assert (waiting.state, waiting.amount) == (LineState.FUTURE.value, Decimal(-18))
	feed.bank.book_announced()
	feed.sync()
	assert feed.ledger.waiting("Current", 10) == []
	assert len(feed.ledger.transactions()) == 7


def test_the_difference_to_the_bank_is_named(feed):
	feed.sync()
	message = feed.bank.balance()
	feed.bank.balance = lambda: message + Decimal("12.34")
	[check] = feed.sync().checks
	assert (check.complete, check.difference) == (False, Decimal("12.34"))


def test_history_that_comes_late_moves_the_opening_balance(feed):
	late = next(iter(feed.bank.rows.values()))
	older = replace(late, day=late.day - timedelta(200), at=feed.bank.now)
	del feed.bank.rows[late.id]
	balance = feed.bank.balance() + late.amount
	feed.bank.balance = lambda: balance
	feed.sync()
	opening = feed.ledger.bank_account("Current").opening_balance
	feed.bank.rows[late.id] = older
	[check] = feed.sync().checks
	assert check.complete
	moved = feed.ledger.bank_account("Current")
	assert (moved.opening_balance, moved.opening_date) == (opening - late.amount, older.day)


def test_categories_are_read_once_a_day(feed):
	read = []
	whole = feed.provider.categories
	feed.provider.categories = lambda: read.append(1) or whole()
	feed.ledger.clock = lambda: feed.bank.now
	feed.sync()
	feed.sync()
	assert len(read) == 1
	feed.bank.now += timedelta(hours=21)
	feed.sync()
	assert len(read) == 2


def test_a_page_is_released_before_the_next_one_is_read(feed):
	seen, read = [], feed.provider.changes

	def changes(access, asks, context=None):
		for page in read(access, asks):
			kept = weakref.ref(page)
			yield page
			del page
			seen.append(kept())

	feed.provider.changes = changes
	feed.sync()
	assert seen == [None] * len(seen)
	assert len(seen) > 2
