"""Accounts, daily limits and transactions, over real HTTP."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import ConsentExpired, InstitutionDown, LoginRequired, RateLimited
from dokos_banksync.core.model import FetchRequest, LineState
from dokos_banksync.core.provider import Access, Context
from dokos_banksync.sandbox.gocardless.model import Ids
from dokos_banksync.sandbox.movements import Movement
from tests.providers.contract import Book
from tests.providers.gocardless.stage import Stage

MAIN = "574:alex:checking"


def fetch(stage: Stage, access: Access, book: Book, account: str) -> int:
	request = FetchRequest(account, book.cursors.get(account, ""))
	return len(book.take(stage.provider.changes(access, [request])))


def data_calls(stage: Stage, scope: str) -> int:
	return len([one for one in stage.seen if one.path.endswith(f"/{scope}/")])


# -- accounts ----------------------------------------------------------------------------------------
def test_accounts_with_both_balances(stage: Stage) -> None:
	found = {one.account_name: one for one in stage.provider.accounts(stage.connect())}
	main, dollars = found["Compte courant pro"], found["Compte en dollars"]
	assert main.iban == stage.server.world.account(MAIN).facts.iban
	assert main.balance == stage.server.world.balance(MAIN)
	assert main.balance_available is not None
	assert (main.kind, main.currency, dollars.currency) == ("CACC", "EUR", "USD")
	assert not any(one.failed for one in found.values())


def test_details_are_asked_for_once_and_balances_within_the_limit(stage: Stage) -> None:
	access = stage.connect()
	count = len(stage.provider.accounts(access))
	for _ in range(5):
		shown = stage.provider.accounts(access)
	assert data_calls(stage, "details") == count
	assert data_calls(stage, "balances") == 4 * count
	assert {one.balance for one in shown} == {None}
	assert all(one.account_name and one.currency for one in shown)
	assert 429 not in {one.status for one in stage.seen}


def test_balances_of_accounts_that_are_not_imported_are_not_read(stage: Stage) -> None:
	"""GoCardless counts each reading, whether the user is present or not."""
	access = stage.connect()
	account = stage.account(access)
	before = data_calls(stage, "balances")
	found = stage.provider.accounts(access._replace(linked=[account]), Context(user_present=True))
	assert {one.remote_id for one in found if one.balance is not None} == {account}
	assert data_calls(stage, "balances") == before + 1
	assert all(one.currency and not one.failed and not one.balance_at for one in found[1:])


def test_a_suspended_account_is_marked_and_fails_alone(stage: Stage) -> None:
	access = stage.connect()
	account, other = stage.account(access), stage.account(access, "Compte en dollars")
	stage.server.gocardless.simulations["suspend"](account_id=account)
	assert [one.remote_id for one in stage.provider.accounts(access) if one.failed] == [account]
	pages = list(stage.provider.changes(access, [FetchRequest(account), FetchRequest(other)]))
	assert isinstance(pages[-1].errors[account], LoginRequired)
	assert other in pages[0].cursors


# -- the daily limit -----------------------------------------------------------------------------------
def test_the_fifth_reading_of_a_day_is_not_made_and_says_when(stage: Stage) -> None:
	access, book = stage.connect(), Book.empty()
	account = stage.account(access)
	for _ in range(4):
		fetch(stage, access, book, account)
	with pytest.raises(RateLimited) as caught:
		fetch(stage, access, book, account)
	assert data_calls(stage, "transactions") == 4
	assert caught.value.until == stage.time.now() + timedelta(days=1)
	stage.pass_days(1)
	fetch(stage, access, book, account)
	assert book.booked(account) == Counter(stage.truth(account))
	assert 429 not in {one.status for one in stage.seen}


def test_a_bank_that_allows_more_is_believed(stage: Stage) -> None:
	stage.state.settings.daily = 10
	access, book = stage.connect(), Book.empty()
	account = stage.account(access)
	for _ in range(10):
		fetch(stage, access, book, account)
	with pytest.raises(RateLimited):
		fetch(stage, access, book, account)
	assert data_calls(stage, "transactions") == 10


def test_readings_that_another_program_used_up(stage: Stage) -> None:
	access = stage.connect()
	account = stage.account(access)
	now = stage.time.now()
	stage.state.reads[MAIN, "transactions"] = [now - timedelta(hours=20)] * 4
	with pytest.raises(RateLimited) as caught:
		fetch(stage, access, Book.empty(), account)
	assert caught.value.until == now + timedelta(hours=4)
	with pytest.raises(RateLimited):
		fetch(stage, access, Book.empty(), account)
	assert data_calls(stage, "transactions") == 1


# -- transactions --------------------------------------------------------------------------------------
@pytest.mark.parametrize("ids", list(Ids))
def test_nothing_comes_twice_whatever_the_ids(stage: Stage, ids: Ids) -> None:
	stage.state.settings.ids = ids
	access, book = stage.connect(), Book.empty()
	account = stage.account(access)
	for _ in range(3):
		fetch(stage, access, book, account)
		assert book.booked(account) == Counter(stage.truth(account))
		stage.pass_days(1)


def test_two_equal_rows_of_a_day_stay_two(stage: Stage) -> None:
	day = stage.time.now().date()
	for number in range(3):
		coffee = Movement(f"c{number}", day, -260, "CB CAFE", "Cafe", "restaurant", "card")
		stage.server.world.account(MAIN).add(coffee)
	access, book = stage.connect(), Book.empty()
	account = stage.account(access)
	fetch(stage, access, book, account)
	fetch(stage, access, book, account)
	assert book.booked(account) == Counter(stage.truth(account))


@pytest.mark.parametrize("number", [601, 606])
def test_banks_that_give_few_dates(stage: Stage, number: int) -> None:
	access, book = stage.connect(stage.bank(number)), Book.empty()
	account = stage.account(access)
	fetch(stage, access, book, account)
	assert book.booked(account) == Counter(stage.truth(account))


@pytest.mark.parametrize("with_ids", [False, True])
def test_pending_rows_are_replaced_as_a_whole(stage: Stage, with_ids: bool) -> None:
	stage.state.settings.pending_ids = with_ids
	access, book, seen = stage.connect(), Book.empty(), 0
	account = stage.account(access)
	for _ in range(8):
		fetch(stage, access, book, account)
		pending = [line for line in book.lines.values() if line.state is LineState.PENDING]
		coming = stage.server.world.account(MAIN).coming(stage.time.now().date())
		assert len(pending) == len(coming)
		seen += len(pending)
		stage.pass_days(1)
	assert seen


def test_a_short_history_is_not_asked_beyond_its_end(stage: Stage) -> None:
	stage.state.settings.history_days = 30
	access, book = stage.connect(), Book.empty()
	account = stage.account(access)
	fetch(stage, access, book, account)
	first = book.booked(account)
	for days in (9, 9, 30):
		stage.pass_days(days)
		fetch(stage, access, book, account)
	assert 400 not in {one.status for one in stage.seen}
	assert first - book.booked(account) == Counter()


# -- what goes wrong -----------------------------------------------------------------------------------
def test_a_consent_that_ends_while_rows_are_read(stage: Stage) -> None:
	access = stage.connect()
	account = stage.account(access)
	stage.pass_days(181)
	with pytest.raises(ConsentExpired):
		fetch(stage, access, Book.empty(), account)


def test_a_bank_that_is_down(stage: Stage) -> None:
	access = stage.connect(stage.bank(601))
	account = stage.account(access)
	institution = stage.server.world.institutions[601]
	object.__setattr__(institution, "down", True)
	try:
		with pytest.raises(InstitutionDown):
			fetch(stage, access, Book.empty(), account)
	finally:
		object.__setattr__(institution, "down", False)


def test_an_access_token_lives_a_day_and_is_replaced(stage: Stage) -> None:
	access = stage.connect()
	assert [one.path for one in stage.seen].count("/token/new/") == 1
	stage.pass_days(1)
	stage.provider.status(access)
	assert [one.path for one in stage.seen].count("/token/new/") == 2
	stage.state.tokens.clear()
	stage.provider.status(access)
	assert [one.path for one in stage.seen].count("/token/new/") == 3
