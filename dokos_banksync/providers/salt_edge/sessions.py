"""Salt Edge's widget: how it is opened, and what a return from it means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	DuplicateConnection,
	NotFound,
	ProviderBug,
	SyncError,
)
from dokos_banksync.core.provider import Access, Completed, ConnectRequest, Secret, Started
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import identifier, mapping, text
from dokos_banksync.providers.salt_edge import connections, errors
from dokos_banksync.providers.salt_edge.client import Client

HISTORY_DAYS = 730
CONSENT_DAYS = 180
SCOPES = ("accounts", "transactions")

_POLL = timedelta(seconds=3)
_SHORTER = (365, 90)
"""Shorter histories to ask for when a bank refuses a longer one."""
_GAVE_UP = frozenset({"ProviderAccessNotGranted"})
_OTHER_SESSION = "The return belongs to another session. Connect the bank again from here."
_TWO_AT_ONCE = (
	"Two windows connected this bank at the same time, and Salt Edge does not say which connection belongs to which. "
	"Nothing was imported. Connect the bank again in one window."
)


@dataclass(frozen=True)
class SessionSettings:
	"""The settings of the subscription that every consent session is opened with."""

	language: str
	categorization: str
	sandboxes: bool


@dataclass(frozen=True)
class _Terms:
	"""How far back and for how long a consent is asked for; None leaves it to Salt Edge."""

	days: int
	period: int | None


@dataclass(frozen=True)
class _Opened:
	"""What is stored of a session: its customer, the connection that it manages, and those that there were before."""

	customer: str
	managed: str
	known: Sequence[str]


def start(client: Client, request: ConnectRequest, settings: SessionSettings, today: date) -> Started:
	"""Create the customer where there is none, then open the widget. A customer who is gone is made anew."""
	managed, customer = request.access.remote_id, request.access.remote_user
	try:
		return _open(
			client, request, settings, customer=customer or _customer(client, request.user_key), today=today
		)
	except ConsentRevoked:
		if managed or not customer:
			raise
		return _open(client, request, settings, customer=_customer(client, request.user_key), today=today)


def complete(
	client: Client, query: Mapping[str, str], access: Access, session: Secret, now: datetime
) -> Completed:
	"""Return the outcome of a consent session. The return's parameters are unsigned: what is connected is read again.

	Where no return names a connection, it is the only one that the customer did not have before the session.
	"""
	opened = _opened(session, access)
	try:
		rows = _rows(client, opened, query.get("connection_id", ""), access)
	except (ConsentRevoked, NotFound):
		return Completed(None, message=_OTHER_SESSION)
	if failed := re.sub(r"\W", "", query.get("error_class", ""))[:60]:
		error = errors.of_class(failed, "", now)
		rows = _lost(client, opened, access) if isinstance(error, DuplicateConnection) else []
		if len(rows) != 1:
			return (
				Completed(None, cancelled=True, reference=failed)
				if failed in _GAVE_UP
				else _failed(error, failed)
			)
	if not rows:
		return Completed(None, cancelled=True) if query else Completed(None, pending=True, poll_after=_POLL)
	if len(rows) > 1 and not opened.managed:
		return _refused(rows)
	if not connections.has_accounts(rows[0]):
		return Completed(None, pending=True, poll_after=_POLL)
	found = connections.connection(client, rows[0], now)
	return Completed(found, message=found.message, reference=found.reference)


def _rows(client: Client, opened: _Opened, named: str, access: Access) -> Sequence[Mapping[str, Any]]:
	"""Return the connections that the session may have made, the newest first."""
	if opened.customer != access.remote_user:
		raise NotFound(_OTHER_SESSION)
	if opened.managed or named:
		return [connections.row_of(client, Access(access.remote_user, opened.managed or named))]
	rows = connections.rows_of(client, access.remote_user)
	made = [row for row in rows if identifier(row.get("id")) not in {*opened.known, *access.taken}]
	return [row for row in made if not connections.has_failed(row)] or made[:1]


def _refused(rows: Sequence[Mapping[str, Any]]) -> Completed:
	"""Refuse what two sessions that were open at once made: neither is known to belong to this one."""
	ids = ", ".join(identifier(row.get("id")) for row in rows)
	return Completed(None, message=_TWO_AT_ONCE, reference=f"connection {ids}")


def _lost(client: Client, opened: _Opened, access: Access) -> Sequence[Mapping[str, Any]]:
	"""Return the customer's connections that belong to no connection here: nobody came back when they were made.

	The same login is then refused as one that exists.
	"""
	rows = [] if opened.managed else connections.rows_of(client, access.remote_user)
	return [
		one
		for one in rows
		if identifier(one.get("id")) not in access.taken and not connections.has_failed(one)
	]


def _failed(error: SyncError, name: str) -> Completed:
	return Completed(None, message=error.message, reference=name)


def _opened(session: Secret, access: Access) -> _Opened:
	data = json.loads(session.reveal()) if session else {}
	if isinstance(data, dict) and data:
		return _Opened(**data)
	# A session of an earlier version, or none.
	return _Opened(access.remote_user, access.remote_id, list(data))


def _open(
	client: Client, request: ConnectRequest, settings: SessionSettings, customer: str, today: date
) -> Started:
	managed = request.access.remote_id
	where = connections.path(managed, "reconnect") if managed else "/connections/connect"
	before = [] if managed else [identifier(row.get("id")) for row in connections.rows_of(client, customer)]
	opened = Secret(json.dumps(asdict(_Opened(customer, managed, before))))
	terms = _terms(client, request.institution_id)
	for days in (terms.days, *(one for one in _SHORTER if one < terms.days)):
		body = _body(request, settings, _Terms(days, terms.period), today)
		try:
			answer = _post(client, where, {} if managed else {"customer_id": customer}, body)
		except ConfigurationError as error:
			if "Date" not in error.reference.partition(" ")[0]:
				raise
			refused = error
		else:
			url = text(answer.get("connect_url"))
			if not url.startswith(("https://", "http://")):
				raise malformed("Salt Edge", "connect_url")
			return Started(url, customer, session=opened)
	raise refused


def _post(
	client: Client, where: str, who: Mapping[str, object], body: Mapping[str, object]
) -> Mapping[str, Any]:
	"""Some clients report that Salt Edge wants the customer's id as a number: it is tried as text first."""
	try:
		return client.post(where, {**who, **body})
	except ProviderBug as error:
		customer = str(who.get("customer_id", ""))
		if "customer_id" not in error.reference or not customer.isdecimal():
			raise
		return client.post(where, {"customer_id": int(customer), **body})


