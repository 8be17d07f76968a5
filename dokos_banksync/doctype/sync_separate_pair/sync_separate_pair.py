from frappe.model.document import Document


class SyncSeparatePair(Document):
	pass
