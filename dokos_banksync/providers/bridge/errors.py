"""Bridge's errors, translated into those of `dokos_banksync.core.errors`.

Three shapes of body are known: one object (https://docs.bridgeapi.io/docs/basics), a list under `errors`
(https://docs.bridgeapi.io/docs/payment-request-endpoint-errors-1), and `type` for `code` in older versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from dokos_banksync.core.errors import (
	ConfigurationError,
	DuplicateConnection,
	NotFound,
	SyncError,
)
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import reactions
from dokos_banksync.providers.http import Answer
from dokos_banksync.providers.parsing import text

_LONGEST = 300
_MASK = "…"


class Fault(NamedTuple):
	"""What Bridge says about a refusal; any part may be empty."""

	code: str = ""
	field: str = ""
	message: str = ""


def read(data: object) -> list[Fault]:
	"""Return the faults in an error's body of any shape; none when it holds nothing readable."""
	if isinstance(data, Mapping) and isinstance(data.get("errors"), list):
		return [fault for entry in data["errors"] for fault in read(entry)]
	if not isinstance(data, Mapping):
		return []
	code = text(data.get("code")) or text(data.get("type"))
	fault = Fault(code, text(data.get("property")), text(data.get("message")))
	return [fault] if any(fault) else []


def reference(answer: Answer, secrets: Sequence[Secret] = ()) -> str:
	"""Return what to quote to Bridge's support: status, codes, fields and messages, without a secret."""
	return reactions.reference(
		answer, (" ".join(filter(None, fault)) for fault in read(answer.data)), secrets
	)


def error(answer: Answer, secrets: Sequence[Secret] = ()) -> SyncError:
	"""Return the error for an answer that is not a success."""
	said = reference(answer, secrets)
	known = _ERRORS.get(answer.status)
	return known(said) if known else reactions.undocumented("Bridge", said)


def _keys(said: str) -> SyncError:
	return ConfigurationError(
		"Bridge does not accept the keys. Check the client ID and the client secret of the provider.",
		reference=said,
	)


def _forbidden(said: str) -> SyncError:
	return ConfigurationError(
		"Bridge forbids this. Check in Bridge's dashboard what the application may do and from which IP "
		"addresses it may be used.",
		reference=said,
	)


def _missing(said: str) -> SyncError:
	return NotFound(
		"Bridge does not know this (any more). Check the base URL of the provider, or connect the bank again.",
		reference=said,
	)


def _conflict(said: str) -> SyncError:
	return DuplicateConnection("Bridge holds this already.", reference=said)


_ERRORS: Mapping[int, Callable[[str], SyncError]] = {
	401: _keys,
	403: _forbidden,
	404: _missing,
	409: _conflict,
}
