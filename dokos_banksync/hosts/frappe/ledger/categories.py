"""The category tree: what providers gave, and what users made of it.

Dokos names a category by its title, so that no two may share one, and hangs all of them on one root; our own
definition names it by a hash, and has as many roots as there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.model.rename_doc import rename_doc

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import CategoryChange
from dokos_banksync.hosts.frappe.ledger.fields import has
from dokos_banksync.hosts.frappe.ledger.locks import hold
from dokos_banksync.hosts.frappe.ledger.values import title_in
from dokos_banksync.hosts.storage import categories as storage
from dokos_banksync.hosts.storage.categories import PARENT
from dokos_banksync.hosts.storage.sql import CATEGORY

RENAMES = "banksync_renames"
"""Flag of the process while the synchronisation gives a category another name."""


def title_field() -> str:
	"""Return the field that holds a category's title on this host."""
	return "category_name" if has(CATEGORY, "category_name") else "category"


class Categories(storage.Categories):
	"""Changed through their documents: they are a tree, and there are about a hundred of them."""

	def change_categories(self, provider_type: str, changes: Iterable[CategoryChange]) -> None:
		"""See `Ledger.change_categories`."""
		with hold("categories", wait=30), self.db.write(lock=False):
			self.apply_changes(provider_type, changes)

	def make_category(self, title: str, parent: str, provider_type: str = "", remote_id: str = "") -> str:
		"""See `storage.Categories`."""
		doc = frappe.new_doc(CATEGORY)
		doc.set(self.fields.category_title, self._free_name(title_in(title), parent))
		doc.set(self.fields.of_category("provider_type"), provider_type)
		doc.set(self.fields.of_category("remote_id"), remote_id)
		doc.set(self.fields.of_category("edited"), 0 if remote_id else 1)
		doc.set(PARENT, _above(parent))
		if doc.meta.has_field("is_group"):
			doc.is_group = 1
		_save(doc)
		return str(doc.name)

	def alter_category(self, name: str, title: str, parent: str) -> str:
		"""See `storage.Categories`."""
		self.move_category(name, parent)
		return self.retitle_category(name, self._free_name(title_in(title), parent, name))

	def move_category(self, name: str, parent: str) -> None:
		"""See `storage.Categories`."""
		doc = frappe.get_doc(CATEGORY, name)
		if doc.get(PARENT) != _above(parent):
			doc.set(PARENT, _above(parent))
			_save(doc)

	def retitle_category(self, name: str, title: str) -> str:
		"""See `storage.Categories`. Where a title is a name, the document is renamed."""
		field, title = self.fields.category_title, title_in(title)
		if frappe.db.get_value(CATEGORY, name, field) == title:
			return name
		if _named_by_title():
			return rename(name, title)
		frappe.db.set_value(CATEGORY, name, field, title)
		return name

	def flag_category(self, name: str, fieldname: str) -> None:
		"""See `storage.Categories`."""
		frappe.db.set_value(CATEGORY, name, self.fields.of_category(fieldname), 1)

	def category_root(self) -> str:
		"""See `storage.Categories`."""
		return _root()

	def _free_name(self, title: str, parent: str, name: str = "") -> str:
		"""Return a free title on hosts that name categories by title; the parent's title distinguishes equal ones."""
		if not _named_by_title():
			return title
		above = frappe.db.get_value(CATEGORY, parent, self.fields.category_title) if parent else ""
		for wanted in (title, f"{title} ({above})" if above else f"{title} (2)", f"{title} ({parent} 2)"):
			holder = frappe.db.exists(CATEGORY, wanted)
			if not holder or holder == name:
				return wanted
		raise InvalidData("There is a category {0} already: choose another name", title)


def _above(parent: str) -> str | None:
	"""Return the parent as the host stores it, or the root."""
	return parent or _root(make=True) or None


def _root(make: bool = False) -> str:
	"""Return the one category that all others hang on, where the host wants one."""
	if not _named_by_title():
		return ""
	found = frappe.get_all(
		CATEGORY, filters={PARENT: ("in", ("", None))}, order_by="lft", pluck="name", limit=1
	)
	if found or not make:
		return found[0] if found else ""
	doc = frappe.new_doc(CATEGORY)
	doc.update({title_field(): frappe._("All categories"), "is_group": 1})
	doc.flags.ignore_mandatory = True
	_save(doc)
	return str(doc.name)


def _named_by_title() -> bool:
	return str(frappe.get_meta(CATEGORY).autoname or "").startswith("field:")


def rename(name: str, title: str) -> str:
	"""Rename a category, not on behalf of a user. Return its new name."""
	frappe.flags[RENAMES] = True
	try:
		return str(rename_doc(CATEGORY, name, title, force=True, show_alert=False, ignore_permissions=True))
	finally:
		frappe.flags[RENAMES] = False


def _save(doc: Any) -> None:
	doc.flags.ignore_permissions = True
	doc.save()
