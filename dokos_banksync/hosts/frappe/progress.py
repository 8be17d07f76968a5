"""The progress of a run: sent to the pages that show its connection, and cached for those that are opened later."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import frappe

from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.runs import progress_data
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.hosts.storage.sql import CONNECTION

_PROGRESS_SECONDS = 600
_OUTCOME_SECONDS = 300
"""Seconds for which the result of a run is cached, for pages without a socket."""
_PAUSE = 0.5
"""Seconds between two messages of progress within a stage."""


class RunProgress:
	"""Sends the progress of one run to those who may see its connection.

	A Bank is shared by companies, so nothing is sent to its room: the Bank form enters the rooms of the connections that its
	user sees. `user` gets it on every page; `id` in each message lets a page drop what comes twice.
	"""

	def __init__(self, record: ConnectionRecord, user: str, translations: Translations) -> None:
		self._record, self._user, self._translations = record, user, translations
		self._last: tuple[str, float] = ("", 0.0)

	def progress(self, stage: Stage, done: int, total: int | None) -> None:
		"""Send how far the run is, at most twice a second: it is called with every batch."""
		now = time.monotonic()
		before, at = self._last
		if stage == before and now - at < _PAUSE and done != total:
			return
		self._last = (stage, now)
		title = self._translations("Synchronizing {0}", self._record.bank)
		message: dict[str, object] = {"title": title, "connection": self._record.name}
		message |= progress_data(self._translations, stage, done, total) | {"id": uuid4().hex}
		cache().set_value(_key(self._record.name), message, expires_in_sec=_PROGRESS_SECONDS)
		self._send("banksync_progress", message)

	def end(self, message: Data) -> None:
		"""Store how the run ended, and send it to the users who watch."""
		message = {**message, "id": uuid4().hex}
		cache().set_value(_end_key(self._record.name), message, expires_in_sec=_OUTCOME_SECONDS)
		cache().delete_value(_key(self._record.name))
		self._send("banksync_done", message)

	def _send(self, event: str, message: Data) -> None:
		frappe.publish_realtime(event, message, doctype=CONNECTION, docname=self._record.name)
		if self._user:
			frappe.publish_realtime(event, message, user=self._user)


def last_progress(connection: str) -> dict[str, Any]:
	"""Return the last progress of a connection's run; empty while it waits."""
	return cache().get_value(_key(connection), expires=True) or {}


def outcome(connection: str) -> dict[str, Any] | None:
	"""Return the result of the last run of a connection until it expires; None once another run was started."""
	found: dict[str, Any] | None = cache().get_value(_end_key(connection), expires=True)
	return found


def forget_outcome(connection: str) -> None:
	"""Delete the stored outcome of a connection's last run."""
	cache().delete_value(_end_key(connection))


def cache() -> Any:
	"""Return Frappe's cache: a function in older versions, an object in newer ones."""
	return frappe.cache() if callable(frappe.cache) else frappe.cache


def _key(connection: str) -> str:
	return f"banksync_progress|{connection}"


def _end_key(connection: str) -> str:
	return f"banksync_outcome|{connection}"
