"""GoCardless Bank Account Data as a `Provider`."""

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
	RateLimitStore,
	Secret,
	SecretStore,
	Started,
	Subscription,
)
from dokos_banksync.providers.gocardless import accounts, consent, data, errors, institutions
from dokos_banksync.providers.gocardless.client import Client
from dokos_banksync.providers.gocardless.quotas import Quotas
from dokos_banksync.providers.http import Http, Observer
from dokos_banksync.providers.limits import Sleep
from dokos_banksync.providers.retry import RetryPolicy

RETRIES = RetryPolicy(tries=2)
"""Every try may count against a bank's few readings a day."""


class GoCardlessProvider(NoOptionalParts):
	"""GoCardless's account information. Each reading asks the bank, a few times a day."""

	provider_type: ClassVar[str] = "GoCardless"
	default_url: ClassVar[str] = "https://bankaccountdata.gocardless.com/api/v2"
	credential_fields: ClassVar[Sequence[CredentialField]] = (
		CredentialField(
			"secret_id", "Secret ID", help="From the user secrets of the Bank Account Data portal"
		),
		CredentialField("secret_key", "Secret key", FieldKind.SECRET),
	)
	capabilities: ClassVar[Capabilities] = Capabilities(
		lists_connections=False,
		reread=False,
		content_ids=True,
		needs_institution=True,
		consent=timedelta(days=180),
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
		"""Raise `ConfigurationError` for a base URL that cannot be right."""
		base_url = subscription.base_url.strip() or self.default_url
		classify = partial(errors.too_many, clock)
		http = Http(base_url, clock, sleep, classify=classify, patience=RETRIES, observe=observe)
		secret_id, secret_key = subscription.text("secret_id"), subscription.secret("secret_key")
		quotas = Quotas(secret_store, rate_limits)
		self._client = Client(
			http, secret_id, secret_key, secret_store=secret_store, quotas=quotas, clock=clock
		)
		self._secret_store, self._language = secret_store, subscription.language

	def close(self) -> None:
		"""Close open network connections."""
		self._client.close()

	def check(self) -> Check:
		"""Check that the keys work; return how many banks there are."""
		return Check(institutions=len(self._client.list("/institutions/")))

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield banks whose name holds every word of `search`."""
		return institutions.institutions(self._client, search, country)

	def start(self, request: ConnectRequest) -> Started:
		"""Return the bank's page for a new consent."""
		return consent.start(self._client, request, self._language)

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Return the outcome of a consent session, after GoCardless was asked."""
		return consent.complete(self._client, query, access, session)

	def status(self, access: Access) -> RemoteConnection:
		"""Return the state of the consent."""
		return consent.status(self._client, access)

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts with the balances that the bank gives now."""
		return accounts.accounts(self._client, self._secret_store, access)

	def changes(
		self, access: Access, requests: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		"""Yield the rows of a window of each account, as the bank gives them now."""
		return data.changes(self._client, consent.read(access), requests)

	def revoke(self, access: Access) -> None:
		"""End the consent."""
		consent.revoke(self._client, access)
