"""What Frappe reads of the app: its scripts, events, schedule, permissions and installation steps."""

from importlib.util import find_spec as _find_spec

from dokos_banksync.actions import form_scripts as _scripts

# Where the Desk is: from Frappe 16 on below /desk, where it draws a sidebar beside each workspace.
_desk = "desk" if _find_spec("frappe.desk.doctype.workspace_sidebar") else "app"

app_name = "dokos_banksync"
app_title = "Bank Synchronization"
app_publisher = "The dokos_banksync developers"
app_description = "Keeps a Dokos or ERPNext site in step with its bank accounts"
app_email = "maintainers@users.noreply.github.com"
app_license = "gpl-3.0-or-later"

# No required_apps: where there is no accounting application, the app brings the doctypes that it needs.

before_install = "dokos_banksync.install.before_install"
after_install = "dokos_banksync.install.after_install"
after_uninstall = "dokos_banksync.install.after_uninstall"
before_migrate = "dokos_banksync.install.prepare"
after_migrate = "dokos_banksync.install.update_site"
before_app_install = "dokos_banksync.install.prepare"
after_app_install = "dokos_banksync.install.update_site"
after_app_uninstall = "dokos_banksync.install.after_app_uninstall"

_DESK_APP = "dokos_banksync.hosts.frappe.desk_app"
extend_bootinfo = f"{_DESK_APP}.extend_bootinfo"
add_to_apps_screen = [
	{
		"name": app_name,
		"logo": "/assets/dokos_banksync/images/logo.svg",
		"title": "Bank Synchronization",
		"route": f"/{_desk}/bank-synchronization",
		"has_permission": f"{_DESK_APP}.may_open",
	}
]

doctype_js = _scripts.hook(_scripts.FORM, _scripts.DESK_FORM)
doctype_list_js = _scripts.hook(_scripts.LIST, _scripts.DESK_LIST)

override_doctype_dashboards = {
	"Bank": "dokos_banksync.hosts.frappe.dashboards.bank",
	"Bank Account": "dokos_banksync.hosts.frappe.dashboards.bank_account",
	"Bank Transaction": "dokos_banksync.hosts.frappe.dashboards.bank_transaction",
}

permission_query_conditions = {
	"Bank Transaction Category": "dokos_banksync.hosts.frappe.category_events.conditions",
	"Sync Certificate": "dokos_banksync.hosts.frappe.permissions.certificate_conditions",
	"Sync Connection": "dokos_banksync.hosts.frappe.permissions.connection_conditions",
	"Sync Coverage": "dokos_banksync.hosts.frappe.permissions.coverage_conditions",
	"Sync Separate Pair": "dokos_banksync.hosts.frappe.permissions.pair_conditions",
	"Sync Journal Entry": "dokos_banksync.hosts.frappe.permissions.journal_conditions",
	"Sync Line": "dokos_banksync.hosts.frappe.permissions.line_conditions",
	"Sync Remote Account": "dokos_banksync.hosts.frappe.permissions.account_conditions",
	"Sync Run": "dokos_banksync.hosts.frappe.permissions.run_conditions",
}
has_permission = {
	"Sync Certificate": "dokos_banksync.hosts.frappe.permissions.has_permission",
	"Sync Connection": "dokos_banksync.hosts.frappe.permissions.has_permission",
	"Sync Coverage": "dokos_banksync.hosts.frappe.permissions.has_permission",
	"Sync Separate Pair": "dokos_banksync.hosts.frappe.permissions.has_permission",
	"Sync Journal Entry": "dokos_banksync.hosts.frappe.permissions.has_permission",
	"Sync Line": "dokos_banksync.hosts.frappe.permissions.has_permission",
	"Sync Provider": "dokos_banksync.hosts.frappe.permissions.has_permission",
	"Sync Run": "dokos_banksync.hosts.frappe.permissions.has_permission",
}

_REMEMBER = "dokos_banksync.hosts.frappe.ledger.document_deletion.remember"
_RESERVE_NAME = "dokos_banksync.hosts.frappe.ledger.document_deletion.reserve_name"
doc_events = {
	"Bank Transaction": {"on_cancel": _REMEMBER, "on_trash": _REMEMBER, "after_delete": _RESERVE_NAME},
	"Bank Transaction Category": {
		"validate": "dokos_banksync.hosts.frappe.category_events.mark_edited",
		"before_rename": "dokos_banksync.hosts.frappe.category_events.refuse_markup",
		"after_rename": "dokos_banksync.hosts.frappe.category_events.mark_renamed",
		"after_delete": "dokos_banksync.hosts.frappe.category_events.store_tombstone",
	},
}

# Both only put jobs on the queue. Some versions of Frappe name a job after the last two parts of its path.
scheduler_events = {
	"hourly": ["dokos_banksync.tasks.banksync_hourly"],
	"daily": ["dokos_banksync.tasks.banksync_daily"],
}

# A line remembers what was deleted; it never stands in the way of a deletion.
ignore_links_on_delete = [
	"Sync Certificate",
	"Sync Coverage",
	"Sync Separate Pair",
	"Sync Journal Entry",
	"Sync Line",
	"Sync Run",
]
