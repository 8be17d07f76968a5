"""The controller of Sync Separate Pair."""

from frappe.model.document import Document


class SyncSeparatePair(Document):
	"""Two transactions that a user called separate."""
