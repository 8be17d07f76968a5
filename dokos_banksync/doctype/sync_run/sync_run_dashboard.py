"""The documents that the form of a Sync Run links to."""

from __future__ import annotations

from typing import Any

from frappe import _


def get_data() -> dict[str, Any]:
	"""Return the documents that the form's dashboard links to."""
	return {
		"fieldname": "run",
		"transactions": [{"label": _("Synchronization"), "items": ["Sync Line", "Sync Journal Entry"]}],
	}
