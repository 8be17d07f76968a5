from frappe.model.document import Document

from dokos_banksync.hosts.frappe import log_clearing


class SyncRun(Document):
	@staticmethod
	def clear_old_logs(days=180):
		log_clearing.clear_runs(days)
