"""Customisations of Bank Transaction on this site that have to process each document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import frappe

from dokos_banksync.hosts.storage.sql import TRANSACTION

_EVENTS = (
	*("before_insert", "after_insert", "before_validate", "validate", "before_save", "after_save"),
	*(
		"before_submit",
		"on_submit",
		"on_update",
		"on_change",
		"before_naming",
		"autoname",
		"on_update_after_submit",
	),
)
_LEAVING = ("before_cancel", "on_cancel", "on_trash", "after_delete", "on_change")
_RECORDS: tuple[tuple[str, Mapping[str, object]], ...] = (
	("Server Script", {"reference_doctype": TRANSACTION, "script_type": "DocType Event", "disabled": 0}),
	("Notification", {"document_type": TRANSACTION, "enabled": 1}),
	("Webhook", {"webhook_doctype": TRANSACTION, "enabled": 1}),
	("Workflow", {"document_type": TRANSACTION, "is_active": 1}),
	("Assignment Rule", {"document_type": TRANSACTION, "disabled": 0}),
	("Auto Repeat", {"reference_doctype": TRANSACTION, "disabled": 0}),
	("Milestone Tracker", {"document_type": TRANSACTION, "disabled": 0}),
	("Energy Point Rule", {"reference_doctype": TRANSACTION, "enabled": 1}),
	("Document Naming Rule", {"document_type": TRANSACTION, "disabled": 0}),
)
_VARYING = ("category", "banksync_category", "currency", "party", "amended_from")
"""Links that differ from row to row: what a host fetches through them differs as well."""


def attached() -> list[str]:
	"""Return the customisations of Bank Transaction, in words for an administrator; empty where bulk equals what the host does for one document."""
	return [*_handlers(_EVENTS), *_classes(), *_records(), *_settings(), *_fields()]


def leaving() -> list[str]:
	"""Return what has to process each document when it is removed, in addition to what processes its creation."""
	return list(_handlers(_LEAVING))


def _handlers(events: Collection[str]) -> Iterator[str]:
	"""Handlers of other apps. Those of the host are part of what bulk is compared with."""
	hooks = frappe.get_doc_hooks()
	own = {"frappe", "dokos_banksync", _host_app()}
	for doctype in (TRANSACTION, "*"):
		for event, handlers in (hooks.get(doctype) or {}).items():
			for handler in handlers if event in events else ():
				if handler.split(".")[0] not in own:
					yield f"doc_events {doctype} {event}: {handler}"


def _host_app() -> str:
	module = frappe.scrub(frappe.get_meta(TRANSACTION).module)
	return str((frappe.local.module_app or {}).get(module, ""))


def _classes() -> Iterator[str]:
	for hook in ("override_doctype_class", "extend_doctype_class"):
		for path in (frappe.get_hooks(hook) or {}).get(TRANSACTION, []):
			yield f"{hook}: {path}"


def _records() -> Iterator[str]:
	for doctype, filters in _RECORDS:
		if frappe.db.exists("DocType", doctype):
			found = frappe.db.get_value(doctype, dict(filters))
			if found:
				yield f"{doctype}: {found}"


def _settings() -> Iterator[str]:
	if _setting("Accounts Settings", "enable_party_matching"):
		yield "Accounts Settings: enable_party_matching"
	follow = frappe.db.get_value(
		"User", frappe.session.user, ["document_follow_notify", "follow_created_documents"]
	)
	if follow and all(follow):
		yield f"User {frappe.session.user}: follow_created_documents"


def _setting(doctype: str, fieldname: str) -> bool:
	there = frappe.db.exists("DocType", doctype) and frappe.get_meta(doctype).has_field(fieldname)
	return bool(there and frappe.db.get_single_value(doctype, fieldname))


def _fields() -> Iterable[str]:
	for field in frappe.get_meta(TRANSACTION).fields:
		if field.get("in_global_search"):
			yield f"{field.fieldname}: in_global_search"
		if (field.get("fetch_from") or "").split(".")[0] in _VARYING:
			yield f"{field.fieldname}: fetch_from {field.fetch_from}"
