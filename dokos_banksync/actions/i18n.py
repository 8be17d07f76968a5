"""Translations: what a user reads, in English and French.

English sentences are the keys; `translations/fr.csv` holds a line `"English","French"` for each, the format
that Frappe reads too. Sentences may hold `{0}`, `{1}` … which are filled in after the translation.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from dokos_banksync.actions import formats
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.message import Message, fill
from dokos_banksync.core.singular import singular

LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).parent.parent / "translations"


@cache
def load(language: str) -> Mapping[str, str]:
	"""Return the phrases of a language by their English; empty for English and for a language without translations.

	A phrase with another translation within a doctype is there a second time as `English:Doctype`, as in Frappe.
	"""
	path = _FOLDER / f"{language}.csv"
	if language not in LANGUAGES or not path.exists():
		return {}
	with path.open(encoding="utf-8", newline="") as file:
		rows = [row for row in csv.reader(file) if row]
	within = {f"{row[0]}:{row[2]}": row[1] for row in rows if len(row) > 2}
	known = {row[0]: row[1] for row in rows if len(row) > 2} | {
		row[0]: row[1] for row in rows if len(row) == 2
	}
	return known | {key: words for key, words in within.items() if known[key.rpartition(":")[0]] != words}


def choose(accepted: str, default: str = "en") -> str:
	"""Return the language of ours that an Accept-Language header (RFC 9110) prefers, or the default."""
	return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES, default)


class Translations:
	"""One language, called like a function: `_("Banks")`, `_("{0} imported", 3)`."""

	def __init__(self, language: str) -> None:
		self.language = language if language in LANGUAGES else "en"
		self.known = load(self.language)

	def __call__(self, text: str, *values: object) -> str:
		"""Return a sentence in this language, with its values; those that are messages are translated too."""
		if isinstance(text, Message) and not values:
			return self.message(text)
		return self._fill(text, values, self.value)

	def within(self, doctype: str, text: str) -> str:
		"""Return a label as this language says it of a record of this doctype."""
		return self.known.get(f"{text}:{doctype}") or self(text)

	def error(self, error: SyncError) -> str:
		"""Return the sentence of an error in this language."""
		return self.message(error.message)

	def message(self, text: str, show: Callable[[object], str] | None = None) -> str:
		"""Return a message in this language. A text that is not a sentence of ours stays: it is a provider's wording.

		`show` formats amounts, days and instants; without it they are written as this language writes them.
		"""
		if isinstance(text, Message):
			return self._fill(text.template, text.values, show or self.value)
		return self.known.get(text, text)

	def value(self, value: object) -> str:
		"""Return an amount, a day or an instant as this language writes it, anything else as text."""
		if isinstance(value, Decimal):
			return formats.number(value, self.language) if formats.is_usual(value) else str(value)
		if isinstance(value, datetime):
			return formats.moment(value, self.language)
		return formats.day(value, self.language) if isinstance(value, date) else str(value)

	def _fill(self, template: str, values: Sequence[object], show: Callable[[object], str]) -> str:
		sentence = singular(template, values)
		return fill(self.known.get(sentence, sentence), *(self._shown(value, show) for value in values))

	def _shown(self, value: object, show: Callable[[object], str]) -> str:
		if isinstance(value, Message):
			return self.message(value, show)
		if isinstance(value, Enum):
			return self.known.get(str(value.value), str(value.value))
		return show(value)
