"""What a host tells and changes beyond the runs: where a bank transaction came from, and taking things back.

A host keeps a journal: an entry for each line that a run or a person decided about, with what was there before.
From it each decision can be told, and undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, runtime_checkable

from dokos_banksync.engine.coverage import Covered
from dokos_banksync.engine.duplicates import Candidate, Near
from dokos_banksync.engine.model import KnownTransaction, Line, Reason
from dokos_banksync.engine.proof import Checked, Loose
from dokos_banksync.ledgers.contract import RunRecord


class Entry(NamedTuple):
	"""One thing that happened to a line, and through it to a bank transaction."""

	run: str
	"""The run, or empty where a person did it without one."""
	trigger: str
	"""What started the run: schedule, manual, `file NAME` …"""
	at: datetime
	verdict: str
	"""A `Verdict`, or Delete, Merge, Undo: what a person did."""
	reason: Reason
	note: str
	transaction: str
	changes: Mapping[str, tuple[object, object]]
	"""Values of the bank transaction before and after, by field."""


@dataclass(frozen=True)
class LineStory:
	"""A line, where it came from, and what happened to it, the oldest first."""

	name: str
	line: Line
	source: str
	bank_account: str
	reason: Reason
	note: str
	transaction: str
	stands_for: str
	"""The bank transaction that a person deleted, or the one of which this is a duplicate."""
	first_seen_at: datetime | None
	connection: str = ""
	provider: str = ""
	account_name: str = ""
	"""What the bank calls the account."""
	file: str = ""
	"""Name of the statement file; a line comes of a connection or of a file."""
	start_date: date | None = None
	lock_date: date | None = None
	"""The bounds of its account as they are now."""
	entries: Sequence[Entry] = ()
	journal_since: datetime | None = None
	"""From when on it is written down what was decided, where the line is older than that."""


@dataclass(frozen=True)
class TransactionStory:
	"""A bank transaction and the lines that it stands on; none for one entered by hand."""

	transaction: KnownTransaction
	bank_account: str
	created_at: datetime | None
	lines: Sequence[LineStory]


class Asked(NamedTuple):
	"""A line that waits without a bank transaction: for an answer, or for the bank to book it."""

	name: str
	line: Line
	source: str
	bank_account: str


class Kept(NamedTuple):
	"""What an undo left as it is: `why` is a sentence that may hold `{0}` for the run in the way, `by`."""

	transaction: str
	remote_id: str
	why: str
	by: str


class Undone(NamedTuple):
	"""The run of an undo, and what could not be taken back."""

	run: RunRecord
	kept: Sequence[Kept]


@runtime_checkable
class ReviewLedger(Protocol):
	"""A host that keeps a journal. Names that do not exist raise `NotFound`."""

	def transaction_story(self, name: str) -> TransactionStory: ...

	def line_story(self, name: str) -> LineStory: ...

	def undo(self, run: str, *, again: bool | None = None) -> Undone:
		"""Take back what a run did: what it made is removed, what it changed or removed is restored.

		Reconciled bank transactions stay, and so does what was changed since. With `again` the lines are
		forgotten and come again with the next fetch or import; else they stay as lines and stay away. The
		default is again for files, away for feeds. The undo is a run itself: undoing it is a redo.

		Raises `InvalidData` when there is nothing to undo.
		"""
		...

	def undoable(self, run: str) -> bool:
		"""Whether the run did anything that is not undone already."""
		...

	# -- questions and plans --------------------------------------------------------------------------
	def questions(self, bank_account: str = "") -> list[Asked]:
		"""Lines that are held as `Reason.AMBIGUOUS`, the oldest day first."""
		...

	def keep_plan(self, key: str, rows: str, now: datetime) -> None:
		"""Remember what a person was shown, for a day at least. The same key again replaces it."""
		...

	def kept_plan(self, key: str) -> str:
		"""What was kept under the key, or empty."""
		...

	# -- duplicates -----------------------------------------------------------------------------------
	def near(self, bank_account: str = "", since: date | None = None) -> Iterator[Near]:
		"""All bank transactions by place and day, read as they are asked for."""
		...

	def same_ids(self, bank_account: str = "", since: date | None = None) -> list[list[str]]:
		"""Names of those of one bank account that bear one id of a provider."""
		...

	def candidates(self, names: Sequence[str]) -> list[Candidate]: ...

	def merge(self, keep: str, other: str) -> RunRecord:
		"""Two are one: `other` goes, its lines stand on `keep`, which gains what it lacks. Can be undone.

		Raises `InvalidData` when `other` is reconciled, or when account, currency or amount differ.
		"""
		...

	def remove(self, name: str) -> RunRecord:
		"""Delete a bank transaction for good; its lines remember it. Can be undone.

		Raises `InvalidData` for a reconciled one.
		"""
		...

	def set_apart(self, one: str, other: str, apart: bool = True) -> None:
		"""A person knows that two are two (or not, after all)."""
		...

	def apart(self) -> frozenset[tuple[str, str]]:
		"""Pairs of names, the lesser first, that are two."""
		...

	# -- proof ----------------------------------------------------------------------------------------
	def cover(self, covered: Sequence[Covered]) -> None:
		"""Remember which days were asked for."""
		...

	def covered(self, bank_account: str) -> list[Covered]: ...

	def checks(self, bank_account: str) -> list[Checked]:
		"""Balance checks of an account, the oldest first."""
		...

	def loose(self, bank_account: str) -> list[Loose]:
		"""What the bank counts and the ledger does not, or the other way round; lines of all sources."""
		...

	def announced(self, bank_account: str) -> list[Asked]:
		"""Lines that are pending or announced, of accounts that feed the bank account now; the oldest day first.

		Those of all sources, so that one row may be told of by several.
		"""
		...

	def came_since(self, bank_account: str, at: datetime, last: date) -> bool:
		"""Whether there are bank transactions of a day up to `last` that came after an instant."""
		...

	def turnover(
		self, bank_account: str, first: date, last: date
	) -> list[tuple[date, Decimal, Decimal, int]]:
		"""By day (both included): money in, money out (negative), how many. Days without any are left out."""
		...
