"""The subscriptions at providers with their credentials, by name and by connection."""

from __future__ import annotations

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.subscription import Subscription
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.connections import NO_CONNECTION
from dokos_banksync.hosts.storage.sql import CONNECTION

NO_PROVIDER = "There is no provider {0}: see the list of providers"


class Subscriptions(Base):
	"""A subscription and its secrets are read by one query."""

	def subscription(self, provider: str) -> tuple[str, Subscription]:
		"""Return the provider's kind, and its credentials with the secrets."""
		return self._subscription("p.name = %s", provider)

	def subscription_of(self, connection: str) -> tuple[str, Subscription]:
		"""Return what `subscription` does of the provider of a connection. Raise `NotFound` for an unknown connection."""
		provider = "SELECT provider FROM `tabSync Connection` WHERE name = %s"
		try:
			return self._subscription(f"p.name = ({provider})", connection)
		except NotFound:
			self.must_exist(CONNECTION, connection, NO_CONNECTION)
			raise

	def _subscription(self, where: str, name: str) -> tuple[str, Subscription]:
		"""Return the subscription of the Sync Provider `p` that a condition on one value names. Raise `NotFound`."""
		raise NotImplementedError
