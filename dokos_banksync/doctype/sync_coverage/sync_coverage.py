"""The controller of Sync Coverage; `core/review/coverage.py` has the logic."""

from frappe.model.document import Document


class SyncCoverage(Document):
	"""Days that a source was read for."""
