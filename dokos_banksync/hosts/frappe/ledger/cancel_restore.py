"""Takes bank transactions off the site as the host does it, and brings them back: many at once where that equals what
the host does for one, else one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import REFUSALS, refusal
from dokos_banksync.hosts.frappe.ledger.customisations import attached, leaving
from dokos_banksync.hosts.frappe.ledger.dialect import TRANSACTION, Dialect
from dokos_banksync.hosts.frappe.ledger.journal import CHILDREN
from dokos_banksync.hosts.frappe.ledger.lines import is_reconciled

_OURS = "banksync_deletes"
_FEW = 3
"""So few cost less as documents."""

_TALK = {
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"ToDo": ("reference_type", "reference_name"),
	"DocShare": ("share_doctype", "share_name"),
	"Tag Link": ("document_type", "document_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
}
"""What people hang on a document, which Frappe then has to take care of."""


def is_ours() -> bool:
	"""Is it the synchronisation that takes a bank transaction away just now?"""
	return bool(frappe.flags.get(_OURS))


@contextmanager
def _ours() -> Iterator[None]:
	frappe.flags[_OURS] = True
	try:
		yield
	finally:
		frappe.flags[_OURS] = False


def remove(names: Sequence[str]) -> dict[str, str]:
	"""Cancel and delete, whoever stands on them. Gives those that the host would not, and why."""
	plain = _plain(names) if len(names) > _FEW and not attached() and not leaving() else set()
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
	except REFUSALS as error:
		return refusal(error)
	return ""


# -- many at once -----------------------------------------------------------------------------------------
def _plain(names: Sequence[str]) -> set[str]:
	"""Those that nobody has hung anything on."""
	left = set(names)
	for doctype, (kind, name) in _TALK.items():
		for part in sql.parts(sorted(left)):
			query = f"SELECT DISTINCT `{name}` FROM {sql.table(doctype)} WHERE `{kind}` = %s AND `{name}` IN ({sql.marks(part)})"
			left -= {row[name] for row in sql.rows(query, [TRANSACTION, *part])}
	for doctype in _tables():
		for part in sql.parts(sorted(left)):
			query = f"SELECT DISTINCT parent FROM {sql.table(doctype)} WHERE parenttype = %s AND parent IN ({sql.marks(part)})"
			left -= {row["parent"] for row in sql.rows(query, [TRANSACTION, *part])}
	return left


def _tables() -> list[str]:
	return [field.options for field in frappe.get_meta(TRANSACTION).get_table_fields()]


def _remove_many(names: Sequence[str]) -> dict[str, str]:
	"""With the versions that the host kept, and its own note of what was deleted. Gives those that a person has
	reconciled at the same moment.
	"""
	query = f"SELECT * FROM {sql.table(TRANSACTION)} WHERE name IN ({sql.marks(names)}) FOR UPDATE"
	rows = sql.rows(query, names)
	refused = {row["name"]: _("it is reconciled") for row in rows if is_reconciled(row)}
	rows = [row for row in rows if row["name"] not in refused]
	gone = [row["name"] for row in rows]
	_note_deleted(rows)
	within = f"IN ({sql.marks(gone)})"
	sql.run(f"DELETE FROM `tabVersion` WHERE ref_doctype = %s AND docname {within}", [TRANSACTION, *gone])
	sql.run(f"DELETE FROM {sql.table(TRANSACTION)} WHERE name {within}", gone)
	for name in gone:
		frappe.clear_document_cache(TRANSACTION, name)
	return refused


def _note_deleted(rows: Sequence[Any]) -> None:
	now, user = frappe.utils.now(), frappe.session.user
	stamps = {"creation": now, "modified": now, "owner": user, "modified_by": user, "docstatus": 0, "idx": 0}
	told = (
		(sql.new_name(), row["name"], json.dumps({"doctype": TRANSACTION, **row}, default=str))
		for row in rows
	)
	same = {"deleted_doctype": TRANSACTION, "restored": 0, **stamps}
	sql.insert("Deleted Document", ["name", "deleted_name", "data"], told, same=same)


# -- back again -------------------------------------------------------------------------------------------
def restore(images: Sequence[Mapping[str, Any]]) -> dict[str, str]:
	"""Bank transactions under the same names with the same values, from their images.

	Their versions, comments and attachments stay lost. Gives those that the host would not take, and why.
	"""
	if not images:
		return {}
	again = _names_taken([image["name"] for image in images])
	if again:
		return again
	images = _without_what_is_taken(images)
	if attached():
		return {image["name"]: why for image in images if (why := _restore_one(image))}
	known = set(frappe.db.get_table_columns(TRANSACTION))
	for part in sql.parts(images):
		columns = [name for name in part[0] if name in known]
		sql.insert(TRANSACTION, columns, ([image.get(name) for name in columns] for image in part))
		_restore_children(part)
	_note_restored([image["name"] for image in images])
	return {}


def _names_taken(names: Sequence[str]) -> dict[str, str]:
	found: dict[str, str] = {}
	why = _("another bank transaction bears its name by now")
	for part in sql.parts(names):
		query = f"SELECT name FROM {sql.table(TRANSACTION)} WHERE name IN ({sql.marks(part)})"
		found.update({row["name"]: why for row in sql.rows(query, part)})
	return found


def _restore_one(image: Mapping[str, Any]) -> str:
	"""Through the document, for something on the site must see it come; then with all its old values."""
	given = {name: value for name, value in image.items() if name != CHILDREN}
	try:
		with sql.undone_on_error():
			doc = frappe.get_doc({**given, "doctype": TRANSACTION, "docstatus": 0})
			doc.flags.ignore_permissions = True
			doc.insert(set_name=image["name"])
			if image["docstatus"] == 1:
				doc.submit()
	except REFUSALS as error:
		return refusal(error)
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


def _without_what_is_taken(images: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
	"""Another may bear the provider's id, or stand for the line, by now: each is one document's alone."""
	dialect = Dialect.of_site()
	restored = [dict(image) for image in images]
	for column in (dialect.origin, dialect.remote_id if dialect.unique_remote_id else ""):
		told = [image[column] for image in restored if column and image.get(column)]
		taken: set[str] = set()
		for part in sql.parts(told):
			query = f"SELECT `{column}` taken FROM {sql.table(TRANSACTION)} WHERE `{column}` IN ({sql.marks(part)})"
			taken.update(row["taken"] for row in sql.rows(query, part))
		for image in restored:
			if column and image.get(column) in taken:
				image[column] = None
	return restored


def _note_restored(names: Sequence[str]) -> None:
	"""As Frappe's own list of deleted documents does."""
	for part in sql.parts(names):
		sql.run(
			"UPDATE `tabDeleted Document` SET restored = 1, new_name = deleted_name "
			f"WHERE deleted_doctype = %s AND deleted_name IN ({sql.marks(part)})",
			[TRANSACTION, *part],
		)


def keep_names(names: Sequence[str]) -> None:
	"""Frappe gives the last name of a series away again once its document is gone. Lines remember it, and it may be
	wanted back: the series goes on behind it.
	"""
	for name in sorted(names):
		prefix = name.rstrip("0123456789")
		digits = name[len(prefix) :]
		if digits:
			sql.run(
				"UPDATE `tabSeries` SET `current` = %s WHERE `name` = %s AND `current` = %s",
				(int(digits), prefix, int(digits) - 1),
			)
