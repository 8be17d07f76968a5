"""The presence of the user whose request this is."""

from __future__ import annotations

import frappe

from dokos_banksync.actions.presence import of_browser
from dokos_banksync.core.provider import Context


def presence() -> Context:
	"""Return the address and the user agent of the browser; neither where there is no request (a console).

	The address is Frappe's own (`request_ip`): the one that the site's proxy names.
	"""
	request = getattr(frappe.local, "request", None)
	if not request:
		return of_browser(None, None)
	return of_browser(getattr(frappe.local, "request_ip", ""), request.headers.get("User-Agent"))
