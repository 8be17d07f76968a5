"""Pages from templates, in the user's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dokos_banksync.actions import formats, run_counts
from dokos_banksync.actions.form_scripts import FORM, LIST
from dokos_banksync.actions.i18n import LANGUAGES, Translations, load
from dokos_banksync.actions.state_colors import COLORS
from dokos_banksync.core.iban import is_iban
from dokos_banksync.core.texts import row_as_text

_PACKAGE = Path(__file__).parents[3]
STATIC = _PACKAGE / "hosts" / "standalone" / "static"
ASSETS = _PACKAGE / "public" / "js"
DESK = ("desk.js", "desk_keep.js", "desk_messages.js", "desk_dialog.js", "desk_form.js")


@lru_cache(maxsize=1)
def _environment() -> Environment:
	return Environment(
		loader=FileSystemLoader(_PACKAGE / "hosts" / "standalone" / "templates"),
		autoescape=True,
		undefined=StrictUndefined,
		trim_blocks=True,
		lstrip_blocks=True,
	)


def render(template: str, translations: Translations, **values: object) -> str:
	"""Return a page's HTML; all values are escaped."""
	return _environment().get_template(template).render(**_words(translations), **values)


def _words(translations: Translations) -> dict[str, object]:
	language = translations.language

	def money(amount: Decimal | None, currency: str) -> str:
		"""Return an amount with its currency as the language writes it."""
		return formats.money(amount, currency, language)

	def day(value: date | None) -> str:
		"""Return a day as the language writes it."""
		return formats.day(value, language)

	def iso_day(text: str) -> str:
		"""Return a day given in ISO 8601 as the language writes it."""
		return formats.day(date.fromisoformat(text), language)

	def moment(value: datetime | None) -> str:
		"""Return an instant in the time zone of the machine, as the language writes it."""
		return formats.moment(value, language)

	def count(number: int) -> str:
		"""Return a whole number with the thousands separator of the language."""
		return formats.count(number, language)

	return {
		"_": translations,
		"sentence": translations.message,
		"language": language,
		"colors": COLORS,
		"money": money,
		"day": day,
		"iso_day": iso_day,
		"iso": lambda value: value.isoformat() if value else "",
		"moment": moment,
		"count": count,
		"count_label": lambda name: run_counts.label(translations, name),
		"iban": formats.iban,
		"is_iban": is_iban,
		"row_as_text": row_as_text,
	}


def scripts(language: str, doctype: str, view: str) -> list[str]:
	"""Return the stand-in for the Desk, then the form scripts of this doctype."""
	named = (FORM if view == "form" else LIST).get(doctype, ())
	ours = [f"/assets/dokos_banksync/js/{name}" for name in named]
	return [f"/phrases/{language}.js", *(f"/static/{name}" for name in DESK), *ours]


def translations_script(language: str) -> str | None:
	"""Return the phrases for `__()`, as a script; None for a language we do not have."""
	if language not in LANGUAGES:
		return None
	known: Mapping[str, str] = load(language)
	return f"window.desk_phrases = {json.dumps(known, ensure_ascii=False)};\n"
