from frappe.model.document import Document


class SyncRemoteAccount(Document):
	pass
