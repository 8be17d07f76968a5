"""Translations: what a user reads, in English and French.

English sentences are the keys; `translations/fr.csv` holds a line `"English","French"` for each, the format
that Frappe reads too. Sentences may hold `{0}`, `{1}` … which are filled in after the translation.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from dokos_banksync.core.errors import SyncError

LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).parent.parent / "translations"
_ENOUGH = 12
_ROW = re.compile(r"Row\s(\d+):\s(.+)", re.DOTALL)
"""Too little fixed text to be recognized as a pattern; what follows the number is a sentence itself."""

_BLANK = re.compile(r"\\{\d\\}")


def load(language: str) -> Mapping[str, str]:
	"""The phrases of a language by their English; empty for English and for a language nobody wrote."""
	path = _FOLDER / f"{language}.csv"
	if language not in LANGUAGES or not path.exists():
		return {}
	with path.open(encoding="utf-8", newline="") as file:
		return {row[0]: row[1] for row in csv.reader(file) if row}


def choose(accepted: str, default: str = "en") -> str:
	"""Return the language of ours that an Accept-Language header (RFC 9110) prefers, or the default."""
	return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES, default)


class Translations:
	"""One language, called like a function: `_("Banks")`, `_("{0} new", 3)`."""

	def __init__(self, language: str) -> None:
		self.language = language if language in LANGUAGES else "en"
		self.known = load(self.language)

	def __call__(self, text: str, *values: object) -> str:
		"""Return the sentence in this language, with its values."""
		told = self.known.get(text, text)
		return told.format(*values) if values else told

	def error(self, error: SyncError) -> str:
		"""Return the sentence of an error in this language."""
		return error.told(self.known)

	def translate_stored(self, told: str) -> str:
		"""A sentence that was stored in English with its values filled in, in this language.

		What no phrase fits stays as it is: it is a provider's own wording.
		"""
		if told in self.known or not told:
			return self.known.get(told, told)
		if row := _ROW.fullmatch(told):
			return self("Row {0}: {1}", row[1], self.translate_stored(row[2]))
		for pattern, phrase in self._patterns:
			if match := pattern.fullmatch(told):
				return phrase.format(*_by_number(match.groupdict()))
		return told

	@property
	def _patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
		return _compiled(self.language)


@lru_cache(maxsize=len(LANGUAGES))
def _compiled(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
	"""Phrases with blanks as patterns, those with most fixed text first: they say more."""
	with_blanks = [(key, phrase) for key, phrase in load(language).items() if _tells(key)]
	with_blanks.sort(key=lambda pair: -len(pair[0]))
	return tuple((re.compile(_as_pattern(key), re.DOTALL), phrase) for key, phrase in with_blanks)


def _tells(key: str) -> bool:
	"""Return whether a key has placeholders, and enough fixed text that no other sentence fits it by accident."""
	return "{0}" in key and len(re.sub(r"\{\d\}", "", key)) >= _ENOUGH


def _as_pattern(key: str) -> str:
	seen: set[str] = set()

	def group(blank: re.Match[str]) -> str:
		number = blank.group()[2]
		if number in seen:
			return f"(?P=v{number})"
		seen.add(number)
		return f"(?P<v{number}>.+?)"

	return _BLANK.sub(group, re.escape(key))


def _by_number(groups: Mapping[str, str]) -> list[str]:
	return [groups[name] for name in sorted(groups)]
