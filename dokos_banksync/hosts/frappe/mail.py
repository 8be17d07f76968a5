"""Whether the site sends e-mail at all."""

from __future__ import annotations

import frappe


def sends_mail() -> bool:
	"""Return whether the site sends mail. Where there is no account to send from, some versions of Frappe
	fail with an unrelated error.
	"""
	own = frappe.conf.get("mail_server") and frappe.conf.get("auto_email_id")
	return bool(own or frappe.db.exists("Email Account", {"default_outgoing": 1}))
