"""Plaid's errors, as the errors of `dokos_banksync.core.errors`. https://plaid.com/docs/errors/

`error_code` is an open list: an unknown one is treated as its `error_type` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	InstitutionDown,
	LoginRequired,
	NotFound,
	RateLimited,
	SyncError,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED
from dokos_banksync.providers.parsing import mapping, text
from dokos_banksync.providers.reactions import LONGEST, masked, undocumented

MUTATION = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"

RATE_LIMIT = "RATE_LIMIT_EXCEEDED"
_RATE_PAUSE = timedelta(seconds=60)
"""Plaid counts calls per minute and sends no Retry-After."""
_BANK_LIMIT = "INSTITUTION_RATE_LIMIT"
_BANK_PAUSE = timedelta(hours=1)


class Problem(NamedTuple):
	"""What an error object says; any part may be empty."""

	type: str = ""
	code: str = ""
	reason: str = ""
	message: str = ""
	display: str = ""
	request_id: str = ""

	@property
	def reference(self) -> str:
		"""Return what to quote to Plaid's support."""
		said = " ".join(part for part in (self.code or self.type, self.reason, self.message) if part)
		request = f" (request {self.request_id})" if self.request_id else ""
		return f"{said[:LONGEST]}{request}"


class Mutation(TemporaryError):
	"""The transactions changed while their pages were read: the loop starts again from its first cursor."""


class StaleCursor(TemporaryError):
	"""Plaid refuses the cursor: the account is read again from its beginning."""


def read(data: object) -> Problem:
	"""Return the parts of an error object; all empty when it is none."""
	given = mapping(data)
	return Problem(
		type=text(given.get("error_type")),
		code=text(given.get("error_code")),
		reason=text(given.get("error_code_reason")),
		message=text(given.get("error_message")),
		display=text(given.get("display_message")),
		request_id=text(given.get("request_id")),
	)


