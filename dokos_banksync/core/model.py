"""The neutral model: what providers and files give, and what the core decides.

Money is `Decimal`, positive for money in. Days are `date`, instants are aware UTC `datetime`, ids of providers are text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, TypeAlias

from dokos_banksync.core.errors import SyncError

Day: TypeAlias = date

_FILE = "file:"


def file_source(digest: str) -> str:
	"""Return the key of a statement file as a source of lines, from a digest of its content."""
	return _FILE + digest


def is_file(source: str) -> bool:
	"""Return whether a source is a statement file; any other one is an account at a provider."""
	return source.startswith(_FILE)


class LineState(str, Enum):
	"""Where a line stands at the bank. Only booked lines become bank transactions."""

	BOOKED = "Booked"
	PENDING = "Pending"
	FUTURE = "Future"
	REMOVED = "Removed"


class Line(NamedTuple):
	"""One transaction exactly as a provider (or file) gave it."""

	remote_account: str
	remote_id: str
	date: Day
	amount: Decimal
	currency: str
	description: str
	"""The label as a user likes to read it."""
	original: str
	"""The label as the bank wrote it; identity is made of this one."""
	state: LineState = LineState.BOOKED
	value_date: Day | None = None
	transaction_date: Day | None = None
	category: str = ""
	"""The provider's id of its category, or empty."""
	kind: str = ""
	"""The provider's name for the kind of operation (card, transfer …); an open list."""
	party_name: str = ""
	party_iban: str = ""
	reference: str = ""
	updated_at: datetime | None = None
	raw: str = ""
	"""The row as it came, as JSON text."""
	given_id: str = ""
	"""The bank's id where it is not trusted as `remote_id`: other tools may have stored it. It is not stored here."""


class RejectedRow(NamedTuple):
	"""A row that could not be read: which, why, and the row itself."""

	remote_account: str
	remote_id: str
	reason: str
	raw: str


@dataclass(frozen=True)
class Page:
	"""A part of an answer; its rows may belong to several accounts, and an id may repeat: the last `updated_at` wins.

	Everything below but the rows is by the provider's id of the account.
	"""

	lines: Sequence[Line]
	rejected: Sequence[RejectedRow] = ()
	cursors: Mapping[str, str] = field(default_factory=dict)
	"""Where the next fetch starts; set once an account has been read to the end of this fetch."""
	removed: Sequence[tuple[str, str]] = ()
	"""Account and id of lines that the bank removed, if the provider gives only the id."""
	errors: Mapping[str, SyncError] = field(default_factory=dict)
	"""Accounts that failed alone: their cursors stay, the other accounts go on."""
	complete_from: Mapping[str, date] = field(default_factory=dict)
	"""The fetch holds every booked row of the account since that day: one that is not in it no longer exists."""
	pending_complete: frozenset[str] = frozenset()
	"""Accounts of which the fetch holds all pending rows there are."""
	unstable_ids: frozenset[str] = frozenset()
	"""Accounts whose ids may differ at the next fetch: ids made of content and count replace them. The fetch holds whole days
	from `complete_from` on. Named on the first page with rows of the account. Within a fetch an id is empty or of one row."""
	restart: frozenset[str] = frozenset()
	"""Accounts of which everything that this fetch gave before is void: their data changed meanwhile."""
	limited_to: Mapping[str, date] = field(default_factory=dict)
	"""The bank gives rows from this day on only; it gives earlier ones right after a consent alone."""


class FetchRequest(NamedTuple):
	"""What to fetch: an account, from its cursor; `first_day` bounds the first read only."""

	remote_account: str
	cursor: str = ""
	first_day: date | None = None


@dataclass(frozen=True)
class Institution:
	"""A bank as a provider lists it; `keywords` are further words by which users look for it."""

	id: str
	name: str
	country: str = ""
	group: str = ""
	logo: str = ""
	beta: bool = False
	healthy: bool | None = None
	"""None where the provider does not say."""
	keywords: str = ""


