"""What a user may change of a connection by hand: the rest is written by the synchronisation alone."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _

EDITABLE = frozenset({"automatic", "frequency", "company"})
SET_ON_CREATION = EDITABLE | {"bank", "provider", "institution_id"}


def protect_fields(doc: Any) -> None:
	"""Put back whatever else was sent. A form that was open during a run would otherwise write old cursors over
	new ones, and a crafted request could tie an account to another book."""
	before = doc.get_doc_before_save()
	allowed = EDITABLE if before else SET_ON_CREATION
	for field in doc.meta.fields:
		name = field.fieldname
		if name in allowed:
			continue
		if before:
			doc.set(name, before.get(name))
		elif field.fieldtype == "Table":
			doc.set(name, [])
		else:
			doc.set(name, field.default)
	if before and any(doc.has_value_changed(name) for name in ("automatic", "frequency")):
		doc.next_run_at = None  # the next run is scheduled again within the hour


def refuse_deletion_with_lines(doc: Any) -> None:
	"""Refuse to delete a connection with lines or runs: the site would reuse its name, and they would belong to the next
	connection."""
	if any(frappe.db.exists(kind, {"connection": doc.name}) for kind in ("Sync Line", "Sync Run")):
		message = _(
			"{0} has been fetched: disconnect it instead. Its lines tell where bank transactions come from"
		)
		frappe.throw(message.format(doc.name), frappe.LinkExistsError)
