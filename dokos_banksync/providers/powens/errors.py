"""Powens's errors, and the states of its connections, as errors of `dokos_banksync.core.errors`.

An error's body is `{code, description, message, request_id}`; the code counts, not the HTTP status. A connection that
cannot be read has a `state` of the same vocabulary. https://docs.powens.com/api-reference/overview/errors and
https://docs.powens.com/documentation/integration-guides/sca-and-connection-states
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	DuplicateConnection,
	InstitutionDown,
	LoginRequired,
	NotFound,
	ProviderBug,
	RateLimited,
	SyncError,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import reactions
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.parsing import identifier, mapping, text
from dokos_banksync.providers.reactions import Reaction

PAUSE = timedelta(hours=1)
"""Where a bank limits Powens and no next attempt is announced."""
AUTHENTICATION = frozenset({"SCARequired", "webauthRequired"})
"""States that ask for nothing but a strong authentication."""

_LONGEST = 300


KEYS = Reaction(
	ConfigurationError, "Powens refuses the keys. Check the domain, the client ID and the client secret."
)
TOKEN = Reaction(
	ConsentRevoked, "Powens no longer accepts the access to this connection. Connect the bank again."
)
GONE = Reaction(ConsentRevoked, "Powens no longer has this connection. Connect the bank again.")
_LIMIT = Reaction(RateLimited, "The bank limits how often Powens may read it. The next attempt is automatic.")
_CALL = Reaction(ProviderBug, reactions.UNDOCUMENTED)
_READING = Reaction(
	TemporaryError, "Powens is reading the bank at this moment. The next attempt is automatic."
)
_SETTING = Reaction(
	ConfigurationError,
	"Powens's domain is not set up for this call. Ask Powens's support, with the reference.",
)

BY_CODE: Mapping[str, Reaction] = {
	"SCARequired": Reaction(LoginRequired, "The bank asks for a strong authentication. Reconnect the bank."),
	"webauthRequired": Reaction(
		LoginRequired, "The bank asks you to log in on its own page. Reconnect the bank."
	),
	"additionalInformationNeeded": Reaction(
		LoginRequired, "The bank asks for a code or another detail. Reconnect the bank."
	),
	"decoupled": Reaction(
		LoginRequired, "The bank waits for a confirmation in its app. Reconnect the bank and confirm there."
	),
	"actionNeeded": Reaction(
		LoginRequired,
		"The bank asks for something on its own site or in its app. Do it there, then reconnect.",
	),
	"bankMessage": Reaction(
		LoginRequired,
		"The bank asks for something on its own site or in its app. Do it there, then reconnect.",
	),
	"passwordExpired": Reaction(
		LoginRequired, "The password at the bank has expired. Change it at the bank, then reconnect."
	),
	"wrongpass": Reaction(LoginRequired, "The bank refuses the credentials. Reconnect the bank."),
	"noAccount": Reaction(
		LoginRequired, "No account of this connection is shared. Reconnect the bank and choose the accounts."
	),
	"validating": _READING,
	"connectionLocked": _READING,
	"rateLimiting": _LIMIT,
	"tooManySync": _LIMIT,
	"websiteUnavailable": Reaction(InstitutionDown, "The bank does not answer. We try again later."),
	"bug": Reaction(
		TemporaryError, "Powens cannot read this bank because of an error of its own, and works on it."
	),
	"notSupported": Reaction(UnsupportedByInstitution, "Powens does not support this access to the bank."),
	"conflict": Reaction(
		DuplicateConnection, "This login is connected at Powens already. Reconnect that one."
	),
	"unauthorized": TOKEN,
	"config": _SETTING,
	"keymanager": _SETTING,
	"forbidden": _SETTING,
	"dataError": _CALL,
	"missingParameter": _CALL,
	"invalidValue": _CALL,
	"methodNotAllowed": _CALL,
}
"""The documented codes and states, and those that live domains were seen to give. The letter case varies."""

BY_STATUS: Mapping[int, Reaction] = {
	401: TOKEN,
	403: TOKEN,
	404: Reaction(NotFound, "Powens no longer has what was asked for. Reconnect the bank."),
}

_FOLDED = {code.casefold(): reaction for code, reaction in BY_CODE.items()}


def reference(answer: Answer, secrets: Sequence[Secret] = ()) -> str:
	"""Return what to quote to Powens's support: status, code, description and request, without a secret."""
	body = mapping(answer.data)
	request = identifier(body.get("request_id"))
	parts = (text(body.get("code")), text(body.get("description")), f"request {request}" if request else "")
	return reactions.reference(answer, parts, secrets)


def error(answer: Answer, now: datetime, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for an answer that is no success."""
	said = reference(answer, secrets)
	named = _FOLDED.get(text(mapping(answer.data).get("code")).casefold())
	reaction = named or BY_STATUS.get(answer.status) or _CALL
	return _made(reaction, said, now + PAUSE, message=text(mapping(answer.data).get("message")))


def keys_error(answer: Answer, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for a refused call that has the client's keys."""
	code = text(mapping(answer.data).get("code")).casefold()
	reaction = _SETTING if code in ("config", "keymanager") else KEYS
	return reaction.kind(reaction.sentence, reference=reference(answer, secrets))


def of_state(state: str, message: str, now: datetime, next_try: datetime | None) -> SyncError:
	"""Return the error that a connection's state means.

	`message` is the bank's own text for its customer; `next_try` when Powens tries again. An unknown state is one that
	only Powens can end, as its documents ask.
	"""
	reaction = _FOLDED.get(state.casefold())
	if reaction is None or reaction is _CALL:
		return ProviderBug("Powens reports the state {0}, which is not documented.", state, reference=state)
	until = next_try if next_try and next_try > now else now + PAUSE
	return _made(reaction, state, until, message=message)


def _made(reaction: Reaction, said: str, until: datetime, message: str = "") -> SyncError:
	if reaction is _CALL:
		return reactions.undocumented("Powens", said)
	if reaction.kind is RateLimited:
		return RateLimited(reaction.sentence, until=until, reference=said)
	if message and issubclass(reaction.kind, LoginRequired):
		return LoginRequired(
			"The bank asks for something: {0} Reconnect the bank.", message[:_LONGEST], reference=said
		)
	return reaction.kind(reaction.sentence, reference=said)
