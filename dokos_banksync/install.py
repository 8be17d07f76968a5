"""What Frappe calls when the app, or another one, comes to a site or leaves it."""

from __future__ import annotations

import frappe

from dokos_banksync.ledgers.frappe import indexes
from dokos_banksync.shell import handover, host, removal, rights

LOGS_KEPT = {"Sync Run": 180, "Sync Line": 365}
"""Days, as Frappe's Log Settings are told at first; there a person changes them or takes them out."""


def after_install() -> None:
	settle()
	rights.grant()
	_clear_logs()


def settle(*_app: str) -> None:
	"""Bring the site's doctypes and ours together; harmless when they are.

	After an installation of ours, every migration, and whenever another app came or went.
	"""
	if "dokos_banksync" not in frappe.get_installed_apps():
		return
	before = host.remembered()
	host.make_lacking()
	host.extend()
	indexes.ensure()
	left = [doctype for doctype in before if not host.is_ours(doctype)]
	handover.take_leave(left)
	host.remember()
	if "Bank" in left:
		rights.grant()


def prepare(*_app: str) -> None:
	"""Before other apps' doctypes are brought up to date, which may be the first time that they come."""
	handover.prepare()


def after_uninstall() -> None:
	if "dokos_banksync" not in frappe.get_installed_apps():
		removal.remove(host.remembered())


def _clear_logs() -> None:
	settings = frappe.get_doc("Log Settings")
	for doctype, days in LOGS_KEPT.items():
		settings.register_doctype(doctype, days)
	settings.save()
