from frappe.model.document import Document

from dokos_banksync.hosts.frappe import log_clearing


class SyncJournalEntry(Document):
	@staticmethod
	def clear_old_logs(days=730):
		log_clearing.clear_journal(days)
