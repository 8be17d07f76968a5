"""The arguments of a call from a form script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dokos_banksync.errors import InvalidData


class Arguments:
	"""By name; what is missing or of the wrong kind is `InvalidData`."""

	def __init__(self, given: object) -> None:
		if not isinstance(given, dict):
			raise InvalidData("The call has no arguments")
		self._given: Mapping[str, Any] = given

	def text(self, name: str) -> str:
		value = self.optional(name)
		if not value:
			raise InvalidData("{0} is missing", name)
		return value

	def optional(self, name: str) -> str:
		value = self._given.get(name) or ""
		if not isinstance(value, str):
			raise InvalidData("{0} is not a text", name)
		return value.strip()
