from frappe.model.document import Document

from dokos_banksync.shell import addresses, subscriptions


class SyncProvider(Document):
	def onload(self):
		self.webhook_url = addresses.webhook(self.name)

	def validate(self):
		subscriptions.keep_the_secret(self)
