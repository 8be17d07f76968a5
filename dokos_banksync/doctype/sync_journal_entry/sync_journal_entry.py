"""The controller of Sync Journal Entry, which Frappe's Log Settings may clear."""

from __future__ import annotations

from frappe.model.document import Document

from dokos_banksync.hosts.frappe import log_clearing


class SyncJournalEntry(Document):
	"""A change that a run made, so that it can be undone."""

	@staticmethod
	def clear_old_logs(days: int = 730) -> None:
		"""Clear what is older than `days`: Frappe's Log Settings call it."""
		log_clearing.clear_journal(days)
