"""Bridge as a `Provider`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from dokos_banksync.core.errors import ConsentRevoked
from dokos_banksync.core.model import (
	Category,
	FetchRequest,
	Institution,
	Page,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import (
	CLIENT_ID,
	CLIENT_SECRET,
	NO_SECRET,
	UNATTENDED,
	Access,
	Capabilities,
	Check,
	Clock,
	Completed,
	ConnectRequest,
	Context,
	CredentialField,
	Event,
	NoOptionalParts,
	PriceClass,
	RateLimitStore,
	Secret,
	SecretStore,
	Started,
	Subscription,
	WebhookRequest,
)
from dokos_banksync.providers.bridge import (
	accounts,
	categories,
	connections,
	institutions,
	sessions,
	transactions,
	webhooks,
)
from dokos_banksync.providers.bridge.client import Client, headers
from dokos_banksync.providers.http import Http, Observer
from dokos_banksync.providers.limits import Limiter, Sleep


class BridgeProvider(NoOptionalParts):
	"""Bridge's account information.

	Bridge refreshes an item by itself once or twice a day and has no call to do it on demand: every reading
	here says what Bridge has. When the bank wants the user, `open_session` with `renew_now` is the way.
	"""

	provider_type: ClassVar[str] = "Bridge"
	default_url: ClassVar[str] = "https://api.bridgeapi.io"
	credential_fields: ClassVar[Sequence[CredentialField]] = (CLIENT_ID, CLIENT_SECRET)
	capabilities: ClassVar[Capabilities] = Capabilities(
		categories=True,
		webhooks=True,
		webhook_secret=True,
		needs_email=True,
		consent=timedelta(days=180),
		history=timedelta(days=3 * 365),
		price=PriceClass.CONTRACT,
	)

	def __init__(
		self,
		subscription: Subscription,
		secret_store: SecretStore,
		rate_limits: RateLimitStore,
		clock: Clock,
		*,
		sleep: Sleep = time.sleep,
		observe: Observer | None = None,
	) -> None:
		"""Raises `ConfigurationError` for a base URL or keys that cannot be any."""
		base_url = (subscription.base_url.strip() or self.default_url).rstrip("/").removesuffix("/v3")
		http = Http(base_url, clock, sleep, headers=headers(subscription), observe=observe)
		limiter = Limiter(rate_limits, clock, sleep)
		self._client = Client(
			http=http,
			limiter=limiter,
			secret_store=secret_store,
			clock=clock,
			secret=subscription.secret("client_secret"),
		)
		self._subscription = subscription
		self._clock = clock

	def close(self) -> None:
		"""End the open connections to Bridge."""
		self._client.close()

	def check(self) -> Check:
		"""See `Provider.check`."""
		return institutions.check(self._client)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""See `Provider.institutions`."""
		return institutions.institutions(self._client, search, country)

	def start(self, request: ConnectRequest) -> Started:
		"""See `Provider.start`. A user who was deleted at Bridge is replaced by a new one."""
		return sessions.start(self._client, request)

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""See `Provider.complete`."""
		return sessions.complete(query, access, self.status, self.connections)

	def status(self, access: Access) -> RemoteConnection:
		"""See `Provider.status`."""
		return connections.connection(self._client, access, self._subscription.language, self._clock())

	def connections(self, access: Access) -> list[RemoteConnection]:
		"""Return all items of the user."""
		return connections.connections(
			self._client, access.remote_user, self._subscription.language, self._clock()
		)

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""See `Provider.accounts`."""
		return accounts.accounts(self._client, access)

	def changes(
		self, access: Access, requests: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		"""See `Provider.changes`."""
		return transactions.changes(self._client, access.remote_user, requests, self._clock)

	def categories(self) -> list[Category]:
		"""Return Bridge's tree of categories in the subscription's language."""
		return categories.categories(self._client)

	def revoke(self, access: Access) -> None:
		"""Delete the item, and the user with it when it has no other."""
		try:
			connections.delete(self._client, access)
		except ConsentRevoked:
			return

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Return the events of a signed request. Raise an error for a signature that is wrong."""
		return webhooks.events(request.headers, request.body, self._subscription.webhook_secrets)
