"""The controller of Sync Connection: what only synchronization writes is protected."""

from __future__ import annotations

from frappe.model.document import Document

from dokos_banksync.hosts.frappe.document_guards import protect_fields, refuse_deletion_with_lines


class SyncConnection(Document):
	"""A consent of a user with a bank, through a provider."""

	def validate(self) -> None:
		"""Keep what only synchronization may change."""
		protect_fields(self)

	def on_trash(self) -> None:
		"""Refuse while transactions came from it."""
		refuse_deletion_with_lines(self)
