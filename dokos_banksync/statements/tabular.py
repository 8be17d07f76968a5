"""A table of transactions to neutral lines, whatever file it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message
from dokos_banksync.statements import profiles, questions
from dokos_banksync.statements.cents import check_cents, check_units
from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.contract import (
	TOO_MANY,
	Account,
	Evidence,
	ReadingOptions,
	ReadingQuestion,
	Statement,
)
from dokos_banksync.statements.cut_off import end_of_table
from dokos_banksync.statements.date_order import date_order, needs_order
from dokos_banksync.statements.debt_balances import check_debt_balances
from dokos_banksync.statements.doubtful_states import check_doubtful_states
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.grid_rows import GridRows
from dokos_banksync.statements.headers import guess, is_enough
from dokos_banksync.statements.hidden_balances import hidden_balance
from dokos_banksync.statements.interpret import Choice, Interpreter
from dokos_banksync.statements.journals import check_journal
from dokos_banksync.statements.label_columns import with_label
from dokos_banksync.statements.lines import Lines
from dokos_banksync.statements.mapping import Known, check_options, name_of, signature, what_is_known
from dokos_banksync.statements.open_columns import check_open_columns
from dokos_banksync.statements.part_rows import part_of_another
from dokos_banksync.statements.profiles import Profile
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.repair import (
	TOO_WIDE,
	is_plausible,
	mark_overfull,
	mark_short,
	overfull,
	repair_rows,
)
from dokos_banksync.statements.reversed_proofs import check_reversed_proof
from dokos_banksync.statements.roles import FLOWS, NO_COLUMN, Places, Role, Setting, column_option
from dokos_banksync.statements.rows import Sorted, sort_rows
from dokos_banksync.statements.serial_days import read_serial_days
from dokos_banksync.statements.stated_totals import StatedTotals, contradicted
from dokos_banksync.statements.states import State, find_states
from dokos_banksync.statements.tables import DEEPEST, Table, find_tables, heads_pending, is_dated_money
from dokos_banksync.statements.untitled import proven_balance, proven_columns

_SAMPLE = 500
"""Rows whose cells say what their columns hold."""
_BEFORE = "The rows before row {0} are no part of the table"
_LABEL = "No title is known for the label: column {0} is read as the label"
_OTHER_TABLE = "The table that begins at row {0} is not read: give --sheet {1} to read it"


@dataclass(frozen=True)
class Source:
	"""What a table came from: the format, what was found out about the file, and remarks."""

	format: str
	found: Mapping[str, str]
	remarks: tuple[str, ...] = ()
	delimiter: str = ","
	sheet: str = ""
	"""The number of the table to read, where the user chose one."""
	open_end: bool = False
	"""Whether no line break ends the last row."""


def read_grid(grid: Sequence[Row], source: Source, options: ReadingOptions) -> Statement:
	"""Return the statement of a grid.

	Raises `ReadingQuestion` when the file leaves open how it is to be read, `InvalidData` when it cannot be read.
	"""
	check_options(options)
	if options.most and len(grid) > options.most + DEEPEST:
		raise InvalidData(TOO_MANY, options.most)
	tables = find_tables(grid)
	table, profile = _choose(tables, source.sheet)
	others = tuple(Message(_OTHER_TABLE, t.header_row, i) for i, t in enumerate(tables, 1) if t is not table)
	return _TableReader(table, profile, source, options).statement(others)


def _choose(tables: Sequence[Table], wanted: str) -> tuple[Table, Profile | None]:
	"""Return the table that the user named, the only one, or the one that a profile names."""
	if wanted:
		if not wanted.isdecimal() or not 0 < int(wanted) <= len(tables):
			raise InvalidData("There is no table {0}: the file holds {1}", wanted, len(tables))
		table = tables[int(wanted) - 1]
		return table, _profile(table)
	if len(tables) == 1:
		return tables[0], _profile(tables[0])
	named = [
		(table, profile) for table in tables if (profile := _profile(table)) and profile.names(table.section)
	]
	if len(named) == 1:
		return named[0]
	choices = [{"sheet": str(number)} for number in range(1, len(tables) + 1)]
	options = ", ".join(f"--sheet {i} ({t.section or t.header_row})" for i, t in enumerate(tables, 1))
	raise ReadingQuestion(questions.TABLES, options, choices=choices)


def _profile(table: Table) -> Profile | None:
	if table.has_titles:
		return profiles.for_titles(table.titles)
	first = next((row for row in table.rows if row.filled), None)
	return profiles.for_first_row(first) if first else None


class _TableReader:
	def __init__(
		self, table: Table, profile: Profile | None, source: Source, options: ReadingOptions
	) -> None:
		self.table, self.source, self.options = table, source, options
		days = read_serial_days(table.titles, table.rows)
		self.table_remarks = list(days.remarks)
		self.rows = self._same_width(days.rows)
		dated = list(islice((r for r in self.rows if is_dated_money(r) and not self._is_wide(r)), _SAMPLE))
		self.columns = Columns(
			table.titles, dated or [*islice((row for row in self.rows if row.filled), _SAMPLE)]
		)
		if profile and profile.skip and self.rows:
			self.rows = self.rows[1:]
			self.columns = Columns(table.titles, [*islice((row for row in self.rows if row.filled), _SAMPLE)])
		self.profile = profile if profile and self._supports(profile) else None
		self.asker = Asker(table, self.columns)

	def _same_width(self, rows: Sequence[Row]) -> Sequence[Row]:
		"""Return the rows; where each of them is wider than the titles, repaired by what the titles alone say."""
		if any(not self._is_wide(row) and is_dated_money(row) for row in rows):
			return rows
		dated = [row for row in rows if is_dated_money(row)]
		repaired = repair_rows(
			dated, len(self.table.titles), guess(self.table.titles).roles, self.source.delimiter
		)
		by_number = {row.number: row for row in repaired}
		return [by_number.get(row.number, row) for row in rows]

	def _is_wide(self, row: Row) -> bool:
		return self.table.has_titles and bool(row.filled) and row.filled[-1] >= len(self.table.titles)

	def _supports(self, profile: Profile) -> bool:
		"""Whether the rows hold what the profile says."""
		titles = self.table.titles + ("",) * (self.columns.width - len(self.table.titles))
		places = profile.places(titles)
		checked = (Role.DATE, *FLOWS, Role.BALANCE)
		return all(
			self.columns.is_empty(places[role]) or self.columns.fits(places[role], role)
			for role in checked
			if role in places
		)

	def statement(self, remarks: tuple[str, ...]) -> Statement:
		"""Return the statement that this reading of the table gives."""
		known = self._understood()
		sorted_ = sort_rows(
			chain(self._above(known.roles), self.rows),
			known.roles,
			are_texts=isinstance(self.rows, GridRows),
		)
		rows = self._transactions(sorted_, known.roles)
		self._check_headings(rows, sorted_.notes)
		states = find_states(rows, known, self.asker)
		lines = Lines(
			table=self.table, rows=rows, sorted_=sorted_, states=states, known=known, options=self.options
		)
		interpreter = self._interpreter(rows, known, lines)
		choice = interpreter.choose()
		self._check_choice(choice, known, rows, states)
		order = date_order(rows, known, self.options, self.asker, decimal=lines.decimal(choice))
		accounts = self._cut_off(lines.accounts(choice, order))
		check_reversed_proof(self.asker, choice, accounts)
		accounts = self._without_proof(accounts, choice, lines)
		settings = {
			Setting.DATE_FORMAT: (order, needs_order(rows, known)),
			Setting.DECIMAL: (lines.decimal(choice), interpreter.shows_decimals(choice)),
			Setting.SIGN: (choice.reading.sign, choice.evidence is not Evidence.NONE),
		}
		found = {name.value: value for name, (value, _) in settings.items()}
		return Statement(
			format=self.source.format,
			accounts=accounts,
			remarks=(*self._remarks(), *remarks, *lines.remarks),
			mapping={**self.source.found, **self._mapping(choice.reading.roles, known), **found},
			signature=signature(self.table),
			assumed=frozenset(
				name.value
				for name, (_, proven) in settings.items()
				if not proven and not self._is_said(name, known)
			),
		)

	def _check_choice(
		self, choice: Choice, known: Known, rows: Sequence[Row], states: Sequence[State]
	) -> None:
		"""Raise `ReadingQuestion` where what the columns are leaves open whether, or in which direction, money moved."""
		if choice.evidence is Evidence.NONE and Role.STATE not in {*known.roles, *known.given}:
			check_doubtful_states(self.asker, rows, states, known.roles)
		check_journal(self.asker, known, choice, sign=self.options.sign)
		check_debt_balances(self.asker, known, rows, choice, sign=self.options.sign)

	def _without_proof(
		self, accounts: tuple[Account, ...], choice: Choice, lines: Lines
	) -> tuple[Account, ...]:
		"""Return the accounts; where no balance proves their rows, with what the user has to confirm of them."""
		if choice.evidence is not Evidence.NONE:
			return accounts
		accounts = contradicted(accounts, part_of_another(lines.rows, self.table.titles))
		accounts = contradicted(accounts, hidden_balance(lines.rows, choice.amounts, lines.groups))
		totals = StatedTotals(self.table, lines.sorted, lines.roles, lines.decimal(choice))
		return totals.checked(accounts)

	def _remarks(self) -> list[str]:
		"""Return what is remarked on the file and the columns of the table."""
		above = any(row.filled for row in self.table.before)
		before = [Message(_BEFORE, self.table.header_row)] if above else []
		return [*self.source.remarks, *self.table_remarks, *before]

	def _above(self, roles: Places) -> list[Row]:
		"""Return the transactions that stand above the titles."""
		width = len(self.table.titles) if self.table.has_titles else 0
		return [
			row for row in self.table.before if len(row.cells) == width and is_plausible(row.texts, roles)
		]

	def _transactions(self, sorted_: Sorted, roles: Places) -> Sequence[Row]:
		"""Return the transactions, each with as many cells as there are titles, or with its damage."""
		if not self.table.has_titles:
			return mark_overfull(sorted_.transactions)
		width = len(self.table.titles)
		beside = (*sorted_.notes, *(one.row for one in sorted_.controls))
		lost = [Row(row.number, row.cells, TOO_WIDE) for row in beside if overfull(row, width)]
		rows: Sequence[Row] = sorted_.transactions
		if lost or not isinstance(rows, GridRows):
			rows = sorted([*rows, *lost], key=lambda row: row.number)
		if self.source.format == "CSV":
			rows = mark_short(rows, width)
		return repair_rows(rows, width, roles, self.source.delimiter)

	def _interpreter(self, rows: Sequence[Row], known: Known, lines: Lines) -> Interpreter:
		return Interpreter(
			rows=rows,
			known=known,
			columns=self.columns,
			asker=self.asker,
			options=self.options,
			groups=lines.groups,
			controls=lines.stated.pairs(),
		)

	def _is_said(self, name: Setting, known: Known) -> bool:
		"""Whether the user, or an earlier import, says something that no column does."""
		options = {
			Setting.DATE_FORMAT: self.options.dates,
			Setting.DECIMAL: self.options.decimal,
			Setting.SIGN: self.options.sign,
		}
		return bool(options[name] or known.stored.get(name))

	def _cut_off(self, accounts: tuple[Account, ...]) -> tuple[Account, ...]:
		"""Return the accounts; where the table ends in the middle of a row, each says so."""
		sentence = end_of_table(self.rows, len(self.table.titles)) if self.source.open_end else ""
		return contradicted(accounts, sentence)

	def _check_headings(self, rows: Sequence[Row], notes: Sequence[Row]) -> None:
		"""Raise `ReadingQuestion` where a heading above rows says that they are not booked."""
		last = rows[-1].number if rows else 0
		for row in (*[row for row in self.table.before if row.filled][-1:], *notes):
			if row.number < last and heads_pending(row) and self.options.columns.get(Role.STATE) != NO_COLUMN:
				raise self.asker.ask(
					questions.PENDING,
					row.number,
					row.text,
					column_option(Role.STATE, NO_COLUMN),
					suggested={Role.STATE: NO_COLUMN},
				)

	def _understood(self) -> Known:
		"""Return what the columns hold. Raises `ReadingQuestion` where that is not certain."""
		known, label = with_label(self._known(), self.columns)
		if label is not None:
			self.table_remarks.append(Message(_LABEL, self.asker.name(label)))
		check_open_columns(self.asker, known, self.columns, self.options.currency)
		check_units(self.table.before)
		commas = self.source.format == "CSV" and self.source.delimiter == ","
		check_cents(self.asker, known, self.columns, self.options.columns, commas=commas)
		if Role.BALANCE in known.roles or Role.BALANCE in known.given:
			return known
		balance = proven_balance(self.rows, self.columns, known.roles)
		return known if balance is None else replace(known, roles={**known.roles, Role.BALANCE: balance})

	def _known(self) -> Known:
		"""Return what the columns hold. Raises `ReadingQuestion` where titles are missing or unknown and nothing proves more."""
		if not any(row.filled for row in self.rows):
			raise InvalidData("The file holds no transaction")
		known = what_is_known(self.table, self.columns, self.profile, self.options)
		decided = self.table.has_titles or not known.given.isdisjoint((Role.DATE, *FLOWS))
		if is_enough(known.roles) and decided and not self._half_known(known):
			return known
		proven = proven_columns(self.rows, self.columns, known.roles if self.table.has_titles else {})
		if proven:
			dropped = {role for role, column in self.options.columns.items() if column == NO_COLUMN}
			roles = {role: place for role, place in proven.items() if role not in dropped}
			return Known(
				roles=roles,
				others={},
				day_first=known.day_first,
				stored=known.stored,
				given=known.given | set(proven),
				profile=known.profile,
			)
		sentence = questions.UNKNOWN_TITLES if self.table.has_titles else questions.NO_TITLES
		raise self.asker.columns_question(sentence, known.roles)

	def _half_known(self, known: Known) -> bool:
		"""Whether only one of debit and credit is known, and rows without it have an amount in an unknown column."""
		flows = known.roles.keys() & set(FLOWS)
		if flows not in ({Role.DEBIT}, {Role.CREDIT}) or flows <= known.given:
			return False
		place = known.roles[next(iter(flows))]
		empty = [row for row in self.columns.rows if place >= len(row.cells) or not row.texts[place]]
		return bool(empty)

	def _mapping(self, roles: Places, known: Known) -> dict[str, str]:
		"""Return what a user sees and the ledger stores: titles, or `#2`, by the names of roles; `-` for what the user
		ruled out.
		"""
		titles = self.asker.titles
		dropped = {role: NO_COLUMN for role, column in self.options.columns.items() if column == NO_COLUMN}
		places = {role.value: name_of(titles, roles[role]) for role in Role if role in roles}
		stored = {
			role: NO_COLUMN
			for role, column in known.stored.items()
			if column == NO_COLUMN and role not in places
		}
		return {**stored, **dropped, **places}
