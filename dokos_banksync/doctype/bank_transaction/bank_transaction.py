"""The controller of Bank Transaction, where the host has no such doctype."""

from frappe.model.document import Document


class BankTransaction(Document):
	"""A bank transaction, where the host has no such doctype."""
