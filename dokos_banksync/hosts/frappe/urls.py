"""Addresses of this site that others are shown."""

from __future__ import annotations

from urllib.parse import quote

from frappe.utils import get_url


def webhook(provider: str) -> str:
	"""Where a provider sends what it has to tell about this subscription."""
	return str(get_url(f"/api/method/dokos_banksync.api.webhook.receive?provider={quote(provider, safe='')}"))
