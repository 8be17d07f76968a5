"""An open database transaction of a ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeAlias

from dokos_banksync.core.model import (
	Decision,
	ExistingLine,
	ExistingTransaction,
	Reason,
	RejectedRow,
	Window,
)
from dokos_banksync.core.staged_row import StagedRow

Place: TypeAlias = tuple[Decimal, date]
"""Amount and day."""


class SoleTransaction(NamedTuple):
	"""What a bank transaction has in common with the line that it is, where no other one is of that amount and day."""

	name: str
	currency: str
	original: str
	"""As in `ExistingTransaction`."""
	party_iban: str
	reference: str


class RowInserter(Protocol):
	"""Inserts staged rows without a decision for each, in the database transaction of a batch."""

	def version(self) -> int:
		"""Return a number that changes whenever another connection writes."""
		...

	def has_others(self, bank_account: str, days: tuple[date, date], *, source: str) -> bool:
		"""Return whether the account has bank transactions (deleted ones too) on the days that are not of the source."""
		...

	def insert_new(
		self, run: str, rows: Sequence[StagedRow], *, source: str, bank_account: str, now: datetime
	) -> None:
		"""Store rows of a source of which each becomes a new bank transaction, as `Batch.apply` does."""
		...


class Batch(Protocol):
	"""An open database transaction: everything in it happens, or nothing does."""

	def lines(self, source: str, remote_ids: Sequence[str]) -> list[ExistingLine]:
		"""Return the lines of a source that have one of the ids, removed ones included."""
		...

	def holds(self, source: str) -> bool:
		"""Return whether any line of the source is stored."""
		...

	def held(self, source: str, reasons: Sequence[Reason]) -> list[ExistingLine]:
		"""Return the held lines of the source that have one of the reasons."""
		...

	def first_listed(self, bank_account: str, source: str) -> date | None:
		"""Return the day of the first line of a source in the Bank Account that is or was booked; None without any."""
		...

	def unlisted(self, bank_account: str, source: str) -> list[ExistingLine]:
		"""Return the lines of earlier accounts of a Bank Account that the account `source`, which feeds it now, does not list.

		Each is the only line of its bank transaction, has no reason, lies on the day of the first booked line of `source` or
		later and before that of the last, and that source has no booked line of the amount without a bank transaction at
		most `NEAR_DAYS` away. An earlier account is one that does not feed the Bank Account any more.
		"""
		...

	def transactions(self, bank_account: str, windows: Sequence[Window]) -> list[ExistingTransaction]:
		"""Return bank transactions (deleted ones too) of the account in one of the windows, which do not overlap."""
		...

	def on_days(
		self, bank_account: str, days: Sequence[date], *, without: str, most: int
	) -> list[ExistingTransaction]:
		"""Return the bank transactions of an account on some days, but deleted ones and those that a source has; none where
		there are more than `most`.
		"""
		...

	def days_by_hand(self, bank_account: str, first: date, last: date) -> Set[date]:
		"""Return the days between two (both included) on which the account has bank transactions that no line made: a user
		entered them, or another tool imported them.
		"""
		...

	def sole(
		self, bank_account: str, places: Sequence[Place], *, source: str
	) -> Mapping[Place, SoleTransaction]:
		"""Return the bank transactions of the account that are the only one of their amount and day, by place.

		Those that a live line of the source has do not count. A place where a user deleted one has none.
		"""
		...

	def has_earlier(self, bank_account: str) -> bool:
		"""Return whether the account has bank transactions that no line made and that have a provider's id."""
		...

	def earlier(
		self, bank_account: str, remote_ids: Sequence[str]
	) -> Mapping[str, Sequence[ExistingTransaction]]:
		"""Return the bank transactions that have one of the ids and belong to no line, by id. Ids are case-sensitive."""
		...

	def apply(self, run: str, decisions: Sequence[Decision], now: datetime) -> Sequence[Decision]:
		"""Store the decisions: bank transactions, lines and their links. Provider category ids are resolved.

		Returns those whose bank transaction the host refused, as they were stored instead: held lines with
		the reason.

		Links are made before anything is removed, so that a bank transaction that another line of the same
		batch takes over is kept.
		"""
		...

	def row_inserter(self) -> RowInserter | None:
		"""Return what inserts rows of a first import; None where the host makes documents of them one by one."""
		...

	def move_cursors(self, cursors: Mapping[str, str]) -> None:
		"""Set the cursor of each source."""
		...

	def refuse(
		self, run: str, source: str, rejected: Sequence[RejectedRow], now: datetime, bank_account: str = ""
	) -> None:
		"""Store rows that could not be read as held lines, each with its reason.

		`bank_account` says where the rows of a file belong; a remote account is linked to its own.
		"""
		...
