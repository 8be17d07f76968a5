"""Objects of Bridge's JSON that have an id."""

from __future__ import annotations

from collections.abc import Mapping

from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import Object, identifier


def entity(value: object) -> Object:
	"""Return an object that has an id. Raises `ProviderBug` otherwise."""
	if not isinstance(value, Mapping) or not identifier(value.get("id")):
		raise malformed("Bridge", "id")
	return value
