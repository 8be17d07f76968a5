"""The category tree: what providers gave, and what users made of it."""

from __future__ import annotations

from collections.abc import Iterable

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.records import CategoryChange, CategoryRecord
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.sql import CATEGORY, TRANSACTION, table

PARENT = "parent_bank_transaction_category"


class Categories(Base):
	"""Bank Transaction Categories. A provider's category that a user deleted stays as a tombstone.

	How a category is made, moved, renamed and deleted is the host's: it is a document there.
	"""

	# -- the host's -------------------------------------------------------------------------------------
	def make_category(self, title: str, parent: str, provider_type: str = "", remote_id: str = "") -> str:
		"""Make a category and return its name. One without a remote id is the user's own."""
		raise NotImplementedError

	def alter_category(self, name: str, title: str, parent: str) -> str:
		"""Rename and move a category; its name from now on."""
		raise NotImplementedError

	def retitle_category(self, name: str, title: str) -> str:
		"""Rename a category; its name from now on."""
		raise NotImplementedError

	def move_category(self, name: str, parent: str) -> None:
		"""Give a category another parent, empty for none."""
		raise NotImplementedError

	def flag_category(self, name: str, fieldname: str) -> None:
		"""Set `edited` or `removed`."""
		raise NotImplementedError

	def category_root(self) -> str:
		"""Return the category that all others are below, where the host wants one."""
		return ""

	# -- reading ----------------------------------------------------------------------------------------
	def categories(self, provider_type: str) -> list[CategoryRecord]:
		"""See `Ledger.categories`."""
		kind = self.fields.of_category("provider_type")
		return self._read_categories(f"WHERE COALESCE(`{kind}`, '') IN ('', %s)", (provider_type,))

	def all_categories(self) -> list[CategoryRecord]:
		"""Return the categories of all providers and users, without tombstones."""
		return self._read_categories(f"WHERE COALESCE(`{self.fields.of_category('removed')}`, 0) = 0", ())

	def category(self, name: str) -> CategoryRecord:
		"""Return a category that is not a tombstone."""
		found = [one for one in self._read_categories("WHERE name = %s", (name,)) if not one.removed]
		if not found:
			raise NotFound("There is no category {0}: see the list of categories", name)
		return found[0]

	def _read_categories(self, where: str, values: tuple[str, ...]) -> list[CategoryRecord]:
		remote_id, edited, removed = map(self.fields.of_category, ("remote_id", "edited", "removed"))
		rows = self.db.rows(
			f"SELECT name, `{self.fields.category_title}` title, `{PARENT}` parent, `{remote_id}` remote_id, "
			f"`{edited}` edited, `{removed}` removed FROM {table(CATEGORY)} {where} ORDER BY name",
			values,
		)
		root = self.category_root()
		return [
			CategoryRecord(
				name=row["name"],
				category_name=row["title"] or "",
				parent="" if row["parent"] in (None, root) else row["parent"],
				remote_id=row["remote_id"] or "",
				edited=bool(row["edited"]),
				removed=bool(row["removed"]),
			)
			for row in rows
			if row["name"] != root
		]

	# -- what a provider gives --------------------------------------------------------------------------
	def apply_changes(self, provider_type: str, changes: Iterable[CategoryChange]) -> None:
		"""Apply planned changes. What another run or a user did since they were planned takes precedence."""
		held = {one.remote_id: one for one in self.categories(provider_type) if one.remote_id}
		names = {remote_id: one.name for remote_id, one in held.items()}
		for change in changes:
			record = held.get(change.remote_id)
			if record and (record.edited or record.removed):
				continue
			parent, name = names.get(change.parent, ""), names.get(change.remote_id)
			if name:
				name = self.alter_category(name, change.category_name, parent)
			else:
				name = self.make_category(change.category_name, parent, provider_type, change.remote_id)
			names[change.remote_id] = name

	# -- what a user changes ----------------------------------------------------------------------------
	def add_category(self, category_name: str, parent: str = "") -> str:
		"""Make a user's own category and return its name. Raises `InvalidData` for an empty or a taken title."""
		with self.db.write(lock=False):
			title = self._free_title(category_name, "")
			if parent:
				self.category(parent)
			return self.make_category(title, parent)

	def rename_category(self, name: str, category_name: str) -> None:
		"""Rename a category. A provider's no longer follows the provider."""
		with self.db.write(lock=False):
			self.category(name)
			name = self.retitle_category(name, self._free_title(category_name, name))
			self.flag_category(name, "edited")

	def delete_category(self, name: str) -> None:
		"""Delete a category: its transactions lose it, and its children move up to its parent."""
		with self.db.write(lock=False):
			record = self.category(name)
			children = f"SELECT name FROM {table(CATEGORY)} WHERE `{PARENT}` = %s"
			for row in self.db.rows(children, (name,)):
				self.move_category(row["name"], record.parent)
			field = self.fields.category
			self.db.run(f"UPDATE {table(TRANSACTION)} SET `{field}` = NULL WHERE `{field}` = %s", (name,))
			if record.remote_id:
				self.flag_category(name, "removed")
			else:
				self.documents.delete(CATEGORY, name)

	def _free_title(self, category_name: str, name: str) -> str:
		title = category_name.strip()
		if not title:
			raise InvalidData("The category has no name: give it one")
		if any(one.category_name == title and one.name != name for one in self.all_categories()):
			raise InvalidData("There is a category {0} already: choose another name", title)
		return title
