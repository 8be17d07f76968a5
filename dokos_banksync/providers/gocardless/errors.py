"""GoCardless's errors as errors of `dokos_banksync.core.errors`.

An error's body is `{summary, detail, status_code, type?}`. Errors of fields are nested under the field's name. An account
in a state that gives no data is answered with status 409 and the account itself. Status 401 is either our token or the
user's consent: `type` and `summary` say which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

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
)
from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.providers import rawjson, reactions
from dokos_banksync.providers.gocardless.quotas import Remaining, remaining
from dokos_banksync.providers.grants import CONSENT_WAS_WITHDRAWN
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.parsing import Object, mapping, text
from dokos_banksync.providers.reactions import Reaction

QUOTA_PAUSE = timedelta(hours=6)
"""Where a bank's daily limit is reached and no header says until when: four calls a day are one in six hours."""
SHORT_PAUSE = timedelta(seconds=60)

_LONGEST = 300
_AGREEMENT = "end user agreement"
_SECONDS = re.compile(r"(\d{1,6}) second", re.ASCII)


class DailyLimit(RateLimited):
	"""A bank's readings of one account and scope are used up until a later hour. `limit` is their number, 0 if not said."""

	limit = 0


KEYS = Reaction(ConfigurationError, "GoCardless refuses the keys. Check the secret ID and the secret key.")
ENDED = Reaction(ConsentExpired, "The consent at the bank has ended or was withdrawn. Renew it.")
SUSPENDED = Reaction(
	LoginRequired,
	"The bank refused this account several times, so GoCardless suspended it. Reconnect the bank.",
)
_DOWN = Reaction(InstitutionDown, "The bank does not answer. We try again later.")
_READING = Reaction(TemporaryError, "GoCardless is still reading the account. We try again later.")

BY_TYPE: Mapping[str, Reaction] = {
	"AccessExpiredError": ENDED,
	"EUAExpiredError": ENDED,
	"AccountValidEUAError": ENDED,
	"AccountInactiveError": Reaction(
		LoginRequired, "The bank no longer gives access to this account. Reconnect, or unlink the account."
	),
	"AccountSuspendedError": SUSPENDED,
	"AccountAccessForbidden": Reaction(ConsentRevoked, CONSENT_WAS_WITHDRAWN),
	"AccountEUAScopeError": Reaction(
		LoginRequired, "The consent does not cover what is needed. Reconnect the bank and allow all of it."
	),
	"IPAccessDenied": Reaction(
		ConfigurationError,
		"GoCardless does not accept calls from this server's IP address. Allow it in the portal.",
	),
	"PaymentRequired": Reaction(
		ConfigurationError, "GoCardless asks for a payment or a contract. See its portal."
	),
	"AccountProcessing": _READING,
	"UnknownRequestError": Reaction(
		InstitutionDown,
		"The bank answers with an error that GoCardless does not describe. We try again later; if it stays, reconnect the "
		"bank.",
	),
	"ServiceError": _DOWN,
	"ConnectionError": _DOWN,
}
"""The names of the errors in GoCardless's documents, which `type` or `summary` has.

https://developer.gocardless.com/bank-account-data/statuses
"""

BY_SUMMARY: Mapping[str, Reaction] = {
	_AGREEMENT: ENDED,
	"account suspended": SUSPENDED,
	"is not operational": _DOWN,
	"invalid redirect uri": Reaction(
		ConfigurationError,
		"GoCardless does not accept the address that users return to. Check the address of this site.",
	),
}
"""By what a summary without a name contains, in small letters."""

BY_STATUS: Mapping[int, Reaction] = {
	401: KEYS,
	402: BY_TYPE["PaymentRequired"],
	403: Reaction(
		ConfigurationError, "GoCardless refuses the call. See what its portal says of your account."
	),
	404: Reaction(NotFound, "GoCardless no longer knows this. Reconnect the bank."),
}
BY_ACCOUNT: Mapping[str, Reaction] = {
	"EXPIRED": ENDED,
	"SUSPENDED": SUSPENDED,
	"ERROR": Reaction(LoginRequired, "GoCardless cannot read this account. Reconnect the bank."),
	"DISCOVERED": _READING,
	"PROCESSING": _READING,
}
"""By the status of an account, which comes with HTTP status 409."""


def reference(answer: Answer, secrets: Sequence[Secret] = ()) -> str:
	"""Return what to quote to GoCardless's support: status, type, summary and detail, without a secret."""
	return reactions.reference(answer, _said(mapping(answer.data)), secrets)


def _said(body: Object) -> list[str]:
	"""Return the texts of an error; those of fields have the field's name."""
	found = [text(body.get(name)) for name in ("type", "summary", "detail")]
	for name, value in body.items():
		nested = value[0] if isinstance(value, list) and value else value
		if isinstance(nested, Mapping):
			found.append(f"{name}: {text(nested.get('summary'))} {text(nested.get('detail'))}".strip())
	return found


def refuses_token(answer: Answer) -> bool:
	"""Return whether a 401 is about our access token and not about a user's consent."""
	return answer.status == 401 and _reaction(answer) is KEYS


def _reaction(answer: Answer) -> Reaction | None:
	body = mapping(answer.data)
	named = _named(body)
	if named is None and answer.status == 409:
		return BY_ACCOUNT.get(text(body.get("status")).upper())
	return named or BY_STATUS.get(answer.status)


def _named(body: Object) -> Reaction | None:
	"""Return the reaction to an error by its `type`, or by its summary, which is a name or a sentence."""
	summary = text(body.get("summary")).strip()
	said = " ".join(_said(body)).casefold()
	known = (reaction for words, reaction in BY_SUMMARY.items() if words in said)
	return BY_TYPE.get(text(body.get("type"))) or BY_TYPE.get(summary) or next(known, None)


def error(answer: Answer, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for an answer that is not a success."""
	said = reference(answer, secrets)
	reaction = _reaction(answer)
	if reaction is None:
		return reactions.undocumented("GoCardless", said)
	return reaction.kind(reaction.sentence, reference=said)


def too_many(clock: Clock, status: int, headers: Mapping[str, str], body: bytes) -> SyncError | None:
	"""Return the error of a reached limit (429) or of a bank that fails (500, 503); None for all else.

	An error of the bank is not tried again at once: after ten in a row GoCardless suspends the account.
	"""
	if status not in (429, 500, 503):
		return None
	try:
		answer = Answer(status, headers, rawjson.loads(body.decode()))
	except (ValueError, RecursionError):
		return None
	if status >= 500:
		return error(answer) if _named(mapping(answer.data)) else None
	return _limited(answer, clock())


def _limited(answer: Answer, now: datetime) -> RateLimited:
	"""The bank's daily limit has a `type`; the general one names the seconds to wait."""
	said, body = reference(answer), mapping(answer.data)
	left = remaining(answer.headers, now)
	seconds = _SECONDS.search(text(body.get("detail")))
	if seconds:
		until = now + timedelta(seconds=int(seconds[1]))
	elif left and left.calls == 0:
		until = left.reset_at
	else:
		until = now + (QUOTA_PAUSE if text(body.get("type")) else SHORT_PAUSE)
	if text(body.get("type")):
		return used_up(Remaining(0, until, left.limit if left else 0), said)
	return RateLimited("GoCardless asks us to wait: too many calls.", until=until, reference=said)


def used_up(left: Remaining, said: str = "") -> DailyLimit:
	"""Return the error of a daily limit of an account that is used up."""
	error = DailyLimit(
		"The bank allows few readings of an account a day, and they are used up. The next one is automatic.",
		until=left.reset_at,
		reference=said,
	)
	error.limit = left.limit
	return error
