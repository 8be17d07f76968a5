"""The controller of Bank Account, where the host has no such doctype."""

from frappe.model.document import Document


class BankAccount(Document):
	"""A bank account, where the host has no such doctype."""
