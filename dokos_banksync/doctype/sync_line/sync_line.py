from frappe.model.document import Document


class SyncLine(Document):
	pass
