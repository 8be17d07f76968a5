"""Salt Edge as a provider."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from dokos_banksync.core.errors import LoginRequired, RateLimited
from dokos_banksync.core.model import (
	Category,
	FetchRequest,
	Institution,
	Page,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import (
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
from dokos_banksync.providers.grants import check_completed
from dokos_banksync.providers.http import Http, Observer
from dokos_banksync.providers.limits import Sleep
from dokos_banksync.providers.parsing import instant
from dokos_banksync.providers.salt_edge import (
	accounts,
	categories,
	connections,
	errors,
	institutions,
	refreshes,
	sessions,
	signing,
	transactions,
	webhooks,
)
from dokos_banksync.providers.salt_edge.client import URL, Client, headers, signer

_POLLS, _POLL_SECONDS = 10, 2.0


class SaltEdgeProvider(NoOptionalParts):
	"""Salt Edge's account information.

	A connection is one of Salt Edge's, of a customer of its own. Salt Edge reads it about once a day by itself
	(`automatic_refresh`), as far as the bank allows that without the user.
	"""

	provider_type: ClassVar[str] = "Salt Edge"
	default_url: ClassVar[str] = URL
	credential_fields: ClassVar[Sequence[CredentialField]] = (
		CredentialField("app_id", "App-id", help="Of an API key of the type Service"),
		CLIENT_SECRET,
		CredentialField(
			"private_key",
			"Private key",
			FieldKind.SECRET_FILE,
			required=False,
			help="An RSA key in PEM format, whose public half is in Salt Edge's dashboard. Needed with live access.",
		),
		CredentialField(
			"callback_key",
			"Public key for callbacks",
			FieldKind.SECRET_FILE,
			required=False,
			help="In PEM format, from Salt Edge's documentation (version 6). It checks callbacks.",
		),
		CredentialField(
			"callback_url",
			"Callback address",
			required=False,
			help="Exactly as entered in Salt Edge's dashboard. Needed where it differs from the address of this site.",
		),
		CredentialField(
			"categorization",
			"Categories",
			FieldKind.CHOICE,
			required=False,
			choices=("business", "personal"),
		),
		CredentialField(
			"sandboxes",
			"Fake banks",
			FieldKind.CHOICE,
			required=False,
			choices=NO_OR_YES,
			help="Show Salt Edge's fake banks as well, for tests.",
		),
	)
	capabilities: ClassVar[Capabilities] = Capabilities(
		categories=True,
		webhooks=True,
		refresh=True,
		bank_lists_consent=True,
		consent=timedelta(days=180),
		history=timedelta(days=730),
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
		"""Make no call yet. Raises `ConfigurationError` for keys or an address that cannot be right."""
		secret, pem = subscription.secret("client_secret"), subscription.secret("private_key")
		key = signing.private_key(pem) if pem else None
		http = Http(
			subscription.base_url.strip() or URL,
			clock,
			sleep,
			headers=headers(subscription.name, subscription.text("app_id"), secret),
			sign=signer(key, clock),
			observe=observe,
		)
		self._client = Client(http, clock, secret)
		self._subscription, self._clock, self._sleep = subscription, clock, sleep
		self._rate_limits, self._signs = rate_limits, key is not None

	def close(self) -> None:
		"""Close the network connections to Salt Edge."""
		self._client.close()

	def check(self) -> Check:
		"""Check keys, signature and clock by reading the list of banks."""
		found = list(self.institutions())
		remarks = []
		if all(one.country == institutions.FAKE for one in found):
			remarks.append("Salt Edge lists no real bank for these keys.")
		if not self._signs:
			remarks.append("Calls are not signed. Salt Edge requires signatures with live access.")
		return Check(len(found), remarks)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield the banks of Salt Edge's list whose name or group holds a text."""
		return institutions.institutions(self._client, search, country, sandboxes=self._sandboxes)

	def start(self, request: ConnectRequest) -> Started:
		"""Open the widget: for a new connection, or to log in again with a new consent."""
		settings = sessions.SessionSettings(
			self._subscription.language,
			self._subscription.text("categorization", "business"),
			self._sandboxes,
		)
		return sessions.start(self._client, request, settings, self._clock().date())

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Read the outcome of a consent session; pending until the bank's accounts are there."""
		return sessions.complete(self._client, query, access, session=session, now=self._clock())

	def status(self, access: Access) -> RemoteConnection:
		"""Return the connection's state. Raises `ConsentRevoked` when Salt Edge no longer has it."""
		return connections.connection(self._client, self._row(access), self._clock())

	def connections(self, access: Access) -> list[RemoteConnection]:
		"""Return the customer's connections, the newest first."""
		rows = connections.rows_of(self._client, access.remote_user)
		return [connections.connection(self._client, row, self._clock()) for row in rows]

	def _row(self, access: Access) -> Mapping[str, Any]:
		"""Return the connection as Salt Edge writes it; when it may be read again is stated as its limit."""
		row = connections.row_of(self._client, access)
		refreshes.state_next(self._rate_limits, row, self._clock())
		return row

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts of the connection, with the balances of Salt Edge's last fetch."""
		check_completed(access, has_user=True)
		connections.path(access.remote_id)
		rows = self._client.rows("/accounts", {"connection_id": access.remote_id})
		return [accounts.read(row) for row in rows]

	def changes(
		self,
		access: Access,
		requests: Sequence[FetchRequest],
		context: Context = UNATTENDED,
	) -> Iterator[Page]:
		"""Yield booked rows since the cursors, all pending rows, and what turned out to be duplicates."""
		if not requests:
			return
		row = self._row(access)
		idle = connections.finished(row)
		today = self._clock().date()
		yield from transactions.changes(self._client, access.remote_id, requests, today, idle=idle)

	def refresh(self, access: Access, context: Context = UNATTENDED) -> Refreshed:
		"""Have Salt Edge read the bank, where that is possible now, and wait a little for it."""
		row = self._row(access)
		possible = instant(row.get("next_refresh_possible_at"))
		if not context.user_present and (possible is None or possible > self._clock()):
			return Refreshed(False, possible)
		action = "refresh" if context.user_present else "background_refresh"
		body: dict[str, object] = {"attempt": {"fetch_scopes": list(sessions.SCOPES)}}
		if context.user_present:
			body["show_widget"] = False
		try:
			answer = self._client.post(connections.path(access.remote_id, action), body)
		except (errors.Processing, errors.CannotRefresh, LoginRequired):
			# A consent that has ended is for `status` to report: what Salt Edge has can still be read.
			return Refreshed(False, possible)
		except RateLimited as error:
			return Refreshed(False, error.until)
		return Refreshed(not answer.get("connect_url") and self._wait(access))

	def categories(self) -> list[Category]:
		"""Return Salt Edge's categories, first those of the chosen kind."""
		chosen = self._subscription.text("categorization", "business")
		kinds = sorted(categories.KINDS, key=lambda kind: kind != chosen)
		return categories.tree(self._client.get("/categories"), kinds)

	def revoke(self, access: Access) -> None:
		"""Remove the connection with its data, and its customer. The bank may list the consent for some time."""
		connections.remove(self._client, access)

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Verify a callback and return its event."""
		address = self._subscription.text("callback_url")
		key = self._subscription.secret("callback_key").reveal()
		webhooks.verify(request, key, [address] if address else [])
		return webhooks.events(request)

	def _wait(self, access: Access) -> bool:
		"""Whether the fetch that has begun ends within some seconds."""
		for _ in range(_POLLS):
			if connections.finished(self._row(access)):
				return True
			self._sleep(_POLL_SECONDS)
		return False

	@property
	def _sandboxes(self) -> bool:
		return self._subscription.is_on("sandboxes")
