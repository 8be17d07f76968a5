"""A table of transactions to neutral lines, whatever its file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Line
from dokos_banksync.statements.amounts import amount
from dokos_banksync.statements.contract import Account, Balance, Options, Refused, Statement
from dokos_banksync.statements.days import day
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.headers import key
from dokos_banksync.statements.ids import Ids
from dokos_banksync.statements.layout import Layout, lay_out

_SUMS = ("solde", "total", "balance", "saldo", "summe", "closing balance", "opening balance", "kontostand")
_BEFORE = "The rows before row {0} are no part of the table"
_TAKEN_ID = "Row {0} bears an id that a row before it bears: {1}"
_SUM_ROW = "Row {0} is a balance or a total: {1}"
_OUT = ("d", "debit", "s", "soll", "dr", "dbit", "-")
_IN = ("c", "credit", "h", "haben", "cr", "crdt", "")


@dataclass(frozen=True)
class Source:
	"""What a table came from: the format, what was found out about the file, and remarks."""

	format: str
	found: Mapping[str, str]
	remarks: tuple[str, ...] = ()


@dataclass
class _Gathered:
	lines: list[Line] = field(default_factory=list)
	refused: list[Refused] = field(default_factory=list)
	balances: list[Balance] = field(default_factory=list)


def read_grid(grid: Sequence[Row], source: Source, options: Options) -> Statement:
	"""Raises `InvalidData` when the table as a whole cannot be understood."""
	layout = lay_out(grid, options)
	reader = _Reader(layout, options)
	for row in layout.rows:
		reader.take(row)
	before = _BEFORE.format(layout.header_row) if layout.header_row > 1 else ""
	remarks = (*source.remarks, *([before] if before else []), *reader.remarks)
	accounts = tuple(_account(number, held) for number, held in reader.accounts.items())
	return Statement(source.format, accounts, remarks, {**source.found, **layout.mapping()}, layout.signature)


def _account(number: str, held: _Gathered) -> Account:
	currencies = {line.currency for line in held.lines}
	return Account(
		number,
		"",
		currencies.pop() if len(currencies) == 1 else "",
		tuple(held.lines),
		tuple(held.refused),
		_closing(held),
	)


def _closing(held: _Gathered) -> Balance | None:
	"""The balance beside the latest row; none where the order of the rows does not tell which that is."""
	if not held.balances or len(held.balances) != len(held.lines) or held.refused:
		return None
	first, last = held.balances[0], held.balances[-1]
	if first.day == last.day and len(held.balances) > 1:
		return None
	return last if first.day <= last.day else first


class _Reader:
	"""Takes rows one by one and sorts them by account."""

	def __init__(self, layout: Layout, options: Options) -> None:
		self.layout, self.options = layout, options
		self.accounts: dict[str, _Gathered] = {}
		self.remarks: list[str] = []
		self._ids = Ids()
		self._given: set[str] = set()
		self._account = ""
		self._signs = {role: self._sign(role) for role in ("debit", "credit")}

	def take(self, row: Row) -> None:
		remote_id = self._ids.of(row.texts)
		try:
			line, balance = self._line(row, remote_id)
		except InvalidData as error:
			if self._is_sum(row):
				self.remarks.append(_SUM_ROW.format(row.number, row.text))
				return
			self._held(row).refused.append(Refused(row.number, remote_id, str(error), row.text))
			return
		held = self._held(row)
		held.lines.append(line)
		if balance is not None:
			held.balances.append(Balance(balance, line.date))

	def _held(self, row: Row) -> _Gathered:
		"""Of the account that the row names, else of the one before it."""
		self._account = "".join(self._text(row, "account").split()) or self._account
		return self.accounts.setdefault(self._account, _Gathered())

	def _line(self, row: Row, remote_id: str) -> tuple[Line, Decimal | None]:
		booked = self._day(row, "date")
		if booked is None:
			raise InvalidData("The row has no date")
		label = self._text(row, "label") or self._text(row, "party") or self._text(row, "details")
		original = " ".join(dict.fromkeys(filter(None, (label, self._text(row, "details")))))
		line = Line(
			*("", self._own_id(row) or remote_id, booked, self._amount(row)),
			*(self._text(row, "currency").upper() or self.options.currency, label, original),
			value_date=self._day(row, "value_date"),
			party_name=self._text(row, "party"),
			party_iban=self._text(row, "party_iban").replace(" ", ""),
			reference=self._text(row, "reference"),
			raw=json.dumps({"row": row.number, "cells": row.texts}, ensure_ascii=False),
		)
		return line, self._money(row, "balance")

	def _own_id(self, row: Row) -> str:
		"""The row's id where it has one that no row before it bore."""
		own = self._text(row, "id")
		if own in self._given:
			self.remarks.append(_TAKEN_ID.format(row.number, own))
			return ""
		if own:
			self._given.add(own)
		return own

	def _amount(self, row: Row) -> Decimal:
		if "amount" in self.layout.roles:
			given = self._money(row, "amount")
			if given is None:
				raise InvalidData("The row has no amount")
			return self._directed(row, given)
		sides = {role: self._money(row, role) or Decimal(0) for role in ("debit", "credit")}
		if all(sides.values()):
			raise InvalidData("The row has a debit and a credit")
		if not any(sides.values()):
			raise InvalidData("The row has no amount")
		return sides["credit"] * self._signs["credit"] - sides["debit"] * self._signs["debit"]

	def _directed(self, row: Row, given: Decimal) -> Decimal:
		"""A column of its own may say which way the money went."""
		told = key(self._text(row, "direction")) or self._text(row, "direction")
		if "direction" not in self.layout.roles or given < 0:
			return given
		if told not in _OUT + _IN:
			raise InvalidData("{0} says neither debit nor credit", told)
		return -given if told in _OUT else given

	def _sign(self, role: str) -> int:
		"""Whether the bank writes a column's usual amounts without a sign (1) or with a minus (-1)."""
		usual = 0
		for row in self.layout.rows:
			try:
				given = self._money(row, role) or Decimal(0)
			except InvalidData:
				continue
			usual += (given > 0) - (given < 0)
		return -1 if usual < 0 else 1

	def _money(self, row: Row, role: str) -> Decimal | None:
		cell = self._cell(row, role)
		if isinstance(cell, Decimal):
			return cell
		text = written(cell)
		return amount(text, self.layout.mark) if text else None

	def _day(self, row: Row, role: str) -> date | None:
		cell = self._cell(row, role)
		if isinstance(cell, date):
			return cell
		text = written(cell)
		return day(text, self.layout.order) if text else None

	def _text(self, row: Row, role: str) -> str:
		return written(self._cell(row, role))

	def _cell(self, row: Row, role: str) -> str | Decimal | date:
		place = self.layout.roles.get(role, len(row.cells))
		return row.cells[place] if place < len(row.cells) else ""

	def _is_sum(self, row: Row) -> bool:
		"""A row below the transactions, that bears no day of its own."""
		try:
			dated = self._day(row, "date") is not None
		except InvalidData:
			dated = False
		first = next((key(text) for text in row.texts if text), "")
		return not dated and first.startswith(_SUMS)
