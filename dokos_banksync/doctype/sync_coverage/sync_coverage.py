from frappe.model.document import Document


class SyncCoverage(Document):
	pass
