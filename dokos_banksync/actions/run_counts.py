"""The counts of a run in words: the same in messages, on pages, in the tables of the command, and on the Desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dokos_banksync.actions import formats
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.importing.approved_plan import PlanKind
from dokos_banksync.core.records import RUN_COUNTS, RunRecord

DOCTYPE: Final = "Sync Run"
LABELS: Final[Mapping[str, str]] = {
	"fetched": "Fetched",
	"created": "Imported",
	"linked": "Already there",
	"updated": "Changed",
	"unchanged": "Unchanged",
	"removed": "Taken back",
	"held": "Not imported",
	"refused": "Refused",
}
"""The label of each count, as the doctype Sync Run has it."""
_PLANNED: Final[Mapping[str, str]] = {
	"created": PlanKind.NEW.value,
	"updated": "Will be changed",
	"removed": "Will be taken back",
	"held": PlanKind.OTHER.value,
}
"""The labels of a dry run, where they differ: nothing has happened yet."""
_OUTCOMES: Final[Mapping[str, str]] = {
	"created": "{0} imported",
	"linked": "{0} already there",
	"updated": "{0} changed",
	"unchanged": "{0} unchanged",
	"removed": "{0} taken back",
	"held": "{0} not imported",
	"refused": "{0} refused",
}
BY_A_USER: Final[Mapping[str, str]] = {"removed": "{0} removed", "linked": "{0} matched"}
"""What a run that carries out a user's decision did: nothing was taken back by a bank."""


def label(translations: Translations, count: str, planned: bool = False) -> str:
	"""Return the label of a count in the user's language; `planned` is for a dry run."""
	if planned and count in _PLANNED:
		return translations(_PLANNED[count])
	return translations.within(DOCTYPE, LABELS[count])


def labelled(translations: Translations, run: RunRecord) -> list[tuple[str, int]]:
	"""Return each count of a run with its label."""
	return [(label(translations, count), getattr(run, count)) for count in RUN_COUNTS]


def outcomes(
	translations: Translations,
	run: RunRecord,
	*but: str,
	words: Mapping[str, str] = _OUTCOMES,
) -> str:
	"""Return what became of the rows of a run: each count that is not zero, in words, without the counts `but`."""
	return ", ".join(
		translations(words.get(count) or sentence, formats.count(number, translations.language))
		for count, sentence in _OUTCOMES.items()
		if (number := getattr(run, count)) and count not in but
	)