@dataclass(frozen=True)
class RemoteAccount:
	"""An account as the provider shows it. A missing balance is None, never zero."""

	remote_id: str
	account_name: str
	kind: str
	"""A word of `core.account_kind` where one fits, else the provider's own."""
	currency: str
	iban: str = ""
	enabled: bool = True
	"""False where the user does not share it: no balance and no lines then."""
	failed: bool = False
	"""The bank did not give this account at the last refresh."""
	balance: Decimal | None = None
	"""Booked money, without pending lines, where the provider distinguishes the two."""
	balance_available: Decimal | None = None
	"""With pending and future lines."""
	balance_at: datetime | None = None
	read_at: datetime | None = None
	"""When the provider last got this account from the bank, where that differs by account; not stored."""
	details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Category:
	"""A category of a provider's tree; `parent` is the id of another one, or empty for a root."""

	id: str
	name: str
	parent: str = ""


class ConnectionStatus(str, Enum):
	"""The state of a connection, each with one action for the user (see `NEXT_STEP`)."""

	CONNECTING = "Connecting"
	ACTIVE = "Active"
	WAITING = "Waiting"
	ACTION_REQUIRED = "Action Required"
	CONSENT_EXPIRED = "Consent Expired"
	BANK_UNAVAILABLE = "Bank Unavailable"
	NOT_SUPPORTED = "Not Supported"
	ERROR = "Error"
	DISCONNECTED = "Disconnected"


class NextStep(str, Enum):
	"""The one action that the state of a connection asks a user for."""

	CONNECT = "connect"
	RECONNECT = "reconnect"
	FETCH = "fetch"
	WAIT = "wait"
	CONFIGURE = "configure"


NEXT_STEP: Mapping[ConnectionStatus, NextStep] = {
	ConnectionStatus.CONNECTING: NextStep.CONNECT,
	ConnectionStatus.ACTIVE: NextStep.FETCH,
	ConnectionStatus.WAITING: NextStep.WAIT,
	ConnectionStatus.ACTION_REQUIRED: NextStep.RECONNECT,
	ConnectionStatus.CONSENT_EXPIRED: NextStep.RECONNECT,
	ConnectionStatus.BANK_UNAVAILABLE: NextStep.WAIT,
	ConnectionStatus.NOT_SUPPORTED: NextStep.CONFIGURE,
	ConnectionStatus.ERROR: NextStep.FETCH,
	ConnectionStatus.DISCONNECTED: NextStep.CONNECT,
}


@dataclass(frozen=True)
class RemoteConnection:
	"""A connection as the provider sees it now."""

	remote_id: str
	institution_id: str
	status: ConnectionStatus
	code: str = ""
	"""Our stable code for a state that is not fine (`BS-…`), else empty."""
	message: str = ""
	"""What the user should know or do, in English, or as the provider writes it in the requested language."""
	reference: str = ""
	"""The provider's own code and detail, to quote to its support."""
	consent_expires_at: datetime | None = None
	last_refresh_at: datetime | None = None
	"""When the provider last got fresh data from the bank."""


class Action(str, Enum):
	"""What the core decided about one line."""

	NEW = "New"
	"""It becomes a bank transaction."""
	LINK = "Link"
	"""The bank account holds it already; the line is linked to that bank transaction."""
	UPDATE = "Update"
	"""Known by its id, and changed."""
	SAME = "Same"
	"""Known by its id, and unchanged: nothing is written."""
	REMOVE = "Remove"
	"""The bank removed it."""
	HOLD = "Hold"
	"""Stored as a line without a bank transaction; `reason` says why."""


