from frappe.model.document import Document


class SyncProvider(Document):
	pass
