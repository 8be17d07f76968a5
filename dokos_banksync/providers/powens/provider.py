"""Powens as a `Provider`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from dokos_banksync.core.errors import ConfigurationError, LoginRequired, RateLimited, TemporaryError
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
	NO_OR_YES,
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
	FieldKind,
	NoOptionalParts,
	PriceClass,
	RateLimitStore,
	Refreshed,
	Secret,
	SecretStore,
	Started,
	Subscription,
	WebhookRequest,
)
from dokos_banksync.providers.grants import stored_grant
from dokos_banksync.providers.http import Http, Observer
from dokos_banksync.providers.limits import Limit, Limiter, Sleep
from dokos_banksync.providers.parsing import instant
from dokos_banksync.providers.powens import (
	accounts,
	categories,
	connections,
	consent,
	institutions,
	transactions,
	webhooks,
)
from dokos_banksync.providers.powens.client import Client

WEBVIEW = "https://webview.powens.com"
SANDBOX_LIMIT = Limit("powens-calls", 30, 60)
"""Of a sandbox domain: https://docs.powens.com/api-reference/overview/fair-usage-policy"""

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.ASCII)
_SUFFIX, _SANDBOX = ".biapi.pro", "-sandbox"


class PowensProvider(NoOptionalParts):
	"""Powens's bank aggregation. Powens reads the banks about once a day by itself."""

	provider_type: ClassVar[str] = "Powens"
	default_url: ClassVar[str] = "https://{domain}.biapi.pro/2.0"
	credential_fields: ClassVar[Sequence[CredentialField]] = (
		CredentialField(
			"domain", "Domain", help="Of your API, such as acme-sandbox for acme-sandbox.biapi.pro"
		),
		CLIENT_ID,
		CLIENT_SECRET,
		CredentialField(
			"categories",
			"Categories",
			FieldKind.CHOICE,
			required=False,
			choices=NO_OR_YES,
			help="Only where Powens enabled categorization for your domain.",
		),
	)
	capabilities: ClassVar[Capabilities] = Capabilities(
		categories=True,
		webhooks=True,
		webhook_secret=True,
		refresh=True,
		lists_connections=False,
		fixed_return=True,
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
		"""Make no call yet. Raises `ConfigurationError` for a domain, keys or an address that cannot be right."""
		domain = _domain(subscription.text("domain"))
		own, secret = subscription.base_url.strip().rstrip("/"), subscription.secret("client_secret")
		if not subscription.text("client_id") or not secret:
			raise ConfigurationError(
				"The provider {0} has no client ID or no client secret.", subscription.name
			)
		base_url = own or f"https://{domain}{_SUFFIX}/2.0"
		self._base_url, self._is_sandbox = base_url, domain.endswith(_SANDBOX)
		self._client = Client(
			Http(base_url, clock, sleep, observe=observe),
			subscription.text("client_id"),
			secret,
			clock=clock,
			limiter=Limiter(rate_limits, clock, sleep),
			limits=[SANDBOX_LIMIT] if self._is_sandbox else [],
		)
		language = subscription.language if subscription.language in consent.LANGUAGES else "en"
		address = f"{own}/auth/webview" if own else WEBVIEW
		self._webview = consent.Webview(address, f"{domain}{_SUFFIX}", language)
		self._webhook_secrets = subscription.webhook_secrets
		self._categories = subscription.is_on("categories")

	def close(self) -> None:
		"""Close the network connections."""
		self._client.close()

	def check(self) -> Check:
		"""Check the keys, which the list of banks does not need: a user is created and deleted at once."""
		found = len(list(self.institutions()))
		_user, token = self._client.new_user()
		self._client.delete(token, "/users/me")
		remarks = []
		if self._is_sandbox:
			remarks.append("This is a sandbox domain of Powens. It gives no real bank's data.")
		return Check(found, remarks, fixed_return=True)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield the domain's banks whose name or code holds every word of `search`."""
		return institutions.institutions(self._client, search, country, self._base_url)

	def start(self, request: ConnectRequest) -> Started:
		"""Return the webview's address."""
		return consent.start(self._client, request, self._webview)

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Return how a session ended, after Powens was asked."""
		return consent.complete(self._client, query, access, session)

	def status(self, access: Access) -> RemoteConnection:
		"""Return the state of the connection. Raises `ConsentRevoked` when Powens no longer has it."""
		return connections.connection(connections.row_of(self._client, access), self._client.now())

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts of the connection, with the balances of Powens's last synchronization."""
		return accounts.accounts(self._client, access)

	def changes(
		self, access: Access, requests: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		"""Yield the rows that were added, changed or deleted since the cursors."""
		return transactions.changes(self._client, access, requests, categories=self._categories)

	def refresh(self, access: Access, context: Context = UNATTENDED) -> Refreshed:
		"""Have Powens read the bank, where a user asks for it.

		Powens's fair usage policy allows this for users who wait, and asks unattended programs to rely on its own daily
		synchronization.
		"""
		if not context.user_present:
			return Refreshed(True)
		try:
			path = connections.path(access.remote_id, "?psu_requested=true")
			row = self._client.put(stored_grant(access), path)
		except RateLimited as error:
			return Refreshed(False, error.until)
		except (LoginRequired, TemporaryError):
			# What Powens holds can still be read, and `status` names the reason.
			return Refreshed(False)
		problem = connections.problem(row, self._client.now())
		return Refreshed(problem is None, instant(row.get("next_try")) if problem else None)

	def categories(self) -> list[Category]:
		"""Return the documented tree, where the subscription has the product; it is an option of Powens."""
		return categories.tree(self._webview.language) if self._categories else []

	def revoke(self, access: Access) -> None:
		"""Delete the connection with its data, and its user."""
		consent.revoke(self._client, access)

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Verify a webhook and return its event."""
		sent = webhooks.verify(request, self._webhook_secrets, self._client.now())
		return webhooks.events(request.body, sent)


def _domain(given: str) -> str:
	"""Return the name of a domain, which may be given with its suffix or as a web address."""
	name = given.lower().removeprefix("https://").partition("/")[0].removesuffix(_SUFFIX)
	if not _DOMAIN.fullmatch(name):
		raise ConfigurationError(
			"The domain {0} is none of Powens. It looks like acme-sandbox, for acme-sandbox.biapi.pro.", given
		)
	return name
