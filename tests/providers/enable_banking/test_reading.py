"""Accounts and transactions of banks that each have their oddity, over real HTTP."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import (
	InstitutionDown,
	LoginRequired,
	NotFound,
	RateLimited,
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import FetchRequest, LineState
from dokos_banksync.core.provider import HttpCall
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.user import Customer
from tests.providers.enable_banking.stage import PRESENT, Host, Stage

BANKS = {
	"FR:Demo Bank": "574:alex:checking",
	"FR:Banque Aurore": "601:alex:checking",
	"FR:Caisse du Ponant": "602:alex:checking",
	"FR:Papillon Néobanque": "605:alex:checking",
	"FR:Comptoir Méridional": "606:alex:checking",
	"FR:Société de Banque du Vexin": "608:alex:checking",
}
AURORE = "FR:Banque Aurore"
MAIN = "601:alex:checking"


def late(day: date, cents: int = -4250, key: str = "late") -> Movement:
	return Movement(key, day, cents, "CB RETARDATAIRE", "Retardataire", "work_other", "card")


# -- accounts ----------------------------------------------------------------------------------------
def test_accounts_of_several_currencies_behind_one_number(stage: Stage) -> None:
	found = {one.account_name: one for one in stage.provider.accounts(stage.connect())}
	euros, dollars = found["Compte courant pro"], found["Compte en dollars"]
	assert euros.iban == dollars.iban == stage.server.world.account("574:alex:checking").facts.iban
	assert (euros.currency, dollars.currency) == ("EUR", "USD")
	assert euros.remote_id != dollars.remote_id
	assert len({one.remote_id for one in found.values()}) == len(found) == 9


def test_both_balances(stage: Stage) -> None:
	access = stage.connect(AURORE)
	pending = sum(
		(one.amount for one in stage.server.world.account(MAIN).coming(stage.time.now().date())), Decimal()
	)
	found = next(one for one in stage.provider.accounts(access) if one.account_name == "Compte courant pro")
	assert found.balance == stage.server.world.balance(MAIN)
	assert found.balance_available is not None
	assert (
		abs(found.balance_available - found.balance - pending) < 200
	)  # a fuel hold differs from what is booked
	assert found.balance_at == stage.time.now()


def test_an_account_that_the_bank_blocks(stage: Stage) -> None:
	access = stage.connect()
	found = next(one for one in stage.provider.accounts(access) if one.account_name == "Pret pro")
	assert found.failed
	assert found.balance is None
	with pytest.raises(UnsupportedByInstitution):
		list(stage.provider.changes(access, [FetchRequest(found.remote_id)]))


def test_balances_that_fail_stop_nothing(stage: Stage) -> None:
	access = stage.connect("FR:Comptoir Méridional")
	for found in stage.provider.accounts(access):
		assert (found.balance, found.balance_available, found.failed) == (None, None, False)
	host, account = Host(), stage.account(access)
	assert host.fetch(stage, access, account) > 0


def test_a_consent_that_ended_is_no_missing_balance(stage: Stage) -> None:
	access = stage.connect(AURORE)
	stage.server.faults.add(
		Fault("status", path="/enable_banking/accounts", status=401, code="EXPIRED_SESSION")
	)
	with pytest.raises(LoginRequired):
		stage.provider.accounts(access)


# -- history -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("bank", "key"), BANKS.items())
def test_the_first_fetch_takes_the_whole_history(stage: Stage, bank: str, key: str) -> None:
	access = stage.connect(bank)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	assert host.money(account) == stage.truth(key)


def test_the_first_day_bounds_the_first_fetch(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account, first_day=date(2026, 10, 1))
	assert host.money(account) == Counter(
		{m: n for m, n in stage.truth(MAIN).items() if m[0] >= date(2026, 10, 1)}
	)


def test_only_what_is_asked_for(stage: Stage) -> None:
	access = stage.connect(AURORE)
	account = stage.account(access)
	pages = list(stage.provider.changes(access, [FetchRequest(account)]))
	assert {line.remote_account for page in pages for line in page.lines} == {account}
	assert list(stage.provider.changes(access, [])) == []


def test_an_account_that_the_consent_does_not_include(stage: Stage) -> None:
	access = stage.connect(AURORE)
	account = stage.account(access)
	pages = list(stage.provider.changes(access, [FetchRequest("gone|EUR"), FetchRequest(account)]))
	assert isinstance(pages[-1].errors["gone|EUR"], NotFound)
	assert any(account in page.cursors for page in pages)
	with pytest.raises(NotFound):
		list(stage.provider.changes(access, [FetchRequest("gone|EUR")]))


@pytest.mark.parametrize(("bank", "key"), BANKS.items())
def test_later_fetches_bring_late_changed_and_vanished_rows(stage: Stage, bank: str, key: str) -> None:
	access = stage.connect(bank)
	host, account = Host(), stage.account(access)
	whole = host.fetch(stage, access, account)
	real = stage.server.world.account(key)
	stage.pass_days(8)
	today = stage.time.now().date()
	real.add(late(today - timedelta(days=60)))
	real.add(late(today - timedelta(days=5), key="later"))
	recent = [one for one in real.movements(today) if one.day > today - timedelta(days=20)]
	real.remove(recent[0].key)
	real.rebook(recent[-1].key, recent[-1].cents - 100)
	again = host.fetch(stage, access, account)
	assert host.money(account) == stage.truth(key)
	assert again < whole


def test_a_usual_fetch_takes_a_month(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	for days in (7, 2):
		stage.pass_days(days)
		host.fetch(stage, access, account)
	assert host.claimed[account] >= date(2026, 10, 24)
	assert host.money(account) == stage.truth(MAIN)


def test_months_without_a_fetch(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	stage.pass_days(120)
	host.fetch(stage, access, account)
	first = date(2026, 11, 16)
	missing = stage.truth(MAIN) - host.money(account)
	assert missing
	assert all(first < day < stage.time.now().date() - timedelta(days=89) for day, _ in missing)
	assert host.claimed[account] > max(day for day, _ in missing)


def test_two_equal_rows_stay_two(stage: Stage) -> None:
	access = stage.connect("FR:Papillon Néobanque")
	real = stage.server.world.account("605:alex:checking")
	day = stage.time.now().date() - timedelta(days=2)
	for number in range(3):
		real.add(late(day, -260, f"coffee{number}"))
	host, account = Host(), stage.account(access)
	for _ in range(2):
		host.fetch(stage, access, account)
	assert host.money(account)[day, Decimal("-2.60")] == 3


def test_a_slow_history_loses_no_row_that_is_known(stage: Stage) -> None:
	"""Right after a renewal the bank gives a month without a word: what is older has not vanished."""
	bank = "FR:Union Bocagère"
	access = stage.connect(bank)
	stage.pass_days(1)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	known = host.money(account)
	stage.pass_days(8)
	renewed = stage.connect(bank, access=access)
	host.fetch(stage, renewed, account)
	assert not known - host.money(account)
	stage.pass_days(8)
	host.fetch(stage, renewed, account)
	assert host.money(account) >= known


def test_after_the_first_hour_a_bank_gives_ninety_days(stage: Stage) -> None:
	access = stage.connect(AURORE)
	stage.pass_days(0.1)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	assert min(day for day, _ in host.money(account)) >= date(2026, 8, 18)


def test_a_period_that_is_refused_is_made_shorter(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	refused = Fault("status", path="/enable_banking/accounts", status=422, code="WRONG_TRANSACTIONS_PERIOD")
	stage.server.faults.add(refused)
	stage.pass_days(8)
	host.fetch(stage, access, account)
	assert host.claimed[account] >= date(2026, 9, 25)
	assert host.money(account) == stage.truth(MAIN)


def test_a_list_whose_place_was_lost_is_read_again(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	stage.server.faults.add(
		Fault("status", path="/enable_banking/accounts", status=422, code="WRONG_CONTINUATION_KEY", after=1)
	)
	host.fetch(stage, access, account)
	assert host.money(account) == stage.truth(MAIN)


@pytest.mark.parametrize("bank", BANKS)
def test_a_page_that_comes_twice_is_not_counted_twice(stage: Stage, bank: str) -> None:
	"""Without lasting ids its rows would look like others of the same day and amount."""
	access = stage.connect(bank)
	host, account = Host(), stage.account(access)
	stage.server.faults.add(Fault("repeat_page", path="/enable_banking/accounts", count=1))
	host.fetch(stage, access, account)
	assert host.money(account) == stage.truth(BANKS[bank])


def test_equal_rows_that_fill_pages_are_all_counted(stage: Stage) -> None:
	access = stage.connect(AURORE)
	day = stage.time.now().date()
	for number in range(250):
		stage.server.world.account(MAIN).add(late(day, key=f"twin{number:03d}"))
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	assert host.money(account) == stage.truth(MAIN)


# -- pending rows ------------------------------------------------------------------------------------
def test_the_whole_pending_set_comes_each_time(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	seen: set[LineState] = set()
	for _ in range(10):
		host.fetch(stage, access, account)
		coming = stage.server.world.account(MAIN).coming(stage.time.now().date())
		assert len(host.pending[account]) == len(coming)
		seen |= {one.state for one in host.pending[account]}
		stage.pass_days(1)
	assert seen == {LineState.PENDING, LineState.FUTURE}


# -- the banks' quotas -------------------------------------------------------------------------------
def test_four_fetches_a_day_and_the_bank_is_not_asked_a_fifth_time(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	for _ in range(4):
		host.fetch(stage, access, account)
	before = len(stage.calls)
	with pytest.raises(RateLimited, match="4 fetches a day") as caught:
		host.fetch(stage, access, account)
	assert len(stage.calls) == before
	assert caught.value.until == stage.time.now() + timedelta(days=1)
	stage.pass_days(1)
	assert host.fetch(stage, access, account) > 0


def test_while_the_user_is_there_no_quota_is_used(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	for _ in range(6):
		host.fetch(stage, access, account, context=PRESENT)
	for _ in range(4):
		host.fetch(stage, access, account)


def test_balances_have_a_quota_of_their_own(stage: Stage) -> None:
	access = stage.connect(AURORE)
	account = stage.account(access)
	for _ in range(5):
		stage.provider.accounts(access)
	assert all(one.balance is None and not one.failed for one in stage.provider.accounts(access))
	assert Host().fetch(stage, access, account) > 0
	assert {call.status for call in stage.calls} == {200}


def test_balances_of_accounts_that_are_not_imported_use_no_quota(stage: Stage) -> None:
	access = stage.connect(AURORE)
	account = stage.account(access)
	before = len(balance_calls(stage))
	found = stage.provider.accounts(access._replace(linked=[account]))
	assert {one.remote_id for one in found if one.balance is not None} == {account}
	assert len(balance_calls(stage)) == before + 1
	assert not any(one.failed or one.balance_at for one in found if one.remote_id != account)
	for _ in range(5):
		stage.provider.accounts(access._replace(linked=[]))
	assert len(balance_calls(stage)) == before + 1


def test_while_the_user_is_there_all_balances_are_read(stage: Stage) -> None:
	access = stage.connect(AURORE)
	for _ in range(6):
		found = stage.provider.accounts(access._replace(linked=[]), PRESENT)
	assert all(one.balance is not None for one in found)


def test_a_bank_that_refuses_the_headers_is_not_asked_for_what_is_not_imported(stage: Stage) -> None:
	access = stage.connect(AURORE)
	stage.state.change_quirks(601, psu_headers=["Psu-Geo-Location"])
	found = stage.provider.accounts(access._replace(linked=[]), PRESENT)
	assert all(one.balance is None and not one.failed and not one.balance_at for one in found)
	assert len(balance_calls(stage)) == len(found)


def balance_calls(stage: Stage) -> list[HttpCall]:
	return [call for call in stage.calls if call.path.endswith("/balances")]


def test_quotas_are_kept_over_a_renewal(stage: Stage) -> None:
	access = stage.connect(AURORE)
	host, account = Host(), stage.account(access)
	for _ in range(4):
		host.fetch(stage, access, account)
	with pytest.raises(RateLimited):
		host.fetch(stage, stage.connect(AURORE, access=access), account)


def test_a_bank_that_says_too_many(stage: Stage) -> None:
	access = stage.connect(AURORE)
	stage.state.change_quirks(601, unattended_per_day=1)
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account)
	with pytest.raises(RateLimited, match="no more calls today") as caught:
		host.fetch(stage, access, account)
	assert caught.value.until == stage.time.now() + timedelta(hours=6)
	assert not stage.time.slept


def test_an_account_whose_quota_is_used_up_stops_no_other(stage: Stage) -> None:
	access = stage.connect(AURORE)
	one, two = stage.account(access), stage.account(access, "Compte courant secondaire")
	for _ in range(4):
		Host().fetch(stage, access, one)
	host = Host()
	host.fetch(stage, access, one, two)
	assert isinstance(host.errors[one], RateLimited)
	assert host.money(two) == stage.truth("601:alex:second")


def test_a_bank_that_wants_the_user(stage: Stage) -> None:
	access = stage.connect("FR:Crédit Lavandière")
	account = stage.account(access)
	with pytest.raises(LoginRequired, match="asks for you"):
		Host().fetch(stage, access, account)
	host = Host()
	host.fetch(stage, access, account, context=PRESENT)
	assert host.money(account) == stage.truth("603:alex:checking")


def test_headers_that_the_bank_refuses_are_left_out(stage: Stage) -> None:
	access = stage.connect(AURORE)
	stage.state.change_quirks(601, psu_headers=["Psu-Geo-Location"])
	host, account = Host(), stage.account(access)
	host.fetch(stage, access, account, context=PRESENT)
	assert host.money(account) == stage.truth(MAIN)


def test_one_account_that_fails_alone(stage: Stage) -> None:
	access = stage.connect(AURORE)
	one, two = stage.account(access), stage.account(access, "Compte courant secondaire")
	stage.server.faults.add(Fault("status", path="/enable_banking/accounts", status=400, code="ASPSP_ERROR"))
	host = Host()
	host.fetch(stage, access, one, two)
	assert isinstance(host.errors[one], InstitutionDown)
	assert one not in host.cursors
	assert host.money(two) == stage.truth("601:alex:second")


@pytest.mark.slow
def test_a_hundred_thousand_rows(stage: Stage) -> None:
	stage.state.change_quirks(601, page_size=5000)
	access = stage.connect(AURORE, Customer(login="volume-100000"))
	host = Host()
	account = stage.provider.accounts(access)[0].remote_id
	assert host.fetch(stage, access, account, context=PRESENT) == 100_000
	assert host.money(account) == stage.truth("601:volume-100000:bulk100000")
