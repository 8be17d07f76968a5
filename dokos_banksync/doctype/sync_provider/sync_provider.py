from __future__ import annotations

from frappe.model.document import Document

from dokos_banksync.hosts.frappe import provider_guards, urls


class SyncProvider(Document):
	"""A subscription with a provider."""

	def onload(self) -> None:
		"""Show the webhook address."""
		self.webhook_url = urls.webhook(self.name)

	def validate(self) -> None:
		"""Store the secrets encrypted, and not in this document."""
		provider_guards.keep_the_secret(self)
