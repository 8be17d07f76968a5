from frappe.model.document import Document

from dokos_banksync.shell import clearing


class SyncLine(Document):
	@staticmethod
	def clear_old_logs(days=365):
		clearing.clear_lines(days)
