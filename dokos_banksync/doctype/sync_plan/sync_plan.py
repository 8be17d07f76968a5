"""The controller of Sync Plan: an approved or shown dry run."""

from frappe.model.document import Document


class SyncPlan(Document):
	"""What a preview showed, so that exactly that can be applied."""
