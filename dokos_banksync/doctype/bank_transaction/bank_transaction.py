from frappe.model.document import Document


class BankTransaction(Document):
	pass
