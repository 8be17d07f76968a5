"""What a connector gives, and what it is given.

A connector translates: the provider's words into the neutral model, the provider's failures into
`dokos_banksync.core.errors`. It decides nothing and stores nothing but short-lived access (tokens) in the
`Memory` that the host lends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
"""Gives the present instant, aware and in UTC."""


class Secret:
	"""A text that shows itself nowhere by accident: not in a repr, a log, a traceback or a format string."""

	__slots__ = ("_text",)

	def __init__(self, text: str) -> None:
		self._text = text

	def reveal(self) -> str:
		return self._text

	def __bool__(self) -> bool:
		return bool(self._text)

	def __repr__(self) -> str:
		return "Secret(…)"

	__str__ = __repr__


@dataclass(frozen=True)
class Subscription:
	"""The person's contract with a provider: the keys of a Sync Provider record."""

	name: str
	client_id: str
	client_secret: Secret
	base_url: str = ""
	"""Empty for the provider's own address."""
	webhook_secrets: Sequence[Secret] = ()
	"""More than one while a rotation lasts."""
	language: str = "en"


class SecretStore(Protocol):
	"""Short-lived values that a connector wants back in its next process. Kept encrypted by the host."""

	def get(self, key: str) -> Secret | None:
		"""The value, or None when there is none or its time is over."""
		...

	def put(self, key: str, value: Secret, expires_at: datetime) -> None: ...

	def forget(self, key: str) -> None: ...


class RateLimitStore(Protocol):
	"""Counts calls against a limit, over all processes of a host."""

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		"""Count one call. None when it may go; else, without counting, when the next one may (UTC)."""
		...


class Access(NamedTuple):
	"""Whose data to read: the provider's ids of the user and of the connection."""

	remote_user: str = ""
	remote_id: str = ""


NOBODY = Access()


@dataclass(frozen=True)
class SessionRequest:
	"""A visit to the provider's page.

	With `access.remote_id` the visit manages that connection (renew the consent, change the credentials or
	the accounts shared), else it adds one; `user_key` names the provider's user to create where
	`access.remote_user` is empty. `state` comes back with the person; it is no secret.
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


@dataclass(frozen=True)
class ConnectSession:
	"""Where to send the person, and the provider's user the visit belongs to."""

	url: str
	remote_user: str


@dataclass(frozen=True)
class Returned:
	"""How a visit ended, after the provider was asked (the address the person came back by proves nothing).

	`connection` is None when nothing was connected; `cancelled` tells a person who gave up from a failure.
	"""

	connection: RemoteConnection | None
	cancelled: bool = False
	message: str = ""
	reference: str = ""


@dataclass(frozen=True)
class Check:
	"""What a subscription allows, in sentences for the person; `institutions` counted where it is cheap."""

	institutions: int
	remarks: Sequence[str] = ()


@dataclass(frozen=True)
class Event:
	"""A provider's word that something happened; a hint to fetch, never data to trust."""

	kind: str
	remote_user: str = ""
	remote_id: str = ""
	remote_account: str = ""
	at: datetime | None = None
	details: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
	"""One provider. Every method may raise the errors of `dokos_banksync.core.errors`, and no others."""

	provider_type: ClassVar[str]
	default_url: ClassVar[str]

	def check(self) -> Check:
		"""Are the keys right, is the API reachable, what does the subscription allow?"""
		...

	def institutions(self, search: str = "", country: str = "") -> Iterator[Institution]:
		"""Institutions whose name, group or keywords hold `search`, accents and case aside."""
		...

	def open_session(self, request: SessionRequest) -> ConnectSession: ...

	def returned(self, query: Mapping[str, str], access: Access) -> Returned:
		"""What the return of a person means. `access.remote_id` is set when a connection was managed."""
		...

	def connection(self, access: Access) -> RemoteConnection:
		"""Raises `ConsentRevoked` when the provider no longer has it."""
		...

	def connections(self, access: Access) -> list[RemoteConnection]:
		"""All connections of the user: found again when a person closed the page and never came back."""
		...

	def accounts(self, access: Access) -> list[RemoteAccount]: ...

	def pages(self, access: Access, asks: Sequence[FetchRequest]) -> Iterator[Page]:
		"""Lines of the asked accounts, any order; ids may repeat, the last `updated_at` wins.

		Rows of accounts that were not asked for are left out. The last page of each account bears its new
		cursor. A row that cannot be read is a `Refusal` on its page, never an exception.
		"""
		...

	def categories(self) -> list[Category]:
		"""The provider's tree in the subscription's language, parents before children."""
		...

	def revoke(self, access: Access) -> None:
		"""End the consent and delete what the provider holds. Done already is no error."""
		...

	def events(self, headers: Mapping[str, str], body: bytes) -> list[Event]:
		"""Read a webhook call. Raises `ConfigurationError` on a signature that none of the secrets made."""
		...
