"""The provider port: what a provider of bank data offers, and what it is given.

A provider translates: its API's data into the model, its API's failures into `dokos_banksync.core.errors`. It
decides nothing. It stores nothing but what the host lends it: short-lived secrets, the grant of a connection, and
counts of calls.

Every provider is one folder below `dokos_banksync/providers`, or one class in another package that registers it
under the entry point group `dokos_banksync.providers`; this module names all that it needs. See `docs/writing-a-provider.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar, Protocol

from dokos_banksync.core.errors import UnsupportedByInstitution
from dokos_banksync.core.model import (
	Category,
	FetchRequest,
	Institution,
	Page,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider_calls import (
	NOBODY,
	UNATTENDED,
	Access,
	Check,
	Completed,
	ConnectRequest,
	Context,
	Event,
	EventKind,
	HttpCall,
	Refreshed,
	Started,
	WebhookRequest,
)
from dokos_banksync.core.provider_stores import (
	GrantStore,
	NoGrant,
	RateLimitStore,
	SecretStore,
)
from dokos_banksync.core.subscription import (
	CLIENT_ID,
	CLIENT_SECRET,
	NO_OR_YES,
	NO_SECRET,
	CredentialField,
	FieldKind,
	Secret,
	Subscription,
)

__all__ = [
	"CLIENT_ID",
	"CLIENT_SECRET",
	"NOBODY",
	"NO_OR_YES",
	"NO_SECRET",
	"UNATTENDED",
	"Access",
	"Capabilities",
	"Check",
	"Clock",
	"Completed",
	"ConnectRequest",
	"Context",
	"CredentialField",
	"Event",
	"EventKind",
	"FieldKind",
	"GrantStore",
	"HttpCall",
	"NoGrant",
	"NoOptionalParts",
	"PriceClass",
	"Provider",
	"RateLimitStore",
	"Refreshed",
	"Secret",
	"SecretStore",
	"Started",
	"Subscription",
	"WebhookRequest",
]

Clock = Callable[[], datetime]
"""Returns the present instant, aware and in UTC."""


class PriceClass(str, Enum):
	"""How a provider charges for bank data. The value is English, and translatable; the docs page has the prices."""

	FREE = "free for your own accounts"
	PER_ACCOUNT = "priced per account"
	CONTRACT = "by contract"


@dataclass(frozen=True)
class Capabilities:
	"""What a provider can do. The core asks for nothing else."""

	categories: bool = False
	webhooks: bool = False
	webhook_secret: bool = False
	"""Webhooks are signed with a secret that the administrator copies from the provider's site."""
	refresh: bool = False
	"""`refresh` makes the provider read the bank now."""
	lists_connections: bool = True
	"""`connections` finds a consent whose user never returned from the provider's page."""
	reread: bool = True
	"""Earlier days may be asked for again at no cost. False where calls are scarce: the core then makes no
	optional call."""
	content_ids: bool = False
	"""The ids of all rows are made of their content (`Page.unstable_ids`), so they stay when an account gets another id."""
	needs_email: bool = False
	"""`start` needs the user's e-mail address."""
	needs_institution: bool = False
	"""`start` needs an institution; without it the provider's own page offers the choice."""
	fixed_return: bool = False
	"""Users return only to addresses that are registered at the provider: the command line always uses the same port."""
	logos_by_search: bool = False
	"""A search brings the logos of the best matches as pictures; the whole list has none."""
	takes_over: bool = False
	"""The access that another tool was given can be used here; see `connection_of`."""
	bank_lists_consent: bool = False
	"""The bank may list the consent for some time after `revoke`; only the user can end it there."""
	consent: timedelta | None = None
	"""The longest consent that the provider grants, where it is fixed."""
	history: timedelta | None = None
	"""The longest history that the provider gives at the first import, where it is fixed; banks may give less."""
	daily_fetches: int | None = None
	"""How often a day an account may be fetched while no user waits, where the provider says so."""
	price: PriceClass | None = None


