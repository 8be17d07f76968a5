"""What the sandbox Powens holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.institutions import Institution

DOMAIN = "demo-sandbox"
CLIENT_ID = "10203040"
CLIENT_SECRET = "powens-secret"  # noqa: S105 - of the sandbox
WEBHOOK_SECRET = "powens-webhook-key"  # noqa: S105 - of the sandbox

Row = dict[str, Any]


@dataclass(frozen=True)
class Transaction:
	"""One row as it stands. `updated` and `deleted` are instants of the sandbox."""

	id: int
	values: Row
	updated: datetime
	deleted: datetime | None = None

	def changed(self, values: Row, now: datetime) -> Transaction:
		"""Return the row with other values."""
		return replace(self, values=values, updated=now, deleted=None)

	def gone(self, now: datetime) -> Transaction:
		"""Return the row as one that the bank took back."""
		return replace(self, updated=now, deleted=now)


@dataclass
class Account:
	"""An account of one connection. It is disabled until the user shares it."""

	id: int
	real: RealAccount
	disabled: datetime | None
	rows: dict[str, Transaction] = field(default_factory=dict)
	deleted: datetime | None = None
	read_at: datetime | None = None


@dataclass
class Connection:
	"""A connection at one institution. `state` is None where the last synchronization was fine."""

	id: int
	user_id: int
	institution: Institution
	login: str
	created: datetime
	access_ends: datetime | None
	accounts: dict[int, Account] = field(default_factory=dict)
	state: str | None = None
	message: str | None = None
	last_update: datetime | None = None
	synced_by_user: datetime | None = None


@dataclass
class User:
	"""A user with a permanent token."""

	id: int
	token: str
	connections: dict[int, Connection] = field(default_factory=dict)


@dataclass
class WebviewSession:
	"""A consent session to the webview. `managed` is the connection that it is about, if any."""

	consent_session: ConsentSession
	user: User
	flow: str
	state: str
	uuids: list[str]
	managed: Connection | None = None


@dataclass
class Settings:
	"""How Powens and the banks behave.

	`merged_cards`: the rows of a deferred card are in the current account, beside its monthly debit. `first_sync_seconds`:
	how long the first synchronization takes after the webview. `links` False leaves out `_links`. `redirects`: registered
	addresses; empty for any. `webhook_url` is called after each synchronization.
	"""

	merged_cards: bool = False
	first_sync_seconds: float = 0
	links: bool = True
	categorization: bool = True
	consent_days: float = 180
	page_size: int = 1000
	min_sync_seconds: float = 60
	redirects: list[str] = field(default_factory=list)
	webhook_url: str = ""

	@property
	def consent(self) -> timedelta:
		"""Return how long a strong authentication lasts."""
		return timedelta(days=self.consent_days)
