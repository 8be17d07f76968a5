"""The page that a provider sends the person back to. It trusts nothing but the state, and reads the rest again."""

from __future__ import annotations

from urllib.parse import urlencode

import frappe
from frappe.utils import get_url_to_form

from dokos_banksync.desk import arrivals
from dokos_banksync.desk.arrivals import Landing
from dokos_banksync.errors import SyncError
from dokos_banksync.ledgers.frappe.dialect import CONNECTION
from dokos_banksync.shell.desk import CALLBACK, FrappeDesk
from dokos_banksync.shell.refusals import kind_of

_FORBIDDEN = 403


def receive() -> None:
	"""Answer the return with a redirect to the Bank form, or with a page that says why not.

	Providers return by GET, which Frappe rolls back; what is stored here is committed as it is stored.
	"""
	desk, query = FrappeDesk(), frappe.request.args.to_dict()
	if desk.person == "Guest":
		_ask_to_log_in(desk, query)
		return
	try:
		frappe.has_permission(CONNECTION, "read", throw=True)
		landing = arrivals.receive(desk, query)
	except SyncError as error:
		_tell(desk, error)
		return
	frappe.db.commit()
	_go_to(landing)


def _go_to(landing: Landing) -> None:
	form = get_url_to_form("Bank", landing.bank)
	frappe.local.response.update(
		{"type": "redirect", "location": f"{form}?{urlencode({'arrival': landing.key})}"}
	)


def _ask_to_log_in(desk: FrappeDesk, query: dict[str, str]) -> None:
	"""The visit waits for the same person: after the login the same address takes them on."""
	again = f"{CALLBACK}?{urlencode(query)}"
	frappe.respond_as_web_page(
		desk.phrases("Log in to go on"),
		desk.phrases(
			"Your session here ended while you were at your bank. Log in as the same user: the connection is then finished."
		),
		http_status_code=_FORBIDDEN,
		indicator_color="orange",
		primary_action=f"/login?{urlencode({'redirect-to': again})}",
		primary_label=desk.phrases("Log in"),
	)


def _tell(desk: FrappeDesk, error: SyncError) -> None:
	parts = [desk.phrases.error(error), " · ".join(filter(None, (error.code, error.reference)))]
	parts.append(desk.phrases("You are logged in as {0}.", desk.person))
	frappe.respond_as_web_page(
		desk.phrases("This could not be done"),
		"".join(f"<p>{frappe.utils.escape_html(part)}</p>" for part in parts),
		http_status_code=kind_of(error).http_status_code,
		indicator_color="red",
		primary_action=frappe.utils.get_url("/app/bank"),
		primary_label=desk.phrases("Banks"),
	)
