"""Runs in the background: their progress and their outcome, as sentences for the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from dokos_banksync.actions import formats
from dokos_banksync.actions.context import Data, RequestContext
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.run_counts import outcomes
from dokos_banksync.actions.site import Site
from dokos_banksync.actions.state_colors import COLORS
from dokos_banksync.core.errors import Busy, InvalidData, SyncError
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.provider import Context
from dokos_banksync.core.records import ConnectionRecord, RunRecord
from dokos_banksync.core.trigger import Trigger

Publish: TypeAlias = Callable[[Data], None]

DEFECT = "An unexpected error occurred; the site's log has the details. Nothing that was stored is lost"

_STAGES: Mapping[str, tuple[str, int, int]] = {
	Stage.CHECK: ("{0} of {1} lines checked against the preview", 0, 0),
	Stage.MATCH: ("{0} of {1} lines compared", 0, 40),
	Stage.PLAN: ("{0} of {1} lines compared", 40, 100),
	Stage.STORE: ("{0} of {1} lines stored", 40, 100),
	Stage.UNDO: ("{0} of {1} documents and lines restored or removed", 0, 100),
	Stage.DUPLICATES: ("{0} of {1} bank transactions compared", 0, 100),
}
"""What each stage says, and which part of the bar it fills."""
_UNMEASURED: Mapping[str, str] = {
	Stage.UNDO: "{0} documents and lines restored or removed",
	Stage.DUPLICATES: "{0} bank transactions read",
}
"""What a stage says while it is not known how much there is."""


def start(context: RequestContext, connections: Sequence[ConnectionRecord]) -> Data:
	"""Start a run of each connection; raises `Busy` when all of them have one already.

	`connections` of the answer are those whose updates the page shows.
	"""
	if not connections:
		raise InvalidData("Nothing is connected here yet: open the bank and click Connect your bank")
	started: list[str] = []
	for record in connections:
		try:
			context.start(record)
			started.append(record.name)
		except Busy:
			if len(connections) == 1:
				raise
	if not started:
		raise Busy("A synchronization of this bank is under way: wait until it has ended")
	stalled = context.stalled
	message = stalled or context.translations("The import has started.")
	return {"message": message, "indicator": "orange" if stalled else "blue", "connections": started}


def run(
	site: Site,
	translations: Translations,
	record: ConnectionRecord,
	publish: Publish,
	trigger: Trigger = Trigger.MANUAL,
	context: Context | None = None,
) -> Data:
	"""Run one sync and return its result or its error in the user's language. Report the progress meanwhile."""
	title = translations("Synchronizing {0}", record.bank)

	def progress(stage: Stage, done: int, total: int | None) -> None:
		"""Publish the progress of the run."""
		publish(
			{"title": title, "connection": record.name, **progress_data(translations, stage, done, total)}
		)

	progress(Stage.FETCH, 0, None)
	try:
		ended = site.sync(record.name, trigger=trigger, progress=progress, context=context)
	except SyncError as error:
		return error_data(translations, record, error)
	return run_data(translations, record, ended)


def progress_data(translations: Translations, stage: str, done: int, total: int | None) -> dict[str, object]:
	"""Return the progress of a run. `percent` is None while the total is unknown."""
	said = formats.count(done, translations.language)
	if stage not in _STAGES or not total:
		sentence = _UNMEASURED.get(stage, "{0} lines fetched")
		return {"percent": None, "description": translations(sentence, said)}
	sentence, start_at, end_at = _STAGES[stage]
	percent = start_at + (end_at - start_at) * min(done / total, 1)
	whole = formats.count(total, translations.language)
	return {"percent": round(percent, 1), "description": translations(sentence, said, whole)}


def run_data(translations: Translations, record: ConnectionRecord, ended: RunRecord) -> Data:
	"""Return the outcome of a run in sentences: counts, the state it left, and the next step."""
	parts = outcomes(translations, ended, "unchanged")
	sentence = translations("{0}: {1}", record.bank, parts or translations("nothing new"))
	if ended.error_message:
		sentence += f". {translations.message(ended.error_message)}"
	return {
		"connection": record.name,
		"run": ended.name,
		"message": sentence,
		"indicator": COLORS.get(ended.status, "blue"),
		"code": "",
		"reference": "",
	}


def error_data(translations: Translations, record: ConnectionRecord, error: SyncError) -> Data:
	"""Return the outcome of a run that an error ended before it was stored."""
	return {
		"connection": record.name,
		"run": "",
		"indicator": "red",
		"message": translations.error(error),
		"code": error.code,
		"reference": error.reference,
	}


def defect_data(translations: Translations, record: ConnectionRecord) -> Data:
	"""Return the outcome of a run that an unexpected exception ended, without its details."""
	return error_data(translations, record, SyncError(DEFECT))
