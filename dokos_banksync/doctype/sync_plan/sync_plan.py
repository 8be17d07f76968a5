from frappe.model.document import Document


class SyncPlan(Document):
	pass
