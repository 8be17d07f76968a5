"""Enable Banking as a `Provider`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar

from dokos_banksync.core.model import FetchRequest, Institution, Page, RemoteAccount, RemoteConnection
from dokos_banksync.core.provider import (
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
	FieldKind,
	NoOptionalParts,
	PriceClass,
	RateLimitStore,
	Secret,
	SecretStore,
	Started,
	Subscription,
)
from dokos_banksync.providers.enable_banking import consent, data, errors, grant, institutions
from dokos_banksync.providers.enable_banking.client import Client
from dokos_banksync.providers.enable_banking.signing import Signer
from dokos_banksync.providers.http import Http, Observer
from dokos_banksync.providers.limits import Sleep
from dokos_banksync.providers.parsing import text, texts
from dokos_banksync.providers.retry import RetryPolicy

RETRIES = RetryPolicy(tries=2)
"""Every try may count against a bank's quota of four calls a day."""

BUSINESS, PERSONAL = "business", "personal"


class EnableBankingProvider(NoOptionalParts):
	"""Enable Banking's account information. Nothing is stored there: each reading asks the bank."""

	provider_type: ClassVar[str] = "Enable Banking"
	default_url: ClassVar[str] = "https://api.enablebanking.com"
	credential_fields: ClassVar[Sequence[CredentialField]] = (
		CredentialField(
			"application_id", "Application ID", help="From the application's page in the control panel"
		),
		CredentialField(
			"private_key",
			"Private key",
			FieldKind.SECRET_FILE,
			help="The .pem file that was made when the application was registered",
		),
		CredentialField(
			"account_holder",
			"Kind of accounts",
			FieldKind.CHOICE,
			required=False,
			choices=(BUSINESS, PERSONAL),
			help="Banks have separate logins for companies and for private customers",
		),
	)
	capabilities: ClassVar[Capabilities] = Capabilities(
		lists_connections=False,
		reread=False,
		content_ids=True,
		needs_institution=True,
		fixed_return=True,
		consent=timedelta(days=180),
		daily_fetches=4,
		price=PriceClass.FREE,
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
		"""Raise `ConfigurationError` for a base URL, an application id or a private key that cannot be right."""
		base_url = subscription.base_url.strip() or self.default_url
		classify = partial(errors.too_many, clock)
		http = Http(base_url, clock, sleep, classify=classify, patience=RETRIES, observe=observe)
		signer = Signer(subscription.text("application_id"), subscription.secret("private_key"))
		self._client = Client(http, signer, rate_limits, clock)
		self._psu_type = subscription.text("account_holder", BUSINESS)
		self._language = subscription.language

	def close(self) -> None:
		"""Close open network connections."""
		self._client.close()

	def check(self) -> Check:
		"""Check that the key belongs to the application; return what the application may do."""
		application = self._client.get("/application")
		return Check(
			institutions=sum(1 for _ in institutions.listed(self._client, "")),
			remarks=_remarks(application.get("active"), text(application.get("environment"))),
			fixed_return=True,
			return_addresses=texts(application.get("redirect_urls")),
		)

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield banks whose name holds every word of `search`."""
		return institutions.institutions(self._client, search, country)

	def start(self, request: ConnectRequest) -> Started:
		"""Return the bank's page for a new consent."""
		return consent.start(self._client, request, self._psu_type, self._language)

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Make a session of the code that the user returned with."""
		return consent.complete(self._client, query, access, session)

	def status(self, access: Access) -> RemoteConnection:
		"""Return the state of the consent."""
		return consent.status(self._client, access)

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts of the session with the balances that the bank gives now."""
		return data.accounts(self._client, grant.read(access), access, context)

	def changes(
		self, access: Access, requests: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		"""Yield the rows of a window of each account, as the bank gives them now."""
		return data.changes(self._client, grant.read(access), requests, context)

	def revoke(self, access: Access) -> None:
		"""End the session."""
		consent.revoke(self._client, access)


def _remarks(active: object, environment: str) -> list[str]:
	remarks = []
	if active is not True:
		remarks.append(
			"The application is not active: link your own accounts to it in the control panel, or finish the contract."
		)
	if environment.upper() == "SANDBOX":
		remarks.append("This is a sandbox application, without real banks' data.")
	return remarks
