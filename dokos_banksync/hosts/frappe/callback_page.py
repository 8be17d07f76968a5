"""The page that a provider sends the user back to. It trusts nothing but the state, and reads the rest again."""

from __future__ import annotations

from urllib.parse import urlencode

import frappe
from frappe.utils import get_url_to_form, get_url_to_list
from frappe.utils.response import build_response
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from dokos_banksync.actions import callback
from dokos_banksync.actions.callback import CallbackResult
from dokos_banksync.core.errors import SyncError
from dokos_banksync.hosts.frappe.context import CALLBACK, FrappeContext
from dokos_banksync.hosts.frappe.http_errors import kind_of, must
from dokos_banksync.hosts.storage.sql import CONNECTION

_FORBIDDEN = 403


def receive() -> Response:
	"""Redirect to the Bank form, or show a page that says why not.

	Providers return by GET, which Frappe rolls back; what is stored here is committed as it is stored.
	"""
	context, query = FrappeContext(), frappe.request.args.to_dict()
	if context.user == "Guest":
		return _ask_to_log_in(context, query)
	try:
		must(CONNECTION, "read")
		result = callback.receive(context, query)
	except SyncError as error:
		return _error_page(context, error)
	frappe.db.commit()
	return _go_to(result)


def _go_to(result: CallbackResult) -> Response:
	form = get_url_to_form("Bank", result.bank)
	return redirect(f"{form}?{urlencode({'outcome': result.key})}")


def _page(title: str, html: str, status: int, color: str, action: str, label: str) -> Response:
	"""Older Frappe answers 200 for a page, whatever it is shown."""
	frappe.respond_as_web_page(
		title,
		html,
		http_status_code=status,
		indicator_color=color,
		primary_action=action,
		primary_label=label,
	)
	page: Response = build_response("page")
	page.status_code = status
	return page


def _ask_to_log_in(context: FrappeContext, query: dict[str, str]) -> Response:
	"""Ask the user to log in; afterwards the same address completes the session."""
	again = f"{CALLBACK}?{urlencode(query)}"
	return _page(
		context.translations("Log in to go on"),
		context.translations(
			"Your session here ended while you were at your bank. Log in as the same user: the connection is then finished."
		),
		_FORBIDDEN,
		color="orange",
		action=f"/login?{urlencode({'redirect-to': again})}",
		label=context.translations("Log in"),
	)


def _error_page(context: FrappeContext, error: SyncError) -> Response:
	parts = [context.translations.error(error), " · ".join(filter(None, (error.code, error.reference)))]
	parts.append(context.translations("You are logged in as {0}.", context.user))
	return _page(
		context.translations("This could not be done"),
		"".join(f"<p>{frappe.utils.escape_html(part)}</p>" for part in parts),
		kind_of(error).http_status_code,
		color="red",
		action=get_url_to_list("Bank"),
		label=context.translations("Banks"),
	)
