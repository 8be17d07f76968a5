"""What Salt Edge keeps for a client: customers, connections, consents, attempts, accounts, transactions."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.consent_pages.session import ConsentSession
from dokos_banksync.sandbox.institutions import DEMO_BANK, Institution
from dokos_banksync.sandbox.movements import Movement

APP_ID = "salt-edge-sandbox-app"
SECRET = "salt-edge-sandbox-secret"  # noqa: S105 - the published key of a sandbox provider
STAGES = (
	"start", "connect", "interactive", "fetch_holder_info", "fetch_accounts", "fetch_recent", "fetch_full",
	"disconnect", "finish",
)  # fmt: skip
SUCCESS_STAGES = frozenset({"fetch_accounts", "fetch_recent", "finish"})
"""The stages after which a success callback is sent."""
CALLBACKS = ("success", "failure", "notify", "destroy")


@dataclass
class Settings:
	"""What Salt Edge lets one choose or the documents leave open, and the lengths of life.

	`stage_time`: how long each stage of a fetch takes. `customer_key`: where a new customer's id is.
	`integer_customer_ids`: ids of customers are refused as strings. `connect_life`: of a widget's address.
	"""

	stage_time: timedelta = timedelta(seconds=2)
	consent_days: int = 90
	max_consent_days: int = 180
	connect_life: timedelta = timedelta(hours=1)
	refresh_timeout: timedelta = timedelta(minutes=60)
	background_fetches: int = 4
	customer_key: str = "customer_id"
	integer_customer_ids: bool = False
	firewall: bool = True


@dataclass
class Client:
	"""One pair of keys. `state`: "pending" (fake banks only), "test", "live", "restricted" or "disabled".

	With a `public_key` (PEM) every request must be signed. `callbacks`: addresses by kind.
	"""

	app_id: str = APP_ID
	secret: str = SECRET
	state: str = "live"
	public_key: str = ""
	callbacks: dict[str, str] = field(default_factory=dict)
	customers: dict[str, Customer] = field(default_factory=dict)
	connection_limit: int | None = None


@dataclass
class Customer:
	"""A client's user."""

	id: str
	identifier: str
	secret: str
	created_at: datetime
	connections: dict[str, Connection] = field(default_factory=dict)


@dataclass
class Consent:
	"""`ended` is "", "revoked" or "expired"."""

	id: str
	scopes: tuple[str, ...]
	from_date: date | None
	period_days: int
	expires_at: datetime
	created_at: datetime
	ended: str = ""
	ended_at: datetime | None = None
	reason: str | None = None


@dataclass
class Attempt:
	"""One fetch. `stages` are those reached, with their instants."""

	id: str
	created_at: datetime
	user_present: bool
	scopes: tuple[str, ...]
	from_date: date | None
	custom_fields: Mapping[str, Any]
	interactive: bool = False
	stages: list[tuple[str, datetime]] = field(default_factory=list)
	success_at: datetime | None = None
	fail_at: datetime | None = None
	fail_class: str | None = None
	fail_message: str | None = None

	@property
	def finished(self) -> bool:
		"""Whether the attempt is over, well or not."""
		return self.success_at is not None or self.fail_at is not None


@dataclass
class Row:
	"""One transaction. Ids rise in the order of import."""

	id: int
	account: Account
	movement: Movement
	cents: int
	created_at: datetime
	pending: bool = False
	duplicated: bool = False
	description: str = ""


@dataclass
class Account:
	"""An account as a connection shows it. `rows`: posted ones by the key of their movement, `held`: pending."""

	id: str
	real: RealAccount
	created_at: datetime
	updated_at: datetime
	rows: dict[str, Row] = field(default_factory=dict)
	held: list[Row] = field(default_factory=list)
	duplicates: list[Row] = field(default_factory=list)
	balance_cents: int = 0
	read_until: date | None = None
	read_from: date | None = None
	changes_read: int = 0


@dataclass
class Connection:
	"""One login at one provider, for one customer."""

	id: str
	client: Client
	customer: Customer
	institution: Institution
	login: str
	created_at: datetime
	updated_at: datetime
	categorization: str = "personal"
	automatic_refresh: bool = False
	unduplication: str = "mark_as_pending"
	status: str = "active"
	last_success_at: datetime | None = None
	consents: list[Consent] = field(default_factory=list)
	attempts: list[Attempt] = field(default_factory=list)
	accounts: dict[str, Account] = field(default_factory=dict)
	chosen: frozenset[str] = frozenset()
	background: list[datetime] = field(default_factory=list)

	@property
	def consent(self) -> Consent:
		"""Return the present consent."""
		return self.consents[-1]

	@property
	def attempt(self) -> Attempt:
		"""Return the last attempt."""
		return self.attempts[-1]

	@property
	def interactive(self) -> bool:
		"""Does the provider want the user at every fetch?"""
		return self.institution.sms_code or self.institution.needs_user_present


@dataclass
class WidgetSession(ConsentSession):
	"""A user in Salt Edge's widget, to connect, reconnect or refresh."""

	client: Client = field(default_factory=Client)
	customer: Customer | None = None
	request: dict[str, Any] = field(default_factory=dict)
	connection: Connection | None = None
	error_class: str = ""
	over: bool = False


def code_of(institution: Institution) -> str:
	"""Salt Edge's code of an institution; the demo bank is one of its fake banks, in the country XF."""
	if institution.id == DEMO_BANK:
		return "fakebank_simple_xf"
	plain = unicodedata.normalize("NFKD", institution.name.lower().replace("'", "_"))
	words = plain.encode("ascii", "ignore").decode().split()
	return "_".join([*words, country_of(institution).lower()])


def country_of(institution: Institution) -> str:
	"""Return the country under which Salt Edge lists an institution."""
	return "XF" if institution.id == DEMO_BANK else institution.country
