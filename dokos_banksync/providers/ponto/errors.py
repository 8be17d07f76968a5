"""Ponto's errors as errors of `dokos_banksync.core.errors`.

Three shapes are known: JSON:API (`{"errors": [{code, detail, source, meta}]}`), OAuth 2.0 (`{"error", "error_description"}`,
RFC 6749 section 5.2), and the `errors` of a synchronization that failed. The codes of the last are documented nowhere in
full: they are judged by their beginning, and one that is not known passes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	InstitutionDown,
	LoginRequired,
	NotFound,
	ProviderBug,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.parsing import Object, header, mapping, text
from dokos_banksync.providers.reactions import LONGEST, masked, undocumented

REQUEST_ID = "ibanity-request-id"


class Fault(NamedTuple):
	"""One error as Ponto says it; `status` is what the bank answered, 0 where that is not said."""

	code: str
	detail: str
	status: int = 0


def read(data: object) -> list[Fault]:
	"""Return the faults of an error's body in any of its shapes."""
	body = mapping(data)
	if isinstance(body.get("errors"), list):
		return list(_listed(body["errors"]))
	code = text(body.get("error"))
	return [Fault(code, text(body.get("error_description")))] if code else []


def _listed(errors: Sequence[object]) -> Iterator[Fault]:
	for one in errors:
		row = mapping(one)
		answered = mapping(mapping(row.get("meta")).get("financialInstitutionResponse")).get("statusCode")
		yield Fault(
			text(row.get("code")), text(row.get("detail")), answered if isinstance(answered, int) else 0
		)


def reference(answer: Answer, secrets: Sequence[Secret] = ()) -> str:
	"""Return what to quote to Ponto's support: status, codes, details and the id of the call, without a secret."""
	said = "; ".join(" ".join(filter(None, (fault.code, fault.detail))) for fault in read(answer.data))
	said = masked(said, secrets)
	call = header(answer.headers, REQUEST_ID)
	parts = (f"HTTP {answer.status}", said[:LONGEST], f"request {call[:64]}" if call else "")
	return ": ".join(filter(None, parts))


def error(answer: Answer, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for an answer of the API that is not a success."""
	said = reference(answer, secrets)
	known = _BY_STATUS.get(answer.status)
	if known is None:
		return undocumented("Ponto", said)
	kind, sentence = known
	return kind(sentence, reference=said)


def of_token(answer: Answer, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for a refusal of the token endpoint."""
	said = reference(answer, secrets)
	code = next((fault.code for fault in read(answer.data)), "")
	kind, sentence = _OF_TOKEN.get(code, (ConfigurationError, _KEYS) if answer.status == 401 else _NO_TOKEN)
	return kind(sentence, reference=said)


def of_synchronization(attributes: Object) -> SyncError | None:
	"""Return why a synchronization failed; None for one that did not.

	The code counts before the bank's status: an authorization that ended comes with a status of 500.
	"""
	if text(attributes.get("status")) != "error":
		return None
	fault = next(iter(read({"errors": attributes.get("errors") or []})), Fault("", ""))
	said = " ".join(filter(None, (fault.code, fault.detail)))[:LONGEST]
	if fault.code == "authorizationInvalid":
		return ConsentExpired("The authorization of this account has ended. Renew it.", reference=said)
	if fault.code.startswith("authorization"):
		return LoginRequired("The bank asks for you. Reconnect and confirm.", reference=said)
	if fault.status >= 500:
		return InstitutionDown(
			"The bank could not be read for a technical reason. We try again later.", reference=said
		)
	return TemporaryError("Ponto could not read the bank. We try again later.", reference=said)


def of_keys(answer: Answer, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for a new token of the integration itself that the API does not accept."""
	kind, sentence = _OF_TOKEN["unauthorized_client"]
	return kind(sentence, reference=reference(answer, secrets))


_KEYS = "Ponto does not accept the keys. Check the client ID and the client secret."
_NO_TOKEN: tuple[type[SyncError], str] = (
	ProviderBug,
	"Ponto refuses to give a token. Fetch again later; if it happens again, report it to the support of Ponto, with the reference.",
)
_OF_TOKEN: Mapping[str, tuple[type[SyncError], str]] = {
	"invalid_client": (ConfigurationError, _KEYS),
	"unauthorized_client": (
		ConfigurationError,
		"The keys are of another kind of integration. Check in Ponto what they were made for.",
	),
	"invalid_grant": (
		ConsentRevoked,
		"The link with Ponto was ended or its answer came too late. Connect again.",
	),
	"invalid_scope": (
		ConfigurationError,
		"The integration may not read accounts. Give it access to account information in Ponto.",
	),
}
_BY_STATUS: Mapping[int, tuple[type[SyncError], str]] = {
	401: (LoginRequired, "Ponto does not accept the access any more. Connect again."),
	403: (ConsentRevoked, "Access to this account was taken back in Ponto. Share it again."),
	404: (NotFound, "Ponto no longer shows this. It was taken back, or never shared."),
}
