"""The controller of Sync Line, which Frappe's Log Settings may clear."""

from __future__ import annotations

from frappe.model.document import Document

from dokos_banksync.hosts.frappe import log_clearing


class SyncLine(Document):
	"""A row of the bank, with what became of it."""

	@staticmethod
	def clear_old_logs(days: int = 365) -> None:
		"""Clear what is older than `days`: Frappe's Log Settings call it."""
		log_clearing.clear_lines(days)
