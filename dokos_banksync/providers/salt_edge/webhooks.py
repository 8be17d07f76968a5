"""Salt Edge's callbacks. https://docs.saltedge.com/v6/api_reference#ais-callbacks

They are signed over the address entered in Salt Edge's dashboard and the raw body. The kind of a callback is its
address alone; here it is derived from the body. A callback is a hint to fetch and nothing more: a success
comes one to three times.
"""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Event, EventKind, WebhookRequest
from dokos_banksync.providers.parsing import header, identifier, instant, mapping, text
from dokos_banksync.providers.salt_edge import signing
from dokos_banksync.providers.webhooks import read_body

_HEADER = "signature"


def verify(request: WebhookRequest, public_key: str, addresses: Sequence[str]) -> None:
	"""Check a callback's signature against the addresses it may have been sent to.

	Without `addresses` those are the one that was called, and the same with https. Raises `ConfigurationError`.
	"""
	if not public_key:
		raise ConfigurationError(
			"Callbacks of Salt Edge cannot be checked. Fill in Salt Edge's public key in the provider."
		)
	key = signing.public_key(public_key)
	signature = header(request.headers, _HEADER)
	candidates = list(addresses) or [request.url, request.url.replace("http://", "https://", 1)]
	if not any(signing.signed_by(key, one, request.body, signature) for one in candidates):
		raise ConfigurationError(
			"A callback has no signature of Salt Edge's for this address. Check Salt Edge's public key and the callback "
			"address of the provider."
		)


def events(request: WebhookRequest) -> list[Event]:
	"""Return the event of a verified callback; none for a stage on the way."""
	outer = read_body(request.body, "Salt Edge")
	data, meta = mapping(outer.get("data")), mapping(outer.get("meta"))
	failed, stage = text(data.get("error_class")), text(data.get("stage"))
	if not failed and stage not in ("", "finish"):
		return []
	details = {"error_class": failed} if failed else {}
	return [
		Event(
			EventKind.CONNECTION_REFRESHED if failed or stage else EventKind.CONNECTION_REMOVED,
			remote_user=identifier(data.get("customer_id")),
			remote_id=identifier(data.get("connection_id")),
			at=instant(meta.get("time")),
			details=details,
		)
	]
