"""Enable Banking's errors as errors of `dokos_banksync.core.errors`.

An error's body is `{message, code (the HTTP status), error (a code of ErrorCode), detail}`; only `message` is
sure to be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	DuplicateConnection,
	InstitutionDown,
	LoginRequired,
	NotFound,
	RateLimited,
	SyncError,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.providers import rawjson, reactions
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED, CONSENT_WAS_WITHDRAWN
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.parsing import mapping, text
from dokos_banksync.providers.reactions import Reaction

QUOTA_PAUSE = timedelta(hours=6)
"""Banks allow four calls a day without the user: one in six hours."""

RATE_LIMIT = "ASPSP_RATE_LIMIT_EXCEEDED"

_LONGEST = 300
_MASK = "…"


class PeriodRefused(UnsupportedByInstitution):
	"""The bank does not go back as far as was asked for."""


class PagingLost(TemporaryError):
	"""The continuation key is no longer known: the list has to be read from its beginning."""


class HeadersRefused(UnsupportedByInstitution):
	"""The bank does not take the headers that state the user's presence."""


_KEYS = (
	"Enable Banking does not accept the signature of our calls. Check that the application ID and the private "
	"key belong together, and that the application still exists in the control panel."
)
REPEATED_PAGE = (
	"Enable Banking gives a page of the list twice. Nothing of it was imported. We try again later."
)
_GONE = CONSENT_WAS_WITHDRAWN
_CODE = "The answer of the bank came too late or was incomplete. Connect the bank again."

REACTIONS: Mapping[str, Reaction] = {
	"EXPIRED_SESSION": Reaction(ConsentExpired, CONSENT_HAS_ENDED),
	"CLOSED_SESSION": Reaction(ConsentRevoked, _GONE),
	"REVOKED_SESSION": Reaction(ConsentRevoked, _GONE),
	"SESSION_DOES_NOT_EXIST": Reaction(ConsentRevoked, _GONE),
	"WRONG_SESSION_STATUS": Reaction(
		LoginRequired, "The consent at the bank is not complete. Connect the bank again."
	),
	"ASPSP_PSU_ACTION_REQUIRED": Reaction(
		LoginRequired, "The bank asks for you: confirm in its own site or app, then reconnect."
	),
	"ASPSP_ACCOUNT_NOT_ACCESSIBLE": Reaction(
		LoginRequired, "The bank no longer gives access to this account. Reconnect, or unlink the account."
	),
	"EXPIRED_AUTHORIZATION_CODE": Reaction(LoginRequired, _CODE),
	"WRONG_AUTHORIZATION_CODE": Reaction(LoginRequired, _CODE),
	"WRONG_CREDENTIALS_PROVIDED": Reaction(
		LoginRequired, "The bank refuses the credentials. Connect the bank again."
	),
	"ALREADY_AUTHORIZED": Reaction(
		DuplicateConnection,
		"This answer of the bank was used already. If no bank was added, connect it again.",
	),
	"ASPSP_ERROR": Reaction(InstitutionDown, "The bank reports an error. We try again later."),
	"ASPSP_TIMEOUT": Reaction(InstitutionDown, "The bank does not answer in time. We try again later."),
	"ACCOUNT_DOES_NOT_EXIST": Reaction(NotFound, "Enable Banking no longer knows this account."),
	"INVALID_ACCOUNT_ID": Reaction(NotFound, "Enable Banking no longer knows this account."),
	"TRANSACTION_DOES_NOT_EXIST": Reaction(NotFound, "Enable Banking no longer knows this transaction."),
	"UNAUTHORIZED_ACCESS": Reaction(ConfigurationError, _KEYS),
	"AUTHORIZATION_NOT_PROVIDED": Reaction(ConfigurationError, _KEYS),
	"ACCESS_DENIED": Reaction(
		ConfigurationError,
		"The application may not do this. Check in Enable Banking's control panel that it may read accounts.",
	),
	"UNAUTHORIZED_IP": Reaction(
		ConfigurationError,
		"Enable Banking does not accept calls from this server's IP address. Allow it in the control panel.",
	),
	"INVALID_HOST": Reaction(
		ConfigurationError, "Enable Banking does not answer under this base URL. Check it."
	),
	"REDIRECT_URI_NOT_ALLOWED": Reaction(
		ConfigurationError,
		"The redirect address is not registered. Add it to the application in Enable Banking's control panel, "
		"letter by letter as `provider check` shows it.",
	),
	"WRONG_ASPSP_PROVIDED": Reaction(
		ConfigurationError, "Enable Banking no longer lists this bank under this name. Choose it again."
	),
	"NO_ACCOUNTS_ADDED": Reaction(
		ConfigurationError,
		"The application is not active. Link your own accounts to it in Enable Banking's control panel, or "
		"finish the contract.",
	),
	"PSU_HEADER_NOT_PROVIDED": Reaction(
		HeadersRefused, "The bank wants to know more about the user's browser than is known here."
	),
	"PSU_HEADER_INVALID": Reaction(
		HeadersRefused, "The bank does not take what is known here about the user's browser."
	),
	"WRONG_TRANSACTIONS_PERIOD": Reaction(
		PeriodRefused, "The bank does not give transactions that old. Import a statement file for them."
	),
	"WRONG_CONTINUATION_KEY": Reaction(
		PagingLost, "Enable Banking lost the place in a list. We try again later."
	),
	"DATE_FROM_IN_FUTURE": Reaction(
		ConfigurationError, "The clock of this server is ahead. Set it to the right time."
	),
}
"""Codes that need one reaction each; every other code is a call that we got wrong."""


def reference(answer: Answer, secrets: Sequence[Secret] = ()) -> str:
	"""Return what to quote to Enable Banking's support: status, code, message and detail, without a secret."""
	body = mapping(answer.data)
	detail = body.get("detail")
	parts = (text(body.get("error")), text(body.get("message")), "" if detail is None else str(detail))
	return reactions.reference(answer, parts, secrets)


def code_of(answer: Answer) -> str:
	"""Return the code of an error answer, "" for none."""
	return text(mapping(answer.data).get("error"))


def error(answer: Answer, now: datetime, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for an answer that is not a success."""
	said = reference(answer, secrets)
	code = code_of(answer)
	if code == RATE_LIMIT:
		return quota_used_up(now, said)
	reaction = REACTIONS.get(code)
	if reaction is None and answer.status in (401, 403):
		reaction = REACTIONS["UNAUTHORIZED_ACCESS"]
	if reaction is None:
		return reactions.undocumented("Enable Banking", said)
	return reaction.kind(reaction.sentence, reference=said)


def too_many(clock: Clock, status: int, headers: Mapping[str, str], body: bytes) -> SyncError | None:
	"""Return the error for a bank's daily quota, which comes with status 429 and no time; None for all else."""
	if status != 429:
		return None
	try:
		answer = Answer(status, headers, rawjson.loads(body.decode()))
	except (ValueError, RecursionError):
		return None
	return quota_used_up(clock(), reference(answer)) if code_of(answer) == RATE_LIMIT else None


def quota_used_up(now: datetime, said: str) -> RateLimited:
	"""Return the error for a bank that takes no more calls today without the user."""
	return RateLimited(
		"The bank takes no more calls today without you. The next attempt is automatic; to read now, fetch while "
		"you are here.",
		until=now + QUOTA_PAUSE,
		reference=said,
	)
