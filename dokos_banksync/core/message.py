"""Messages for users: a template in English and its values, translated when they are shown.

A message is stored as the English sentence, which every tool can show, and, where it has values, as JSON beside it:
`{"template": "{0} is not an amount", "values": ["abc"]}`. A value is a text, such an object itself, or an amount, a day or
an instant: `{"amount": "12.50"}`, `{"day": "2026-11-28"}`, `{"instant": "2026-11-28T20:42:13+00:00"}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from dokos_banksync.core.singular import singular
from dokos_banksync.core.texts import readable

Clean = Callable[[str], str]
_PLACEHOLDER = re.compile(r"\{(\d)\}")
_DEEPEST = 8
"""Messages within messages that are read; what is stored deeper than that is shown in English."""

_KINDS: Mapping[str, Callable[[str], object]] = {
	"amount": Decimal,
	"day": date.fromisoformat,
	"instant": datetime.fromisoformat,
}
"""Values that are written as the reader's language writes them."""


class Message(str):
	"""An English sentence with its template and values.

	`template` may hold `{0}`, `{1}` … for `values`, which are texts, messages, or what a translator formats: amounts,
	days, instants. Without values the template is the sentence as it is, in the words of a provider for example. A
	count of one takes the singular of the template (`core/singular.py`).
	"""

	__slots__ = ("template", "values")
	template: str
	values: tuple[object, ...]

	def __new__(cls, template: str, *values: object) -> Message:
		"""Return the message; a message without further values is returned as it is."""
		if not values:
			if isinstance(template, Message):
				return template
			template = readable(template)
		shown = tuple(readable(value) if type(value) is str else value for value in values)
		template = singular(template, shown)
		message = super().__new__(cls, fill(template, *shown))
		message.template, message.values = str(template), shown
		return message

	def __getnewargs__(self) -> tuple[object, ...]:  # type: ignore[override]
		return (self.template, *self.values)


SYSTEM_REASONS = (
	*(
		"No such file or directory",
		"Permission denied",
		"Is a directory",
		"Not a directory",
		"File name too long",
	),
	*(
		"No space left on device",
		"Read-only file system",
		"Name or service not known",
		"file is not a database",
	),
	"permission denied",
)
"""What operating systems and SQLite say, in English, of the usual failures."""


def reason_of(error: BaseException) -> Message:
	"""Return what the system says of an error, to be translated where it is one of `SYSTEM_REASONS`."""
	return Message((error.strerror if isinstance(error, OSError) else None) or str(error))


def fill(template: str, *values: object) -> str:
	"""Return the template with its values; placeholders without a value stay. Never raises, whatever the template."""
	if not values:
		return _text(template)
	return _PLACEHOLDER.sub(lambda found: _nth(values, int(found[1]), found[0]), template)


def _nth(values: tuple[object, ...], place: int, otherwise: str) -> str:
	if place >= len(values):
		return otherwise
	return _text(values[place])


def _text(value: object) -> str:
	return str(value.value if isinstance(value, Enum) else value)


def parts_of(text: str, clean: Clean = str) -> dict[str, Any] | None:
	"""Return template and values of a message as values of JSON; None for a text without values.

	`clean` makes each text fit for the pages of a host.
	"""
	if not isinstance(text, Message) or not text.values:
		return None
	return {"template": text.template, "values": [_part(value, clean) for value in text.values]}


def message_parts(text: str) -> dict[str, Any]:
	"""Return `template` and `values` of any text as values of JSON; a text without values is its own template."""
	return parts_of(text) or {"template": str(text), "values": []}


def _part(value: object, clean: Clean) -> Any:
	if isinstance(value, Decimal):
		return {"amount": str(value)}
	if isinstance(value, datetime):
		return {"instant": value.isoformat()}
	if isinstance(value, date):
		return {"day": value.isoformat()}
	return (parts_of(value, clean) if isinstance(value, str) else None) or clean(_text(value))


def message_data(text: str, clean: Clean = str) -> str:
	"""Return what is stored beside the sentence: JSON, or empty for a text without values.

	Markup is written as escapes of JSON: no framework that cleans texts changes it.
	"""
	parts = parts_of(text, clean)
	if parts is None:
		return ""
	plain = json.dumps(parts, ensure_ascii=False)
	return plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def stored_message(sentence: str, data: str | None) -> Message:
	"""Return a message as it was stored. Data that is empty, or no message, leaves the sentence as it is."""
	if not data:
		return Message(sentence)
	try:
		return message_of(json.loads(data))
	except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
		return Message(sentence)


def message_of(parts: Mapping[str, Any], deep: int = 0) -> Message:
	"""Return the message of `parts_of`. Raises an error of Python for anything else."""
	if deep > _DEEPEST or not isinstance(parts["template"], str):
		raise ValueError(parts)
	return Message(parts["template"], *(_value(one, deep) for one in parts["values"]))


def _value(part: Any, deep: int) -> object:
	if not isinstance(part, dict):
		return str(part)
	if "template" in part:
		return message_of(part, deep + 1)
	[(kind, text)] = part.items()
	return _KINDS[kind](text)
