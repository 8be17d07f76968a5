from frappe.utils.nestedset import NestedSet


class BankTransactionCategory(NestedSet):
	nsm_parent_field = "parent_bank_transaction_category"
