"""A provider calls: who may, how often, and what follows on this site."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import frappe

from dokos_banksync.actions.site import Site
from dokos_banksync.core.connection.follow_up import bring_forward
from dokos_banksync.core.connection.webhooks import BODY_LIMIT, REMEMBERED, Answer, Reaction, receive
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.hosts.frappe import scheduler
from dokos_banksync.hosts.frappe.jobs import utc_now
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.hosts.frappe.progress import cache
from dokos_banksync.hosts.frappe.schedule_store import FrappeScheduleStore

CALLS_A_MINUTE = 600
"""Of one address, per provider: one refresh of a bank is a handful of calls, and they come in bursts."""

_QUIET = timedelta(minutes=5)
"""One refresh of a bank is told in several calls; those that follow a run this closely wait for the schedule."""


def answer(request: Any, address: str) -> Answer:
	"""Answer a call (a werkzeug request) from an address, and have done what follows from it."""
	provider = str(request.args.get("provider") or "")
	if (request.content_length or 0) > BODY_LIMIT:
		return Answer(413, "too large")
	known = bool(provider and frappe.db.get_value("Sync Provider", provider, "enabled"))
	if _too_often(provider if known else "", address):
		return Answer(429, "too many calls")
	if not known:
		return Answer(404, "unknown provider")
	return _answer_known(provider, request)


def _answer_known(provider: str, request: Any) -> Answer:
	ledger, now = FrappeLedger(utc_now), utc_now()

	def connections() -> list[ConnectionRecord]:
		return [record for record in ledger.connections() if record.provider == provider]

	try:
		reader = Site(ledger, utc_now).provider_of(provider)
		given = receive(
			reader,
			request.headers,
			request.get_data(),
			connections,
			lambda mark: _first_time(f"call|{provider}|{mark}", REMEMBERED),
			now,
		)
		for reaction in given.reactions:
			_react(reaction, now)
	except SyncError:
		# Keys that cannot be read, a queue that does not answer: the provider is to try again.
		return Answer(503, "not now")
	return given


def _react(reaction: Reaction, now: datetime) -> None:
	name = reaction.connection
	if not reaction.fetch:
		scheduler.start_look(name)
	elif not (_first_time(f"run|{name}", _QUIET) and scheduler.start([name], "webhook", "")):
		bring_forward(FrappeScheduleStore(), name, now + _QUIET)


def _first_time(mark: str, kept: timedelta) -> bool:
	place = cache().make_key(f"banksync_webhook|{hashlib.sha256(mark.encode()).hexdigest()}")
	return bool(cache().set(place, 1, nx=True, ex=int(kept.total_seconds())))


def _too_often(provider: str, address: str) -> bool:
	"""Counts by the minute."""
	place = cache().make_key(f"banksync_webhook_calls|{provider}|{address}|{utc_now():%H%M}")
	count = cache().incr(place)
	if count == 1:
		cache().expire(place, 120)
	return bool(count > CALLS_A_MINUTE)
