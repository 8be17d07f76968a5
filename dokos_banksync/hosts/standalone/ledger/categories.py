"""The category tree: what providers gave, and what people made of it."""

from __future__ import annotations

from collections.abc import Iterable

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.records import CategoryChange, CategoryRecord
from dokos_banksync.hosts.standalone.ledger.base import Base

_COLUMNS = """
	name, category_name, coalesce(parent_bank_transaction_category, '') parent, remote_id, edited, removed
"""


class Categories(Base):
	"""Bank Transaction Categories. Deleted ones of a provider stay as tombstones."""

	def categories(self, provider_type: str) -> list[CategoryRecord]:
		return self._categories("WHERE provider_type IN ('', ?)", (provider_type,))

	def all_categories(self) -> list[CategoryRecord]:
		"""Those that live, of all providers and people."""
		return self._categories("WHERE NOT removed", ())

	def category(self, name: str) -> CategoryRecord:
		found = self._categories("WHERE name = ? AND NOT removed", (name,))
		if not found:
			raise NotFound("There is no category {0}: see the list of categories", name)
		return found[0]

	def change_categories(self, provider_type: str, changes: Iterable[CategoryChange]) -> None:
		"""What another run or a person did since the changes were planned goes first."""
		with self.db.write():
			held = {record.remote_id: record for record in self.categories(provider_type) if record.remote_id}
			names = {remote_id: record.name for remote_id, record in held.items()}
			values = []
			for change in changes:
				record = held.get(change.remote_id)
				if record and (record.edited or record.removed):
					continue
				name = names.get(change.remote_id) or self.next_name("CAT-", 5)
				names[change.remote_id] = name
				values.append(
					(name, change.category_name, names.get(change.parent), provider_type, change.remote_id)
				)
			self.db.run_many(
				"""
				INSERT INTO bank_transaction_category
				(name, category_name, parent_bank_transaction_category, provider_type, remote_id)
				VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (name) DO UPDATE SET category_name = excluded.category_name,
				parent_bank_transaction_category = excluded.parent_bank_transaction_category
				""",
				values,
			)

	# -- what a person changes ------------------------------------------------------------------------
	def add_category(self, category_name: str, parent: str = "") -> str:
		"""A person's own category; its name (key). Raises `InvalidData` for an empty or a taken title."""
		with self.db.write():
			title = self._free_title(category_name, "")
			if parent:
				self.category(parent)
			name = self.next_name("CAT-", 5)
			self.db.run(
				"""
				INSERT INTO bank_transaction_category
				(name, category_name, parent_bank_transaction_category, edited) VALUES (?, ?, ?, 1)
				""",
				(name, title, parent or None),
			)
		return name

	def rename_category(self, name: str, category_name: str) -> None:
		with self.db.write():
			self.category(name)
			title = self._free_title(category_name, name)
			self.db.run(
				"UPDATE bank_transaction_category SET category_name = ?, edited = 1 WHERE name = ?",
				(title, name),
			)

	def delete_category(self, name: str) -> None:
		"""Its transactions lose it, and its children move up to its parent."""
		with self.db.write():
			record = self.category(name)
			parent = record.parent or None
			self.db.run(
				"""
				UPDATE bank_transaction_category SET parent_bank_transaction_category = ?
				WHERE parent_bank_transaction_category = ?
				""",
				(parent, name),
			)
			self.db.run("UPDATE bank_transaction SET category = NULL WHERE category = ?", (name,))
			if record.remote_id:
				self.db.run("UPDATE bank_transaction_category SET removed = 1 WHERE name = ?", (name,))
			else:
				self.db.run("DELETE FROM bank_transaction_category WHERE name = ?", (name,))

	def _free_title(self, category_name: str, name: str) -> str:
		title = category_name.strip()
		if not title:
			raise InvalidData("The category has no name: give it one")
		taken = self.db.row(
			"SELECT 1 FROM bank_transaction_category WHERE category_name = ? AND name <> ? AND NOT removed",
			(title, name),
		)
		if taken:
			raise InvalidData("There is a category {0} already: choose another name", title)
		return title

	def _categories(self, where: str, values: tuple[str, ...]) -> list[CategoryRecord]:
		rows = self.db.rows(f"SELECT {_COLUMNS} FROM bank_transaction_category {where} ORDER BY name", values)
		return [
			CategoryRecord(
				*(row["name"], row["category_name"], row["parent"], row["remote_id"]),
				bool(row["edited"]),
				bool(row["removed"]),
			)
			for row in rows
		]
