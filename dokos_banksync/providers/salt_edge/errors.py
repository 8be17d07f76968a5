"""Salt Edge's errors, as the errors of `dokos_banksync.core.errors`. https://docs.saltedge.com/v6/#errors

Most answers hold an object with a class; some hold a text, and a wrong path or the firewall answers HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

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
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED
from dokos_banksync.providers.parsing import instant, mapping, text
from dokos_banksync.providers.reactions import LONGEST, masked, undocumented

_RATE_PAUSE = timedelta(minutes=1)
_REFRESH_PAUSE = timedelta(hours=1)
_BACKGROUND_PAUSE = timedelta(hours=6)
"""Banks allow four background refreshes a day."""


class Problem(NamedTuple):
	"""What an error says; any part may be empty. `until` is when a refresh is possible again."""

	name: str = ""
	message: str = ""
	status: int = 0
	until: datetime | None = None

	@property
	def reference(self) -> str:
		"""Return what to quote to Salt Edge's support."""
		said = " ".join(part for part in (self.name, self.message) if part)[:LONGEST]
		return said or f"HTTP {self.status}"


class Processing(TemporaryError):
	"""A fetch of this connection is under way: what there is can be read, more comes by itself."""


class CannotRefresh(TemporaryError):
	"""The connection may not be refreshed in the background now, or never without its user."""


def read(data: object, status: int = 0) -> Problem:
	"""Return the parts of an error's body of any shape."""
	outer = mapping(data)
	inner = outer.get("error")
	name = text(mapping(inner).get("class")) or text(outer.get("error_class"))
	message = (
		text(mapping(inner).get("message")) or text(inner) or text(outer.get("error_message")) or text(data)
	)
	return Problem(name, message, status, instant(outer.get("next_refresh_possible_at")))


