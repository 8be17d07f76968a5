"""Removes everything that the app added to a site, when it is uninstalled.

Frappe removes the doctypes, fields, reports and pages of our module. The rest is done here, once the app is off the
site: a dry run of `uninstall-app` calls the hooks too.
"""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.frappe import roles, workspace_block
from dokos_banksync.hosts.frappe.custom_fields import FIELDS, PREFIX
from dokos_banksync.hosts.frappe.ledger import indexes

NUMBERED = ("Sync Journal Entry", "Sync Coverage", "Sync Separate Pair")
"""Their names come from sequences of the database."""
OWN = (
	*("Sync Provider", "Sync Connection", "Sync Remote Account", "Sync Line", "Sync Run", "Sync Plan"),
	"Sync Certificate",
	*NUMBERED,
)
_ICONS = ("Bank Synchronization", "Dokos Banksync")
"""Named by the title of the app and of its workspace; the second was the title of earlier versions."""
_ABOUT = {
	"__Auth": "doctype",
	"tabVersion": "ref_doctype",
	"tabComment": "reference_doctype",
	"tabNotification Log": "document_type",
	"tabDocShare": "share_doctype",
	"tabToDo": "reference_type",
	"tabTag Link": "document_type",
	"tabUser Permission": "allow",
	"tabDeleted Document": "deleted_doctype",
	"tabLogs To Clear": "ref_doctype",
	"tabProperty Setter": "doc_type",
	"tabCustom Field": "dt",
	"tabCustom DocPerm": "parent",
}
"""Tables of Frappe that refer to documents, and the column that names the doctype. The first holds the secrets."""


def remove(doctypes: list[str]) -> None:
	"""Remove what the app added. `doctypes` are those of the host that we had made: they are removed with ours."""
	for doctype in (*OWN, *doctypes):
		for table, column in _ABOUT.items():
			frappe.db.sql(f"DELETE FROM `{table}` WHERE `{column}` = %s", (doctype,))  # noqa: S608
	frappe.db.sql("DELETE FROM `tabSeries` WHERE name LIKE 'SYNC-%%'")
	frappe.db.delete("DefaultValue", {"defkey": ("like", f"{PREFIX}%")})
	frappe.db.delete("Scheduled Job Type", {"method": ("like", "dokos_banksync.%")})
	_remove_icons()
	workspace_block.remove()
	roles.withdraw()
	if "Bank Transaction" not in doctypes and frappe.db.table_exists("Bank Transaction"):
		indexes.drop_from_host()
	for doctype in NUMBERED:
		frappe.db.sql_ddl(f"DROP SEQUENCE IF EXISTS {frappe.scrub(doctype)}_id_seq")
	_drop_columns([doctype for doctype in FIELDS if doctype not in doctypes])
	frappe.clear_cache()


def _remove_icons() -> None:
	"""Delete the icons and the sidebar that Frappe 16 creates for an app and does not delete."""
	for doctype in filter(frappe.db.table_exists, ("Desktop Icon", "Workspace Sidebar")):
		for name in filter(None, (frappe.db.exists(doctype, name) for name in _ICONS)):
			frappe.delete_doc(doctype, name, ignore_permissions=True, force=True)


def _drop_columns(doctypes: list[str]) -> None:
	"""Drop our columns: Frappe does not drop those of a deleted custom field."""
	for doctype in filter(frappe.db.table_exists, doctypes):
		for column in frappe.db.get_table_columns(doctype):
			if column.startswith(PREFIX):
				frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` DROP COLUMN `{column}`")