def _body(
	request: ConnectRequest, settings: SessionSettings, terms: _Terms, today: date
) -> dict[str, object]:
	since = (today - timedelta(days=terms.days)).isoformat()
	consent: dict[str, object] = {"scopes": list(SCOPES), "from_date": since}
	if terms.period is not None:
		consent["period_days"] = terms.period
	body: dict[str, object] = {
		"consent": consent,
		"attempt": {
			"return_to": request.callback_with_state(),
			"fetch_scopes": list(SCOPES),
			"fetch_from_date": since,
			"locale": settings.language[:2].lower() or "en",
			"unduplication_strategy": "mark_as_duplicate",
		},
		"automatic_refresh": True,
		"return_connection_id": True,
		"return_error_class": True,
	}
	if not request.access.remote_id:
		body["categorization"] = settings.categorization
		body["provider"] = _provider(request, settings)
		if request.country:
			body["widget"] = {"popular_providers_country": request.country.upper()}
	return body


def _provider(request: ConnectRequest, settings: SessionSettings) -> dict[str, object]:
	code = {"code": request.institution_id} if request.institution_id else {}
	return {"include_sandboxes": settings.sandboxes, **code}


def _terms(client: Client, code: str) -> _Terms:
	"""Return what the chosen bank allows, or the most where the user chooses it in the widget."""
	if not re.fullmatch(r"\w{1,100}", code):
		return _Terms(HISTORY_DAYS, CONSENT_DAYS)
	bank = client.get(f"/providers/{code}")
	days, period = bank.get("max_fetch_interval"), bank.get("max_consent_days")
	return _Terms(
		min(HISTORY_DAYS, days) if isinstance(days, int) and days > 0 else HISTORY_DAYS,
		min(CONSENT_DAYS, period) if isinstance(period, int) and period > 0 else None,
	)


def _customer(client: Client, identifier_: str) -> str:
	"""Return the id of the customer with our identifier: a new one, or the one that exists (409)."""
	try:
		return _id(client.post("/customers", {"identifier": identifier_}))
	except DuplicateConnection as error:
		for row in client.rows("/customers"):
			if mapping(row).get("identifier") == identifier_:
				return _id(mapping(row))
		raise ProviderBug(
			"Salt Edge says that the customer {0} exists, but does not list it.", identifier_
		) from error


def _id(row: Mapping[str, Any]) -> str:
	customer_id = identifier(row.get("customer_id")) or identifier(row.get("id"))
	if not customer_id:
		raise malformed("Salt Edge", "customer_id")
	return customer_id
