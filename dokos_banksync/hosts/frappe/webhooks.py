"""Webhook calls to a Frappe site."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import frappe

from dokos_banksync.actions.site import Site
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.connection import webhooks
from dokos_banksync.core.connection.webhooks import Answer, Call, Reader
from dokos_banksync.core.provider import WebhookRequest
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.frappe import scheduler
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.hosts.frappe.progress import cache
from dokos_banksync.hosts.frappe.schedule_store import FrappeScheduleStore


def answer(request: Any) -> Answer:
	"""Answer a call (a werkzeug request)."""
	call = Call(
		provider=str(request.args.get("provider") or ""),
		address=address_of(request.environ),
		length=request.content_length or 0,
		read=lambda: WebhookRequest(request.headers, request.get_data(), request.url, request.method),
	)
	return webhooks.answer(
		call, _Host(), _RedisCallStore(), schedule_store=FrappeScheduleStore(), now=utc_now()
	)


def address_of(environ: Mapping[str, Any]) -> str:
	"""Return the address that a call came from, which the caller cannot choose.

	A proxy in front of the site writes the address that it was called from last into `X-Forwarded-For`. What
	stands before it was written by the caller, and so was the whole header where no proxy on a private
	network passed it on.
	"""
	peer = str(environ.get("REMOTE_ADDR") or "")
	passed_on = str(environ.get("HTTP_X_FORWARDED_FOR") or "").rpartition(",")[2].strip()
	return passed_on if passed_on and _is_private(peer) else peer


def _is_private(peer: str) -> bool:
	"""Return whether it is an address of this machine or network. A socket of the file system has none."""
	try:
		return not peer or ip_address(peer).is_private
	except ValueError:
		return False


class _Host:
	"""`Host` of a site: jobs are put on its queue."""

	def __init__(self) -> None:
		self._ledger = FrappeLedger(utc_now)

	def is_known(self, provider: str) -> bool:
		"""Return whether there is an enabled provider of this name."""
		return bool(frappe.db.get_value("Sync Provider", provider, "enabled"))

	def reader(self, provider: str) -> Reader:
		"""Return what reads and verifies this provider's webhooks."""
		return Site(self._ledger, utc_now).provider_of(provider)

	def connections(self, provider: str) -> Iterable[ConnectionRecord]:
		"""Return the provider's connections."""
		return [record for record in self._ledger.connections() if record.provider == provider]

	def fetch(self, connection: str) -> bool:
		"""Queue a fetch of a connection; return whether it was queued."""
		return bool(scheduler.start([connection], Trigger.WEBHOOK, ""))

	def refresh_state(self, connection: str) -> bool:
		"""Queue a refresh of a connection's state."""
		scheduler.start_look(connection)
		return True


class _RedisCallStore:
	"""`CallStore` in the site's Redis, with operations that are atomic there."""

	def claim(self, key: str, lifetime: timedelta) -> bool:
		"""See `CallStore.claim`."""
		return bool(cache().set(self._stored(key), 1, nx=True, ex=int(lifetime.total_seconds())))

	def release(self, key: str) -> None:
		"""See `CallStore.release`."""
		cache().delete(self._stored(key))

	def _stored(self, key: str) -> Any:
		return cache().make_key(f"banksync_webhook|{hashlib.sha256(key.encode()).hexdigest()}")

	def count(self, key: str, now: datetime) -> int:
		"""Count a call in the present minute, and return the number of calls in it."""
		place = cache().make_key(f"banksync_webhook_calls|{key}|{now:%H%M}")
		count = int(cache().incr(place))
		if count == 1:
			cache().expire(place, 120)
		return count
