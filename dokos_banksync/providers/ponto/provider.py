"""Ponto as a `Provider`: a custom integration of myPonto, or Ponto Connect."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from dokos_banksync.core.model import FetchRequest, Institution, Page, RemoteAccount, RemoteConnection
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
from dokos_banksync.providers.http import Http, Observer
from dokos_banksync.providers.limits import Sleep
from dokos_banksync.providers.ponto import accounts, consent, data, events, institutions, rows
from dokos_banksync.providers.ponto.certificate import CertificateFiles
from dokos_banksync.providers.ponto.client import CUSTOM_INTEGRATION, PONTO_CONNECT, Client
from dokos_banksync.providers.ponto.refreshing import Refresher
from dokos_banksync.providers.ponto.tokens import Tokens, basic

CUSTOM_CHOICE, CONNECT_CHOICE = "custom-integration", "ponto-connect"
CONNECT_URL = "https://api.ibanity.com"
AUTHORIZE_URL = "https://authorization.myponto.com/oauth2/auth"

_PEM_HELP = "Ponto Connect only: the whole content of the .pem file"


class PontoProvider(NoOptionalParts):
	"""Ponto's account information. Ponto reads the banks several times a day, or when a user asks for it."""

	provider_type: ClassVar[str] = "Ponto"
	default_url: ClassVar[str] = "https://api.myponto.com"
	credential_fields: ClassVar[Sequence[CredentialField]] = (
		CLIENT_ID,
		CLIENT_SECRET,
		CredentialField(
			"integration",
			"Kind of integration",
			FieldKind.CHOICE,
			required=False,
			choices=(CUSTOM_CHOICE, CONNECT_CHOICE),
			help="A custom integration is made in Ponto's dashboard; Ponto Connect needs a contract with Ibanity",
		),
		CredentialField(
			"application_id",
			"Application ID",
			required=False,
			help="Ponto Connect only: for the signature of webhooks",
		),
		CredentialField(
			"certificate", "Client certificate", FieldKind.SECRET_FILE, required=False, help=_PEM_HELP
		),
		CredentialField("private_key", "Private key", FieldKind.SECRET_FILE, required=False, help=_PEM_HELP),
	)
	capabilities: ClassVar[Capabilities] = Capabilities(
		webhooks=True,
		refresh=True,
		lists_connections=False,
		fixed_return=True,
		consent=timedelta(days=180),
		daily_fetches=4,
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
		"""Raise `ConfigurationError` for a base URL or credentials that cannot be right."""
		chosen = subscription.text("integration", CUSTOM_CHOICE)
		integration = PONTO_CONNECT if chosen == CONNECT_CHOICE else CUSTOM_INTEGRATION
		own_address = subscription.base_url.strip().rstrip("/")
		self._authorize_url = f"{own_address}/oauth2/auth" if own_address else AUTHORIZE_URL
		self._files = CertificateFiles(subscription.secret("certificate"), subscription.secret("private_key"))
		base_url = own_address or (self.default_url if integration.own else CONNECT_URL)
		http = Http(base_url, clock, sleep, certificate=self._files.paths, observe=observe)
		keys = basic(subscription.text("client_id"), subscription.secret("client_secret"))
		tokens = Tokens(
			http=http,
			path=f"{integration.prefix}/oauth2/token",
			basic=keys,
			secret_store=secret_store,
			clock=clock,
			own=integration.own,
		)
		self._client = Client(http, tokens, integration, clock)
		self._client_id = subscription.text("client_id")
		self._application_id = subscription.text("application_id")
		self._secret_store, self._rate_limits, self._sleep = secret_store, rate_limits, sleep

	def close(self) -> None:
		"""Close open network connections and delete the files of the certificate."""
		self._client.close()
		self._files.close()

	def check(self) -> Check:
		"""Check that the keys work; return how many banks there are."""
		return institutions.check(self._client)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield banks whose name or group holds every word of `search`."""
		return institutions.institutions(self._client, search, country)

	def start(self, request: ConnectRequest) -> Started:
		"""Return Ponto's page for an authorization or a renewal; our own address where none is needed."""
		return consent.start(self._client, request, self._authorize_url, self._client_id)

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Return the outcome of a consent session, after Ponto was asked."""
		return consent.complete(self._client, query, access, session)

	def status(self, access: Access) -> RemoteConnection:
		"""Return the state of the connection by its accounts."""
		return accounts.connection(self._client, access)

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts of the bank."""
		return [rows.account(row) for row in accounts.shown(self._client, access)]

	def changes(
		self, access: Access, requests: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		"""Yield the rows of a window of each account, and its pending rows."""
		return data.changes(self._client, access, requests)

	def refresh(self, access: Access, context: Context = UNATTENDED) -> Refreshed:
		"""Make Ponto read the bank now, within its limits."""
		return Refresher(self._client, self._rate_limits, self._sleep).refresh(access, context)

	def revoke(self, access: Access) -> None:
		"""Take the accounts back and end the authorization."""
		consent.revoke(self._client, access)

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Verify the signature of a webhook call and return its event."""
		return events.events(self._client, self._secret_store, self._application_id, request)
