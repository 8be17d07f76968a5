"""Connections and consents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dokos_banksync.sandbox.salt_edge.basics import provider_of
from dokos_banksync.sandbox.salt_edge.call import Call
from dokos_banksync.sandbox.salt_edge.errors import SaltEdgeError, wrong
from dokos_banksync.sandbox.salt_edge.model import Connection, Consent, Customer, WidgetSession, country_of
from dokos_banksync.sandbox.salt_edge.rows import connection_json, consent_json, stamp

_SCOPES = frozenset({"accounts", "holder_info", "transactions"})
_STRATEGIES = (None, "mark_as_pending", "mark_as_duplicate", "delete_duplicated")
_DAY = timedelta(days=1)


def connect(call: Call) -> dict[str, Any]:
	"""Return the widget's address for a new connection."""
	customer = call.customer(call.data.get("customer_id"))
	_check_consent(call, call.part("consent"))
	_check_attempt(call.part("attempt"), call.part("consent"))
	limit, have = (
		call.client.connection_limit,
		sum(len(one.connections) for one in call.client.customers.values()),
	)
	if limit is not None and have >= limit:
		raise SaltEdgeError("ConnectionLimitReached", "The client has reached the limit of connections.")
	consent_session = _open(call, customer)
	code = call.part("provider").get("code")
	if code:
		institution = provider_of(call, code)
		if call.client.state == "pending" and country_of(institution) != "XF":
			raise SaltEdgeError("ProviderDisabled", "The provider is not accessible for pending clients.")
		consent_session.institution_id, consent_session.step, consent_session.fixed = (
			institution.id,
			"login",
			True,
		)
	return _widget(call, consent_session)


def reconnect(call: Call, connection_id: str) -> dict[str, Any]:
	"""Return the widget's address to log in again with a new consent."""
	connection = call.connection(connection_id)
	_check_consent(call, call.part("consent"))
	_check_attempt(call.part("attempt"), call.part("consent"))
	return _widget(call, _open_for(call, connection))


def refresh(call: Call, connection_id: str) -> dict[str, Any]:
	"""Fetch with the user present: in the widget, or at once with `show_widget` false."""
	connection = call.connection(connection_id)
	_check_refresh(connection)
	if call.part("widget").get("show_widget", call.data.get("show_widget", True)):
		return _widget(call, _open_for(call, connection))
	call.salt.attempt(connection, call.part("attempt"), user_present=True)
	return {"data": _shown(call, connection)}


def refresh_in_background(call: Call, connection_id: str) -> dict[str, Any]:
	"""Fetch without the user; banks allow four of these a day."""
	connection, now = call.connection(connection_id), call.salt.now()
	_check_refresh(connection)
	allowed = call.salt.next_refresh(connection)
	if allowed is None or allowed > now:
		raise SaltEdgeError(
			"ConnectionCannotBeRefreshed",
			"Connection cannot be refreshed yet.",
			next_refresh_possible_at=stamp(allowed),
		)
	connection.background = [one for one in connection.background if now - one < _DAY]
	if len(connection.background) >= call.salt.settings.background_fetches:
		raise SaltEdgeError("BackgroundFetchLimitExceeded", "The limit of background fetches was exceeded.")
	connection.background.append(now)
	call.salt.attempt(connection, call.part("attempt"), user_present=False)
	return {"data": _shown(call, connection)}


def list_connections(call: Call) -> dict[str, Any]:
	"""List the connections of a customer."""
	customer = call.customer(call.request.args.get("customer_id"))
	found = [call.connection(one) for one in list(customer.connections)]
	return call.listing((int(one.id), _shown(call, one)) for one in found)


def get_connection(call: Call, connection_id: str) -> dict[str, Any]:
	"""Show a connection."""
	return {"data": _shown(call, call.connection(connection_id))}


def remove_connection(call: Call, connection_id: str) -> dict[str, Any]:
	"""Remove a connection with its data and end its consent."""
	connection = call.connection(connection_id)
	del connection.customer.connections[connection.id]
	call.salt.call_back(connection, "destroy")
	return {"data": {"id": connection.id, "removed": True}}


def list_consents(call: Call) -> dict[str, Any]:
	"""List the consents of a connection or of a customer."""
	pairs = [(one, consent) for one in call.asked_connections() for consent in one.consents]
	return call.listing((int(consent.id), consent_json(one, consent)) for one, consent in pairs)


