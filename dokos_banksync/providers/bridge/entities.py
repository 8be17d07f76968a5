"""Objects of Bridge's JSON that have an id."""

from __future__ import annotations

from collections.abc import Mapping

from dokos_banksync.core.errors import ProviderBug
from dokos_banksync.providers.parsing import Object, identifier


def entity(value: object, noun: str) -> Object:
	"""Return an object that has an id. Raises `ProviderBug` otherwise."""
	if not isinstance(value, Mapping) or not identifier(value.get("id")):
		raise ProviderBug("Bridge gives an object without an id ({0}).", noun)
	return value
