"""What a job does for one connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import frappe

from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.institution_lists import InstitutionLists
from dokos_banksync.actions.presence import from_job
from dokos_banksync.actions.runs import DEFECT, defect_data, error_data, run_data
from dokos_banksync.actions.site import Site
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.connection import follow_up
from dokos_banksync.core.errors import Busy, ConfigurationError, InvalidData, NotFound, SyncError
from dokos_banksync.core.importing.sync import sync
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.provider import Context, Provider
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.frappe import notify
from dokos_banksync.hosts.frappe.institution_cache import InstitutionCache
from dokos_banksync.hosts.frappe.ledger import FrappeLedger, sql
from dokos_banksync.hosts.frappe.ledger.fields import has
from dokos_banksync.hosts.frappe.progress import RunProgress
from dokos_banksync.hosts.frappe.schedule_store import FrappeScheduleStore

_ATTEMPTS = 3


class _Asked(NamedTuple):
	"""Who asked for a run; `context` is None where the trigger alone says it."""

	trigger: Trigger
	context: Context | None


def run(connection: str, trigger: Trigger, user: str, presence: Mapping[str, str] | None = None) -> None:
	"""Fetch a connection and report the outcome. An expected failure is stored and reported, and does not fail the job.

	Anything else ends it with its error, for the site's own log; the next run is scheduled all the same.
	"""
	_as_the_site()
	language = notify.language_of(user)
	ledger, translations = FrappeLedger(utc_now, language), Translations(language)
	try:
		record = ledger.connection(connection)
	except NotFound:
		return  # deleted while the job waited
	asked = _Asked(trigger, from_job(presence, utc_now()))
	reporter = RunProgress(record, user, translations)
	reporter.progress(Stage.FETCH, 0, None)
	try:
		_attempt_again(ledger, record, asked, reporter=reporter, translations=translations)
	except Exception:
		sql.start_over()
		_follow(ledger, connection, SyncError(DEFECT))
		reporter.end(defect_data(translations, record))
		raise


def _as_the_site() -> None:
	"""Run a webhook's job, which has no user: like the scheduler's it works for the site itself."""
	if frappe.session.user == "Guest":
		frappe.set_user("Administrator")


def _attempt_again(
	ledger: FrappeLedger,
	record: ConnectionRecord,
	asked: _Asked,
	reporter: RunProgress,
	translations: Translations,
) -> None:
	"""Run a job, and repeat it after a deadlock or a lock timeout: this imports nothing twice."""
	for left in reversed(range(_ATTEMPTS)):
		try:
			return _attempt(ledger, record, asked, reporter=reporter, translations=translations)
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			frappe.db.rollback()
			if not left:
				raise
			time.sleep(1)


def _attempt(
	ledger: FrappeLedger,
	record: ConnectionRecord,
	asked: _Asked,
	reporter: RunProgress,
	translations: Translations,
) -> None:
	try:
		message, error = (
			_render_run(ledger, record, asked, reporter=reporter, translations=translations),
			None,
		)
	except (Busy, _Unusable) as refused:
		reporter.end(error_data(translations, record, refused))
		return
	except SyncError as failed:
		message, error = error_data(translations, record, failed), failed
	_follow(ledger, record.name, error)
	reporter.end(message)


def _render_run(
	ledger: FrappeLedger,
	record: ConnectionRecord,
	asked: _Asked,
	reporter: RunProgress,
	translations: Translations,
) -> Data:
	provider = _provider(ledger, record, asked.trigger)
	ended = sync(
		ledger,
		provider,
		record.name,
		clock=utc_now,
		trigger=asked.trigger,
		progress=reporter.progress,
		context=asked.context,
	)
	return run_data(translations, record, ended)


class _Unusable(ConfigurationError):
	"""What the run needs is disabled: the user gets the message, and the connection does not fail."""


def _provider(ledger: FrappeLedger, record: ConnectionRecord, trigger: Trigger) -> Provider:
	"""Return the provider. Raises `SyncError` if no run can begin; an error of the provider's record is stored as a run."""
	if is_off(record):
		raise _Unusable("{0} or its provider is disabled: enable it to fetch transactions", record.bank)
	try:
		return Site(ledger, utc_now).provider_of(record.provider)
	except (ConfigurationError, InvalidData, NotFound) as error:
		follow_up.refuse(ledger, record.name, trigger, clock=utc_now, error=error)
		raise


def is_off(record: ConnectionRecord) -> bool:
	"""Return whether a user has disabled the bank or the provider."""
	if frappe.db.get_value("Sync Provider", record.provider, "enabled") == 0:
		return True
	return has("Bank", "disabled") and bool(frappe.db.get_value("Bank", record.bank, "disabled"))


def _follow(ledger: FrappeLedger, connection: str, error: SyncError | None) -> None:
	_decide_and_notify(
		connection,
		lambda schedule_store: follow_up.after_run(
			ledger, schedule_store, connection, clock=utc_now, error=error
		),
	)


def _decide_and_notify(connection: str, decide: Callable[[FrappeScheduleStore], follow_up.FollowUp]) -> None:
	"""What users are shown, and the note that they were, are written together.

	Where sending fails the note is undone and the next run or day tries again; the schedule stays.
	"""
	schedule_store = FrappeScheduleStore()
	try:
		due, record, before, after = decide(schedule_store)
	except NotFound:
		return  # deleted meanwhile
	try:
		notify.send(record, due)
	except Exception:  # noqa: BLE001 - the outermost edge: e-mail templates and other apps' hooks run here
		frappe.db.rollback()
		frappe.log_error(title=f"banksync: no notification could be sent for {connection}")
		unsent = replace(after, warned_days=before.warned_days, warned_status=before.warned_status)
		schedule_store.write(connection, unsent)
	frappe.db.commit()


def refresh_state(connection: str) -> None:
	"""Ask the provider for the connection's state and accounts, and notify users of what they must know."""
	_as_the_site()
	ledger = FrappeLedger(utc_now, notify.language_of())
	try:
		record = ledger.connection(connection)
		if is_off(record):
			return
		follow_up.refresh_state(
			ledger, lambda: Site(ledger, utc_now).provider_of(record.provider), connection
		)
		remind(ledger, connection)
	except NotFound:
		return  # deleted meanwhile, or nothing is connected yet


def remind(ledger: FrappeLedger, connection: str) -> None:
	"""Notify users of what is due by the time alone, or by a refresh of the state."""
	_decide_and_notify(
		connection,
		lambda schedule_store: follow_up.due_reminders(ledger, schedule_store, connection, utc_now),
	)


def refresh_institutions(provider: str) -> None:
	"""Refresh the stored list of a provider's banks; if that fails the old list stays, and the log has the reason."""
	site = Site(FrappeLedger(utc_now, notify.language_of()), utc_now)
	try:
		InstitutionLists(site, InstitutionCache()).refresh(provider)
	except SyncError as error:
		frappe.logger("banksync").warning(f"list of banks of {provider}: {error}")
