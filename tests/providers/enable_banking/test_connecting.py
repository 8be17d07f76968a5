"""Keys, banks, consents and their end, over real HTTP."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	InstitutionDown,
	LoginRequired,
	RateLimited,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.model import ConnectionStatus, FetchRequest
from dokos_banksync.core.provider import Access, ConnectRequest, Secret
from dokos_banksync.sandbox import jose
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.user import Customer
from tests.providers.enable_banking.stage import CALLBACK, Stage, query, shown

DEMO = "FR:Demo Bank"


def request(bank: str = DEMO, callback: str = CALLBACK) -> ConnectRequest:
	return ConnectRequest(callback, "state-1", "key", "", institution_id=bank)


# -- the subscription --------------------------------------------------------------------------------
def test_check_counts_banks_and_lists_the_redirect_addresses(stage: Stage) -> None:
	found = stage.provider.check()
	assert found.institutions == 15
	assert found.remarks == ["This is a sandbox application, without real banks' data."]
	assert (found.fixed_return, found.return_addresses) == (True, [CALLBACK])


def test_check_reports_an_application_that_is_not_active(stage: Stage) -> None:
	application = stage.state.application(APPLICATION_ID)
	assert application is not None
	application.active, application.environment, application.redirect_urls = False, "PRODUCTION", ()
	found = stage.provider.check()
	assert len(found.remarks) == 1
	assert "not active" in found.remarks[0]
	assert found.return_addresses == []


def test_a_key_of_another_application(stage: Stage) -> None:
	other = jose.private_pem(jose.key_pair("another application"))
	with pytest.raises(ConfigurationError, match="belong together") as caught:
		stage.provider_with(other).check()
	assert "signature does not match" in caught.value.reference
	assert other.splitlines()[3] not in shown(caught.value)


def test_an_application_that_is_gone(stage: Stage) -> None:
	with pytest.raises(ConfigurationError, match="still exists"):
		stage.provider_with(application_id="gone").check()


@pytest.mark.parametrize(("minutes", "word"), [(10, "10 minutes ahead"), (-120, "120 minutes behind")])
def test_a_clock_that_is_wrong(stage: Stage, minutes: int, word: str) -> None:
	stage.time.passed += minutes * 60
	with pytest.raises(ConfigurationError, match=word):
		stage.provider.check()


def test_a_clock_that_is_a_little_wrong_does_no_harm(stage: Stage) -> None:
	for seconds in (-80, 80):
		stage.time.passed += seconds
		assert stage.provider_with().check().institutions == 15


def test_a_base_url_that_is_not_enable_bankings(stage: Stage) -> None:
	stage.server.faults.add(Fault("html", path="/enable_banking/", count=9))
	with pytest.raises(SyncError, match="base URL"):
		stage.provider.check()


# -- banks -------------------------------------------------------------------------------------------
def test_banks_are_found_by_name_and_country(stage: Stage) -> None:
	found = list(stage.provider.institutions("credit LAVAN", "fr"))
	assert [(one.id, one.name, one.country) for one in found] == [
		("FR:Crédit Lavandière", "Crédit Lavandière", "FR")
	]
	assert found[0].logo.endswith("/connect/logo/603.svg")
	assert list(stage.provider.institutions("no bank is called so")) == []
	beta = {one.name for one in stage.provider.institutions() if one.beta}
	assert beta == {"Papillon Néobanque"}


# -- consents ----------------------------------------------------------------------------------------
def test_a_consent(stage: Stage) -> None:
	access = stage.connect()
	found = stage.provider.status(access)
	assert (found.remote_id, found.institution_id) == (access.remote_id, DEMO)
	assert (found.status, found.code, found.message) == (ConnectionStatus.ACTIVE, "", "")
	assert found.consent_expires_at == datetime(2027, 5, 15, 7, 50, tzinfo=timezone.utc)


def test_the_longest_consent_that_the_bank_gives(stage: Stage) -> None:
	access = stage.connect("FR:Caisse du Ponant")
	expires_at = stage.provider.status(access).consent_expires_at
	assert expires_at == stage.time.now() + timedelta(days=90, minutes=-10)


def test_a_bank_for_private_customers_only(stage: Stage) -> None:
	stage.connect("BE:Spaarkas Lindeveld")
	assert [one.psu_type for one in stage.state.authorizations.values()] == ["personal"]


def test_giving_up(stage: Stage) -> None:
	done = stage.give_consent(cancel=True)
	assert (done.connection, done.cancelled) == (None, True)
	assert done.reference.startswith("access_denied: ")


def test_a_bank_that_fails(stage: Stage) -> None:
	done = stage.give_consent(user=Customer(login="fail"))
	assert (done.connection, done.cancelled) == (None, False)
	assert done.message
	assert done.reference.startswith("server_error: ")


def test_a_return_proves_nothing(stage: Stage) -> None:
	started = stage.provider.start(request())
	back = dict(query(Customer().consent(started.url)))
	for changed in ({**back, "state": "state-2"}, {"code": back["code"]}, {}):
		assert stage.provider.complete(changed, Access(), started.session).connection is None
	assert stage.provider.complete(back, Access()).connection is None
	invented = stage.provider.complete({**back, "code": "invented"}, Access(), started.session)
	assert invented.connection is None
	assert "WRONG_AUTHORIZATION_CODE" in invented.reference
	assert stage.provider.complete(back, Access(), started.session).connection is not None


def test_a_page_that_is_loaded_again(stage: Stage) -> None:
	started = stage.provider.start(request())
	back = query(Customer().consent(started.url))
	assert stage.provider.complete(back, Access(), started.session).connection is not None
	again = stage.provider.complete(back, Access(), started.session)
	assert again.connection is None
	assert "used already" in again.message


def test_a_code_that_comes_too_late(stage: Stage) -> None:
	started = stage.provider.start(request())
	back = query(Customer().consent(started.url))
	stage.pass_days(0.1)
	assert "too late" in stage.provider.complete(back, Access(), started.session).message


def test_an_address_that_is_not_registered_is_named(stage: Stage) -> None:
	with pytest.raises(ConfigurationError, match=r"https://books\.example/return is not registered"):
		stage.provider.start(request(callback="https://books.example/return"))


@pytest.mark.parametrize("bank", ["FR:No such bank", "BE:Demo Bank", "574", ""])
def test_a_bank_that_is_not_listed(stage: Stage, bank: str) -> None:
	with pytest.raises(ConfigurationError, match="Choose it again"):
		stage.provider.start(request(bank))


def test_a_consent_ends_and_is_renewed_under_the_same_keys(stage: Stage) -> None:
	access = stage.connect()
	account = stage.account(access)
	before = {one.remote_id for one in stage.provider.accounts(access)}
	stage.pass_days(180)
	ended = stage.provider.status(access)
	assert (ended.status, ended.code) == (ConnectionStatus.CONSENT_EXPIRED, "BS-201")
	assert ended.message
	assert "EXPIRED" in ended.reference
	with pytest.raises(ConsentExpired):
		list(stage.provider.changes(access, [FetchRequest(account)]))
	renewed = stage.connect(access=access)
	assert renewed.remote_id == access.remote_id
	assert {one.remote_id for one in stage.provider.accounts(renewed)} == before
	assert stage.provider.status(renewed).status is ConnectionStatus.ACTIVE


def test_accounts_keep_their_keys_when_another_number_comes_first(stage: Stage) -> None:
	access = stage.connect()
	before = {one.account_name: one.remote_id for one in stage.provider.accounts(access)}
	stage.state.change_quirks(574, second_first=True)
	renewed = stage.connect(access=access)
	assert {one.account_name: one.remote_id for one in stage.provider.accounts(renewed)} == before
	fresh = {one.account_name: one.remote_id for one in stage.provider.accounts(stage.connect())}
	assert fresh["Compte courant pro"] != before["Compte courant pro"]


def test_a_consent_is_renewed_early(stage: Stage) -> None:
	access = stage.connect()
	before = stage.provider.status(access).consent_expires_at
	stage.pass_days(30)
	after = stage.provider.status(stage.connect(access=access)).consent_expires_at
	assert before is not None
	assert after == before + timedelta(days=30)


@pytest.mark.parametrize(
	("said", "status", "code"),
	[
		("PENDING_AUTHORIZATION", ConnectionStatus.CONNECTING, "BS-200"),
		("RETURNED_FROM_BANK", ConnectionStatus.CONNECTING, "BS-200"),
		("INVALID", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
		("EXPIRED", ConnectionStatus.CONSENT_EXPIRED, "BS-201"),
		("A_STATE_OF_TOMORROW", ConnectionStatus.ERROR, "BS-700"),
	],
)
def test_every_state_of_a_session(stage: Stage, said: str, status: ConnectionStatus, code: str) -> None:
	access = stage.connect()
	next(iter(stage.state.sessions.values())).status = said
	found = stage.provider.status(access)
	assert (found.status, found.code) == (status, code)
	assert found.message
	assert found.reference.endswith(f", {said}")


@pytest.mark.parametrize("said", ["CLOSED", "REVOKED", "CANCELLED"])
def test_every_end_of_a_session(stage: Stage, said: str) -> None:
	access = stage.connect()
	next(iter(stage.state.sessions.values())).status = said
	with pytest.raises(ConsentRevoked):
		stage.provider.status(access)


def test_a_consent_that_somebody_ended(stage: Stage) -> None:
	access = stage.connect()
	session = next(iter(stage.state.sessions.values()))
	stage.state.end(session, "REVOKED")
	with pytest.raises(ConsentRevoked):
		stage.provider.status(access)
	with pytest.raises(ConsentRevoked):
		list(
			stage.provider.changes(
				access, [FetchRequest(json.loads(access.grant.read().reveal())["accounts"][0]["key"])]
			)
		)  # type: ignore[union-attr]
	stage.provider.revoke(access)


def test_revoking_ends_just_that_connection(stage: Stage) -> None:
	first, second = stage.connect(), stage.connect()
	assert first.remote_id != second.remote_id
	for _ in range(2):
		stage.provider.revoke(first)
		with pytest.raises(ConsentRevoked):
			stage.provider.status(first)
	assert stage.provider.status(second).status is ConnectionStatus.ACTIVE


def test_two_users_of_one_bank_stay_apart(stage: Stage) -> None:
	alex, camille = stage.connect(), stage.connect(user=Customer(login="camille"))
	ours = {one.remote_id for one in stage.provider.accounts(alex)}
	theirs = {one.remote_id for one in stage.provider.accounts(camille)}
	assert not ours & theirs


def test_nobody(stage: Stage) -> None:
	stage.provider.revoke(Access())
	for read in (stage.provider.status, stage.provider.accounts):
		with pytest.raises(LoginRequired):
			read(Access())


# -- failures ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("fault", "kind"),
	[
		(Fault("status", status=500, count=9), TemporaryError),
		(Fault("status", status=429, code="ASPSP_RATE_LIMIT_EXCEEDED", count=9), RateLimited),
		(Fault("status", status=400, code="ASPSP_ERROR", count=9), InstitutionDown),
		(Fault("status", status=408, code="ASPSP_TIMEOUT", count=9), InstitutionDown),
		(Fault("truncated", count=9), TemporaryError),
		(Fault("html", count=9), SyncError),
		(Fault("drop", count=9), TemporaryError),
		(Fault("repeat_page", count=None), SyncError),
	],
)
def test_a_fetch_that_fails_moves_no_cursor_and_shows_no_secret(
	stage: Stage, fault: Fault, kind: type[SyncError]
) -> None:
	access = stage.connect()
	account = stage.account(access)
	fault.path = "/enable_banking/accounts"
	stage.server.faults.add(fault)
	pages = []
	with pytest.raises(kind) as caught:
		pages.extend(stage.provider.changes(access, [FetchRequest(account)]))
	assert not any(page.cursors for page in pages)
	said = shown(caught.value)
	assert stage.state.private_key.splitlines()[2] not in said
	assert "eyJ" not in said


def test_a_failure_that_passes_is_tried_again_once(stage: Stage) -> None:
	access = stage.connect()
	account = stage.account(access)
	stage.server.faults.add(Fault("status", path="/enable_banking/accounts", status=503))
	assert list(stage.provider.changes(access, [FetchRequest(account)]))[-1].cursors
	stage.server.faults.add(Fault("status", path="/enable_banking/accounts", status=503, count=2))
	with pytest.raises(TemporaryError):
		list(stage.provider.changes(access, [FetchRequest(account)]))


def test_a_session_is_asked_for_once_only(stage: Stage) -> None:
	"""The code is used up by the first try, so a second one could only lose the consent."""
	started = stage.provider.start(request())
	back = query(Customer().consent(started.url))
	stage.server.faults.add(Fault("half", path="/enable_banking/sessions"))
	with pytest.raises(TemporaryError):
		stage.provider.complete(back, Access(), started.session)
	assert [call.method for call in stage.calls if call.path.endswith("/sessions")] == ["POST"]


def test_a_session_stored_by_another_version_is_no_reason_to_break(stage: Stage) -> None:
	done = stage.provider.complete({"code": "c", "state": "s"}, Access(), Secret("{}"))
	assert done.connection is None
