"""The port of a statement parser: bytes in, neutral lines out, and a reason for every row it cannot read.

A reader guesses what the file leaves open, says what it guessed, and never guesses silently about money or
days: where there is no evidence it raises `InvalidData` with the option that the user should give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, Protocol, TypeAlias

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Line
from dokos_banksync.statements.roles import Role, Setting


class Balance(NamedTuple):
	"""The balance of an account at the end of a day; an opening balance is that of the day before the first row."""

	amount: Decimal
	day: date


class Totals(NamedTuple):
	"""Control totals as the file states them; None where it states none. `debits` is zero or negative."""

	credits: Decimal | None = None
	debits: Decimal | None = None
	rows: int | None = None


class Evidence(str, Enum):
	"""What in the file itself proves that its rows were read correctly."""

	ROW_BALANCES = "row_balances"
	OPENING_AND_CLOSING = "opening_and_closing"
	TOTALS = "totals"
	NONE = "none"


class Refused(NamedTuple):
	"""A row that could not be read. `row` counts from 1, as an editor or a spreadsheet does."""

	row: int
	id: str
	reason: str
	text: str


@dataclass(frozen=True)
class Account:
	"""The rows of one account. `number`, `iban` and `currency` are empty where the file does not say.

	The `remote_account` of the lines is empty: a file's source is given by the core.
	"""

	number: str
	iban: str
	currency: str
	lines: Sequence[Line]
	refused: tuple[Refused, ...] = ()
	balance: Balance | None = None
	"""The closing balance."""
	opening: Balance | None = None
	totals: Totals | None = None
	evidence: Evidence = Evidence.NONE
	mismatches: tuple[str, ...] = ()
	"""Control values of the file that its rows contradict, each a sentence with both figures. Nothing is imported
	while there is one, unless the user confirms it."""
	bank_ids: Set[str] = frozenset()
	"""Those ids of `lines` that the bank gave (OFX FITID, ISO 20022 AcctSvcrRef). In another file of the same
	account, the same id with the same amount is the same transaction. All other ids are made of the row's content
	and mean nothing outside the file."""
	repeated: Set[str] = frozenset()
	"""Those ids of `lines` whose row says the same as one before it, under the same id of the bank: see
	`core.matching.repeated_ids`."""


Answer: TypeAlias = Mapping[str, str] | Mapping[Role, str] | Mapping[Setting, str]
"""A part of a mapping that answers a question."""


class ReadingQuestion(InvalidData):
	"""The file can be read in several ways, or in none without help: the user must say which.

	`columns` holds, for each column, its title and the cells of three rows. `suggested` is the most likely mapping
	(see `roles.Role` and `roles.Setting`); `choices` are alternative mappings that the file
	does not rule out. The message names the exact option to answer with.
	"""

	def __init__(
		self,
		message: str,
		*values: object,
		columns: Sequence[Sequence[str]] = (),
		suggested: Answer | None = None,
		choices: Sequence[Answer] = (),
	) -> None:
		super().__init__(message, *values)
		self.columns = columns
		self.suggested = _by_name(suggested or {})
		self.choices = [_by_name(choice) for choice in choices]


def _by_name(answer: Answer) -> dict[str, str]:
	return {str(name): value for name, value in answer.items()}


@dataclass(frozen=True)
class Statement:
	"""A file as it was read. `mapping` says how a table was understood, and is empty for other formats;
	`signature` is the same for all tables with that header.
	"""

	format: str
	accounts: tuple[Account, ...]
	remarks: tuple[str, ...] = ()
	mapping: Mapping[str, str] = field(default_factory=dict)
	signature: str = ""
	assumed: frozenset[str] = frozenset()
	"""Keys of `mapping` that say nothing about the next file: no row of this one depended on them, or proved them."""


DECIMAL_MARK = (
	"Nothing says whether 1.234 is more than a thousand or less than two: give --decimal , or --decimal ."
)
DAY_OR_MONTH = "Nothing says whether the day or the month comes first: give --date-format DMY or MDY"
TOO_MANY = "The file holds more than {0} rows: export fewer months at a time"


NORMAL, REVERSED = "normal", "reversed"
"""The meanings of a sign: a positive amount is money in, or it is money out, as on the statements of some cards."""
SIGNS = (NORMAL, REVERSED)
UNSIGNED = "unsigned"
"""Beside columns of debit and credit, a minus has no meaning of its own: the column alone says the side."""
SIDE_SIGNS = (NORMAL, UNSIGNED)
"""The meanings of a minus in a column of debit or credit: a reversal, or nothing."""
ALL_SIGNS = (*SIGNS, UNSIGNED)


def _nothing(_: str) -> Mapping[str, str]:
	return {}


@dataclass(frozen=True)
class ReadingOptions:
	"""How a file is to be read: what the user states about it. What is empty is found out from the file, or asked.

	Which account of the file is imported, and on what terms, is `actions.file_import.ImportOptions`.
	"""

	currency: str = ""
	"""Of rows that do not name one."""
	columns: Mapping[str, str] = field(default_factory=dict)
	"""Title or number (from 1) of a column, by what it holds: see `roles.Role`; `-` for no column at all."""
	dates: str = ""
	"""DMY, MDY, YMD or YDM; empty to find out."""
	decimal: str = ""
	"""The decimal mark, comma or point; empty to find out."""
	most: int = 0
	"""Rows that are read at most, 0 for any number: a page does not wait for a file that it would not take."""
	recall: Callable[[str], Mapping[str, str]] = _nothing
	"""The mapping kept for a signature, or an empty one."""
	sign: str = ""
	"""One of `ALL_SIGNS`; empty to find out."""
	sheet: str = ""
	"""Name or number (from 1) of the sheet of a workbook, or number of the table in a text; empty to find out."""


class Format(Protocol):
	"""One kind of statement file: a module of this shape, listed in `registry`."""

	def knows(self, content: bytes) -> bool:
		"""Whether the content is of this kind, whatever the file is called."""
		...

	def read(self, content: bytes, options: ReadingOptions) -> Statement:
		"""Raises `InvalidData` for a file that cannot be read as a whole."""
		...
