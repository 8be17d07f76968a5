from frappe.model.document import Document


class SyncConnection(Document):
	pass
