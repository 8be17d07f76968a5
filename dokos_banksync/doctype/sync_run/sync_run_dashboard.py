from frappe import _


def get_data():
	return {
		"fieldname": "run",
		"transactions": [{"label": _("Synchronization"), "items": ["Sync Line", "Sync Journal Entry"]}],
	}
