"""What Plaid keeps for a client: link tokens, items, accounts, transactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.plaid.errors import PlaidError

CLIENT_ID = "plaid-sandbox-client"
SECRET = "plaid-sandbox-secret"  # noqa: S105 - the published key of a sandbox provider
PRODUCTION_SECRET = "plaid-production-secret"  # noqa: S105 - the key of the other environment

EUROPE = frozenset("AT BE DE DK EE ES FI FR GB IE IT LT LV NL NO PL PT SE".split(" "))  # noqa: SIM905 - a long list
COUNTRIES = EUROPE | {"US", "CA"}


@dataclass
class Settings:
	"""What Plaid lets one choose or leaves open, and the lengths of life.

	`initial_after` and `historical_after`: how long after a link the last 30 days, and all of the history, are
	there. `taxonomy`: the default version of the personal finance categories. `lost_pending`: the share of
	posted transactions whose pending one Plaid cannot tell. `user_tokens`: the client began to use `/user/create` before
	10 December 2025, when a user was named by a token.
	"""

	environment: str = "sandbox"
	initial_after: timedelta = timedelta(seconds=10)
	historical_after: timedelta = timedelta(seconds=60)
	consent_life: timedelta = timedelta(days=180)
	url_life: timedelta = timedelta(minutes=30)
	public_token_life: timedelta = timedelta(minutes=30)
	results_life: timedelta = timedelta(hours=6)
	taxonomy: str = "v2"
	lost_pending: float = 0.1
	refresh_product: bool = True
	user_tokens: bool = False


@dataclass(frozen=True)
class User:
	"""A user that `/user/create` made, who may connect several banks in one session. `token` is the older name of one."""

	id: str
	client_user_id: str
	token: str = ""


@dataclass
class Client:
	"""One pair of keys. Without "transactions" in `products`, the client has no subscription for it."""

	client_id: str = CLIENT_ID
	secret: str = SECRET
	products: frozenset[str] = frozenset({"transactions"})
	redirect_uris: frozenset[str] | None = None
	items: dict[str, Item] = field(default_factory=dict)
	users: dict[str, User] = field(default_factory=dict)
	"""By their `client_user_id`."""


@dataclass
class Row:
	"""One transaction of an account. `added` and `changed` are places in the item's order of changes."""

	id: str
	account: Account
	movement: Movement
	cents: int
	day: date
	pending: bool = False
	pending_id: str | None = None
	removed: bool = False
	added: int = 0
	changed: int = 0


@dataclass
class Account:
	"""An account as an item shows it. `rows` are the live rows by the key of their movement."""

	id: str
	real: RealAccount
	shared: bool = True
	gone: bool = False
	rows: dict[str, Row] = field(default_factory=dict)
	read_until: date | None = None
	changes_read: int = 0

	@property
	def visible(self) -> bool:
		"""Whether the user shares the account and the bank still gives it."""
		return self.shared and not self.gone


@dataclass
class Item:
	"""One login at one institution. `head` is the place of the latest change of its transactions."""

	id: str
	access_token: str
	client: Client
	institution: Institution
	login: str
	created_at: datetime
	webhook: str | None
	days_requested: int
	products: tuple[str, ...] = ("transactions",)
	consent_expires_at: datetime | None = None
	error: PlaidError | None = None
	accounts: dict[str, Account] = field(default_factory=dict)
	rows: dict[str, Row] = field(default_factory=dict)
	head: int = 0
	synced: bool = False
	stage: str = "NOT_READY"
	last_update: datetime | None = None
	warned: bool = False
	known: set[str] = field(default_factory=set)
	"""Keys of the real accounts that Plaid has seen, shared or not."""

	@property
	def european(self) -> bool:
		"""Whether European rules of consent hold for the item."""
		return self.institution.country in EUROPE

	def visible(self) -> Iterator[Account]:
		"""Yield the accounts that the item shows."""
		return (one for one in self.accounts.values() if one.visible)


@dataclass
class Result:
	"""One item that a Link session added, or renewed."""

	item: Item
	public_token: str


@dataclass
class LinkSession(ConsentSession):
	"""A Link session in Hosted Link."""

	link_token: str = ""
	request: dict[str, Any] = field(default_factory=dict)
	client: Client = field(default_factory=Client)
	created_at: datetime | None = None
	started_at: datetime | None = None
	finished_at: datetime | None = None
	token_expires_at: datetime | None = None
	session_id: str = ""
	item: Item | None = None
	"""The item under renewal."""
	results: list[Result] = field(default_factory=list)
	exit_error: PlaidError | None = None
	exit_status: str = ""
	hosted: bool = False

	@property
	def many(self) -> bool:
		"""Whether several items may be added in the session."""
		return bool(self.request.get("enable_multi_item_link"))


@dataclass(frozen=True)
class PublicToken:
	"""What a session hands out for an item, to be exchanged once."""

	item: Item
	expires_at: datetime
