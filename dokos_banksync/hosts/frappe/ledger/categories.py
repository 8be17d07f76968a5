"""The category tree: what providers gave, and what people made of it.

Dokos names a category by its title, so that no two may share one, and hangs all of them on one root; our own
definition names it by a hash, and has as many roots as there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.model.rename_doc import rename_doc

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.records import CategoryChange, CategoryRecord
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import Base
from dokos_banksync.hosts.frappe.ledger.dialect import CATEGORY, TRANSACTION, has, named
from dokos_banksync.hosts.frappe.ledger.locks import hold

_PARENT = "parent_bank_transaction_category"
RENAMES = "banksync_renames"
"""Flag of the process while the synchronisation gives a category another name."""


def title_field() -> str:
	return "category_name" if has(CATEGORY, "category_name") else "category"


class Categories(Base):
	"""Bank Transaction Categories, through their documents: they are a tree, and there are a hundred of them."""

	def categories(self, provider_type: str) -> list[CategoryRecord]:
		kind = named(CATEGORY, "provider_type")
		return self._categories(f"WHERE COALESCE(`{kind}`, '') IN ('', %s)", (provider_type,))

	def all_categories(self) -> list[CategoryRecord]:
		"""Those that live, of all providers and people."""
		return self._categories(f"WHERE COALESCE(`{named(CATEGORY, 'removed')}`, 0) = 0", ())

	def category(self, name: str) -> CategoryRecord:
		found = [one for one in self._categories("WHERE name = %s", (name,)) if not one.removed]
		if not found:
			raise NotFound("There is no category {0}: see the list of categories", name)
		return found[0]

	def _categories(self, where: str, values: tuple[str, ...]) -> list[CategoryRecord]:
		remote_id, edited, removed = (named(CATEGORY, one) for one in ("remote_id", "edited", "removed"))
		found = sql.rows(
			f"SELECT name, `{title_field()}` title, `{_PARENT}` parent, `{remote_id}` remote_id, "
			f"`{edited}` edited, `{removed}` removed FROM {sql.table(CATEGORY)} {where} ORDER BY name",
			values,
		)
		root = _root()
		return [
			CategoryRecord(
				*(row["name"], row["title"], _parent_out(row["parent"], root), row["remote_id"] or ""),
				*(bool(row["edited"]), bool(row["removed"])),
			)
			for row in found
			if row["name"] != root
		]

	def change_categories(self, provider_type: str, changes: Iterable[CategoryChange]) -> None:
		"""What another run or a person did since the changes were planned goes first."""
		with hold("categories", wait=30):
			sql.begin()  # to see what others have written
			held = {one.remote_id: one for one in self.categories(provider_type) if one.remote_id}
			names = {remote_id: one.name for remote_id, one in held.items()}
			for change in changes:
				record = held.get(change.remote_id)
				if record and (record.edited or record.removed):
					continue
				parent = names.get(change.parent, "")
				name = names.get(change.remote_id)
				names[change.remote_id] = (
					self._alter(name, change.category_name, parent)
					if name
					else self._make(change.category_name, parent, provider_type, change.remote_id)
				)
			sql.commit()

	@staticmethod
	def _above(parent: str) -> str | None:
		"""The parent as the host keeps it."""
		return parent or _root(make=True) or None

	def _make(self, title: str, parent: str, provider_type: str = "", remote_id: str = "") -> str:
		doc = frappe.new_doc(CATEGORY)
		doc.set(title_field(), self._own_title(title, parent))
		doc.set(named(CATEGORY, "provider_type"), provider_type)
		doc.set(named(CATEGORY, "remote_id"), remote_id)
		doc.set(named(CATEGORY, "edited"), 0 if remote_id else 1)
		doc.set(_PARENT, self._above(parent))
		if doc.meta.has_field("is_group"):
			doc.is_group = 1
		_save(doc)
		return str(doc.name)

	def _alter(self, name: str, title: str, parent: str) -> str:
		doc = frappe.get_doc(CATEGORY, name)
		if doc.get(_PARENT) != self._above(parent):
			doc.set(_PARENT, self._above(parent))
			_save(doc)
		return self._retitle(name, self._own_title(title, parent, name))

	def _retitle(self, name: str, title: str) -> str:
		"""The category's name from now on."""
		field = title_field()
		if frappe.db.get_value(CATEGORY, name, field) == title:
			return name
		if _named_by_title():
			return rename(name, title)
		frappe.db.set_value(CATEGORY, name, field, title)
		return name

	def _own_title(self, title: str, parent: str, name: str = "") -> str:
		"""Where a title is a name, one that another category bears is told apart by its parent."""
		if not _named_by_title():
			return title
		above = frappe.db.get_value(CATEGORY, parent, title_field()) if parent else ""
		for wanted in (title, f"{title} ({above})" if above else f"{title} (2)", f"{title} ({parent} 2)"):
			holder = frappe.db.exists(CATEGORY, wanted)
			if not holder or holder == name:
				return wanted
		raise InvalidData("There is a category {0} already: choose another name", title)

	# -- what a person changes --------------------------------------------------------------------------
	def add_category(self, category_name: str, parent: str = "") -> str:
		"""A person's own category; its name (key). Raises `InvalidData` for an empty or a taken title."""
		title = self._free_title(category_name, "")
		if parent:
			self.category(parent)
		name = self._make(title, parent)
		sql.commit()
		return name

	def rename_category(self, name: str, category_name: str) -> None:
		self.category(name)
		name = self._retitle(name, self._free_title(category_name, name))
		frappe.db.set_value(CATEGORY, name, named(CATEGORY, "edited"), 1)
		sql.commit()

	def delete_category(self, name: str) -> None:
		"""Its transactions lose it, and its children move up to its parent."""
		record = self.category(name)
		for child in frappe.get_all(CATEGORY, filters={_PARENT: name}, pluck="name"):
			doc = frappe.get_doc(CATEGORY, child)
			doc.set(_PARENT, self._above(record.parent))
			_save(doc)
		field = named(TRANSACTION, "category")
		sql.run(f"UPDATE {sql.table(TRANSACTION)} SET `{field}` = NULL WHERE `{field}` = %s", (name,))
		if record.remote_id:
			frappe.db.set_value(CATEGORY, name, named(CATEGORY, "removed"), 1)
		else:
			frappe.delete_doc(CATEGORY, name, ignore_permissions=True)
		sql.commit()

	def _free_title(self, category_name: str, name: str) -> str:
		title = category_name.strip()
		if not title:
			raise InvalidData("The category has no name: give it one")
		taken = [one for one in self.all_categories() if one.category_name == title and one.name != name]
		if taken:
			raise InvalidData("There is a category {0} already: choose another name", title)
		return title


def _root(make: bool = False) -> str:
	"""The one category that all others hang on, where the host wants one."""
	if not _named_by_title():
		return ""
	found = frappe.get_all(
		CATEGORY, filters={_PARENT: ("in", ("", None))}, order_by="lft", pluck="name", limit=1
	)
	if found or not make:
		return found[0] if found else ""
	doc = frappe.new_doc(CATEGORY)
	doc.update({title_field(): frappe._("All categories"), "is_group": 1})
	doc.flags.ignore_mandatory = True
	_save(doc)
	return str(doc.name)


def _parent_out(parent: str | None, root: str) -> str:
	return "" if not parent or parent == root else parent


def _named_by_title() -> bool:
	return str(frappe.get_meta(CATEGORY).autoname or "").startswith("field:")


def rename(name: str, title: str) -> str:
	"""Its name from now on; no person's doing."""
	frappe.flags[RENAMES] = True
	try:
		return str(rename_doc(CATEGORY, name, title, force=True, show_alert=False, ignore_permissions=True))
	finally:
		frappe.flags[RENAMES] = False


def _save(doc: Any) -> None:
	doc.flags.ignore_permissions = True
	doc.save()
