from frappe.model.document import Document

from dokos_banksync.shell import addresses


class SyncProvider(Document):
	def onload(self):
		self.webhook_url = addresses.webhook(self.name)
