from frappe.model.document import Document

from dokos_banksync.shell import clearing


class SyncJournalEntry(Document):
	@staticmethod
	def clear_old_logs(days=730):
		clearing.clear_journal(days)
