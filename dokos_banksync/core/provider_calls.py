"""What a provider is asked with, and what it answers, beside the data of accounts (`core.model`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from dokos_banksync.core.model import RemoteConnection
from dokos_banksync.core.provider_stores import GrantStore, NoGrant
from dokos_banksync.core.subscription import NO_SECRET, Secret


class Access(NamedTuple):
	"""Which data to read: the provider's ids of the user and of the connection, and the grant.

	`linked` holds the ids of the accounts that are imported; None where that is not known. Where calls are scarce, the
	balances of other accounts are read only while that costs none of them. `taken` holds the provider's ids of all other
	connections of the subscription: what a session brings is none of them.
	"""

	remote_user: str = ""
	remote_id: str = ""
	grant: GrantStore = NoGrant()
	linked: Collection[str] | None = None
	taken: Collection[str] = ()

	def imports(self, remote_account: str) -> bool:
		"""Return whether an account is imported, or may be."""
		return self.linked is None or remote_account in self.linked


NOBODY = Access()


@dataclass(frozen=True)
class Context:
	"""Who waits for a call: a user whose browser asked for it, or no user.

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
	"""What a session on the provider's page is started with.

	With `access.remote_id` the session manages that connection (renew the consent, change the credentials or the
	accounts shared), else it adds one. `user_key` names the provider's user to create where `access.remote_user`
	is empty. `state` comes back with the user; it is not a secret. A provider that does not return a state of ours
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
	"""Where to send the user, and the provider's user that the session belongs to.

	`session` is passed to `complete` with the return: a link token, a code verifier. It is stored encrypted.
	"""

	url: str
	remote_user: str = ""
	session: Secret = NO_SECRET
	polls: bool = False
	"""The provider may send the user back to no address of ours: the core may poll `complete` instead."""


@dataclass(frozen=True)
class Completed:
	"""The outcome of a session, as the provider gives it (the address of the return proves nothing).

	`connection` is None when nothing was connected; `cancelled` distinguishes a user who gave up from a failure.
	`pending` means "not yet": call `complete` again after `poll_after`.
	`grant` is stored for the connection, where there is one to store. A session that goes on after it has connected something is
	`pending` with a `connection`.
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
	institution_name: str = ""
	"""The name of the institution, where a session may bring another one than was asked for."""
	others: Sequence[Completed] = ()
	"""What the session brought beside this, where one may connect several institutions."""


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
class EventKind(str, Enum):
	"""What happened, as a provider's webhook call reports it."""

	CONNECTION_CREATED = "connection.created"
	CONNECTION_REFRESHED = "connection.refreshed"
	CONNECTION_REMOVED = "connection.removed"
	ACCOUNT_CREATED = "account.created"
	ACCOUNT_REFRESHED = "account.refreshed"
	ACCOUNT_UPDATED = "account.updated"
	ACCOUNT_REMOVED = "account.removed"
	USER_REMOVED = "user.removed"
	TEST = "test"
	"""The provider tries the address: nothing happened."""


@dataclass(frozen=True)
class Event:
	"""A provider's notice that something happened; a hint to fetch, never data to trust."""

	kind: EventKind
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
