"""The controller of Bank Transaction Category, where the host has no such doctype."""

from frappe.utils.nestedset import NestedSet


class BankTransactionCategory(NestedSet):
	"""A category in a tree, where the host has no such doctype."""

	nsm_parent_field = "parent_bank_transaction_category"
