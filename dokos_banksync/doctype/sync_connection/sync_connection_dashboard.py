"""The documents that the form of a Sync Connection links to."""

from __future__ import annotations

from typing import Any

from frappe import _


def get_data() -> dict[str, Any]:
	"""Return the documents that the form's dashboard links to."""
	return {
		"fieldname": "connection",
		"internal_links": {"Bank Account": ["accounts", "bank_account"]},
		"transactions": [
			{"label": _("Synchronization"), "items": ["Sync Run", "Sync Line"]},
			{"label": _("Bank"), "items": ["Bank Account"]},
		],
	}
