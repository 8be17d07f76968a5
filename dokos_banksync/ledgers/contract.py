"""The engine's port to the host: what a ledger stores and gives back.

Records bear the field names of the doctypes. A ledger decides nothing; it keeps what the engine decided,
each batch together with its cursors in one database transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from dokos_banksync.connectors.contract import Memory, Secret, Subscription, Tally
from dokos_banksync.engine.model import (
	Category,
	ConnectionStatus,
	Decision,
	KnownLine,
	KnownTransaction,
	Reason,
	Refusal,
	RemoteAccount,
	Window,
)


@dataclass(frozen=True)
class ConnectionRecord:
	"""One consent at one institution: a Sync Connection."""

	name: str
	bank: str
	provider: str
	status: ConnectionStatus = ConnectionStatus.CONNECTING
	institution_id: str = ""
	remote_user: str = ""
	remote_id: str = ""
	status_code: str = ""
	status_message: str = ""
	status_reference: str = ""
	consent_expires_at: datetime | None = None
	last_success_at: datetime | None = None
	last_refresh_at: datetime | None = None
	automatic: bool = True
	company: str = ""
	"""Whose books it feeds, where the host has companies."""


@dataclass(frozen=True)
class AccountRecord:
	"""A remote account of a connection, and the Bank Account it feeds.

	`source` is the ledger's own key of it: lines belong to a source, so that two connections may show the
	same remote id. `start_date` None means all there is.
	"""

	source: str
	connection: str
	remote: RemoteAccount
	bank_account: str = ""
	start_date: date | None = None
	cursor: str = ""
	gone: bool = False
	"""The provider no longer lists it."""


@dataclass(frozen=True)
class BankAccountRecord:
	"""What the engine needs of a host's Bank Account. `opening_balance` is derived once, by the first run."""

	name: str
	bank: str
	currency: str
	iban: str = ""
	opening_balance: Decimal | None = None
	opening_date: date | None = None
	"""The day that starts with the opening balance; older history moves both."""
	lock_date: date | None = None
	"""Up to and including this day the books are closed."""
	company: str = ""


class BalanceCheck(NamedTuple):
	"""Opening plus movements, held against the bank's own balance; `difference` is bank minus ledger."""

	bank_account: str
	currency: str
	opening: Decimal
	movements: Decimal
	bank_balance: Decimal
	difference: Decimal
	complete: bool


@dataclass
class RunRecord:
	"""One synchronisation of one connection, or the import of a file: a Sync Run.

	Counts are lines unless they say otherwise. `connection` is empty for a file.
	"""

	name: str
	connection: str
	trigger: str
	started_at: datetime
	ended_at: datetime | None = None
	status: str = "Running"
	"""Running, Success, Partial (all fetched, the person must act or rows were refused), Failed."""
	fetched: int = 0
	created: int = 0
	adopted: int = 0
	updated: int = 0
	unchanged: int = 0
	removed: int = 0
	held: int = 0
	refused: int = 0
	error_code: str = ""
	error_message: str = ""
	error_reference: str = ""
	checks: list[BalanceCheck] = field(default_factory=list)


class CategoryRecord(NamedTuple):
	"""A host's category. `remote_id` is empty for a person's own; `edited` when a person changed it."""

	name: str
	category_name: str
	parent: str
	remote_id: str
	edited: bool
	removed: bool
	"""Deleted by a person: kept as a tombstone, shown nowhere, never imported again."""


class CategoryChange(NamedTuple):
	"""What the engine wants of the category tree: `name` empty inserts, else renames and moves.

	`parent` is the provider's id of the parent category, empty for a root.
	"""

	name: str
	remote_id: str
	category_name: str
	parent: str


class Batch(Protocol):
	"""An open database transaction: everything in it happens, or nothing does."""

	def lines(self, source: str, remote_ids: Sequence[str]) -> list[KnownLine]:
		"""The lines of a source that bear one of the ids, removed ones included."""
		...

	def held(self, source: str, reasons: Sequence[Reason]) -> list[KnownLine]:
		"""Lines of the source that wait for one of the reasons to go away."""
		...

	def transactions(self, bank_account: str, windows: Sequence[Window]) -> list[KnownTransaction]:
		"""Bank transactions (deleted ones too) of the account in one of the windows, which do not overlap."""
		...

	def apply(self, run: str, decisions: Sequence[Decision], now: datetime) -> Sequence[Decision]:
		"""Store the decisions: bank transactions, lines and their ties. Provider category ids are resolved.

		Gives back those whose bank transaction the host would not take, as they are kept instead: held lines
		that say why.

		Ties are made before anything is removed, so that a bank transaction that another line of the same
		batch adopts outlives the line it came of.
		"""
		...

	def move_cursors(self, cursors: Mapping[str, str]) -> None:
		"""Set the cursor of each source."""
		...

	def refuse(
		self, run: str, source: str, refusals: Sequence[Refusal], now: datetime, bank_account: str = ""
	) -> None:
		"""Keep rows that could not be read, each with its reason.

		`bank_account` says where the rows of a file belong; a remote account is linked to its own.
		"""
		...


