"""Connections: state, connecting, fetching, preview, disconnecting, and the provider's callback."""

from __future__ import annotations

import frappe
from werkzeug.wrappers import Response

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.api.permitted import action, answer, decide, perform
from dokos_banksync.hosts.frappe import callback_page
from dokos_banksync.hosts.frappe.context import FrappeContext, must_see_bank


@frappe.whitelist()
def bank_state(bank: str, outcome: str = "") -> object:
	"""Return a bank's connections, their states and actions, and the outcome of a return from the provider."""
	return answer("connections.bank_state", "read", bank=bank, outcome=outcome)


@frappe.whitelist(methods=["POST"])
def institutions(provider: str = "", search: str = "", country: str = "") -> object:
	"""Search the institutions of a provider, or of all."""
	return answer("connections.institutions", "create", provider=provider, search=search, country=country)


@frappe.whitelist(methods=["POST"])
def institution_logos(provider: str, search: str) -> object:
	"""Return the logos that a provider gives to a search, by the id of the bank."""
	return answer("connections.institution_logos", "create", provider=provider, search=search)


@frappe.whitelist(methods=["POST"])
def begin_connect(
	bank: str, provider: str, institution_id: str, email: str = "", company: str = ""
) -> object:
	"""Start a connection, and return the address of the provider's consent page."""
	given = {"bank": bank, "provider": provider, "institution_id": institution_id}
	return perform(_begin_connect, "create", **given, email=email, company=company)


def _begin_connect(context: FrappeContext, given: Arguments) -> object:
	must_see_bank(given.text("bank"))
	return action("connections.begin_connect")(context, given)


@frappe.whitelist(methods=["POST"])
def begin_reconnect(connection: str) -> object:
	"""Start a renewal of the consent, and return the address of the provider's page."""
	return answer("connections.begin_reconnect", "write", connection=connection)


@frappe.whitelist(methods=["POST"])
def fetch_transactions(bank: str = "", connection: str = "") -> object:
	"""Fetch a connection. Every user who may read it may do so: the schedule does the same."""
	return answer("connections.fetch_transactions", "read", bank=bank, connection=connection)


@frappe.whitelist()
def run_updates(connections: str) -> object:
	"""Return the progress or the outcome of the runs of these connections."""
	return answer("connections.run_updates", "read", connections=connections)


@frappe.whitelist(methods=["POST"])
def fetch_accounts(connection: str) -> object:
	"""Ask the provider for accounts that are new since the last consent."""
	return answer("connections.fetch_accounts", "write", connection=connection)


@frappe.whitelist(methods=["POST"])
def disconnect(connection: str) -> object:
	"""Revoke the consent at the provider, and keep what was imported."""
	return answer("connections.disconnect", "write", connection=connection)


@frappe.whitelist(methods=["POST"])
def preview_connection(connection: str, background: str = "") -> object:
	"""Return what a fetch would do now, without doing it."""
	given = {"connection": connection, "background": background}
	return answer("connections.preview_connection", "read", **given)


@frappe.whitelist(methods=["POST"])
def apply_preview(connection: str, key: str, leave_out: str = "", background: str = "") -> object:
	"""Do exactly what the preview with this key showed, or nothing."""
	given = {"connection": connection, "key": key, "leave_out": leave_out}
	return decide("connections.apply_preview", **given, background=background)


@frappe.whitelist(methods=["POST"])
def forget_connection(connection: str) -> object:
	"""Delete a connection that never came to be, or one that is disconnected."""
	return answer("connections.forget_connection", "write", connection=connection)


@frappe.whitelist()
def history(bank: str) -> object:
	"""Return a bank's runs, newest first."""
	return answer("connections.history", "read", bank=bank)


@frappe.whitelist()
def connection_quotas(connection: str) -> object:
	"""Return the calls that count against the limits of providers and banks: used, left, and when there is room."""
	return answer("connections.connection_quotas", "read", connection=connection)


@frappe.whitelist(allow_guest=True, methods=["GET"])
def callback(**_given: object) -> Response:
	"""Answer a user whom a provider sends back. Guests get a page that asks them to log in."""
	return callback_page.receive()
