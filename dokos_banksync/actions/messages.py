"""Results of the core as sentences in the user's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from dokos_banksync.actions import formats
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.model import Reason
from dokos_banksync.core.review.explain import Told


def say(translations: Translations, told: Told) -> str:
	"""Return a sentence in the user's language; its values may be sentences themselves."""
	if not told.values:
		return translations.translate_stored(told.sentence)
	return translations(told.sentence, *(value_of(translations, value) for value in told.values))


def value_of(translations: Translations, value: object) -> str:
	"""Return a value of a sentence in the user's language: sentences, reasons, amounts, dates, instants."""
	if isinstance(value, Told):
		return say(translations, value)
	if isinstance(value, Reason):
		return translations(value.value)
	if isinstance(value, Decimal):
		return formats.number(value, translations.language)
	if isinstance(value, datetime):
		return formats.moment(value, translations.language)
	if isinstance(value, date):
		return formats.day(value, translations.language)
	return str(value)


def why(translations: Translations, reason: str, note: str = "") -> str:
	"""A reason, and what more is known of it."""
	return ": ".join(
		filter(None, (translations.translate_stored(reason), translations.translate_stored(note)))
	)


def trigger_of(translations: Translations, trigger: str) -> str:
	"""What started a run: `undo SYNC-RUN-0000007` is a kind and a name."""
	word, _, name = trigger.partition(" ")
	if word == "merge" and len(names := name.split(" into ")) == 2:
		return translations("Merge of {0} into {1}", *names)
	sentences = {
		"file": "File {0}",
		"undo": "Undoing of {0}",
		"delete": "Deletion of {0}",
		"answer": "Answer about {0}",
	}
	return (
		translations(sentences[word], name)
		if name and word in sentences
		else translations.translate_stored(trigger)
	)