def error(problem: Problem, now: datetime, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for a problem. No secret is left in its texts."""
	problem = Problem._make(masked(part, secrets) for part in problem)
	special = _special(problem)
	if special is not None:
		return special
	if problem.type == RATE_LIMIT and problem.code not in _BY_CODE:
		return _limited(problem, now)
	known = _BY_CODE.get(problem.code) or _BY_TYPE.get(problem.type)
	if known is None:
		return undocumented("Plaid", problem.reference)
	kind, sentence = known
	values = (problem.reference,) if "{0}" in sentence else ()
	return kind(sentence, *values, reference=problem.reference)


def _limited(problem: Problem, now: datetime) -> RateLimited:
	if problem.code == _BANK_LIMIT:
		return RateLimited(
			"The bank limits how often Plaid may read it. The next attempt is automatic.",
			until=now + _BANK_PAUSE,
			reference=problem.reference,
		)
	return RateLimited(
		"Plaid's limit of calls per minute is reached. The next attempt is automatic.",
		until=now + _RATE_PAUSE,
		reference=problem.reference,
	)


def lasting_limit(
	clock: Clock, secret: Secret, status: int, _headers: Mapping[str, str], body: bytes
) -> SyncError | None:
	"""Return the error of a limit (429) that a minute does not end: the plan's, or the bank's. None for all else."""
	if status != 429:
		return None
	try:
		problem = read(rawjson.loads(body.decode()))
	except (ValueError, RecursionError):
		return None
	lasting = problem.code in _BY_CODE or problem.code == _BANK_LIMIT
	return error(problem, clock(), (secret,)) if lasting else None


def _special(problem: Problem) -> SyncError | None:
	"""Errors whose meaning is not in the code alone."""
	if problem.reason in _BY_REASON:
		kind, sentence = _BY_REASON[problem.reason]
		return kind(sentence, reference=problem.reference)
	if problem.code == "INVALID_ACCESS_TOKEN" and "environment" in problem.message:
		return ConfigurationError(
			"This connection was made in another Plaid environment. Set the environment of the provider back, or "
			"connect the bank again.",
			reference=problem.reference,
		)
	if problem.code == "INVALID_FIELD" and "cursor" in problem.message:
		return StaleCursor(
			"Plaid no longer accepts the position of the last import. All is read again.",
			reference=problem.reference,
		)
	return None


_Kind = type[SyncError]

_LOGIN = "The bank asks you to log in again. Reconnect the bank."
_REVOKED = "The access to this bank was withdrawn. Connect the bank again to restore it."
_GONE = "Plaid no longer has this connection. Connect the bank again."
_DOWN = "The bank does not answer. The next attempt is automatic."
_CODE_WRONG = "The code sent by the bank was wrong or missing. Reconnect and enter it again."
_PLAN = "The Plaid plan allows no more connections. Extend the plan at Plaid."
_NOT_FOR_US = "Plaid does not give this application access to the bank. Ask for it in Plaid's dashboard, or use another provider."
_UNSUPPORTED = "Plaid does not support this bank or this kind of account. Import statement files, or use another provider."
_ROBOT = "Plaid could not tell that a person logs in. Connect the bank again."

_BY_REASON: Mapping[str, tuple[_Kind, str]] = {
	"OAUTH_CONSENT_EXPIRED": (
		ConsentExpired,
		CONSENT_HAS_ENDED,
	),
	"OAUTH_USER_REVOKED": (ConsentRevoked, _REVOKED),
	"OAUTH_INVALID_TOKEN": (LoginRequired, _LOGIN),
}

_BY_CODE: Mapping[str, tuple[_Kind, str]] = {
	"INVALID_API_KEYS": (
		ConfigurationError,
		"Plaid does not accept the keys. Check the client ID and the secret: each environment (sandbox, production) "
		"has its own secret.",
	),
	"UNAUTHORIZED_ENVIRONMENT": (
		ConfigurationError,
		"The Plaid account is not approved for this environment. Check the environment of the provider, or ask Plaid "
		"for production access.",
	),
	"INVALID_PRODUCT": (
		ConfigurationError,
		"The Plaid subscription does not include this product. Ask Plaid to enable Transactions.",
	),
	"ADDITION_LIMIT": (ConfigurationError, _PLAN),
	"TRIAL_CONNECTION_LIMIT": (ConfigurationError, _PLAN),
	"CREDITS_EXHAUSTED": (
		ConfigurationError,
		"The free calls of the Plaid plan are used up. Extend the plan at Plaid.",
	),
	"UNAUTHORIZED_ROUTE_ACCESS": (
		ConfigurationError,
		"The Plaid subscription does not include this product. Ask Plaid to enable Transactions.",
	),
	"INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT": (
		ConfigurationError,
		"This bank does not exist in this Plaid environment. Check the environment of the provider.",
	),
	"INSTITUTION_REGISTRATION_REQUIRED": (ConfigurationError, _NOT_FOR_US),
	"UNAUTHORIZED_INSTITUTION": (ConfigurationError, _NOT_FOR_US),
	"INVALID_INSTITUTION": (ConfigurationError, "Plaid no longer lists this bank. Choose it again."),
	"INVALID_ACCOUNT_ID": (NotFound, "Plaid no longer knows this account. Open Update bank accounts."),
	"INVALID_WEBHOOK_VERIFICATION_KEY_ID": (
		ConfigurationError,
		"A webhook call was refused: Plaid does not know its key.",
	),
	"INVALID_LINK_TOKEN": (LoginRequired, "The bank's page has expired. Start again from here."),
	"INVALID_PUBLIC_TOKEN": (
		LoginRequired,
		"The login at the bank was completed too long ago to be used. Connect the bank again.",
	),
	"INVALID_ACCESS_TOKEN": (ConsentRevoked, _GONE),
	"ITEM_NOT_FOUND": (ConsentRevoked, _GONE),
	"ITEM_CONCURRENTLY_DELETED": (ConsentRevoked, _GONE),
	"ACCESS_NOT_GRANTED": (
		ConsentRevoked,
		"No access to the accounts was given at the bank. Connect the bank again.",
	),
	"USER_PERMISSION_REVOKED": (ConsentRevoked, _REVOKED),
	"ITEM_LOGIN_REQUIRED": (LoginRequired, _LOGIN),
	"INVALID_CREDENTIALS": (
		LoginRequired,
		"The bank refuses the credentials. Reconnect and enter them again.",
	),
	"INSUFFICIENT_CREDENTIALS": (LoginRequired, _LOGIN),
	"INVALID_MFA": (LoginRequired, _CODE_WRONG),
	"INVALID_OTP": (LoginRequired, _CODE_WRONG),
	"INVALID_SEND_METHOD": (LoginRequired, _CODE_WRONG),
	"USER_INPUT_TIMEOUT": (LoginRequired, "The login at the bank took too long. Reconnect the bank."),
	"INVALID_UPDATED_USERNAME": (
		LoginRequired,
		"Another user name than at first was entered. Reconnect with the first one, or connect the bank again.",
	),
	"ADDITIONAL_CONSENT_REQUIRED": (
		LoginRequired,
		"The consent does not cover what is needed. Reconnect the bank and allow all of it.",
	),
	"PRODUCT_NOT_ENABLED": (
		LoginRequired,
		"The connection was made without transactions. Connect the bank again.",
	),
	"RECAPTCHA_REQUIRED": (LoginRequired, _ROBOT),
	"RECAPTCHA_BAD": (LoginRequired, _ROBOT),
	"ITEM_LOCKED": (
		LoginRequired,
		"The bank has locked the login. Unlock it on the bank's own site, then reconnect.",
	),
	"PASSWORD_RESET_REQUIRED": (
		LoginRequired,
		"The bank wants a new password. Change it on the bank's own site, then reconnect.",
	),
	"USER_SETUP_REQUIRED": (
		LoginRequired,
		"The bank waits for you on its own site (new terms, a message, a first login). Do it there, then reconnect.",
	),
	"MFA_NOT_SUPPORTED": (
		UnsupportedByInstitution,
		"Plaid does not support this bank's way of login. Choose another way of login at the bank, or import statement "
		"files.",
	),
	"ITEM_NOT_SUPPORTED": (UnsupportedByInstitution, _UNSUPPORTED),
	"UNSUPPORTED_RESPONSE": (UnsupportedByInstitution, _UNSUPPORTED),
	"NO_ACCOUNTS": (UnsupportedByInstitution, "The bank shows no account that can be read."),
	"PRODUCTS_NOT_SUPPORTED": (UnsupportedByInstitution, "Plaid reads no transactions of this bank."),
	"INSTITUTION_NO_LONGER_SUPPORTED": (
		UnsupportedByInstitution,
		"Plaid no longer supports this bank. Import statement files, or use another provider.",
	),
	"PRODUCT_NOT_READY": (TemporaryError, "Plaid is still reading the bank. The next attempt is automatic."),
	"INSTITUTION_DOWN": (InstitutionDown, _DOWN),
	"INSTITUTION_NOT_RESPONDING": (InstitutionDown, _DOWN),
	"INSTITUTION_NOT_AVAILABLE": (InstitutionDown, _DOWN),
	MUTATION: (Mutation, "The bank's data changed while it was read. The next attempt is automatic."),
}

_BY_TYPE: Mapping[str, tuple[_Kind, str]] = {
	"ITEM_ERROR": (
		LoginRequired,
		"The bank asks for something that Plaid does not describe further. Reconnect to see it.",
	),
	"OAUTH_ERROR": (LoginRequired, _LOGIN),
	"INSTITUTION_ERROR": (InstitutionDown, _DOWN),
	"API_ERROR": (TemporaryError, "Plaid has a technical problem. The next attempt is automatic."),
	"TRANSACTIONS_ERROR": (
		TemporaryError,
		"Plaid could not give the transactions. The next attempt is automatic.",
	),
}
