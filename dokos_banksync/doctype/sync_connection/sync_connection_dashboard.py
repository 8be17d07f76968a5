from frappe import _


def get_data():
	return {
		"fieldname": "connection",
		"internal_links": {"Bank Account": ["accounts", "bank_account"]},
		"transactions": [
			{"label": _("Synchronization"), "items": ["Sync Run", "Sync Line"]},
			{"label": _("Bank"), "items": ["Bank Account"]},
		],
	}
