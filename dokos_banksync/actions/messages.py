"""Results of the core as sentences in the user's language."""

from __future__ import annotations

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.trigger import Trigger

_STARTED_BY = {
	Trigger.MANUAL: "A user",
	Trigger.SCHEDULED: "The schedule",
	Trigger.WEBHOOK: "A webhook",
	Trigger.FILE: "File {0}",
	Trigger.UNDO: "Undoing of {0}",
	Trigger.MERGE: "Merge of {0} into {1}",
	Trigger.DELETE: "Deletion of {0}",
	Trigger.ANSWER: "Answer about {0}",
	Trigger.SIGN: "Correction of the signs of {0}",
	Trigger.MISSING: "Import of missing lines",
}


def why(translations: Translations, reason: str, note: str = "") -> str:
	"""Return a reason in words, and what more is known of it."""
	words, more = translations(reason), translations.message(note)
	return translations("{0}: {1}", words, more) if words and more else words or more


def trigger_of(translations: Translations, trigger: Trigger, subject: str, target: str = "") -> str:
	"""Return what started a run, in words."""
	return translations(_STARTED_BY.get(trigger, trigger.value), subject, target)
