"""The provider port: what a provider of bank data offers, and what it is given.

A provider translates: its API's data into the model, its API's failures into `dokos_banksync.core.errors`. It
decides nothing. It stores nothing but what the host lends it: short-lived secrets, the grant of a connection, and
counts of calls.

Every provider is one folder below `dokos_banksync/providers`, or one class in another package that registers it
under the entry point group `dokos_banksync.providers`. See `docs/writing-a-provider.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar, NamedTuple, Protocol

from dokos_banksync.core.model import (
	Category,
	FetchRequest,
	Institution,
	Page,
	RemoteAccount,
	RemoteConnection,
)

Clock = Callable[[], datetime]
"""Returns the present instant, aware and in UTC."""


class Secret:
	"""A text that never shows itself by accident: not in a repr, a log, a traceback or a format string."""

	__slots__ = ("_text",)

	def __init__(self, text: str) -> None:
		self._text = text

	def reveal(self) -> str:
		"""Return the text."""
		return self._text

	def __bool__(self) -> bool:
		return bool(self._text)

	def __repr__(self) -> str:
		return "Secret(…)"

	__str__ = __repr__


NO_SECRET = Secret("")


# -- what a provider declares ----------------------------------------------------------------------------
class FieldKind(str, Enum):
	"""How a credential is entered and stored. Secrets are encrypted and never shown again."""

	TEXT = "text"
	SECRET = "secret"  # noqa: S105 - the name of a kind
	SECRET_FILE = "secret_file"  # noqa: S105 - the name of a kind
	"""A secret of several lines, such as a private key in PEM format; usually read from a file."""
	CHOICE = "choice"

	@property
	def secret(self) -> bool:
		"""Whether a value of this kind is encrypted."""
		return self in (FieldKind.SECRET, FieldKind.SECRET_FILE)


@dataclass(frozen=True)
class CredentialField:
	"""One credential of a subscription. Forms, command line options and checks are built from these.

	`name` is lower case with underscores, up to 40 characters: the option `--client-id`, the variable
	`BANKSYNC_CLIENT_ID`. `label` and `help` are English, and translatable.
	"""

	name: str
	label: str
	kind: FieldKind = FieldKind.TEXT
	required: bool = True
	choices: Sequence[str] = ()
	"""Of a CHOICE; the first is the default."""
	help: str = ""


CLIENT_ID = CredentialField("client_id", "Client ID")
CLIENT_SECRET = CredentialField("client_secret", "Client secret", FieldKind.SECRET)


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
	needs_email: bool = False
	"""`start` needs the user's e-mail address."""
	needs_institution: bool = False
	"""`start` needs an institution; without it the provider's own page offers the choice."""
	consent: timedelta | None = None
	"""The longest consent that the provider grants, where it is fixed."""
	history: timedelta | None = None
	"""The longest history that the provider gives at the first import, where it is fixed; banks may give less."""
	daily_fetches: int | None = None
	"""How often a day an account may be fetched while no user waits, where the provider says so."""
	price: PriceClass | None = None


@dataclass(frozen=True)
class Subscription:
	"""The credentials of a Sync Provider record."""

	name: str
	texts: Mapping[str, str] = field(default_factory=dict)
	"""Credentials that are no secrets, by field name."""
	secrets: Mapping[str, Secret] = field(default_factory=dict)
	"""Secret credentials, by field name."""
	base_url: str = ""
	"""Empty for the provider's own address."""
	webhook_secrets: Sequence[Secret] = ()
	"""More than one while a rotation lasts."""
	language: str = "en"

	def text(self, name: str, default: str = "") -> str:
		"""Return a credential that is no secret, without surrounding blanks."""
		return self.texts.get(name, "").strip() or default

	def secret(self, name: str) -> Secret:
		"""Return a secret credential, without surrounding blanks; false where none was entered."""
		return Secret(self.secrets.get(name, NO_SECRET).reveal().strip())


# -- what a provider is given ------------------------------------------------------------------------------
class SecretStore(Protocol):
	"""Short-lived values that a provider needs again in another process. The host encrypts them."""

	def get(self, key: str) -> Secret | None:
		"""Return the value, or None when there is none or it has expired."""
		...

	def put(self, key: str, value: Secret, expires_at: datetime) -> None:
		"""Store a value until an instant (UTC)."""
		...

	def forget(self, key: str) -> None:
		"""Delete a value; harmless when there is none."""
		...


class RateLimitStore(Protocol):
	"""Counts calls in sliding windows, over all processes of a host."""

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		"""Count one call. Return None when it may go; else, without counting, when the next one may (UTC)."""
		...


class GrantStore(Protocol):
	"""What the provider granted for one connection (tokens, a session id): encrypted, without expiry.

	One `write` replaces the grant atomically. A grant that is used up by its use (a rotating refresh token) is
	replaced inside `lock`, so that one process at a time exchanges it: take the lock, read again, exchange, write.
	"""

	def read(self) -> Secret | None:
		"""Return the grant, or None when there is none."""
		...

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Replace the grant if it still is `expected` (compare-and-set). Return whether it was replaced."""
		...

	def lock(self) -> AbstractContextManager[None]:
		"""Wait until no other process exchanges this grant, then exclude them. Raises `Busy` after too long."""
		...


class NoGrant:
	"""The grant store of a connection that does not exist yet."""

	def read(self) -> Secret | None:
		"""Return None."""
		return None

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Return False."""
		return False

	def lock(self) -> AbstractContextManager[None]:
		"""Raise: there is nothing to exclude anybody from."""
		raise RuntimeError("There is no connection whose grant could be locked")