def get_consent(call: Call, consent_id: str) -> dict[str, Any]:
	"""Show a consent."""
	connection, consent = _consent(call, consent_id)
	return {"data": consent_json(connection, consent)}


def revoke_consent(call: Call, consent_id: str) -> dict[str, Any]:
	"""End a consent; the connection becomes inactive."""
	connection, consent = _consent(call, consent_id)
	if consent.ended:
		raise SaltEdgeError("AispConsentAlreadyRevoked", "The consent was already revoked.")
	consent.ended, consent.ended_at, consent.reason = "revoked", call.salt.now(), "client"
	if consent is connection.consent:
		connection.status = "inactive"
	return {"data": consent_json(connection, consent)}


def _shown(call: Call, connection: Connection) -> dict[str, Any]:
	return connection_json(connection, call.salt.next_refresh(connection))


def _consent(call: Call, consent_id: str) -> tuple[Connection, Consent]:
	for customer in call.client.customers.values():
		for connection in customer.connections.values():
			for consent in connection.consents:
				if consent.id == consent_id:
					return call.connection(connection.id), consent
	raise SaltEdgeError("ConsentNotFound", "The consent was not found.")


def _check_consent(call: Call, asked: dict[str, Any]) -> None:
	scopes = asked.get("scopes")
	if not isinstance(scopes, list) or not scopes or not set(scopes) <= _SCOPES:
		raise wrong("consent.scopes must be some of accounts, holder_info, transactions")
	days = asked.get("period_days", 1)
	if not isinstance(days, int) or not 1 <= days <= call.salt.settings.max_consent_days:
		raise SaltEdgeError("InvalidAispConsentPeriod", "period_days is not in the allowed range.")
	since = _day(asked, "from_date")
	if since is not None and since > call.salt.now().date():
		raise SaltEdgeError("InvalidAispConsentFromDate", "from_date must not be in the future.")


def _check_attempt(asked: dict[str, Any], consent: dict[str, Any]) -> None:
	allowed = {*consent["scopes"], "balance"}
	if not set(asked.get("fetch_scopes") or []) <= allowed:
		raise SaltEdgeError("FetchScopesNotAllowed", "fetch_scopes are not allowed by the consent.")
	if asked.get("unduplication_strategy") not in _STRATEGIES:
		raise wrong("unduplication_strategy is not known")
	since, given = _day(asked, "fetch_from_date"), _day(consent, "from_date")
	if since is not None and given is not None and since < given:
		raise SaltEdgeError("DateOutOfAispConsentRange", "fetch_from_date is out of the consent's range.")


def _check_refresh(connection: Connection) -> None:
	consent = connection.consent
	if consent.ended:
		raise SaltEdgeError(f"AispConsent{consent.ended.title()}", f"The consent is {consent.ended}.")
	if connection.status == "disabled":
		raise SaltEdgeError("ConnectionDisabled", "The connection is disabled.")
	if not connection.attempt.finished:
		raise SaltEdgeError("ConnectionAlreadyProcessing", "The connection is being processed.")


def _day(values: dict[str, Any], name: str) -> date | None:
	try:
		return date.fromisoformat(values[name]) if values.get(name) else None
	except (TypeError, ValueError):
		raise wrong(f"{name} must be a date") from None


def _open(call: Call, customer: Customer) -> WidgetSession:
	consent_session = WidgetSession(
		id=call.salt.new_secret(),
		expires_at=call.salt.now() + call.salt.settings.connect_life,
		return_to=call.part("attempt").get("return_to") or "https://www.saltedge.com/dashboard",
		client=call.client,
		customer=customer,
		request=call.data,
	)
	call.salt.consent_sessions[consent_session.id] = consent_session
	return consent_session


def _open_for(call: Call, connection: Connection) -> WidgetSession:
	consent_session = _open(call, connection.customer)
	consent_session.connection, consent_session.institution_id = connection, connection.institution.id
	consent_session.step, consent_session.fixed = "login", True
	return consent_session


def _widget(call: Call, consent_session: WidgetSession) -> dict[str, Any]:
	assert consent_session.customer is not None  # noqa: S101 - `_open` sets it
	address = f"{call.request.host_url}connect/salt-edge/{consent_session.id}"
	data = {
		"connect_url": address,
		"expires_at": stamp(consent_session.expires_at),
		"customer_id": consent_session.customer.id,
	}
	return {"data": data}
