"""Which form scripts run where: an app's `doctype_js` and `doctype_list_js`, and the embedded site's pages."""

from __future__ import annotations

_BASE = ("banksync.js", "banksync_news.js")
_SHARED = (*_BASE, "banksync_connect_dialog.js", "banksync_accounts_dialog.js")

FORM = {
	"Bank": (*_SHARED, "bank.js"),
	"Sync Connection": (*_SHARED, "sync_connection.js"),
	"Sync Provider": ("sync_provider.js",),
}
LIST = {
	"Bank Transaction": (*_BASE, "bank_transaction_list.js"),
	"Sync Connection": (*_SHARED, "sync_connection_list.js"),
}