class Access(NamedTuple):
	"""Which data to read: the provider's ids of the user and of the connection, and the grant."""

	remote_user: str = ""
	remote_id: str = ""
	grant: GrantStore = NoGrant()


NOBODY = Access()


@dataclass(frozen=True)
class Context:
	"""Who waits for a call: a user whose browser asked for it, or nobody.

	Banks allow more calls while the user is present. The IP address and the user agent are those of the user's
	browser; a provider sends both or neither.
	"""

	user_present: bool = False
	ip_address: str = ""
	user_agent: str = ""


UNATTENDED = Context()


# -- connecting ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ConnectRequest:
	"""A visit to the provider's page.

	With `access.remote_id` the visit manages that connection (renew the consent, change the credentials or the
	accounts shared), else it adds one. `user_key` names the provider's user to create where `access.remote_user`
	is empty. `state` comes back with the user; it is no secret. A provider that does not return a state of ours
	adds it to `callback_url` with `callback_with_state`.
	"""

	callback_url: str
	state: str
	user_key: str
	email: str
	access: Access = NOBODY
	institution_id: str = ""
	country: str = ""
	renew_now: bool = False
	all_accounts: bool = True
	"""Ask for savings, loans and cards as well as payment accounts."""
	context: Context = UNATTENDED

	def callback_with_state(self) -> str:
		"""Return the callback address with the state as its parameter `state`."""
		return f"{self.callback_url}{'&' if '?' in self.callback_url else '?'}state={self.state}"


@dataclass(frozen=True)
class Started:
	"""Where to send the user, and the provider's user that the visit belongs to.

	`session` is handed to `complete` with the return: a link token, a code verifier. It is stored encrypted.
	"""

	url: str
	remote_user: str = ""
	session: Secret = NO_SECRET
	polls: bool = False
	"""The provider may send the user back to no address of ours: the core may poll `complete` instead."""


@dataclass(frozen=True)
class Completed:
	"""How a visit ended, after the provider was asked (the address the user returned by proves nothing).

	`connection` is None when nothing was connected; `cancelled` distinguishes a user who gave up from a failure.
	`pending` means "not yet": call `complete` again after `poll_after`.
	`grant` is stored for the connection, where there is one to store.
	"""

	connection: RemoteConnection | None
	cancelled: bool = False
	message: str = ""
	reference: str = ""
	grant: Secret = NO_SECRET
	remote_user: str = ""
	"""The provider's user, where `start` could not know it yet."""
	pending: bool = False
	poll_after: timedelta = timedelta(seconds=2)


@dataclass(frozen=True)
class Check:
	"""What a subscription allows, in sentences for the user; `institutions` counted where it is cheap."""

	institutions: int
	remarks: Sequence[str] = ()
	fixed_return: bool = False
	"""Users return only to addresses that were registered at the provider beforehand."""
	return_addresses: Sequence[str] = ()
	"""The registered addresses, where the provider lists them."""


# -- webhooks and refresh --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Event:
	"""A provider's notice that something happened; a hint to fetch, never data to trust."""

	kind: str
	remote_user: str = ""
	remote_id: str = ""
	remote_account: str = ""
	at: datetime | None = None
	details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WebhookRequest:
	"""A call of a provider as it arrived: the exact bytes, for signatures. `url` is the address that was called."""

	headers: Mapping[str, str]
	body: bytes
	url: str = ""
	method: str = "POST"


@dataclass(frozen=True)
class Refreshed:
	"""The answer to a refresh: done, or possible again from an instant on (UTC)."""

	ready: bool
	next_possible_at: datetime | None = None


class HttpCall(NamedTuple):
	"""One HTTP call that went out, for counting; `status` is 0 where no answer came."""

	method: str
	path: str
	status: int
	milliseconds: float


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
		"""Prepare a visit to the provider's page."""
		...

	def complete(self, query: Mapping[str, str], access: Access, session: Secret = NO_SECRET) -> Completed:
		"""Return how a visit ended. `access.remote_id` is set when a connection was managed.

		`query` is empty when the core polls.
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
		"""End the consent and delete what the provider holds. A consent that has ended already is no error."""
		...

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Read a webhook call. Raises `ConfigurationError` when the signature is not the provider's.

		Called if `capabilities.webhooks`.
		"""
		...


class NoOptionalParts:
	"""The optional methods of `Provider`, for providers that lack the capability. Inherit to leave them out."""

	def close(self) -> None:
		"""Close nothing."""

	def connections(self, access: Access) -> list[RemoteConnection]:
		"""Return no connection."""
		return []

	def refresh(self, access: Access, context: Context = UNATTENDED) -> Refreshed:
		"""Return that the data are as fresh as they get."""
		return Refreshed(ready=True)

	def categories(self) -> list[Category]:
		"""Return no category."""
		return []

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Return no event."""
		return []
