"""Which form scripts run where: an app's `doctype_js` and `doctype_list_js`, and the embedded site's pages."""

from __future__ import annotations

_BASE = ("banksync.js", "banksync_news.js")
_PLAN = ("banksync_tables.js", "banksync_plan.js")
_SHARED = (*_BASE, "banksync_connect_dialog.js", "banksync_accounts_dialog.js")
_EXPLAIN = (*_BASE, "banksync_tables.js", "banksync_explain.js")
_UNDO = (*_EXPLAIN, "banksync_undo.js")
_REVIEW = (
	*(*_UNDO, "banksync_duplicates.js", "banksync_missing.js", "banksync_proof.js"),
	*("banksync_questions.js", "banksync_certificate.js", "banksync_plan.js"),
	*("banksync_reading.js", "banksync_import.js"),
)

FORM = {
	"Bank Account": (*_REVIEW, "bank_account.js"),
	"Bank Transaction": (*_EXPLAIN, "bank_transaction.js"),
	"Sync Certificate": (*_BASE, "banksync_tables.js", "sync_certificate.js"),
	"Sync Line": (*_EXPLAIN, "sync_line.js"),
	"Sync Run": (*_UNDO, "sync_run_review.js"),
	"Bank": (*_SHARED, *_PLAN, "bank.js"),
	"Sync Connection": (*_SHARED, *_PLAN, "sync_connection.js"),
	"Sync Provider": ("sync_provider.js",),
}
LIST = {
	"Bank Transaction": (*_BASE, "bank_transaction_list.js"),
	"Sync Connection": (*_SHARED, "sync_connection_list.js"),
}
