"""The port of the core to the host: what a ledger stores and returns.

Records have the field names of the doctypes. A ledger decides nothing; it stores what the core decided,
each batch together with its cursors in one database transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.extent import Extent
from dokos_banksync.core.model import ExistingLine, Reason, RemoteAccount
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import Clock, GrantStore, RateLimitStore, SecretStore, Subscription
from dokos_banksync.core.records import (
	AccountRecord,
	BankAccountRecord,
	Candidate,
	CategoryChange,
	CategoryRecord,
	ConnectionRecord,
	Covered,
	LineStory,
	Near,
	OpenLine,
	PastCheck,
	RunRecord,
	TransactionStory,
	UndoResult,
	UnmatchedItem,
)
from dokos_banksync.core.trigger import Trigger


class Ledger(Protocol):
	"""A host. Names that do not exist raise `NotFound`."""

	clock: Clock

	@property
	def batch_rows(self) -> int:
		"""Return how many lines one database transaction takes: enough to be quick, few enough not to block other users."""
		...

	# -- providers and their access -------------------------------------------------------------------
	def subscription(self, provider: str) -> tuple[str, Subscription]:
		"""Return the provider's type and keys. Raises `ConfigurationError` when the keys cannot be decrypted."""
		...

	def secret_store(self, provider: str) -> SecretStore:
		"""Return the provider's short-lived secrets."""
		...

	def grant(self, connection: str) -> GrantStore:
		"""Return what the provider granted for a connection."""
		...

	def forget_grant(self, connection: str) -> None:
		"""Delete the grant of a connection; harmless when there is none."""
		...

	def rate_limits(self, provider: str) -> RateLimitStore:
		"""Return the counters of calls of a subscription."""
		...

	# -- connections and accounts ---------------------------------------------------------------------
	def connection(self, name: str, *, with_runs: bool = False) -> ConnectionRecord:
		"""Return a connection; `with_runs` also reads whether a run is open and when the last one ended. Raise `NotFound`."""
		...

	def connections(self, bank: str = "") -> list[ConnectionRecord]:
		"""Return the connections of a bank, or all of them."""
		...

	def add_connection(
		self, bank: str, provider: str, institution_id: str = "", company: str = ""
	) -> ConnectionRecord:
		"""Create a connection in state Connecting; the Bank is created when it does not exist."""
		...

	def save_connection(self, record: ConnectionRecord) -> None:
		"""Store a connection that exists."""
		...

	def accounts(self, connection: str) -> list[AccountRecord]:
		"""Return the remote accounts of a connection, those that are gone included."""
		...

	def save_accounts(self, connection: str, remote: Sequence[RemoteAccount]) -> list[AccountRecord]:
		"""Store what the provider lists; those it no longer lists are marked gone. Links are not changed."""
		...

	def move_account(self, source: str, to: str) -> None:
		"""Give `to` the Bank Account and start date of `source`, which is unlinked; the lines of both stay."""
		...

	def continue_account(self, source: str, to: str) -> None:
		"""Exchange the provider's ids of two accounts; `source` stays linked. As `move_account` if `to` has lines."""
		...

	def link(self, source: str, bank_account: str, start_date: date | None) -> None:
		"""Link a remote account to a Bank Account (empty unlinks). An earlier start date clears the cursor."""
		...

	# -- banks and bank accounts ----------------------------------------------------------------------
	def banks(self) -> list[str]:
		"""Return the names of all Banks."""
		...

	def bank_account(self, name: str) -> BankAccountRecord:
		"""Return a Bank Account. Raise `NotFound`."""
		...

	def bank_accounts(self, bank: str = "") -> Sequence[BankAccountRecord]:
		"""Return the open Bank Accounts of a bank, or all open ones."""
		...

	def add_bank_account(
		self, name: str, bank: str, currency: str, iban: str = "", company: str = "", account: str = ""
	) -> BankAccountRecord:
		"""Return a new Bank Account; the host may name it otherwise. `account` is one of the host's chart of accounts:
		where there is a chart and none is given, one is made. Raises `InvalidData` for a name that is taken.
		"""
		...

	def last_day(self, bank_account: str) -> date | None:
		"""Return the day of the latest bank transaction, by any source."""
		...

	def find_bank_account(self, bank: str, iban: str, currency: str) -> str:
		"""Return the only Bank Account of the bank (of any for an empty name) with this IBAN and currency, else empty."""
		...

	def first_day(self, bank_account: str) -> date | None:
		"""Return the day of the earliest bank transaction, by any source; None where there is none."""
		...

	def set_opening(self, bank_account: str, amount: Decimal, day: date) -> None:
		"""Store the opening balance of a Bank Account, at the start of a day."""
		...

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		"""Return the sum of all bank transactions of the account, or of those before a day."""
		...

	def verify_totals(self, bank_account: str) -> None:
		"""Compare the running totals that `movements` uses on some hosts with the bank transactions, and correct them."""
		...

	def stored_lines(
		self, source: str, remote_ids: Sequence[str], reasons: Sequence[Reason]
	) -> tuple[list[ExistingLine], bool]:
		"""Return lines by their ids, without a lock or the sources of their bank transactions (`Batch.lines`), and whether
		any line of the source may be held for one of the reasons, as `held` returns them.
		"""
		...

	def extent(self, bank_account: str, before: date | None = None) -> Extent:
		"""Return a Bank Account as it is now, with its bank transactions, or those before a day. Raise `NotFound`."""
		...

	def lines_since(self, source: str, since: date) -> list[ExistingLine]:
		"""Return all lines of a source from a day on, with or without a bank transaction, removed ones aside."""
		...

	def held(self, source: str, reasons: Sequence[Reason]) -> list[ExistingLine]:
		"""Return the lines of a source that are held for one of the reasons, as they are now."""
		...

	def linked(self, source: str, since: date) -> list[ExistingLine]:
		"""Return lines of a source from a day on that belong to a bank transaction."""
		...

	# -- statement files ------------------------------------------------------------------------------
	def file_account(self, source: str) -> str:
		"""Return the Bank Account into which a statement file was imported, or an empty text."""
		...

	def mapping(self, bank: str, signature: str) -> Mapping[str, str]:
		"""Return the mapping for tables of the bank with this header; empty before the first import."""
		...

	def store_mapping(self, bank: str, signature: str, mapping: Mapping[str, str]) -> None:
		"""Store how tables of the bank with this header are read."""
		...

	# -- runs -----------------------------------------------------------------------------------------
	def hold(self, connection: str) -> AbstractContextManager[None]:
		"""Allow one run at a time per connection; released even when the process dies. Raises `Busy`."""
		...

	def begin_run(
		self, connection: str, trigger: Trigger, now: datetime, subject: str = "", *, may_be_open: bool = True
	) -> RunRecord:
		"""Store a new run, and close as Failed (interrupted) whatever run of the connection a killed process left open:
		none where the caller, who holds the connection, has read so (`may_be_open`). A run without a connection, of a file
		for example, is known by its trigger and its subject.
		"""
		...

	def save_run(self, run: RunRecord) -> None:
		"""Store a run that exists."""
		...

	def batch(self, *, atomic: bool = True) -> AbstractContextManager[Batch]:
		"""Take the write lock and open a database transaction; commit at the end, roll back on an error.

		Without `atomic` there is no lock, and statements may be committed one by one.
		"""
		...

	# -- categories -----------------------------------------------------------------------------------
	def categories(self, provider_type: str) -> list[CategoryRecord]:
		"""Return all categories: of this type of provider, tombstones included, and those that users created."""
		...

	def change_categories(self, provider_type: str, changes: Iterable[CategoryChange]) -> None:
		"""Store changed categories, parents before their children."""
		...

	# -- history, undo, duplicates, balance proof ------------------------------------------------------
	def transaction_story(self, name: str) -> TransactionStory:
		"""Return where a bank transaction comes from and what became of it. Raise `NotFound`."""
		...

	def deleted_stories(self, transaction: str) -> list[LineStory]:
		"""Return the lines that a bank transaction stood for before it was deleted or undone; none for an unknown one."""
		...

	def line_story(self, name: str) -> LineStory:
		"""Return what became of a line, and why. Raise `NotFound`."""
		...

	def undo(self, run: str, *, again: bool | None = None, progress: Progress | None = None) -> UndoResult:
		"""Undo a run: what it created is removed, what it changed or removed is restored.

		Reconciled bank transactions stay, and so does what was changed since. With `again` the lines are deleted,
		and the next fetch or import brings them again; else they are stored as lines that are not imported again.
		The default is True for files, False for feeds. The undo is a run itself: undoing it is a redo. It is one database
		transaction, in which `progress` is called. Raises `InvalidData` if there is nothing to undo.
		"""
		...

	def undoable(self, run: str) -> bool:
		"""Return whether the run did anything that is not undone already."""
		...

	# -- questions and plans --------------------------------------------------------------------------
	def questions(self, bank_account: str = "") -> list[OpenLine]:
		"""Return the lines that are `Reason.AMBIGUOUS` or `Reason.UNLISTED`, the oldest day first."""
		...

	def store_plan(self, key: str, rows: str, now: datetime) -> None:
		"""Store the plan that a user was shown, for a day at least. The same key again replaces it."""
		...

	def stored_plan(self, key: str) -> str:
		"""Return the plan stored under the key, or an empty text."""
		...

	# -- duplicates -----------------------------------------------------------------------------------
	def near(self, bank_account: str = "", since: date | None = None) -> Iterator[Near]:
		"""Return all bank transactions by place and day, read as they are asked for."""
		...

	def same_ids(self, bank_account: str = "", since: date | None = None) -> list[list[str]]:
		"""Return groups of names: bank transactions of one bank account with the same id of a provider."""
		...

	def candidates(self, names: Sequence[str]) -> list[Candidate]:
		"""Return bank transactions as they are compared in the search for duplicates."""
		...

	def merge(self, keep: str, other: str) -> RunRecord:
		"""Merge `other` into `keep`, which gets its lines and the values that it lacks. Can be undone.

		Raises `InvalidData` when `other` is reconciled, or when account, currency or amount differ.
		"""
		...

	def remove(self, name: str) -> RunRecord:
		"""Delete a bank transaction; its lines record this, so it is not imported again. Can be undone.

		Raises `InvalidData` for a reconciled one.
		"""
		...

	def mark_distinct(self, one: str, other: str, separate_pairs: bool = True) -> None:
		"""Mark two bank transactions as distinct, or remove that mark."""
		...

	def separate_pairs(self) -> frozenset[tuple[str, str]]:
		"""Return the pairs of names, the lesser first, that are two."""
		...

	# -- proof ----------------------------------------------------------------------------------------
	def cover(self, covered: Sequence[Covered]) -> None:
		"""Remember which days were asked for."""
		...

	def covered(self, bank_account: str) -> list[Covered]:
		"""Return which days of a Bank Account were asked for, by which run, and whether it succeeded."""
		...

	def checks(self, bank_account: str) -> list[PastCheck]:
		"""Return the balance checks of an account, the oldest first."""
		...

	def unmatched(self, bank_account: str) -> list[UnmatchedItem]:
		"""Return what only the bank or only the ledger counts; lines of all sources."""
		...

	def announced(self, bank_account: str) -> list[OpenLine]:
		"""Return lines that are pending or announced, of all accounts that feed the bank account; the oldest day first."""
		...

	def booked_since(self, bank_account: str, at: datetime, last: date) -> bool:
		"""Return whether there are bank transactions of a day up to `last` that were created after an instant."""
		...

	def imported_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""Return bank transactions that files and answers created after an instant, their amounts as bank minus ledger."""
		...

	def undone_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""Return rows of files that were undone after an instant (or ever), and that no line has now; at most `limit`."""
		...

	def lacking(self, bank_account: str, day: date, source: str) -> list[UnmatchedItem]:
		"""Return the bank transactions of a day of which a source has no line."""
		...

	def turnover(
		self, bank_account: str, first: date, last: date
	) -> list[tuple[date, Decimal, Decimal, int]]:
		"""Return by day (both included): money in, money out (negative), how many. Days without any are left out."""
		...

	def turnover_by_category(
		self, bank_account: str, first: date, last: date
	) -> list[tuple[str, Decimal, Decimal, int]]:
		"""Return by category (empty for none) over days, both included: money in, money out (negative), how many."""
		...
