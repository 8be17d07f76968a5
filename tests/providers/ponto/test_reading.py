"""Accounts, transactions, refreshes and webhooks, over real HTTP."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	InstitutionDown,
	NotFound,
	TemporaryError,
)
from dokos_banksync.core.model import FetchRequest, LineState
from dokos_banksync.core.provider import Access, Event, WebhookRequest
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.user import Customer
from tests.providers.contract import Book
from tests.providers.ponto.stage import PRESENT, UNATTENDED, Stage
from tests.sandbox.receiver import Receiver, receiving

MAIN = "574:alex:checking"


def fetch(ponto: Stage, access: Access, book: Book, *accounts: str, first_day: date | None = None) -> int:
	requests = [FetchRequest(one, book.cursors.get(one, ""), first_day) for one in accounts]
	return len(book.take(ponto.provider.changes(access, requests)))


# -- accounts ----------------------------------------------------------------------------------------
def test_accounts_with_both_balances(ponto: Stage) -> None:
	found = {one.account_name: one for one in ponto.provider.accounts(ponto.connect())}
	main, dollars = found["Compte courant pro"], found["Compte en dollars"]
	assert main.iban == ponto.server.world.account(MAIN).facts.iban
	assert main.balance == ponto.server.world.balance(MAIN)
	assert main.balance_available is not None
	assert main.balance_at == ponto.time.now()
	assert (dollars.currency, dollars.kind) == ("USD", "checking")
	assert found["Compte-titres"].kind == "securities"
	assert not any(one.failed for one in found.values())


def test_an_account_that_could_not_be_read_is_marked(ponto: Stage) -> None:
	access = ponto.connect()
	account = ponto.account(access)
	ponto.server.ponto.simulations["expire"](account_id=account)
	assert [one.remote_id for one in ponto.provider.accounts(access) if one.failed] == [account]


def test_a_new_account_appears_and_one_that_was_taken_back_goes(ponto: Stage) -> None:
	access = ponto.connect(user=Customer(accounts=["Compte courant pro"]))
	assert len(ponto.provider.accounts(access)) == 1
	ponto.state.link(574, application="ponto-client")
	names = {one.account_name: one.remote_id for one in ponto.provider.accounts(access)}
	assert len(names) == 10
	ponto.server.ponto.simulations["revoke_account"](account_id=names["Caisse"])
	assert "Caisse" not in {one.account_name for one in ponto.provider.accounts(access)}
	with pytest.raises(NotFound):
		list(ponto.provider.changes(access, [FetchRequest(names["Caisse"])]))
	pages = list(
		ponto.provider.changes(
			access, [FetchRequest(names["Caisse"]), FetchRequest(names["Compte courant pro"])]
		)
	)
	assert isinstance(pages[-1].errors[names["Caisse"]], NotFound)


# -- history -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("institution", [574, 601, 606, 608])
def test_the_whole_history(ponto: Stage, institution: int) -> None:
	access = ponto.connect(institution)
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	if institution == 608:  # its date is that of the purchase
		amounts = Counter(line.amount for line in book.lines.values() if line.state is LineState.BOOKED)
		assert amounts == Counter(money for _, money in ponto.truth(account))
		return
	assert book.booked(account) == Counter(ponto.truth(account))


def test_the_first_day_bounds_the_first_fetch(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account, first_day=date(2026, 10, 1))
	wanted = Counter(one for one in ponto.truth(account) if one[0] >= date(2026, 10, 1))
	assert book.booked(account) == wanted
	assert len([call for call in ponto.seen if call.path.endswith("/transactions")]) <= 3


def test_late_changed_and_vanished_rows(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	whole = fetch(ponto, access, book, account)
	ponto.pass_days(3)
	real = ponto.server.world.account(MAIN)
	today = ponto.time.now().date()
	recent = [one for one in real.movements(today) if one.day > today - timedelta(days=20)]
	real.remove(recent[0].key)
	real.rebook(recent[-1].key, recent[-1].cents - 100)
	ponto.add_late(account, days=30)
	again = fetch(ponto, access, book, account)
	assert book.booked(account) == Counter(ponto.truth(account))
	assert again < whole


def test_a_row_on_a_day_before_the_window(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	ponto.pass_days(1)
	late = ponto.add_late(account, days=100)
	fetch(ponto, access, book, account)
	assert book.booked(account)[late] == 1
	assert book.booked(account) == Counter(ponto.truth(account))


def test_a_late_row_that_an_earlier_synchronization_read(ponto: Stage) -> None:
	"""Ponto names its latest synchronization only, and reads a bank four times a day."""
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	ponto.pass_days(1)
	late = ponto.add_late(account, days=100)
	for _ in range(3):
		ponto.state.refresh()
	again = fetch(ponto, access, book, account)
	assert book.booked(account)[late] == 1
	assert book.booked(account) == Counter(ponto.truth(account))
	assert fetch(ponto, access, book, account) < again


def test_old_rows_that_the_bank_corrects_or_takes_back(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	ponto.pass_days(1)
	real, today = ponto.server.world.account(MAIN), ponto.time.now().date()
	old = [one for one in real.movements(today) if one.day < today - timedelta(days=100)]
	real.remove(old[-1].key)
	real.rebook(old[-2].key, old[-2].cents - 100)
	ponto.state.refresh()
	ponto.state.refresh()
	fetch(ponto, access, book, account)
	assert book.booked(account) == Counter(ponto.truth(account))


def test_the_end_of_the_list_that_ponto_drops_is_not_taken_for_removed(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	before = book.booked(account)
	kept = ponto.state.find_account(account)[1].rows
	for row in sorted(kept.values(), key=lambda one: one.day)[:40]:
		ponto.server.world.account(MAIN).remove(row.key)
	ponto.state.refresh()
	fetch(ponto, access, book, account)
	assert book.booked(account) == before


def test_without_a_new_synchronization_the_old_rows_are_not_read(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	whole = len(ponto.seen)
	fetch(ponto, access, book, account)
	assert len(ponto.seen) - whole < whole / 2


def test_a_synchronization_that_ponto_forgot_is_no_failure(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	ponto.pass_days(1)
	ponto.state.synchronizations.clear()
	fetch(ponto, access, book, account)
	assert book.booked(account) == Counter(ponto.truth(account))


def test_two_equal_rows_stay_two(ponto: Stage) -> None:
	access = ponto.connect()
	day = ponto.time.now().date()
	for number in range(3):
		ponto.server.world.account(MAIN).add(
			Movement(f"c{number}", day, -260, "CB CAFE", "Cafe", "restaurant", "card")
		)
	ponto.state.refresh()
	account, book = ponto.account(access), Book.empty()
	for _ in range(2):
		fetch(ponto, access, book, account)
	assert book.booked(account)[day, Decimal("-2.60")] == 3


def test_the_whole_pending_set_comes_each_time(ponto: Stage) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	seen = 0
	for _ in range(8):
		fetch(ponto, access, book, account)
		pending = [line for line in book.lines.values() if line.state is LineState.PENDING]
		assert len(pending) == len(ponto.server.world.account(MAIN).coming(ponto.time.now().date()))
		seen += len(pending)
		ponto.pass_days(1)
	assert seen


@pytest.mark.parametrize("cursor", ["{", "[]", '{"until": 7}'])
def test_a_cursor_that_cannot_be_read_reads_all_again(ponto: Stage, cursor: str) -> None:
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	book.cursors[account] = cursor
	fetch(ponto, access, book, account)
	assert book.booked(account) == Counter(ponto.truth(account))


def test_a_list_in_another_order_is_read_to_its_end(ponto: Stage) -> None:
	"""That it is newest first is what users of the API report: nothing may be lost where it is not."""
	ponto.server.ponto.simulations["settings"](oldest_first=True)
	access = ponto.connect()
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	ponto.pass_days(1)
	ponto.add_late(account, days=3)
	fetch(ponto, access, book, account)
	assert book.booked(account) == Counter(ponto.truth(account))


# -- refresh -----------------------------------------------------------------------------------------
def only_main(ponto: Stage) -> Access:
	return ponto.connect(user=Customer(accounts=["Compte courant pro"]))


def test_a_refresh_reads_the_bank_now(ponto: Stage) -> None:
	access = only_main(ponto)
	account, book = ponto.account(access), Book.empty()
	fetch(ponto, access, book, account)
	day = ponto.time.now().date()
	ponto.server.world.account(MAIN).add(
		Movement("new", day, -1234, "CB NOUVEAU", "Nouveau", "work_other", "card")
	)
	fetch(ponto, access, book, account)
	assert (day, Decimal("-12.34")) not in book.booked(account)
	assert ponto.provider.refresh(access, PRESENT).ready
	fetch(ponto, access, book, account)
	assert book.booked(account)[day, Decimal("-12.34")] == 1
	made = [one for one in ponto.state.synchronizations.values() if one.requested]
	assert {one.subtype for one in made} == {"accountDetails", "accountTransactionsWithUnsettled"}
	assert all(one.attended for one in made)


def test_a_refresh_too_soon_asks_for_nothing_and_says_when(ponto: Stage) -> None:
	access = only_main(ponto)
	assert ponto.provider.refresh(access, PRESENT).ready
	started = ponto.time.now()
	before = len([call for call in ponto.seen if call.method == "POST"])
	again = ponto.provider.refresh(access, PRESENT)
	assert again.ready is False
	assert again.next_possible_at is not None
	assert started < again.next_possible_at <= started + timedelta(minutes=5)
	assert len([call for call in ponto.seen if call.method == "POST"]) == before
	ponto.sleep(300)
	assert ponto.provider.refresh(access, PRESENT).ready
	assert 429 not in {call.status for call in ponto.seen}


def test_a_refresh_that_ponto_limits(ponto: Stage) -> None:
	access = only_main(ponto)
	ponto.server.faults.add(
		Fault(
			"status",
			path="/ponto/ponto-connect/synchronizations",
			method="POST",
			status=429,
			retry_after=900,
			count=2,
		)
	)
	found = ponto.provider.refresh(access, PRESENT)
	assert found.ready is False
	assert found.next_possible_at == ponto.time.now() + timedelta(seconds=900)


def test_a_refresh_of_an_authorization_that_ended(ponto: Stage) -> None:
	access = only_main(ponto)
	ponto.server.ponto.simulations["expire"](account_id=ponto.account(access))
	with pytest.raises(ConsentExpired):
		ponto.provider.refresh(access, PRESENT)


def test_a_refresh_of_a_bank_that_is_down(ponto: Stage) -> None:
	access = ponto.connect(601, Customer(accounts=["Compte courant pro"]))
	institution = ponto.server.world.institutions[601]
	object.__setattr__(institution, "down", True)
	try:
		with pytest.raises(InstitutionDown):
			ponto.provider.refresh(access, PRESENT)
	finally:
		object.__setattr__(institution, "down", False)


def test_a_bank_that_wants_its_customer_is_read_while_the_customer_is_there(ponto: Stage) -> None:
	access = ponto.connect(603, Customer(accounts=["Compte courant pro"]))
	with pytest.raises(Exception, match="asks for you"):
		ponto.provider.refresh(access, UNATTENDED)
	ponto.sleep(300)
	assert ponto.provider.refresh(access, PRESENT).ready


def test_a_synchronization_that_does_not_end(ponto: Stage) -> None:
	ponto.server.ponto.simulations["settings"](polls=1000)
	access = only_main(ponto)
	with pytest.raises(TemporaryError, match="still reading"):
		ponto.provider.refresh(access, PRESENT)


# -- webhooks ----------------------------------------------------------------------------------------
@pytest.fixture
def receiver(ponto: Stage) -> Iterator[Receiver]:
	with receiving() as listening:
		ponto.server.ponto.simulations["webhook"](url=listening.url)
		yield listening


def message(ponto: Stage, receiver: Receiver) -> list[Event]:
	assert ponto.server.wait_for_webhooks()
	taken, receiver.taken = receiver.taken, []
	return [
		event for headers, body in taken for event in ponto.provider.events(WebhookRequest(headers, body))
	]


def test_events(ponto: Stage, receiver: Receiver) -> None:
	access = ponto.connect()
	account = ponto.account(access)
	kinds = Counter(event.kind for event in message(ponto, receiver))
	assert kinds["connection.created"] == 1
	assert kinds["account.created"] == 10
	ponto.add_late(account, days=1)
	events = message(ponto, receiver)
	created = [event for event in events if event.details.get("count") == "1"]
	assert [(one.kind, one.remote_user, one.remote_account, one.at) for one in created] == [
		("account.updated", access.remote_user, account, ponto.time.now())
	]
	ponto.server.ponto.simulations["end_integration"]()
	assert message(ponto, receiver)[-1].kind == "connection.removed"


def test_keys_are_fetched_once_and_again_for_a_new_one(ponto: Stage, receiver: Receiver) -> None:
	ponto.connect()
	assert message(ponto, receiver)
	assert [call.path for call in ponto.seen].count("/webhooks/keys") == 1
	ponto.pass_days(2)
	assert ponto.server.wait_for_webhooks()
	receiver.taken.clear()  # sealed on the days that have passed
	ponto.state.refresh()
	assert message(ponto, receiver)
	assert [call.path for call in ponto.seen].count("/webhooks/keys") == 2


def test_a_stranger_cannot_have_keys_fetched_again_and_again(ponto: Stage, receiver: Receiver) -> None:
	ponto.connect()
	assert ponto.server.wait_for_webhooks()
	headers, body = receiver.taken[0]
	token = headers["Signature"]
	ponto.state.webhooks.keys = lambda: {"keys": []}  # type: ignore[method-assign]
	for _ in range(5):
		with pytest.raises(ConfigurationError, match="names a key"):
			ponto.provider.events(WebhookRequest({"Signature": token}, body))
	assert [call.path for call in ponto.seen].count("/webhooks/keys") == 1


def test_webhook_calls_that_are_not_pontos(ponto: Stage, receiver: Receiver) -> None:
	ponto.connect()
	assert ponto.server.wait_for_webhooks()
	headers, body = receiver.taken[0]
	changed = json.dumps({**json.loads(body), "more": 1}).encode()
	for request in (WebhookRequest({}, body), WebhookRequest(headers, changed)):
		with pytest.raises(ConfigurationError):
			ponto.provider.events(request)
	ponto.pass_days(1)
	with pytest.raises(ConfigurationError, match="too old"):
		ponto.provider.events(WebhookRequest(headers, body))


def test_webhooks_need_the_application_id(ponto: Stage) -> None:
	provider = ponto.provider_with(ponto.secret, application_id="")
	with pytest.raises(ConfigurationError, match="need the application ID"):
		provider.events(WebhookRequest({"Signature": "x"}, b"{}"))
