"""What Frappe calls when the app, or another one, is installed on a site or removed from it.

An installation that was interrupted is completed by running `install-app` again, or by `migrate` where Frappe says that
the app is already installed.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.installer import remove_from_installed_apps
from frappe.model.sync import sync_for

from dokos_banksync.hosts.frappe import (
	desk_app,
	host_doctypes,
	host_takeover,
	module_map,
	roles,
	uninstall,
	workspace_block,
)
from dokos_banksync.hosts.frappe.custom_fields import MODULE
from dokos_banksync.hosts.frappe.ledger import indexes
from dokos_banksync.hosts.frappe.module_map import APP
from dokos_banksync.hosts.storage.dialect import Server

LOG_DAYS = {"Sync Run": 180, "Sync Line": 365, "Sync Journal Entry": 730}
"""Days, as initial values of Frappe's Log Settings, where users change or remove them."""
_COMPLETE = "banksync_installed"
_DATABASES = (Server.MARIADB, Server.POSTGRES)
"""Those that lock rows and count sequences."""


def before_install() -> None:
	"""Make sure that Frappe finds our modules, and that the remains of an interrupted installation do not stop it.

	Raises where the site's database is SQLite.
	"""
	if frappe.db.db_type not in _DATABASES:
		frappe.throw(
			_(
				"Bank Synchronization needs a site on MariaDB or Postgres: on SQLite two imports at once could book a"
				" transaction twice. Make a site with another --db-type, or use the command banksync without a site."
			)
		)
	module_map.refresh()
	if APP not in frappe.get_installed_apps():
		frappe.db.delete("Module Def", {"app_name": APP})


def after_install() -> None:
	"""Complete the installation. After an error the app is not installed, so that the command can be run again."""
	try:
		update_site()
	except BaseException:
		frappe.db.rollback()
		remove_from_installed_apps(APP)
		raise
	frappe.clear_cache()


def update_site(*_app: str) -> None:
	"""Bring the site's doctypes and ours together, and complete an interrupted installation; idempotent.

	After an installation of ours, every migration, and whenever another app was installed or removed.
	"""
	if not _is_here():
		return
	_create_missing_doctypes()
	before = host_doctypes.remembered()
	host_doctypes.create_missing()
	host_doctypes.extend()
	indexes.ensure()
	left = [doctype for doctype in before if not host_doctypes.is_ours(doctype)]
	host_takeover.migrate_replaced(left)
	host_doctypes.remember()
	workspace_block.ensure()
	desk_app.rename_icon()
	first_time = not frappe.db.get_global(_COMPLETE)
	if "Bank" in left or first_time:
		roles.grant()
	if first_time:
		_clear_logs()
		frappe.db.set_global(_COMPLETE, "1")


def _create_missing_doctypes() -> None:
	"""Frappe syncs no doctype of an app whose modules it does not know, and reports no error."""
	if all(frappe.db.exists("DocType", doctype) for doctype in uninstall.OWN):
		return
	module_map.refresh()
	sync_for(APP, force=True, reset_permissions=True)


def after_app_uninstall(_app: str = "") -> None:
	"""Forget the document events of the removed app, which the process would still run when something is saved.

	Frappe does not commit after this.
	"""
	frappe.clear_cache()
	if hasattr(frappe.local, "doc_events_hooks"):
		del frappe.local.doc_events_hooks
	update_site()
	frappe.db.commit()


def prepare(*_app: str) -> None:
	"""Prepare for the synchronisation of doctypes: of ours by `migrate`, or of another app that may bring them for the first time."""
	module_map.refresh()
	host_takeover.prepare()


def after_uninstall() -> None:
	"""Remove what the app left on the site, and commit: Frappe commits before it calls this, and not after."""
	if not _is_here():
		uninstall.remove(host_doctypes.remembered())
		frappe.db.commit()


def _is_here() -> bool:
	"""Asked of the database: what Frappe keeps in its cache may still name an app that has just gone."""
	return bool(frappe.db.exists("Module Def", MODULE))


def _clear_logs() -> None:
	"""Added as rows: saving the settings would add what other apps have in mind as well."""
	there = set(frappe.get_all("Logs To Clear", pluck="ref_doctype"))
	for doctype, days in LOG_DAYS.items():
		if doctype in there:
			continue
		row = {"doctype": "Logs To Clear", "ref_doctype": doctype, "days": days}
		place = {"parent": "Log Settings", "parenttype": "Log Settings", "parentfield": "logs_to_clear"}
		frappe.get_doc({**row, **place}).insert(ignore_permissions=True)
	frappe.clear_document_cache("Log Settings", "Log Settings")
