"""The controller of Sync Run, which Frappe's Log Settings may clear."""

from __future__ import annotations

from frappe.model.document import Document

from dokos_banksync.hosts.frappe import log_clearing


class SyncRun(Document):
	"""A run: what a fetch, an import or an undo did."""

	@staticmethod
	def clear_old_logs(days: int = 180) -> None:
		"""Clear what is older than `days`: Frappe's Log Settings call it."""
		log_clearing.clear_runs(days)
