"""Agreements, requisitions, renewals and the end of a consent, over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import ConfigurationError, ConsentRevoked, NotFound, ProviderBug
from dokos_banksync.core.model import ConnectionStatus, FetchRequest
from dokos_banksync.core.provider import Access, ConnectRequest
from dokos_banksync.sandbox.user import Customer
from tests.providers.gocardless.stage import CALLBACK, DEMO, Stage


def test_the_longest_history_and_access_are_agreed_on(stage: Stage) -> None:
	stage.connect()
	(agreement,) = stage.state.agreements.values()
	assert (agreement.historical_days, agreement.valid_days) == (730, 180)
	assert agreement.scope == ["balances", "details", "transactions"]


def test_the_end_of_the_consent_is_shown(stage: Stage) -> None:
	done = stage.give_consent()
	assert done.connection is not None
	assert done.connection.consent_expires_at == stage.time.now() + timedelta(days=180)
	assert done.connection.institution_id == DEMO


def test_a_consent_that_ran_out(stage: Stage) -> None:
	access = stage.connect()
	stage.pass_days(180)
	found = stage.provider.status(access)
	assert (found.status, found.code) == (ConnectionStatus.CONSENT_EXPIRED, "BS-201")


def test_a_renewal_keeps_the_connection_and_gives_the_accounts_new_ids(stage: Stage) -> None:
	access = stage.connect()
	before = {one.iban: one.remote_id for one in stage.provider.accounts(access)}
	renewed = stage.connect("", access)
	after = {one.iban: one.remote_id for one in stage.provider.accounts(renewed)}
	assert renewed.remote_id == access.remote_id
	assert set(before) == set(after)
	assert not set(before.values()) & set(after.values())


def test_the_end_of_a_renewed_connection_ends_both_consents(stage: Stage) -> None:
	renewed = stage.connect("", stage.connect())
	assert len(stage.state.requisitions) == 2
	stage.provider.revoke(renewed)
	assert stage.state.requisitions == {}
	with pytest.raises(ConsentRevoked):
		stage.provider.status(renewed)


def test_a_visit_that_is_not_over_is_asked_for_again(stage: Stage) -> None:
	started = stage.provider.start(ConnectRequest(CALLBACK, "state-1", "key", "", institution_id=DEMO))
	found = stage.provider.complete({}, Access(), started.session)
	assert found.pending
	Customer().consent(started.url)
	assert stage.provider.complete({}, Access(), started.session).connection is not None


def test_a_bank_that_fails_is_no_connection(stage: Stage) -> None:
	done = stage.give_consent(user=Customer(login="fail"))
	assert (done.connection, done.cancelled, done.pending) == (None, False, False)
	assert "InstitutionError" in done.reference


@pytest.mark.parametrize(
	("error", "words"),
	[
		("InstitutionTechnicalError", "The bank reports an error"),
		("GoCardlessTechnicalError", "could not be connected"),
		("RequisitionLinkReused", "was used already"),
		("UserSessionRejected", "refused the login"),
		("CompanyRequisitionLimitReached", "payment or a contract"),
		("UnknownError", "could not be connected"),
	],
)
def test_each_error_that_a_user_returns_with_says_what_to_do(stage: Stage, error: str, words: str) -> None:
	started = stage.provider.start(ConnectRequest(CALLBACK, "state-1", "key", "", institution_id=DEMO))
	done = stage.provider.complete({"error": error, "details": "d"}, Access(), started.session)
	assert (done.connection, done.cancelled, done.pending) == (None, False, False)
	assert words in done.message


def test_a_user_who_cancels_is_no_failure(stage: Stage) -> None:
	started = stage.provider.start(ConnectRequest(CALLBACK, "state-1", "key", "", institution_id=DEMO))
	assert stage.provider.complete({"error": "UserCancelledSession"}, Access(), started.session).cancelled


def test_a_language_that_gocardless_does_not_know_keeps_nobody_from_connecting(
	stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
	sent, post = [], stage.provider._client.post

	def refuse(path: str, body: Mapping[str, object]) -> object:
		sent.append(body)
		if "user_language" in body:
			raise ProviderBug("refused", reference="HTTP 400: user_language: is invalid or not supported")
		return post(path, body)

	monkeypatch.setattr(stage.provider._client, "post", refuse)
	assert stage.provider.start(ConnectRequest(CALLBACK, "state-1", "key", "", institution_id=DEMO)).url
	assert ["user_language" in one for one in sent] == [False, True, False]


def test_a_return_without_a_visit(stage: Stage) -> None:
	done = stage.provider.complete({"ref": "x"}, Access())
	assert done.connection is None
	assert "no open session" in done.message


def test_the_state_comes_back_with_the_user(stage: Stage) -> None:
	started = stage.provider.start(ConnectRequest(CALLBACK, "state-77", "key", "", institution_id=DEMO))
	back = stage.consent(started.url)
	assert back["state"] == "state-77"
	assert back["ref"]


def test_a_bank_that_is_no_longer_listed(stage: Stage) -> None:
	request = ConnectRequest(CALLBACK, "state-1", "key", "", institution_id="GONE_BANK")
	with pytest.raises(ConfigurationError, match="Choose it again"):
		stage.provider.start(request)


def test_an_account_id_cannot_lead_elsewhere(stage: Stage) -> None:
	access = stage.connect()
	before = len(stage.seen)

	with pytest.raises(NotFound):
		list(stage.provider.changes(access, [FetchRequest("../requisitions")]))
	assert len(stage.seen) == before
