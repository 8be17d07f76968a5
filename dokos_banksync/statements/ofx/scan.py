"""The statements and rows of an OFX file, as fields by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import TOO_MANY
from dokos_banksync.statements.ofx.sgml import Token, What, tokens

Fields = dict[str, str]
"""Values by name; those of an aggregate within are called `CURRENCY/CURSYM`. The first one of a name counts."""

CARD = "CCSTMTRS"
_STATEMENTS = frozenset(("STMTRS", CARD))
_ROWS = frozenset(("STMTTRN", "STMTTRNP"))
_INVESTMENT = "INVSTMTRS"
_LIST = "BANKTRANLIST"
_PENDING_LISTS = ("BANKTRANLISTP", "CCTRANLISTP")
_WITHIN = frozenset(
	(
		*("BANKACCTFROM", "CCACCTFROM", "BANKACCTTO", "CCACCTTO", "LEDGERBAL", "AVAILBAL", "BAL", "STATUS"),
		*("CURRENCY", "ORIGCURRENCY", "PAYEE", "EXTDNAME", "IMAGEDATA"),
	)
)
"""Aggregates whose fields are not those of what they stand in."""


_AMOUNT = "TRNAMT"
_OF_ROW = frozenset((_AMOUNT, "FITID", "DTPOSTED"))
_MIXED = "The OFX file is damaged: {0} {1} belongs to no row, or a row has it twice. Download it again"


@dataclass
class Raw:
	"""A statement as the file has it. `pending` holds the places of the rows that are not booked."""

	kind: str
	fields: Fields = field(default_factory=dict)
	rows: list[Fields] = field(default_factory=list)
	pending: set[int] = field(default_factory=set)


@dataclass
class Found:
	"""What a file holds."""

	statements: list[Raw] = field(default_factory=list)
	investments: bool = False
	fragment: bool = False
	begun: bool = False
	whole: bool = False
	"""Whether the outermost element is closed at the end."""
	message: str = ""
	"""What the bank says of an error."""


def scan(text: str, most: int) -> Found:
	"""Return the statements of the file. Raises `InvalidData` for more rows than `most`, unless it is 0."""
	scanner = _Scanner(most)
	for token in tokens(text):
		scanner.take(token)
	scanner.end()
	return scanner.found


class _Scanner:
	def __init__(self, most: int) -> None:
		self.found = Found()
		self._most = most
		self._count = 0
		self._statement: Raw | None = None
		self._row: Fields | None = None
		self._within = ""
		self._is_pending = False
		"""Whether the rows stand in a list of pending ones."""
		self._investment = False
		self._status: Fields = {}
		self._outer = ""
		self._open_outer = False

	def take(self, token: Token) -> None:
		"""Add a token to what is being read."""
		if token.what is What.VALUE:
			self._value(token.name, token.text)
		elif token.what is What.OPEN:
			self._open(token.name)
		else:
			self._close(token.name)

	def _open(self, name: str) -> None:
		if name == "OFX" or (name == _LIST and not self._outer):
			self._outer, self._open_outer = name, True
			if name == _LIST:
				self.found.fragment = True
				self._begin(name)
		elif name in _STATEMENTS:
			self._begin(name)
		elif name == _INVESTMENT:
			self.found.investments = self._investment = True
		elif name in _ROWS:
			self._begin_row(name)
		elif name in _PENDING_LISTS:
			self._end_row()
			self._is_pending = True
		elif name in _WITHIN:
			self._within = name
		elif name.endswith(("STMTTRNRS", "MSGSRSV1")):
			self._within = ""

	def _begin(self, kind: str) -> None:
		self._end_row()
		self._statement, self._is_pending = Raw(kind), False
		self.found.statements.append(self._statement)
		self._within = ""

	def _begin_row(self, name: str) -> None:
		self._end_row()
		if self._investment or self._statement is None:
			return
		self._count += 1
		if self._most and self._count > self._most:
			raise InvalidData(TOO_MANY, self._most)
		self._row = {}
		if name == "STMTTRNP" or self._is_pending:
			self._statement.pending.add(len(self._statement.rows))

	def _end_row(self) -> None:
		if self._row is not None and self._statement is not None:
			self._statement.rows.append(self._row)
		self._row, self._within = None, ""

	def _close(self, name: str) -> None:
		if name in _ROWS or name == _LIST or name in _PENDING_LISTS:
			self._end_row()
			self._is_pending = self._is_pending and name not in _PENDING_LISTS
		elif name == self._within:
			self._within = ""
		elif name in _STATEMENTS:
			self._end_row()
			self._statement = None
		elif name == _INVESTMENT:
			self._investment = False
		if name == self._outer:
			self._open_outer = False

	def _value(self, name: str, text: str) -> None:
		if self._within == "STATUS":
			self._status.setdefault(name, text)
		if not self._within and name in _OF_ROW:
			self._refuse_mixed(name, text)
		target = self._row
		if target is None and self._statement is not None:
			target = self._statement.fields
		if target is not None and text:
			target.setdefault(f"{self._within}/{name}" if self._within else name, text)

	def _refuse_mixed(self, name: str, text: str) -> None:
		"""Raise `InvalidData` for a row of which the begin or the end is missing: its values would be lost in another one."""
		lost = name == _AMOUNT and self._row is None and self._statement is not None
		if lost or (self._row is not None and text and self._row.get(name, text) != text):
			raise InvalidData(_MIXED, name, text)

	def end(self) -> None:
		"""Close what is being read."""
		self._end_row()
		self.found.begun = bool(self._outer)
		self.found.whole = self.found.begun and not self._open_outer
		if self._status.get("SEVERITY", "").upper() == "ERROR":
			self.found.message = self._status.get("MESSAGE") or self._status.get("CODE", "")
