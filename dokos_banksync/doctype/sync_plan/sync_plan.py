from frappe.model.document import Document


class SyncPlan(Document):
	"""What a preview showed, so that exactly that can be applied."""
