from frappe.model.document import Document

from dokos_banksync.hosts.frappe import provider_guards, urls


class SyncProvider(Document):
	def onload(self):
		self.webhook_url = urls.webhook(self.name)
		provider_guards.show_stored(self)

	def validate(self):
		provider_guards.take_credentials(self)
		provider_guards.keep_the_secret(self)

	def on_update(self):
		provider_guards.store_secrets(self)
