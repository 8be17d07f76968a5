"""What Frappe calls when the app, or another one, comes to a site or leaves it."""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.frappe import host_doctypes, host_takeover, roles, uninstall
from dokos_banksync.hosts.frappe.custom_fields import MODULE
from dokos_banksync.hosts.frappe.ledger import indexes

LOGS_KEPT = {"Sync Run": 180, "Sync Line": 365, "Sync Journal Entry": 730}
"""Days, as Frappe's Log Settings are told at first; there a person changes them or takes them out."""


def after_install() -> None:
	settle()
	roles.grant()
	_clear_logs()


def settle(*_app: str) -> None:
	"""Bring the site's doctypes and ours together; harmless when they are.

	After an installation of ours, every migration, and whenever another app came or went.
	"""
	if not _is_here():
		return
	before = host_doctypes.remembered()
	host_doctypes.make_lacking()
	host_doctypes.extend()
	indexes.ensure()
	left = [doctype for doctype in before if not host_doctypes.is_ours(doctype)]
	host_takeover.take_leave(left)
	host_doctypes.remember()
	if "Bank" in left:
		roles.grant()


def after_app_uninstall(_app: str = "") -> None:
	"""The process still runs the document events of the app that is gone: forget them before anything is saved.

	Frappe does not commit after this.
	"""
	frappe.clear_cache()
	if hasattr(frappe.local, "doc_events_hooks"):
		del frappe.local.doc_events_hooks
	settle()
	frappe.db.commit()


def prepare(*_app: str) -> None:
	"""Before other apps' doctypes are brought up to date, which may be the first time that they come."""
	host_takeover.prepare()


def after_uninstall() -> None:
	"""Frappe commits before it calls this, and not after."""
	if not _is_here():
		uninstall.remove(host_doctypes.remembered())
		frappe.db.commit()


def _is_here() -> bool:
	"""Asked of the database: what Frappe keeps in its cache may still name an app that has just gone."""
	return bool(frappe.db.exists("Module Def", MODULE))


def _clear_logs() -> None:
	"""Added as rows: saving the settings would add what other apps have in mind as well."""
	for doctype, days in LOGS_KEPT.items():
		row = {"doctype": "Logs To Clear", "ref_doctype": doctype, "days": days}
		place = {"parent": "Log Settings", "parenttype": "Log Settings", "parentfield": "logs_to_clear"}
		frappe.get_doc({**row, **place}).insert(ignore_permissions=True)
	frappe.clear_document_cache("Log Settings", "Log Settings")
