"""The lines, the balances and the rejected rows of a table that is understood."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import cached_property
from itertools import islice

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import LineState
from dokos_banksync.core.staged_row import StagedRow
from dokos_banksync.statements.account_rows import AccountRows
from dokos_banksync.statements.amounts import Money
from dokos_banksync.statements.contract import Account, Balance, Evidence, ReadingOptions, Refused
from dokos_banksync.statements.currencies import code_of
from dokos_banksync.statements.days import day_of_cell
from dokos_banksync.statements.default_currency import default_currency
from dokos_banksync.statements.evidence import MOST_BREAKS, BalanceProof, Chain
from dokos_banksync.statements.grid import Row, as_json, written
from dokos_banksync.statements.ids import Ids, are_row_numbers, text_of_cells
from dokos_banksync.statements.interpret import Choice
from dokos_banksync.statements.label_texts import at, joined, label_part
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.order_of_days import in_order_of_days
from dokos_banksync.statements.roles import DETAILS, FLOWS, Role
from dokos_banksync.statements.rows import Sorted
from dokos_banksync.statements.sections import Sections, ibans_of
from dokos_banksync.statements.stated_balances import StatedBalances
from dokos_banksync.statements.states import PAID_ELSEWHERE, State, is_rejected
from dokos_banksync.statements.tables import Table
from dokos_banksync.statements.void import refuse_void

_TAKEN_ID = "Row {0} has the same id as a row before it: {1}"
_SUM_ROW = "Row {0} is a balance or a total: {1}"
_NOTE = "{0} rows of text are no transactions, the first is row {1}: {2}"
_COUNTER = "Column {0} only counts the rows of the file: it is not used as an id"

_MISMATCH = "Row {0}: the balance is {1}, the balance before and the amount make {2}"
_PENDING = "Pending at the bank, without a day yet"
_NOT_EXECUTED = "The bank did not execute it: {0}"
_PAID_ELSEWHERE = "Another account or card paid it: the balance of this account did not change"
_OTHER_DAYS = (Role.VALUE_DATE, Role.TRANSACTION_DATE)
_OWN_TEXTS = (Role.KIND, Role.PARTY, Role.PARTY_IBAN, Role.REFERENCE)
"""What has a field of its own beside the label."""
_NO_TEXTS = ("",) * len(_OWN_TEXTS)


class Lines:
	"""Makes lines of the rows of one table."""

	def __init__(
		self,
		table: Table,
		rows: Sequence[Row],
		sorted_: Sorted,
		states: Sequence[State],
		known: Known,
		options: ReadingOptions,
	) -> None:
		self.table, self.rows, self.sorted, self.states = table, rows, sorted_, states
		self.roles, self.known, self.options = known.roles, known, options
		self.stated = StatedBalances(table, sorted_)
		self.remarks: list[str] = []
		self._sections = Sections(table.before, sorted_.notes, rows[-1].number if rows else 0)
		self._ids = Ids()
		self._given: set[str] = set()
		self._days: dict[tuple[str, Role], date | InvalidData | None] = {}
		self._currencies: dict[str, str] = {}
		self._symbols: dict[int, str] = {}
		self._default = default_currency(table, self.roles, options.currency)
		self._texts = [self.roles[role] for role in DETAILS if role in self.roles]
		self._own_texts = [self.roles.get(role, -1) for role in _OWN_TEXTS]
		self._has_own_texts = any(role in self.roles for role in _OWN_TEXTS)
		self._names_accounts = Role.ACCOUNT in self.roles
		self._has_numbers = self._names_accounts or bool(self._sections)
		self._label_place = self.roles.get(Role.LABEL, -1)
		self._currency_place = self.roles.get(Role.CURRENCY, -1)

	@cached_property
	def groups(self) -> list[str]:
		"""Return the account and currency of each row, whose balances follow from one another; empty for a row that
		moved no money.
		"""
		number, group, found = "", "", list[str]()
		groups: dict[tuple[str, str], str] = {}
		for row, state in zip(self.rows, self.states, strict=True):
			if not row.damage:  # the money of a damaged row may have moved: balances start anew behind it
				number = self._number(row) or number if self._has_numbers else ""
				currency = self._text(row, Role.CURRENCY) or self._sections.currency(row)
				if (group := groups.get((number, currency), "")) == "":
					group = groups[number, currency] = f"{number} {currency.upper()}"
			found.append(group if state is LineState.BOOKED else "")
		return found

	def decimal(self, choice: Choice) -> str:
		"""Return the decimal mark of the amounts, for the user to see."""
		places = (choice.reading.roles[r] for r in FLOWS if r in choice.reading.roles)
		return next((choice.reading.marks[place] for place in places), ".")

	def accounts(self, choice: Choice, order: str) -> tuple[Account, ...]:
		"""Return the accounts of the table with their lines, rejected rows and balances."""
		self._use_ids()
		gathered: dict[str, AccountRows] = {}
		self._symbols = self._read_symbols(choice)
		for row in self.rows:
			self._ids.add(text_of_cells(row.texts))
		self._order = order
		number, held = "", AccountRows()
		for index, row in enumerate(self.rows):
			texts = row.texts
			made_id = self._ids.next()
			if self._has_numbers or not index:
				number = self._number(row) or number
				held = gathered.setdefault(number, AccountRows())
			try:
				self._add(held, index, choice, order=order, texts=texts, made_id=made_id)
			except InvalidData as error:
				held.refused.append(Refused(row.number, made_id, error.message, row.text))
				held.unread += not is_rejected(self.states[index])
		self._remark_rows()
		return tuple(self._account(number, held, choice) for number, held in gathered.items())

	def _add(
		self, held: AccountRows, index: int, choice: Choice, *, order: str, texts: Sequence[str], made_id: str
	) -> None:
		"""Add the line of a row. `made_id` is its id where the file gives it none."""
		row, state = self.rows[index], self.states[index]
		if row.damage:
			raise InvalidData(row.damage)
		if is_rejected(state):
			raise self._not_moved(row, state)
		booked = self._booked(row, state, order)
		amount = choice.amounts[index]
		if isinstance(amount, InvalidData):
			raise amount
		kind, party, iban, reference = self._read_own_texts(texts)
		label = self._label(row, texts) or party or kind
		refuse_void(label)
		value_date, transaction_date = [self._iso_day(row, role, order) for role in _OTHER_DAYS]
		remote_id = (self._own_id(row) if self._has_ids else "") or made_id
		currency = self._currency(
			at(texts, self._currency_place) or self._symbols.get(index, "") or self._sections.currency(row)
		)
		line: StagedRow = (
			*("", remote_id, booked.isoformat(), str(amount), currency, label, label),
			state.value if isinstance(state, LineState) else LineState.BOOKED.value,
			*(value_date, transaction_date, "", kind, party, normalize_iban(iban) if iban else "", reference),
			*(None, as_json(row.number, texts), ""),
		)
		held.add(line, booked, amount)

	def _read_own_texts(self, texts: Sequence[str]) -> Sequence[str]:
		return [at(texts, place) for place in self._own_texts] if self._has_own_texts else _NO_TEXTS

	def _iso_day(self, row: Row, role: Role, order: str) -> str | None:
		found = self._day(row, role, order) if role in self.roles else None
		return found.isoformat() if found else None

	def _not_moved(self, row: Row, state: State) -> InvalidData:
		if state == PAID_ELSEWHERE:
			return InvalidData(_PAID_ELSEWHERE)
		return InvalidData(_NOT_EXECUTED, self._text(row, Role.STATE) or self._text(row, Role.DATE))

	def _booked(self, row: Row, state: State, order: str) -> date:
		if state is not LineState.PENDING:
			if found := self._day(row, Role.DATE, order):
				return found
			raise InvalidData("The row has no date")
		with suppress(InvalidData):
			if found := self._day(row, Role.DATE, order) or self._day(row, Role.TRANSACTION_DATE, order):
				return found
		raise InvalidData(_PENDING)

	def _label(self, row: Row, texts: Sequence[str]) -> str:
		"""Return the label with the texts that add to it."""
		label = label_part(texts, self._label_place)
		for place in self._texts:
			label = joined(label, label_part(texts, place))
		for more in self.sorted.more.get(row.number, ()):
			label = joined(label, more)
		return label

	def _currency(self, text: str) -> str:
		if not text:
			return self._default
		code = self._currencies.get(text) or code_of(text, self.options.currency)
		if not code:
			raise InvalidData("{0} is not a currency", text)
		self._currencies[text] = code
		return code

	def _read_symbols(self, choice: Choice) -> dict[int, str]:
		"""Return the currencies beside amounts, by the place of the row."""
		found: dict[int, str] = {}
		for role in (*FLOWS, Role.BALANCE):
			place = choice.reading.roles.get(role)
			if place is None or not any(
				isinstance(r.cells[place], str) for r in self.rows if place < len(r.cells)
			):
				continue
			for index, one in enumerate(choice.parsed.column(place, choice.reading.marks.get(place, "."))):
				if isinstance(one, Money) and one.symbol:
					found.setdefault(index, one.symbol)
		return found

	def _number(self, row: Row) -> str:
		"""Return the account that the row names, or the heading above it."""
		own = "".join(self._text(row, Role.ACCOUNT).split()) if self._names_accounts else ""
		return own or self._sections.account(row)

	def _day(self, row: Row, role: Role, order: str) -> date | None:
		place = self.roles.get(role)
		if place is None or place >= len(row.cells):
			return None
		cell = row.cells[place]
		if isinstance(cell, date):
			return cell
		key = (cell, role) if isinstance(cell, str) else (written(cell), role)
		if key not in self._days:
			self._days[key] = day_of_cell(key[0], order, required=role is Role.DATE)
		known = self._days[key]
		if isinstance(known, InvalidData):
			raise known
		return known

	def _text(self, row: Row, role: Role) -> str:
		place = self.roles.get(role)
		return written(row.cells[place]) if place is not None and place < len(row.cells) else ""

	# ids

	def _use_ids(self) -> None:
		"""Whether the ids of the file are ids: a counter of its rows is none."""
		self._has_ids = Role.ID in self.roles
		texts = [self._text(row, Role.ID) for row in self.rows] if self._has_ids else []
		if texts and are_row_numbers(texts):
			self._has_ids = False
			self.remarks.append(
				Message(_COUNTER, self.table.titles[self.roles[Role.ID]] or self.roles[Role.ID] + 1)
			)

	def _own_id(self, row: Row) -> str:
		"""Return the row's id where it has one that no row before it bore."""
		own = self._text(row, Role.ID)
		if own in self._given:
			self.remarks.append(Message(_TAKEN_ID, row.number, own))
			return ""
		if own:
			self._given.add(own)
		return own

	def _account(self, number: str, held: AccountRows, choice: Choice) -> Account:
		currencies = held.currencies
		found = (chain for group, chain in choice.chains.items() if group.partition(" ")[0] == number)
		chains = [in_order_of_days(chain, held.booked) for chain in found]
		opening, closing = self._ends(held, chains, choice)
		mismatches = [*self._mismatches(choice, chains), *self._broken_ends(held, chains, choice)]
		return Account(
			number=number or self._number_above(),
			iban="",
			currency=next(iter(currencies)) if len(currencies) == 1 else "",
			lines=held.lines,
			refused=tuple(held.refused),
			balance=closing,
			opening=opening,
			evidence=Evidence.NONE if mismatches else choice.evidence,
			mismatches=tuple(mismatches),
		)

	def _number_above(self) -> str:
		"""Return the one IBAN that stands above the table."""
		found = set().union(*(ibans_of(row) for row in self.table.before))
		return found.pop() if len(found) == 1 and Role.ACCOUNT not in self.roles else ""

	def _ends(
		self, held: AccountRows, chains: Sequence[Chain], choice: Choice
	) -> tuple[Balance | None, Balance | None]:
		"""Return the opening and the closing balance, where the amounts prove them."""
		days = held.days
		if not days or held.unread or len(chains) != 1:
			return None, None
		first, last = days
		chain = chains[0]
		if chain.proof is BalanceProof.PROVEN and chain.opening is not None and chain.closing is not None:
			return Balance(chain.opening, first - timedelta(days=1)), Balance(chain.closing, last)
		if choice.evidence is Evidence.OPENING_AND_CLOSING or held.moved_nothing:
			opening, closing = self.stated.fitting(held.total, self.decimal(choice))
			if opening is not None and closing is not None:
				return Balance(opening, first - timedelta(days=1)), Balance(closing, last)
		if chain.proof is BalanceProof.SILENT:
			alone = len(self.rows) == 1 or (held.moved_nothing and len(choice.chains) == 1)
			found = self._only_balance(choice, last) if alone else None
			return None, found or self._dated_end(choice, last)
		return None, None

	def _dated_end(self, choice: Choice, last: date) -> Balance | None:
		return self.stated.end(last, self._order, self.decimal(choice))

	@staticmethod
	def _only_balance(choice: Choice, day: date) -> Balance | None:
		"""Return the balance of the only row, or of rows that all have the same one."""
		found = next((one for one in choice.parsed.balances(choice.reading) if one is not None), None)
		return Balance(found, day) if found is not None else None

	def _broken_ends(self, held: AccountRows, chains: Sequence[Chain], choice: Choice) -> list[str]:
		"""Return what contradicts the balances above and below the table, where all rows of one account were read."""
		if len(set(filter(None, self.groups))) != 1 or len(chains) != 1 or held.unread:
			return []
		if not self.stated:
			return []
		mark, chain, numbers = self.decimal(choice), chains[0], {row.number for row in self.rows}
		if choice.evidence is Evidence.ROW_BALANCES:
			proven = chain.proof is BalanceProof.PROVEN
			return self.stated.other_ends(chain, numbers, mark) if proven else []
		pages = self.stated.broken_pages(numbers, mark)
		if choice.evidence is Evidence.NONE:
			pages = pages or self.stated.contradictions(held.total, mark)
		return pages or self.stated.dated_contradictions(held.lines, self._order, mark)

	def _mismatches(self, choice: Choice, chains: Sequence[Chain]) -> list[str]:
		balances = choice.parsed.balances(choice.reading)
		found = (one for c in chains if c.proof is BalanceProof.CONTRADICTED for one in c.breaks)
		return [
			Message(_MISMATCH, self.rows[one.row].number, balances[one.row], one.expected)
			for one in islice(found, MOST_BREAKS)
		]

	def _remark_rows(self) -> None:
		self.remarks += [Message(_SUM_ROW, one.row.number, one.row.text) for one in self.sorted.controls]
		if notes := self.sorted.notes:
			self.remarks.append(Message(_NOTE, len(notes), notes[0].number, notes[0].text))
