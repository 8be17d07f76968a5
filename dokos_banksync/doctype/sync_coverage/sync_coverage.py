from frappe.model.document import Document


class SyncCoverage(Document):
	"""Days that a source was read for."""
