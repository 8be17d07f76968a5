app_name = "dokos_banksync"
app_title = "Dokos Banksync"
app_publisher = "The dokos_banksync developers"
app_description = "Keeps a Dokos or ERPNext site in step with its bank accounts"
app_email = "maintainers@users.noreply.github.com"
app_license = "mit"
required_apps = []  # type: ignore[var-annotated]

# Paths are relative to the app's package. The embedded site runs the same scripts, named here once.
_SHARED = [
	"public/js/banksync.js",
	"public/js/banksync_connect_dialog.js",
	"public/js/banksync_accounts_dialog.js",
]
doctype_js = {
	"Bank": [*_SHARED, "public/js/bank.js"],
	"Sync Connection": [*_SHARED, "public/js/sync_connection.js"],
	"Sync Provider": ["public/js/sync_provider.js"],
}
doctype_list_js = {
	"Bank Transaction": ["public/js/banksync.js", "public/js/bank_transaction_list.js"],
	"Sync Connection": [*_SHARED, "public/js/sync_connection_list.js"],
}
