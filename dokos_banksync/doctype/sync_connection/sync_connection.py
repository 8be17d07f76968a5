from __future__ import annotations

from frappe.model.document import Document

from dokos_banksync.hosts.frappe.document_guards import keep_the_rest, stay_with_its_lines


class SyncConnection(Document):
	"""A consent of a user with a bank, through a provider."""

	def validate(self) -> None:
		"""Keep what only synchronization may change."""
		keep_the_rest(self)

	def on_trash(self) -> None:
		"""Refuse while transactions came from it."""
		stay_with_its_lines(self)
