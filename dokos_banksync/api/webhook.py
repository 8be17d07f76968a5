"""Where providers call: POST /api/method/dokos_banksync.api.webhook.receive?provider=<Sync Provider>."""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.frappe import webhooks


@frappe.whitelist(allow_guest=True, methods=["POST"])
def receive(**_given: object) -> str:
	"""Receive a webhook. Its signature is checked before its content is used; see `core.connection.webhooks`."""
	answer = webhooks.answer(frappe.local.request)
	frappe.db.commit()  # jobs wait for it, and a request that wrote nothing may end without one
	frappe.local.response["http_status_code"] = answer.status
	return answer.text
