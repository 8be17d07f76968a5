"""The arguments of a call from a form script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from dokos_banksync.core.errors import InvalidData


def is_text(value: str) -> bool:
	"""Return whether a text can be stored: JSON and shells may hand over halves of characters, which no database takes."""
	return not any("\ud800" <= letter <= "\udfff" for letter in value)


class Arguments:
	"""By name; what is missing or of the wrong kind is `InvalidData`."""

	def __init__(self, given: object) -> None:
		if not isinstance(given, dict):
			raise InvalidData("The call has no arguments")
		self._given: Mapping[str, Any] = given

	def all(self) -> dict[str, str]:
		"""Return all texts that are given, by name."""
		return {name: self.optional(name) for name in self._given}

	def text(self, name: str) -> str:
		"""Return a text that must be given. Raise `InvalidData` where it is missing or not a text."""
		value = self.optional(name)
		if not value:
			raise InvalidData("{0} is missing", name)
		return value

	def optional(self, name: str) -> str:
		"""Return a text without blanks around it, or an empty one. Raise `InvalidData` for what is not a text."""
		value = self._given.get(name) or ""
		if not isinstance(value, str) or not is_text(value):
			raise InvalidData("{0} is not a text", name)
		return value.strip()

	def day(self, name: str) -> date | None:
		"""Return a day, None where none is given. Raises `InvalidData` for a text that is not a date."""
		value = self.optional(name)
		try:
			return date.fromisoformat(value) if value else None
		except ValueError as error:
			raise InvalidData("{0} is not a date: write it as 2026-01-31", value) from error

	def amount(self, name: str) -> Decimal | None:
		"""Return an amount with a point for its decimals, None where it was not given."""
		text = self.optional(name)
		if not text:
			return None
		with suppress(InvalidOperation):
			if (amount := Decimal(text)).is_finite():
				return amount
		raise InvalidData("{0}: {1} is not an amount", name, text)

	def flag(self, name: str) -> bool:
		"""Return whether the argument is `1` or `true`."""
		return self.optional(name) in ("1", "true")

	def names(self, name: str) -> list[str]:
		"""Return a list of texts, given as JSON; empty where nothing is given."""
		given = self._json(name, "[]")
		if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
			raise InvalidData("{0} is not a list of names", name)
		return given

	def texts(self, name: str) -> dict[str, str]:
		"""Return texts by name, as JSON text; those that are empty are left out."""
		given = self._json(name, "{}")
		if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
			raise InvalidData("{0} is not a list of names", name)
		return {key: value.strip() for key, value in given.items() if value.strip()}

	def _json(self, name: str, nothing: str) -> object:
		try:
			return json.loads(self.optional(name) or nothing)
		except (ValueError, RecursionError) as error:
			raise InvalidData("{0} is not a list of names", name) from error
