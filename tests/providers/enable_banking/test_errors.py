"""Every documented code, and the reaction that it needs."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	DuplicateConnection,
	InstitutionDown,
	LoginRequired,
	NotFound,
	ProviderBug,
	RateLimited,
	SyncError,
)
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.enable_banking.errors import (
	HeadersRefused,
	PagingLost,
	PeriodRefused,
	error,
	reference,
)
from dokos_banksync.providers.http import Answer

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)


def answer(code: str | None, status: int = 400, **body: Any) -> Answer:
	return Answer(status, {}, {"message": "A message", "code": status, "error": code, "detail": None, **body})


@pytest.mark.parametrize(
	("code", "kind"),
	[
		("ACCESS_DENIED", ConfigurationError),
		("ACCOUNT_DOES_NOT_EXIST", NotFound),
		("ALREADY_AUTHORIZED", DuplicateConnection),
		("ASPSP_ACCOUNT_NOT_ACCESSIBLE", LoginRequired),
		("ASPSP_ERROR", InstitutionDown),
		("ASPSP_TIMEOUT", InstitutionDown),
		("ASPSP_RATE_LIMIT_EXCEEDED", RateLimited),
		("ASPSP_PSU_ACTION_REQUIRED", LoginRequired),
		("AUTHORIZATION_NOT_PROVIDED", ConfigurationError),
		("CLOSED_SESSION", ConsentRevoked),
		("DATE_FROM_IN_FUTURE", ConfigurationError),
		("DATE_TO_WITHOUT_DATE_FROM", ProviderBug),
		("EXPIRED_AUTHORIZATION_CODE", LoginRequired),
		("EXPIRED_SESSION", ConsentExpired),
		("INVALID_ACCOUNT_ID", NotFound),
		("INVALID_HOST", ConfigurationError),
		("NO_ACCOUNTS_ADDED", ConfigurationError),
		("PSU_HEADER_INVALID", HeadersRefused),
		("PSU_HEADER_NOT_PROVIDED", HeadersRefused),
		("REDIRECT_URI_NOT_ALLOWED", ConfigurationError),
		("REVOKED_SESSION", ConsentRevoked),
		("SESSION_DOES_NOT_EXIST", ConsentRevoked),
		("TRANSACTION_DOES_NOT_EXIST", NotFound),
		("UNAUTHORIZED_ACCESS", ConfigurationError),
		("UNAUTHORIZED_IP", ConfigurationError),
		("WRONG_ASPSP_PROVIDED", ConfigurationError),
		("WRONG_AUTHORIZATION_CODE", LoginRequired),
		("WRONG_CONTINUATION_KEY", PagingLost),
		("WRONG_CREDENTIALS_PROVIDED", LoginRequired),
		("WRONG_DATE_INTERVAL", ProviderBug),
		("WRONG_REQUEST_PARAMETERS", ProviderBug),
		("WRONG_SESSION_STATUS", LoginRequired),
		("WRONG_TRANSACTIONS_PERIOD", PeriodRefused),
		("A_CODE_OF_TOMORROW", ProviderBug),
		(None, ProviderBug),
	],
)
def test_each_code_needs_one_reaction(code: str | None, kind: type[SyncError]) -> None:
	found = error(answer(code), NOW)
	assert type(found) is kind
	assert "{" not in str(found)
	assert found.reference.startswith("HTTP 400: ")


def test_an_ended_session_is_no_matter_of_keys() -> None:
	"""EXPIRED_SESSION comes with status 401, as wrong keys do."""
	assert type(error(answer("EXPIRED_SESSION", 401), NOW)) is ConsentExpired
	assert type(error(answer(None, 401), NOW)) is ConfigurationError
	assert type(error(Answer(403, {}, None), NOW)) is ConfigurationError


def test_a_quota_that_is_used_up_says_when() -> None:
	found = error(answer("ASPSP_RATE_LIMIT_EXCEEDED", 429), NOW)
	assert isinstance(found, RateLimited)
	assert found.until == datetime(2026, 11, 16, 14, 0, tzinfo=timezone.utc)


def test_the_reference_says_all_and_no_secret() -> None:
	said = reference(answer("ASPSP_ERROR", detail={"tpp": "key s3cret"}), [Secret("s3cret"), Secret("")])
	assert said == "HTTP 400: ASPSP_ERROR; A message; {'tpp': 'key …'}"
	assert reference(Answer(502, {}, None)) == "HTTP 502"
	assert len(reference(answer("X", message="m" * 5000))) < 400
