"""The category tree of the standalone site."""

from __future__ import annotations

from collections.abc import Iterable

from dokos_banksync.core.records import CategoryChange
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.storage import categories as storage


class Categories(Base, storage.Categories):
	"""Categories are named by a number; titles are free."""

	def change_categories(self, provider_type: str, changes: Iterable[CategoryChange]) -> None:
		"""See `Ledger.change_categories`."""
		with self.db.write():
			self.apply_changes(provider_type, changes)

	def make_category(self, title: str, parent: str, provider_type: str = "", remote_id: str = "") -> str:
		"""See `storage.Categories`."""
		[name] = self.db.series("CAT-", 5, 1)
		self.db.run(
			"""
			INSERT INTO bank_transaction_category
			(name, category_name, parent_bank_transaction_category, provider_type, remote_id, edited)
			VALUES (?, ?, ?, ?, ?, ?)
			""",
			(name, title, parent or None, provider_type, remote_id, int(not remote_id)),
		)
		return name

	def alter_category(self, name: str, title: str, parent: str) -> str:
		"""See `storage.Categories`."""
		self.move_category(name, parent)
		return self.retitle_category(name, title)

	def retitle_category(self, name: str, title: str) -> str:
		"""See `storage.Categories`."""
		self.db.run("UPDATE bank_transaction_category SET category_name = ? WHERE name = ?", (title, name))
		return name

	def move_category(self, name: str, parent: str) -> None:
		"""See `storage.Categories`."""
		query = "UPDATE bank_transaction_category SET parent_bank_transaction_category = ? WHERE name = ?"
		self.db.run(query, (parent or None, name))

	def flag_category(self, name: str, fieldname: str) -> None:
		"""See `storage.Categories`."""
		self.db.run(f"UPDATE bank_transaction_category SET `{fieldname}` = 1 WHERE name = ?", (name,))
