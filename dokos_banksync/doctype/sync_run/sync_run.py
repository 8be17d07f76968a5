from frappe.model.document import Document


class SyncRun(Document):
	pass
