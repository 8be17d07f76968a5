"""Addresses of this site that others are shown."""

from __future__ import annotations

from urllib.parse import quote

from frappe.utils import get_url


def webhook(provider: str) -> str:
	"""Return the address to which a provider sends the webhooks of this subscription."""
	return str(get_url(f"/api/method/dokos_banksync.api.webhook.receive?provider={quote(provider, safe='')}"))
