"""The controller of Bank, where the host has no such doctype."""

from frappe.model.document import Document


class Bank(Document):
	"""A bank, where the host has no such doctype."""