class MatchEvidence(str, Enum):
	"""What shows that a line is an existing bank transaction. The value is the note of the decision."""

	NONE = ""
	EXACT_ID = "The bank gave it the same id"
	SAME_REFERENCE = "Same day, amount and reference"
	SAME_DAY_SAME_LABEL = "Same day, amount and label"
	SAME_DAY_SIMILAR_LABEL = "Same day and amount, label alike"
	SHIFTED_SAME_LABEL = "Same amount and label, a few days apart"
	"""Both sources cover both days, and each has it once."""
	SHIFTED_BUSINESS_DAY = "Same reference, booked on another day"
	SIMILAR = "Same amount, label alike, a few days apart"
	"""Not proven: a question, unless the balance proves it or the source itself gave it back."""
	REPEATED_ID = "The file has the same row under the same id"
	EQUAL_SUM = "Rows of another source make the same sum"
	BALANCE_PROVEN = "The balance of the bank proves it"


class Reason(str, Enum):
	"""Why a line has no bank transaction (yet)."""

	NONE = ""
	PENDING = "Pending at the bank"
	FUTURE = "Announced by the bank, not booked yet"
	REMOVED = "Removed by the bank"
	BEFORE_START = "Before the start date"
	LOCKED = "In a locked period"
	DELETED = "Deleted by a user"
	DUPLICATE = "Duplicate of another line"
	UNDONE = "Its run was undone"
	REFUSED = "Refused"
	AMBIGUOUS = "Could be one of several bank transactions"
	EXCLUDED = "Left out by a user"
	CURRENCY = "In another currency than the bank account"
	HOST = "Not taken by the site"
	UNLISTED = "No longer listed by the bank"
	"""Of a line that still has its bank transaction: a user is asked whether that stays."""
	KEPT = "Kept by a user though the bank no longer lists it"
	"""The answer to `UNLISTED`: the bank transaction stays, and the user is not asked again."""


SUPPRESSED = (Reason.DELETED, Reason.DUPLICATE, Reason.UNDONE, Reason.EXCLUDED)
"""Decisions of a user: the line's bank transaction is not created again."""


class ExistingTransaction(NamedTuple):
	"""A bank transaction that the ledger holds, as far as the core needs it.

	A bank transaction deleted by a user is included, with `deleted` set: lines that match it are not imported.
	"""

	name: str
	date: Day
	amount: Decimal
	currency: str
	description: str
	original: str
	"""The bank's label from the line it came of; the description where there is none."""
	category: str
	"""Name of the host's category, or empty."""
	reconciled: bool
	deleted: bool
	sources: frozenset[str]
	"""Keys of the remote accounts that hold a live line linked to it."""
	reference: str = ""
	party_iban: str = ""
	remote_id: str = ""
	"""The id of a provider or a bank that it has, from any source."""
	left_out: bool = False
	"""Of a deleted one: it never was a bank transaction, since a user left its line out of an import."""


class Window(NamedTuple):
	"""Where bank transactions are looked for: of one amount, on days of which both are included."""

	amount: Decimal
	first: Day
	last: Day


class ExistingLine(NamedTuple):
	"""A line that the ledger holds, with the bank transaction it is linked to, or a note why it has none."""

	name: str
	line: Line
	reason: Reason
	transaction: ExistingTransaction | None
	source: str = ""
	note: str = ""


NO_CHANGES: Mapping[str, object] = {}


class Decision(NamedTuple):
	"""One line, what becomes of it, and why: plain data that can be printed, applied and undone.

	`transaction` is the bank transaction concerned (none for NEW; for HOLD the one that a user deleted). `changes` holds
	new values by neutral field name (`date`, `amount`, `description`, `category`) for UPDATE and LINK; a `category`
	there is the provider's id. `source` is the ledger's key of the remote account. `known` is the line held before.
	"""

	action: Action
	line: Line
	source: str
	bank_account: str
	reason: Reason = Reason.NONE
	transaction: str = ""
	changes: Mapping[str, object] = NO_CHANGES
	known: str = ""
	note: str = ""
	"""In a sentence: how it was recognised, or why it was not imported."""
	evidence: MatchEvidence = MatchEvidence.NONE
	proposed: str = ""
	"""Of a question: the bank transaction that the line most likely is."""
