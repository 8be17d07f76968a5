from frappe.model.document import Document

from dokos_banksync.shell import clearing


class SyncRun(Document):
	@staticmethod
	def clear_old_logs(days=180):
		clearing.clear_runs(days)
