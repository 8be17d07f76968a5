"""What Ponto keeps: applications, organizations with their accounts, grants and synchronizations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.institutions import Institution

CLIENT_ID = "ponto-client"
CLIENT_SECRET = "ponto-secret"  # noqa: S105 - the published key of a sandbox provider
OWN_CLIENT_ID = "my-ponto-client"
OWN_CLIENT_SECRET = "my-ponto-secret"  # noqa: S105 - the published key of a sandbox provider
APPLICATION_ID = "0b1e5a1c-7777-4888-9999-000011112222"

Row = dict[str, Any]


@dataclass
class Application:
	"""An application of Ponto Connect, or with `owner` the custom integration of one organization."""

	id: str
	client_id: str
	client_secret: str
	redirect_uris: tuple[str, ...] = ()
	owner: str = ""
	webhook_url: str = ""


@dataclass
class StoredRow:
	"""A transaction as Ponto keeps it. `key` is the movement's at the bank."""

	id: str
	key: str
	day: date
	attributes: Row


@dataclass
class Account:
	"""An account that an organization added. `rows` and `pending` are what the last synchronizations read."""

	id: str
	real: RealAccount
	institution: Institution
	authorized_at: datetime
	expires_at: datetime
	rows: dict[str, StoredRow] = field(default_factory=dict)
	pending: dict[str, StoredRow] = field(default_factory=dict)
	balance: float = 0.0
	available: float = 0.0
	synchronized_at: datetime | None = None
	latest: Synchronization | None = None


@dataclass
class Synchronization:
	"""A reading of the bank. `polls` counts down to its end; `updated` are ids that it created or changed.

	`requested` tells a client's synchronization from Ponto's own, which counts against no limit.
	"""

	id: str
	account: Account
	subtype: str
	created_at: datetime
	attended: bool
	requested: bool = True
	status: str = "pending"
	polls: int = 2
	updated_at: datetime | None = None
	errors: list[Row] = field(default_factory=list)
	updated: list[str] = field(default_factory=list)
	updated_pending: list[str] = field(default_factory=list)


@dataclass
class Organization:
	"""A customer of Ponto. `integrations` are the ids of applications it is linked to, with the accounts shared."""

	id: str
	key: str
	accounts: dict[str, Account] = field(default_factory=dict)
	integrations: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class Grant:
	"""What one authorization code led to. Only `refresh_token` can be used; `spent` ones were before it."""

	application: Application
	organization: Organization
	refresh_token: str
	spent: set[str] = field(default_factory=set)
	revoked: bool = False


@dataclass
class Token:
	"""An access token; without a grant it is the application's own."""

	application: Application
	organization: Organization | None
	expires_at: datetime
	grant: Grant | None = None


@dataclass
class AuthorizationFlow:
	"""An authorization or a reauthorization under way in the user's browser."""

	consent_session: ConsentSession
	application: Application
	state: str = ""
	challenge: str = ""
	account: Account | None = None
	organization: Organization | None = None
	code: str = ""
	code_expires_at: datetime | None = None
	redirect_uri: str = ""


@dataclass
class Settings:
	"""What the documents leave open, and the lengths of life.

	The pause between synchronizations of an account and their number a day are what users of the API report.
	`oldest_first` turns the lists of transactions round. `renews_siblings`: renewing one account renews those that the same login sees. `reuse_revokes`: a refresh token that is used twice ends the whole grant, as Ory Hydra does.
	"""

	token_life: timedelta = timedelta(seconds=1799)
	code_life: timedelta = timedelta(minutes=10)
	consent_life: timedelta = timedelta(days=180)
	sync_pause: timedelta = timedelta(minutes=5)
	syncs_per_day: int = 50
	polls: int = 2
	reuse_revokes: bool = True
	deletes_rows: bool = True
	renews_siblings: bool = True
	oldest_first: bool = False
