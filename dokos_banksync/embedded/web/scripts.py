"""Which form scripts run where: what `doctype_js` and `doctype_list_js` are in an app's hooks.

They join the hooks together with the API that they call; a button without its API would only be in the way.
"""

from __future__ import annotations

_SHARED = ("banksync.js", "banksync_connect_dialog.js", "banksync_accounts_dialog.js")

FORM = {
	"Bank": (*_SHARED, "bank.js"),
	"Sync Connection": (*_SHARED, "sync_connection.js"),
	"Sync Provider": ("sync_provider.js",),
}
LIST = {
	"Bank Transaction": ("banksync.js", "bank_transaction_list.js"),
	"Sync Connection": (*_SHARED, "sync_connection_list.js"),
}
