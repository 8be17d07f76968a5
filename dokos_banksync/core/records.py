"""Records that a ledger stores and returns. Their fields have the names of the doctypes' fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import ConnectionStatus, ExistingTransaction, Line, Reason, RemoteAccount
from dokos_banksync.core.trigger import Trigger


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
	takeover: str = ""
	"""What the host stored before the connection was taken over from its own tool, as JSON; empty for any other."""
	has_open_run: bool = field(default=True, compare=False)
	"""Whether a run of it may be under way, or was left open by a killed process."""
	last_run_ended_at: datetime | None = field(default=None, compare=False)
	"""When its latest run ended, where that was read."""

	@property
	def ended_elsewhere(self) -> bool:
		"""Return whether the connection was ended at the bank or the provider: one that a user ended here has no id left."""
		return self.status is ConnectionStatus.DISCONNECTED and bool(self.remote_id)


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
	read_until: date | None = None
	"""The last day that was asked of the provider with success for the Bank Account."""


@dataclass(frozen=True)
class BankAccountRecord:
	"""What the core needs of a host's Bank Account. `opening_balance` is derived once, by the first run."""

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
	closed: bool = False
	"""The account is no longer used: nothing is imported into it, and it is not offered."""


class RunStatus(str, Enum):
	"""How far a run is, or how it ended."""

	RUNNING = "Running"
	SUCCESS = "Success"
	PARTIAL = "Partial"
	"""All was fetched, and a user must act or rows were rejected."""
	FAILED = "Failed"


class BalanceCheck(NamedTuple):
	"""Opening plus movements, compared with the bank's own balance; `difference` is bank minus ledger."""

	bank_account: str
	currency: str
	opening: Decimal
	movements: Decimal
	bank_balance: Decimal
	difference: Decimal
	complete: bool
	day: date | None = None
	"""The bank's balance is that of the end of this day; None for all that was booked at the time of the check."""


def check_to_json(check: BalanceCheck) -> dict[str, object]:
	"""Return a check as values of JSON; amounts and days are texts."""
	values = check._asdict().items()
	return {name: str(value) if isinstance(value, (Decimal, date)) else value for name, value in values}


def check_from_json(stored: Mapping[str, Any]) -> BalanceCheck:
	"""Read what `check_to_json` made. A check that an older version stored has no day."""
	money = {name: Decimal(stored[name]) for name in ("opening", "movements", "bank_balance", "difference")}
	day = date.fromisoformat(stored["day"]) if stored.get("day") else None
	return BalanceCheck(**{**stored, **money, "day": day})


@dataclass
class RunRecord:
	"""One synchronisation of one connection, or the import of a file: a Sync Run.

	Counts are lines unless they say otherwise. `connection` is empty for a file.
	"""

	name: str
	connection: str
	trigger: Trigger
	started_at: datetime
	ended_at: datetime | None = None
	status: RunStatus = RunStatus.RUNNING
	fetched: int = 0
	created: int = 0
	linked: int = 0
	updated: int = 0
	unchanged: int = 0
	removed: int = 0
	held: int = 0
	refused: int = 0
	error_code: str = ""
	error_message: str = ""
	error_reference: str = ""
	checks: list[BalanceCheck] = field(default_factory=list)
	subject: str = ""
	"""What the run is about: the name of a file, a line, a bank transaction or a run, by its `trigger`."""
	target: str = ""
	"""Of a merge: the bank transaction that stays."""


RUN_COUNTS = ("fetched", "created", "linked", "updated", "unchanged", "removed", "held", "refused")
"""The counts of a `RunRecord`, as they are stored and shown."""


class CategoryRecord(NamedTuple):
	"""A host's category. `remote_id` is empty for a user's own; `edited` when a user changed it."""

	name: str
	category_name: str
	parent: str
	remote_id: str
	edited: bool
	removed: bool
	"""Deleted by a user: stored as a tombstone, shown nowhere, never imported again."""


class CategoryChange(NamedTuple):
	"""What the core wants of the category tree: `name` empty inserts, else renames and moves.

	`parent` is the provider's id of the parent category, empty for a root.
	"""

	name: str
	remote_id: str
	category_name: str
	parent: str


class Covered(NamedTuple):
	"""Days (both included) that one run asked for of one source."""

	run: str
	source: str
	bank_account: str
	first: date
	last: date
	complete: bool


class PastCheck(NamedTuple):
	"""The balance check that a run made, and when (UTC)."""

	run: str
	at: datetime
	check: BalanceCheck


class Origin(NamedTuple):
	"""What a bank transaction came from, by the run that created it."""

	trigger: Trigger
	subject: str


class UnmatchedItem(NamedTuple):
	"""Something that the bank counts and the ledger does not, or the other way round.

	`amount` is what it adds to bank minus ledger. `reason` is NONE for a bank transaction without a line.
	"""

	name: str
	day: date
	amount: Decimal
	label: str
	reason: Reason
	since: datetime | None = None
	"""Since when the bank and the books differ about it."""
	suppressed_transaction: str = ""
	"""What a user suppressed: a row that several sources hold is one thing in each of them."""
	origin: Origin | None = None
	"""Of a bank transaction that a file or an answer created: which."""


class Near(NamedTuple):
	"""A bank transaction as far as it takes to see whether others lie near it.

	`received` is equal for transactions that one source gave together.
	"""

	name: str
	place: tuple[str, str, str]
	"""Bank account, currency and amount."""
	day: int
	received: str


class Candidate(NamedTuple):
	"""A bank transaction that may be one of a pair."""

	known: ExistingTransaction
	bank_account: str
	transaction_id: str
	"""The provider's id."""
	received: str
	category: str
	"""What a user calls it."""
	reconciled_by: Sequence[tuple[str, str]] = ()
	"""Doctype and name of what it is reconciled with, where the host has it."""


class Entry(NamedTuple):
	"""One thing that happened to a line, and through it to a bank transaction."""

	run: str
	"""The run, or empty where a user did it without one."""
	trigger: Trigger | None
	"""What started the run; None where there is none."""
	at: datetime
	action: JournalAction
	reason: Reason
	note: Message
	transaction: str
	changes: Mapping[str, tuple[object, object]]
	"""Values of the bank transaction before and after, by field."""
	subject: str = ""
	"""What the run is about, as in `RunRecord`."""


@dataclass(frozen=True)
class LineStory:
	"""A line, where it came from, and what happened to it, the oldest first."""

	name: str
	line: Line
	source: str
	bank_account: str
	reason: Reason
	note: Message
	transaction: str
	suppressed_transaction: str
	"""The bank transaction that a user deleted, or the one of which this is a duplicate."""
	first_seen_at: datetime | None
	connection: str = ""
	bank: str = ""
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
	"""A bank transaction and its lines; none for one entered by hand."""

	transaction: ExistingTransaction
	bank_account: str
	created_at: datetime | None
	lines: Sequence[LineStory]


class OpenLine(NamedTuple):
	"""A line that waits: for an answer, or for the bank to book it.

	`transaction` is its bank transaction, if the question is whether that stays.
	"""

	name: str
	line: Line
	source: str
	bank_account: str
	transaction: str = ""
	note: str = ""


class NotUndone(NamedTuple):
	"""What an undo left as it is, and why."""

	transaction: str
	remote_id: str
	why: Message
	label: str = ""
	"""The text of the bank transaction, or of its line."""
	gone: bool = False
	"""The bank transaction does not exist any more."""


class UndoResult(NamedTuple):
	"""The run of an undo, and what could not be undone."""

	run: RunRecord
	not_undone: Sequence[NotUndone]
