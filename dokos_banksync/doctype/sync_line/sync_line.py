from frappe.model.document import Document

from dokos_banksync.hosts.frappe import log_clearing


class SyncLine(Document):
	@staticmethod
	def clear_old_logs(days=365):
		log_clearing.clear_lines(days)
