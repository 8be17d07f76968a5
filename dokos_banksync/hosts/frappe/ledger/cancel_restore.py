"""Cancels and deletes bank transactions as the host does, and restores them: many at once where that equals what the
host does for one, else one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import HOST_REJECTIONS, rejection_text
from dokos_banksync.hosts.frappe.ledger.customisations import attached, leaving
from dokos_banksync.hosts.frappe.ledger.dead_links import without_dead_links
from dokos_banksync.hosts.frappe.ledger.fields import site_fields
from dokos_banksync.hosts.storage.fields import RECONCILED
from dokos_banksync.hosts.storage.journal import CHILDREN
from dokos_banksync.hosts.storage.sql import RESTORED_AT_ONCE, TRANSACTION, split_shared

_OURS = "banksync_deletes"
_FEW = 3
"""So few cost less as documents."""

_ATTACHMENTS = {
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"ToDo": ("reference_type", "reference_name"),
	"DocShare": ("share_doctype", "share_name"),
	"Tag Link": ("document_type", "document_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
}
"""What users attach to a document, which Frappe then has to delete with it."""


def is_ours() -> bool:
	"""Return whether the synchronisation is deleting a bank transaction just now."""
	return bool(frappe.flags.get(_OURS))


@contextmanager
def _ours() -> Iterator[None]:
	frappe.flags[_OURS] = True
	try:
		yield
	finally:
		frappe.flags[_OURS] = False


def remove(names: Sequence[str]) -> dict[str, str]:
	"""Cancel and delete bank transactions, whatever line belongs to them. Returns those that the host refused, with the reason."""
	plain = _without_attachments(names) if len(names) > _FEW and not attached() and not leaving() else set()
	refused = {name: _remove_one(name) for name in names if name not in plain}
	for part in sql.parts(sorted(plain)):
		refused.update(_remove_many(part))
	return {name: why for name, why in refused.items() if why}


def _remove_one(name: str) -> str:
	"""Why the host would not delete it, or empty."""
	if not frappe.db.exists(TRANSACTION, name):
		return ""
	try:
		with _ours(), sql.undone_on_error():
			doc = frappe.get_doc(TRANSACTION, name)
			doc.flags.ignore_permissions = True
			if doc.docstatus == 1:
				doc.cancel()
			frappe.delete_doc(TRANSACTION, name, ignore_permissions=True, force=True)
	except HOST_REJECTIONS as error:
		return rejection_text(error)
	return ""


# -- many at once -----------------------------------------------------------------------------------------
def _without_attachments(names: Sequence[str]) -> set[str]:
	"""Return those that nothing is attached to."""
	left = set(names)
	for doctype, (kind, name) in _ATTACHMENTS.items():
		for part in sql.parts(sorted(left)):
			among = f"`{name}` IN ({sql.placeholders(part)})"
			query = f"SELECT DISTINCT `{name}` FROM {sql.table(doctype)} WHERE `{kind}` = %s AND {among}"
			left -= {row[name] for row in sql.rows(query, [TRANSACTION, *part])}
	for doctype in _tables():
		for part in sql.parts(sorted(left)):
			query = f"SELECT DISTINCT parent FROM {sql.table(doctype)} WHERE parenttype = %s AND parent IN ({sql.placeholders(part)})"
			left -= {row["parent"] for row in sql.rows(query, [TRANSACTION, *part])}
	return left


def _tables() -> list[str]:
	return [field.options for field in frappe.get_meta(TRANSACTION).get_table_fields()]


def _remove_many(names: Sequence[str]) -> dict[str, str]:
	"""Delete them with their versions, and record them as the host does. Returns those that a user has reconciled at
	the same moment.
	"""
	columns, table = sql.every_column(TRANSACTION, "t"), sql.table(TRANSACTION)
	rows = sql.rows(
		f"SELECT {columns} FROM {table} t WHERE name IN ({sql.placeholders(names)}) FOR UPDATE", names
	)
	refused = {row["name"]: _("it is reconciled") for row in rows if _is_reconciled(row)}
	rows = [row for row in rows if row["name"] not in refused]
	gone = [row["name"] for row in rows]
	_note_deleted(rows)
	within = f"IN ({sql.placeholders(gone)})"
	sql.run(f"DELETE FROM `tabVersion` WHERE ref_doctype = %s AND docname {within}", [TRANSACTION, *gone])
	sql.run(f"DELETE FROM {sql.table(TRANSACTION)} WHERE name {within}", gone)
	frappe.clear_document_cache(TRANSACTION)  # for each name it would cost three calls of Redis
	return refused


def _is_reconciled(row: Any) -> bool:
	return row["status"] in RECONCILED or bool(row["allocated_amount"])


def _note_deleted(rows: Sequence[Any]) -> None:
	now, user = frappe.utils.now(), frappe.session.user
	stamps = {"creation": now, "modified": now, "owner": user, "modified_by": user, "docstatus": 0, "idx": 0}
	values = (
		(sql.new_name(), row["name"], json.dumps({"doctype": TRANSACTION, **row}, default=str))
		for row in rows
	)
	same = {"deleted_doctype": TRANSACTION, "restored": 0, **stamps}
	sql.insert("Deleted Document", ["name", "deleted_name", "data"], values, same=same)


# -- back again -------------------------------------------------------------------------------------------
def restore(images: Sequence[Mapping[str, Any]]) -> dict[str, str]:
	"""Restore bank transactions under the same names with the same values, from their images.

	Their versions, comments and attachments stay lost, and so do links to what was deleted since. Returns those that the host refused, with the reason.
	"""
	if not images:
		return {}
	again = _names_taken([image["name"] for image in images])
	if again:
		return again
	images = without_dead_links(_without_taken_keys(images))
	if attached():
		return {image["name"]: why for image in images if (why := _restore_one(image))}
	known = set(frappe.db.get_table_columns(TRANSACTION))
	for part in sql.parts(images):
		columns = [name for name in part[0] if name in known]
		rows = [[image.get(name) for name in columns] for image in part]
		own, values, same = split_shared(columns, rows, "name")
		sql.insert(TRANSACTION, own, values, same=same)
		_restore_children(part)
	_note_restored([image["name"] for image in images])
	return {}


def _names_taken(names: Sequence[str]) -> dict[str, str]:
	found: dict[str, str] = {}
	why = _("another bank transaction has its name by now")
	for part in sql.parts(names):
		query = f"SELECT name FROM {sql.table(TRANSACTION)} WHERE name IN ({sql.placeholders(part)})"
		found.update({row["name"]: why for row in sql.rows(query, part)})
	return found


def _restore_one(image: Mapping[str, Any]) -> str:
	"""Insert the document, because a customisation has to process it; then set all its old values."""
	given = {name: value for name, value in image.items() if name != CHILDREN}
	try:
		with sql.undone_on_error():
			doc = frappe.get_doc({**given, "doctype": TRANSACTION, "docstatus": 0})
			doc.flags.ignore_permissions = True
			doc.insert(set_name=image["name"])
			if image["docstatus"] == 1:
				doc.submit()
	except HOST_REJECTIONS as error:
		return rejection_text(error)
	known = set(frappe.db.get_table_columns(TRANSACTION)) - {"name"}
	values = {name: value for name, value in given.items() if name in known}
	pairs = ", ".join(f"`{name}` = %s" for name in values)
	sql.run(f"UPDATE {sql.table(TRANSACTION)} SET {pairs} WHERE name = %s", [*values.values(), image["name"]])
	_restore_children([image])
	_note_restored([image["name"]])
	return ""


def _restore_children(images: Sequence[Mapping[str, Any]]) -> None:
	rows: dict[str, list[Mapping[str, Any]]] = {}
	for image in images:
		for doctype, children in image.get(CHILDREN, {}).items():
			rows.setdefault(doctype, []).extend(children)
	for doctype, children in rows.items():
		known = [name for name in children[0] if name in frappe.db.get_table_columns(doctype)]
		sql.insert(doctype, known, ([child.get(name) for name in known] for child in children))


def _without_taken_keys(images: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
	"""Clear provider ids and origins that another document has by now: they are unique."""
	fields = site_fields()
	restored = [dict(image) for image in images]
	for column in (fields.origin, fields.remote_id if fields.unique_remote_id else ""):
		wanted = [image[column] for image in restored if column and image.get(column)]
		taken: set[str] = set()
		for part in sql.parts(wanted):
			query = f"SELECT `{column}` taken FROM {sql.table(TRANSACTION)} WHERE `{column}` IN ({sql.placeholders(part)})"
			taken.update(row["taken"] for row in sql.rows(query, part))
		for image in restored:
			if column and image.get(column) in taken:
				image[column] = None
	return restored


def _note_restored(names: Sequence[str]) -> None:
	"""As Frappe's own list of deleted documents does. That list has no index by name: each statement reads all of it."""
	for part in sql.parts(names, RESTORED_AT_ONCE):
		sql.run(
			"UPDATE `tabDeleted Document` SET restored = 1, new_name = deleted_name "
			f"WHERE deleted_doctype = %s AND deleted_name IN ({sql.placeholders(part)})",
			[TRANSACTION, *part],
		)


def reserve_names(names: Sequence[str]) -> None:
	"""Prevent the reuse of names. Frappe reuses the last name of a series after its document is deleted; lines refer to it,
	and an undo may restore it.
	"""
	for name in sorted(names):
		prefix = name.rstrip("0123456789")
		digits = name[len(prefix) :]
		if digits:
			sql.run(
				"UPDATE `tabSeries` SET `current` = %s WHERE `name` = %s AND `current` = %s",
				(int(digits), prefix, int(digits) - 1),
			)