class Ledger(Protocol):
	"""A host. Names that do not exist raise `NotFound`."""

	# -- providers and their access -------------------------------------------------------------------
	def subscription(self, provider: str) -> tuple[str, Subscription]:
		"""The provider's type and keys. Raises `ConfigurationError` when the keys cannot be decrypted."""
		...

	def memory(self, provider: str) -> Memory: ...

	def tally(self, provider: str) -> Tally: ...

	# -- connections and accounts ---------------------------------------------------------------------
	def connection(self, name: str) -> ConnectionRecord: ...

	def connections(self, bank: str = "") -> list[ConnectionRecord]: ...

	def add_connection(
		self, bank: str, provider: str, institution_id: str = "", company: str = ""
	) -> ConnectionRecord:
		"""A new connection in state Connecting; the Bank is created when it does not exist."""
		...

	def save_connection(self, record: ConnectionRecord) -> None: ...

	def accounts(self, connection: str) -> list[AccountRecord]: ...

	def save_accounts(self, connection: str, remote: Sequence[RemoteAccount]) -> list[AccountRecord]:
		"""Store what the provider lists; those it no longer lists are marked gone. Links are kept."""
		...

	def move_account(self, source: str, to: str) -> None:
		"""Give `to` the Bank Account and start date of `source`, which is unlinked; both keep their lines."""
		...

	def link(self, source: str, bank_account: str, start_date: date | None) -> None:
		"""Tie a remote account to a Bank Account (empty unties). An earlier start date clears the cursor."""
		...

	# -- bank accounts --------------------------------------------------------------------------------
	def bank_account(self, name: str) -> BankAccountRecord: ...

	def add_bank_account(
		self, name: str, bank: str, currency: str, iban: str = "", company: str = "", account: str = ""
	) -> BankAccountRecord:
		"""A new Bank Account; the host may name it otherwise. `account` is one of the host's chart of accounts:
		where there is a chart and none is given, one is made. Raises `InvalidData` for a name that is taken.
		"""
		...

	def last_day(self, bank_account: str) -> date | None:
		"""Day of the latest bank transaction, by any source."""
		...

	def find_bank_account(self, bank: str, iban: str, currency: str) -> str:
		"""Name of the only Bank Account of the bank with this IBAN and currency, else empty."""
		...

	def first_day(self, bank_account: str) -> date | None: ...

	def set_opening(self, bank_account: str, amount: Decimal, day: date) -> None: ...

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		"""Sum of all bank transactions of the account, or of those before a day."""
		...

	def tied(self, source: str, since: date) -> list[KnownLine]:
		"""Lines of a source from a day on that belong to a bank transaction."""
		...

	# -- statement files ------------------------------------------------------------------------------
	def file_account(self, source: str) -> str:
		"""The Bank Account that a statement file was imported into, or empty."""
		...

	def mapping(self, bank: str, signature: str) -> Mapping[str, str]:
		"""How tables of the bank with this header are read; empty while nobody has imported one."""
		...

	def keep_mapping(self, bank: str, signature: str, mapping: Mapping[str, str]) -> None: ...

	# -- runs -----------------------------------------------------------------------------------------
	def hold(self, connection: str) -> AbstractContextManager[None]:
		"""One run at a time per connection, whoever starts it; released even when the process dies.

		Raises `Busy`.
		"""
		...

	def begin_run(self, connection: str, trigger: str, now: datetime) -> RunRecord:
		"""Also closes as Failed (interrupted) whatever run of the connection a killed process left open.

		The import of a statement file has no connection (empty); its runs go by their trigger.
		"""
		...

	def save_run(self, run: RunRecord) -> None: ...

	def batch(self) -> AbstractContextManager[Batch]:
		"""Take the write lock and open a database transaction; commit at the end, roll back on an error."""
		...

	# -- categories -----------------------------------------------------------------------------------
	def categories(self, provider_type: str) -> list[CategoryRecord]:
		"""All categories: of this type of provider, tombstones included, and people's own."""
		...

	def change_categories(self, provider_type: str, changes: Iterable[CategoryChange]) -> None:
		"""Parents come before their children."""
		...


__all__ = [
	"AccountRecord",
	"BalanceCheck",
	"BankAccountRecord",
	"Batch",
	"Category",
	"CategoryChange",
	"CategoryRecord",
	"ConnectionRecord",
	"Ledger",
	"RunRecord",
	"Secret",
]
