"""Plaid as a provider."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import ClassVar

from dokos_banksync.core.errors import ConfigurationError, ConsentRevoked, UnsupportedByInstitution
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
from dokos_banksync.core.subscription import ENVIRONMENT_CHOICES
from dokos_banksync.providers.grants import stored_grant
from dokos_banksync.providers.http import Http, Observer
from dokos_banksync.providers.limits import Limiter, Sleep
from dokos_banksync.providers.plaid import (
	categories,
	check,
	connecting,
	errors,
	institutions,
	items,
	link,
	sync,
	users,
	webhooks,
)
from dokos_banksync.providers.plaid.client import URLS, Client, headers
from dokos_banksync.providers.plaid.duplicates import KnownItems
from dokos_banksync.providers.plaid.keys import VerificationKeys

DEFAULT_COUNTRIES = "US,CA"


class PlaidProvider(NoOptionalParts):
	"""Plaid's Transactions, with Hosted Link.

	A connection is an item of Plaid; its grant is the access token. Plaid reads the bank one to four times a day.
	"""

	provider_type: ClassVar[str] = "Plaid"
	default_url: ClassVar[str] = URLS["production"]
	credential_fields: ClassVar[Sequence[CredentialField]] = (
		CredentialField(
			"environment",
			"Environment",
			FieldKind.CHOICE,
			choices=ENVIRONMENT_CHOICES,
			help="Each environment has its own secret. The sandbox has no real banks.",
		),
		CLIENT_ID,
		CLIENT_SECRET,
		CredentialField(
			"countries",
			"Countries",
			required=False,
			help="Countries that Plaid has enabled for you, as two-letter codes: US,CA",
		),
		CredentialField(
			"webhook_url",
			"Webhook address",
			required=False,
			help="The https address of this site's webhook for Plaid. Plaid then announces new transactions.",
		),
		CredentialField(
			"refresh_on_demand",
			"Refresh on demand",
			FieldKind.CHOICE,
			required=False,
			choices=NO_OR_YES,
			help="Have Plaid read the bank when a user fetches. Plaid charges each refresh.",
		),
	)
	capabilities: ClassVar[Capabilities] = Capabilities(
		categories=True,
		webhooks=True,
		refresh=True,
		lists_connections=False,
		logos_by_search=True,
		takes_over=True,
		history=timedelta(days=730),
		price=PriceClass.PER_ACCOUNT,
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
		"""Make no call yet. Raises `ConfigurationError` for keys, an address or countries that cannot be right."""
		secret = subscription.secret("client_secret")
		self._environment = subscription.text("environment", "production")
		self._countries = _countries(subscription.text("countries", DEFAULT_COUNTRIES))
		base_url = subscription.base_url.strip() or URLS.get(self._environment, self.default_url)
		keys = headers(subscription.name, subscription.text("client_id"), secret)
		http = Http(
			base_url,
			clock,
			sleep,
			headers=keys,
			observe=observe,
			classify=partial(errors.lasting_limit, clock, secret),
		)
		self._client = Client(http, Limiter(rate_limits, clock, sleep), clock, secret)
		self._keys = VerificationKeys(self._client, secret_store, rate_limits, clock)
		self._store, self._known = secret_store, KnownItems(secret_store)
		self._subscription, self._clock = subscription, clock

	def close(self) -> None:
		"""Close the network connections to Plaid."""
		self._client.close()

	def check(self) -> Check:
		"""Check the keys, the countries and the product, by calls that change nothing."""
		return check.check(self._client, self._countries, self._environment)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield institutions: the ten best for a text with their logos, else all of them."""
		countries = (country.upper(),) if country else self._countries
		if country and country.upper() not in link.COUNTRIES:
			return iter(())
		if search.strip():
			return institutions.search(self._client, search.strip(), countries)
		return institutions.listed(self._client, countries)

	def start(self, request: ConnectRequest) -> Started:
		"""Open Hosted Link: for new items, of several banks if the user likes, or in update mode for the one there is."""
		user = request.access.remote_user or request.user_key
		asked = self._link_request(request, user)
		if not asked.token:
			asked = replace(asked, user=users.user_fields(self._client, self._store, user, self._clock()))
		opened = link.open_session(self._client, asked)
		return Started(opened.url, user, opened.link_token, polls=True)

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Read how a Link session went; `query` is not used, for Plaid's return has nothing."""
		return connecting.complete(self._client, self._store, access, session=session, clock=self._clock)

	def connection_of(self, grant: Secret) -> RemoteConnection:
		"""Return the item of an access token. Raises `ConsentRevoked` when Plaid no longer has it."""
		return items.item(self._client, grant, self._clock())

	def move_webhooks(self, access: Access, address: str | None = None) -> str | None:
		"""Have the item's webhooks sent to the webhook address of the subscription, where there is one, or to `address`."""
		own = self._subscription.text("webhook_url")
		if address is None and not own:
			return None
		return items.move_webhooks(self._client, stored_grant(access), own if address is None else address)

	def status(self, access: Access) -> RemoteConnection:
		"""Return the item's state. Raises `ConsentRevoked` when Plaid no longer has it."""
		try:
			found = items.item(self._client, stored_grant(access), self._clock())
		except ConsentRevoked:
			self._known.forget(access.remote_id)
			raise
		if access.remote_id != found.remote_id:
			raise ConsentRevoked("Plaid no longer has this connection. Connect the bank again.")
		return found

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts shared with the item."""
		return items.accounts(self._client, stored_grant(access))

	def changes(
		self,
		access: Access,
		requests: Sequence[FetchRequest],
		context: Context = UNATTENDED,
	) -> Iterator[Page]:
		"""Yield what changed since the cursors, one stream for each account."""
		if not requests:
			return
		token = stored_grant(access)
		shared = {one.remote_id for one in items.accounts(self._client, token)}
		yield from sync.changes(self._client, token, requests, shared)

	def refresh(self, access: Access, context: Context = UNATTENDED) -> Refreshed:
		"""Have Plaid read the bank, where the administrator has chosen to pay for it."""
		if not self._subscription.is_on("refresh_on_demand"):
			return Refreshed(ready=False)
		try:
			items.refresh(self._client, stored_grant(access))
		except (ConfigurationError, UnsupportedByInstitution):
			return Refreshed(ready=False)
		return Refreshed(ready=True)

	def categories(self) -> list[Category]:
		"""Return Plaid's personal finance categories, of both taxonomies."""
		return categories.categories(self._subscription.language)

	def revoke(self, access: Access) -> None:
		"""Remove the item at Plaid, which ends its billing (not on the Trial plan: there it stays counted)."""
		if token := access.grant.read():
			items.remove(self._client, token)
		self._known.forget(access.remote_id)

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Verify a webhook and return its event."""
		at = webhooks.verify(request.headers, request.body, self._keys.key, self._clock())
		return webhooks.events(request.body, at)

	def _link_request(self, request: ConnectRequest, user: str) -> link.LinkRequest:
		return link.LinkRequest(
			name="BankSync",
			language=self._subscription.language,
			countries=(request.country.upper(),) if request.country else self._countries,
			user_key=user,
			callback_url=request.callback_with_state(),
			webhook_url=self._subscription.text("webhook_url"),
			institution_id=request.institution_id,
			token=stored_grant(request.access) if request.access.remote_id else None,
			choose_accounts=not request.renew_now,
		)


def _countries(text: str) -> tuple[str, ...]:
	codes = tuple(
		dict.fromkeys(one.strip().upper() for one in text.replace(";", ",").split(",") if one.strip())
	)
	unknown = [one for one in codes if one not in link.COUNTRIES]
	if unknown or not codes:
		raise ConfigurationError(
			"Plaid does not serve the country {0}. It serves: {1}.",
			", ".join(unknown),
			", ".join(link.COUNTRIES),
		)
	return codes
