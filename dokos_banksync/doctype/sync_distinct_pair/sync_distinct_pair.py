from frappe.model.document import Document


class SyncDistinctPair(Document):
	pass
