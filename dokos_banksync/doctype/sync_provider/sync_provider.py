from frappe.model.document import Document

from dokos_banksync.hosts.frappe import provider_guards, urls


class SyncProvider(Document):
	def onload(self):
		self.webhook_url = urls.webhook(self.name)

	def validate(self):
		provider_guards.keep_the_secret(self)