def error(problem: Problem, now: datetime, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for a problem. No secret is left in its texts."""
	problem = problem._replace(message=masked(problem.message, secrets))
	if problem.name in _RATE:
		return RateLimited(
			"Salt Edge's limit of calls is reached. The next attempt is automatic.",
			until=now + _RATE_PAUSE,
			reference=problem.reference,
		)
	if problem.name == "BackgroundFetchLimitExceeded":
		return RateLimited(
			"The bank was read as often today as it allows without you. The next attempt is automatic.",
			until=problem.until or now + _BACKGROUND_PAUSE,
			reference=problem.reference,
		)
	known = _kind(problem)
	if known is None:
		return undocumented("Salt Edge", problem.reference)
	kind, sentence = known
	values = (problem.reference,) if "{0}" in sentence else ()
	return kind(sentence, *values, reference=problem.reference)


def of_class(name: str, message: str, now: datetime) -> SyncError:
	"""Return the error for an error class that an attempt, a callback or a return address names."""
	return error(Problem(name, message), now)


_Kind = tuple[type[SyncError], str]


def _kind(problem: Problem) -> _Kind | None:
	folded = problem.name.casefold()
	if folded.endswith("consentexpired"):
		return ConsentExpired, CONSENT_HAS_ENDED
	if folded.endswith(("consentrevoked", "consentalreadyrevoked", "consentnotfound")):
		return ConsentRevoked, "The access to this bank was withdrawn. Connect the bank again to restore it."
	if problem.name in _BY_CLASS:
		return _BY_CLASS[problem.name]
	return None if problem.name else _BY_STATUS.get(problem.status)


_RATE = frozenset({"RateLimitExceeded", "TooManyRequests"})
_KEYS = "Salt Edge does not accept the keys. Check the App-id and the secret; version 6 needs keys of the type Service."
_SIGNATURE = (
	"Salt Edge does not accept the signature of our calls. Check that the private key of the provider belongs to the public "
	"key in Salt Edge's dashboard."
)
_CLOCK = "Salt Edge finds our signature expired. Check the clock of this server."
_LOGIN = "The bank refuses the credentials. Reconnect and enter them again."
_CONFIRM = "The bank's confirmation was not given in time, or was wrong. Reconnect and confirm."
_DOWN = "The bank does not answer. The next attempt is automatic."
_CLIENT = "Salt Edge has restricted or disabled this client. Ask Salt Edge's support."
_DATES = "Salt Edge refuses the period that was asked for ({0})."

_GROUPS: Mapping[_Kind, tuple[str, ...]] = {
	(ConfigurationError, _KEYS): (
		"ApiKeyNotFound",
		"AppIdNotProvided",
		"SecretNotProvided",
		"WrongClientToken",
	),
	(ConfigurationError, _SIGNATURE): (
		"SignatureNotMatch",
		"PublicKeyNotProvided",
	),
	(
		ConfigurationError,
		"Salt Edge wants signed calls. Fill in the private key of the provider.",
	): (
		"MissingSignature",
		"MissingExpiresAt",
	),
	(ConfigurationError, _CLOCK): (
		"RequestExpired",
		"ExpiresAtInvalid",
	),
	(ConfigurationError, _CLIENT): (
		"ClientDisabled",
		"ClientRestricted",
		"ClientNotFound",
	),
	(
		ConfigurationError,
		"The Salt Edge client is still pending: it may only connect fake banks. Ask Salt Edge for test or live access.",
	): (
		"ClientPending",
		"ProviderDisabled",
	),
	(
		ConfigurationError,
		"The Salt Edge client may have no more connections. Remove unused ones, or ask Salt Edge for more.",
	): ("ConnectionLimitReached",),
	(ConfigurationError, "Salt Edge has locked this customer. Ask Salt Edge's support."): ("CustomerLocked",),
	(ConfigurationError, _DATES): (
		"DateOutOfRange",
		"DateOutOfAispConsentRange",
		"InvalidAispConsentFromDate",
		"InvalidAispConsentPeriod",
		"FetchScopesNotAllowed",
	),
	(LoginRequired, _LOGIN): (
		"InvalidCredentials",
		"CredentialsNotMatch",
		"ConnectionLost",
		"ConnectionDisabled",
	),
	(LoginRequired, _CONFIRM): (
		"InvalidInteractiveCredentials",
		"InteractiveTimeout",
		"InteractiveAdapterTimeout",
	),
	(LoginRequired, "No access was given at the bank. Connect the bank again."): (
		"ProviderAccessNotGranted",
	),
	(
		LoginRequired,
		"No account was shared. Reconnect and choose at least one account.",
	): ("AllAccountsExcluded",),
	(
		ConsentRevoked,
		"Salt Edge no longer has this connection. Connect the bank again.",
	): (
		"ConnectionNotFound",
		"CustomerNotFound",
	),
	(NotFound, "Salt Edge does not know this bank (any more). Choose it again."): ("ProviderNotFound",),
	(InstitutionDown, _DOWN): (
		"ProviderUnavailable",
		"ProviderError",
		"ProviderInactive",
		"ConnectionFailed",
		"ConnectionFetchingStopped",
		"FetchingTimeout",
		"ExecutionTimeout",
	),
	(
		TemporaryError,
		"Salt Edge has a technical problem. The next attempt is automatic.",
	): ("InternalServerError",),
	(
		Processing,
		"The bank is being read at this moment. The next attempt is automatic.",
	): ("ConnectionAlreadyProcessing",),
	(
		CannotRefresh,
		"The bank cannot be read again yet. The next attempt is automatic.",
	): ("ConnectionCannotBeRefreshed",),
	(
		DuplicateConnection,
		"This login is connected already. Use the connection that exists, or remove it first.",
	): (
		"ConnectionDuplicated",
		"ConnectionAlreadyAuthorized",
		"DuplicatedCustomer",
	),
	(
		UnsupportedByInstitution,
		"The bank does not give this to Salt Edge.",
	): (
		"ProviderNotSupported",
		"ActionNotAllowed",
	),
}
_BY_CLASS: Mapping[str, _Kind] = {name: kind for kind, names in _GROUPS.items() for name in names}

_BY_STATUS: Mapping[int, _Kind] = {
	403: (
		ConfigurationError,
		"Salt Edge's firewall refuses our calls. Ask Salt Edge whether the IP address of this server is allowed.",
	),
	404: (ConfigurationError, "This address is not Salt Edge's API. Check the base URL of the provider."),
}
