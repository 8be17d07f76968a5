"""The controller of Sync Provider: credentials are stored encrypted and never shown."""

from __future__ import annotations

from frappe.model.document import Document

from dokos_banksync.hosts.frappe import provider_guards, urls


class SyncProvider(Document):
	"""A subscription with a provider."""

	def onload(self) -> None:
		"""Show the webhook address, and which secrets are stored."""
		self.webhook_url = urls.webhook(self.name)
		provider_guards.show_stored(self)

	def validate(self) -> None:
		"""Take the credentials that were entered; secrets are stored encrypted, and not in this document."""
		provider_guards.take_credentials(self)
		provider_guards.require_secrets_for_new_address(self)

	def on_update(self) -> None:
		"""Store the secrets that were entered."""
		provider_guards.store_secrets(self)
