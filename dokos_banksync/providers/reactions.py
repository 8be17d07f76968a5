"""Error answers of providers: the reference to quote to their support, and the error that a code means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dokos_banksync.core.errors import ProviderBug, SyncError
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.http import Answer

LONGEST = 300
"""Characters of a provider's own words that a reference holds."""
_MASK = "…"


class Reaction(NamedTuple):
	"""The class of an error, and its sentence."""

	kind: type[SyncError]
	sentence: str


UNDOCUMENTED = (
	"{0} refuses a call that its documents allow ({1}). Fetch again later; if it happens again, report it to the support of {0}, "
	"with the reference."
)


def undocumented(provider: str, said: str) -> ProviderBug:
	"""Return the error of a refusal that the documents of a provider do not explain; `said` is its reference."""
	return ProviderBug(UNDOCUMENTED, provider, said, reference=said)


def masked(said: str, secrets: Sequence[Secret]) -> str:
	"""Return a provider's words without any of these secrets."""
	for secret in secrets:
		if secret:
			said = said.replace(secret.reveal(), _MASK)
	return said


def reference(answer: Answer, parts: Iterable[str], secrets: Sequence[Secret]) -> str:
	"""Return what to quote to a provider's support: the HTTP status, and what the answer says, without a secret."""
	said = masked("; ".join(filter(None, parts)), secrets)[:LONGEST]
	return f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status}"
