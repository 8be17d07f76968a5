"""What the webhooks of all providers share. Each provider verifies the signature of its own calls."""

from __future__ import annotations

from typing import Any

from dokos_banksync.core.errors import ProviderBug
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import Object, mapping


def read_body(body: bytes, provider: str) -> Object:
	"""Return the JSON object in the body of a verified call. Raises `ProviderBug` for anything else than JSON."""
	try:
		data: Any = rawjson.loads(body.decode())
	except (ValueError, RecursionError):
		raise ProviderBug("{0} sends a webhook call that cannot be read.", provider) from None
	return mapping(data)