class Provider(Protocol):
	"""One provider. Every method may raise the errors of `dokos_banksync.core.errors`, and no others."""

	provider_type: ClassVar[str]
	"""The stored name, such as `Bridge`. The command line uses it in lower case with hyphens."""
	default_url: ClassVar[str]
	credential_fields: ClassVar[Sequence[CredentialField]]
	capabilities: ClassVar[Capabilities]

	def __init__(
		self,
		subscription: Subscription,
		secret_store: SecretStore,
		rate_limits: RateLimitStore,
		clock: Clock,
		*,
		sleep: Callable[[float], None] = ...,
		observe: Callable[[HttpCall], None] | None = ...,
	) -> None:
		"""Make no call yet. `observe` is given every HTTP call. Raises `ConfigurationError` for bad credentials."""
		...

	def close(self) -> None:
		"""Close open network connections."""
		...

	def check(self) -> Check:
		"""Check that the credentials work and the API answers; return what the subscription allows."""
		...

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Yield institutions whose name, group or keywords hold `search`, accents and case aside."""
		...

	def start(self, request: ConnectRequest) -> Started:
		"""Start a session on the provider's page."""
		...

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Return the outcome of a session. `access.remote_id` is set when a connection was managed.

		`query` is empty when the core polls.
		"""
		...

	def connection_of(self, grant: Secret) -> RemoteConnection:
		"""Return the connection that an access of another tool belongs to. Called if `capabilities.takes_over`."""
		...

	def move_webhooks(self, access: Access, address: str | None = None) -> str | None:
		"""Have the webhooks of a connection sent to this site, or to `address`; to none where that is empty.

		Return the address of before, None where nothing was changed. Called if `capabilities.takes_over`.
		"""
		...

	def status(self, access: Access) -> RemoteConnection:
		"""Return the state of a connection. Raises `ConsentRevoked` when the provider no longer has it."""
		...

	def connections(self, access: Access) -> list[RemoteConnection]:
		"""Return all connections of the provider's user. Called if `capabilities.lists_connections`."""
		...

	def accounts(self, access: Access, context: Context = UNATTENDED) -> list[RemoteAccount]:
		"""Return the accounts of a connection. One that cannot be read is returned with `failed` set."""
		...

	def changes(
		self, access: Access, requests: Sequence[FetchRequest], context: Context = UNATTENDED
	) -> Iterator[Page]:
		"""Yield what changed in the requested accounts since their cursors, in any order. See `Page`.

		Rows of other accounts are left out. A row that cannot be read is a `RejectedRow`, never an exception.
		"""
		...

	def refresh(self, access: Access, context: Context = UNATTENDED) -> Refreshed:
		"""Make the provider read the bank now. Called if `capabilities.refresh`."""
		...

	def categories(self) -> list[Category]:
		"""Return the provider's tree in the subscription's language, parents before children.

		Called if `capabilities.categories`.
		"""
		...

	def revoke(self, access: Access) -> None:
		"""End the consent and delete the data at the provider. A consent that has ended already is not an error."""
		...

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Read a webhook call. Raises `ConfigurationError` when the signature is not the provider's.

		Called if `capabilities.webhooks`.
		"""
		...


class NoOptionalParts:
	"""The optional methods of `Provider`, for providers that lack the capability. Inherit to leave them out."""

	def close(self) -> None:
		"""Do nothing: there is nothing to close."""

	def connection_of(self, grant: Secret) -> RemoteConnection:
		"""Raise `UnsupportedByInstitution`: the provider cannot take over the access of another tool."""
		raise UnsupportedByInstitution("This provider cannot take over the connection of another tool.")

	def move_webhooks(self, access: Access, address: str | None = None) -> str | None:
		"""Change nothing."""
		return None

	def connections(self, access: Access) -> list[RemoteConnection]:
		"""Return an empty list: the provider cannot list the connections of its user."""
		return []

	def refresh(self, access: Access, context: Context = UNATTENDED) -> Refreshed:
		"""Return ready: the provider cannot be asked to read the bank again."""
		return Refreshed(ready=True)

	def categories(self) -> list[Category]:
		"""Return an empty list: the provider has no categories."""
		return []

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Return an empty list: the provider has no webhooks."""
		return []
