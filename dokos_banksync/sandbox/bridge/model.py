"""What Bridge keeps for an application: users, tokens, items, accounts, Connect sessions."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.bridge.feed import BulkFeed, Feed, WrittenRow
from dokos_banksync.sandbox.bridge.outcomes import Outcome
from dokos_banksync.sandbox.bridge.rows import Key, Row, Window
from dokos_banksync.sandbox.institutions import Institution

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - the published key of a sandbox bank

PAYMENT_KINDS = frozenset({"checking", "card"})
"""What `account_types: payment` covers; `all` covers every account."""


@dataclass
class Account:
	"""An account as an item shows it. `gone`: the bank no longer gives it."""

	id: int
	item_id: int
	real: RealAccount
	data_access: str
	updated_at: datetime
	feed: Feed = field(default_factory=Feed)
	bulk: BulkFeed | None = None
	last_refresh_status: str = "successful"
	changes_read: int = 0
	read_from: date | None = None
	read_until: date | None = None
	unsettled: list[tuple[date, str]] = field(default_factory=list)
	gone: bool = False

	@property
	def enabled(self) -> bool:
		"""Return whether the account is shared and still there."""
		return self.data_access == "enabled" and not self.gone

	def scan(self, window: Window) -> Iterator[tuple[Key, WrittenRow]]:
		"""Yield the rows of a window, by change time and id."""
		if self.bulk is None:
			return self.feed.scan(window)
		return heapq.merge(self.bulk.scan(window), self.feed.scan(window), key=lambda pair: pair[0])

	def row(self, row_id: int) -> Row | None:
		"""Return a row by its id, or None."""
		return self.feed.rows.get(row_id) or (self.bulk.find(row_id) if self.bulk else None)


@dataclass
class Item:
	"""One login at one institution. `script`: what the next refreshes will end in, from the test logins."""

	id: int
	institution: Institution
	login: str
	account_types: str
	created_at: datetime
	status: int = -2
	status_code_info: str = "ok"
	last_successful_refresh: datetime | None = None
	last_try_refresh: datetime | None = None
	authentication_expires_at: datetime | None = None
	accounts: dict[int, Account] = field(default_factory=dict)
	script: list[str] = field(default_factory=list)
	complete: bool = False

	def expired(self, now: datetime) -> bool:
		"""Return whether the authentication has ended."""
		return self.authentication_expires_at is not None and self.authentication_expires_at <= now


@dataclass
class User:
	"""A user of an application, with items."""

	uuid: str
	external_user_id: str | None
	items: dict[int, Item] = field(default_factory=dict)

	def accounts(self) -> Iterator[Account]:
		"""Yield the user's accounts that are still there."""
		for item in self.items.values():
			yield from (account for account in item.accounts.values() if not account.gone)


@dataclass
class Application:
	"""One pair of keys; nothing is shared between two applications."""

	client_id: str = CLIENT_ID
	client_secret: str = CLIENT_SECRET
	users: dict[str, User] = field(default_factory=dict)
	callback_domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class Token:
	"""An access token of a user."""

	application: Application
	user: User
	expires_at: datetime


@dataclass
class ConnectSession:
	"""A Connect flow under way. `step` is the documented name of the page the user is on."""

	id: str
	application: Application
	user: User
	created_at: datetime
	user_email: str | None = None
	callback_url: str | None = None
	context: str | None = None
	account_types: str = "payment"
	provider_id: int | None = None
	country_code: str | None = None
	capabilities: tuple[str, ...] = ()
	allow_account_selection: bool = True
	max_selectable_accounts: int | None = None
	item_id: int | None = None
	force_reauthentication: bool = False
	managed: bool = False
	step: str = "list_banks"
	alert: str = ""
	outcome: Outcome = field(default_factory=Outcome)
	later: tuple[str, ...] = ()
	wrong_codes: int = 0
	authenticated: bool = False
	closed: bool = False


@dataclass
class Settings:
	"""What the documents leave open or let one choose, and the lengths of life."""

	token_life: timedelta = timedelta(hours=2)
	session_life: timedelta = timedelta(minutes=30)
	consent_life: timedelta = timedelta(days=180)
	show_nulls: bool = False
	null_next_uri: bool = False
	no_pagination_at_end: bool = False
	flat_categories: bool = False
	error_list: bool = False
	tombstones_without_since: bool = True
