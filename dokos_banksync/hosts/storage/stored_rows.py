"""Reads what is known of lines and bank transactions, never with a query per row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dokos_banksync.core.batch import Place, SoleTransaction
from dokos_banksync.core.matching.exact import NEAR_DAYS
from dokos_banksync.core.model import (
	ConnectionStatus,
	ExistingLine,
	ExistingTransaction,
	LineState,
	Reason,
	Window,
)
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.fields import within
from dokos_banksync.hosts.storage.lines import (
	WITHOUT_TRANSACTION,
	assignments,
	deleted_out,
	existing_out,
	transaction_out,
)
from dokos_banksync.hosts.storage.rows_without_lines import RowsWithoutLines
from dokos_banksync.hosts.storage.sql import literals, parts, placeholders

_MANY_WINDOWS = 200
"""Windows for which it costs less to ask first whether there is anything at all between them."""
_ANY_LIVE = """
	SELECT 1 FROM `tabBank Transaction` t WHERE t.bank_account = %s AND {condition}
		AND COALESCE(t.`date`, t.`date`) BETWEEN %s AND %s
"""
"""The days are not looked up by an index of days: what a run has stored before is on the same days, with other amounts."""
_ANY_DELETED = """
	SELECT 1 FROM `tabSync Line` l WHERE l.bank_account = %s AND l.deleted_transaction <> ''
		AND l.amount BETWEEN %s AND %s AND l.`date` BETWEEN %s AND %s
"""


def line_rows(ledger: Base, where: str, values: list[object], more: str = "") -> list[Any]:
	"""Return lines, each with its remote account and its bank transaction, and with `more` columns."""
	return ledger.db.rows(
		f"""
		SELECT l.*, COALESCE(a.remote_id, l.source) remote_account, {ledger.fields.columns}{more}
		FROM `tabSync Line` l
		LEFT JOIN `tabSync Remote Account` a ON a.name = l.source
		LEFT JOIN `tabBank Transaction` t ON t.name = l.bank_transaction
		WHERE {where}
		""",
		values,
	)


class StoredRows(RowsWithoutLines):
	"""The questions of a `Batch`: what is stored already."""

	def lines(self, source: str, remote_ids: Sequence[str]) -> list[ExistingLine]:
		"""See `core.ledger.Batch.lines`."""
		known = []
		for ids in parts(remote_ids):
			where = f"l.source = %s AND l.remote_id IN ({placeholders(ids)})"
			known += self._existing(where, [source, *ids])
		return known

	def holds(self, source: str) -> bool:
		"""See `core.batch.Batch.holds`."""
		return self._db.value("SELECT 1 FROM `tabSync Line` WHERE source = %s LIMIT 1", (source,)) is not None

	def held(self, source: str, reasons: Sequence[Reason]) -> list[ExistingLine]:
		"""See `core.ledger.Batch.held`."""
		wanted = [reason.value for reason in reasons]
		where = f"l.source = %s AND l.reason <> '' AND l.reason IN ({placeholders(wanted)})"
		return self._existing(where, [source, *wanted])

	def lines_since(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.lines_since`."""
		where = f"l.source = %s AND l.`date` >= %s AND l.state <> '{LineState.REMOVED.value}'"
		return self._existing(where, [source, self._codec.day_in(since)])

	def linked(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.linked`."""
		where = "l.source = %s AND l.`date` >= %s AND l.bank_transaction <> ''"
		return self._existing(where, [source, self._codec.day_in(since)])

	def first_listed(self, bank_account: str, source: str) -> date | None:
		"""See `core.batch.Batch.first_listed`."""
		found = self._db.value(
			f"""
			SELECT MIN(`date`) FROM `tabSync Line` WHERE source = %s AND bank_account = %s
				AND state IN ({literals([LineState.BOOKED.value, LineState.REMOVED.value])})
			""",
			(source, bank_account),
		)
		return self._codec.day_out(found)

	def unlisted(self, bank_account: str, source: str) -> list[ExistingLine]:
		"""See `core.batch.Batch.unlisted`."""
		earlier = self._earlier_sources(bank_account, source)
		days = self._listed_days(bank_account, source) if earlier else None
		if days is None:
			return []
		ours = placeholders(earlier)
		where = f"""
			l.source IN ({ours}) AND l.bank_account = %s AND l.`date` >= %s AND l.`date` < %s
			AND l.state = '{LineState.BOOKED.value}' AND l.bank_transaction <> '' AND COALESCE(l.reason, '') = ''
			AND NOT EXISTS (
				SELECT 1 FROM `tabSync Line` o WHERE o.bank_transaction = l.bank_transaction
					AND (o.source NOT IN ({ours}) OR COALESCE(o.reason, '') <> '')
			)
		"""
		found = self._existing(where, [*earlier, bank_account, *days, *earlier], assigned=False)
		waiting = self._without_transaction(bank_account, source) if found else {}
		by_transaction = {
			one.transaction.name: one
			for one in found
			if one.transaction and not _any_near(one.line.date, waiting.get(one.line.amount, ()))
		}
		return list(by_transaction.values())

	def _earlier_sources(self, bank_account: str, source: str) -> list[str]:
		"""Return the remote accounts that have fed the Bank Account and do not any more."""
		rows = self._db.rows(
			f"""
			SELECT a.name FROM `tabSync Remote Account` a JOIN `tabSync Connection` c ON c.name = a.parent
			WHERE a.name <> %s AND (
				a.gone = 1 OR COALESCE(a.bank_account, '') <> %s OR c.status = '{ConnectionStatus.DISCONNECTED.value}'
			) AND (SELECT l.bank_account FROM `tabSync Line` l WHERE l.source = a.name LIMIT 1) = %s ORDER BY a.name
			""",
			(source, bank_account, bank_account),
		)
		return [row["name"] for row in rows]

	def _listed_days(self, bank_account: str, source: str) -> tuple[object, object] | None:
		"""Return the days of the first and the last booked line of a source, or None where there is none."""
		query = f"""
			SELECT MIN(`date`) first_day, MAX(`date`) last_day FROM `tabSync Line`
			WHERE source = %s AND bank_account = %s AND state = '{LineState.BOOKED.value}'
		"""
		[row] = self._db.rows(query, (source, bank_account))
		return (row["first_day"], row["last_day"]) if row["first_day"] else None

	def _without_transaction(self, bank_account: str, source: str) -> dict[Decimal, list[date]]:
		"""Return the days of the booked lines of a source that have no bank transaction, by amount."""
		query = f"""
			SELECT l.`date`, l.amount FROM `tabSync Line` l
			WHERE l.bank_account = %s AND l.source = %s AND l.state = '{LineState.BOOKED.value}' AND {WITHOUT_TRANSACTION}
		"""
		found: dict[Decimal, list[date]] = {}
		for row in self._db.rows(query, (bank_account, source)):
			found.setdefault(self._codec.amount_out(row["amount"]), []).append(self._codec.day(row["date"]))
		return found

	def _existing(self, where: str, values: list[object], *, assigned: bool = True) -> list[ExistingLine]:
		found = line_rows(self._ledger, where, values)
		names = (row["t_name"] for row in found if assigned and row["t_name"])
		live = assignments(self._db, self._codec, names)
		return [existing_out(self._codec, row, live) for row in found]

	def transactions(self, bank_account: str, windows: Sequence[Window]) -> list[ExistingTransaction]:
		"""See `core.ledger.Batch.transactions`."""
		found: list[ExistingTransaction] = []
		for condition, sign in self._ledger.fields.windows:
			wanted = [one for one in windows if not sign or (one.amount >= 0) is (sign > 0)]
			asked = [one._replace(amount=one.amount * sign) if sign else one for one in wanted]
			if not self._lack(_ANY_LIVE.format(condition=within(condition)), bank_account, asked):
				found += self._live(condition, bank_account, asked)
		if self._lack(_ANY_DELETED, bank_account, windows):
			return found
		return found + self._deleted(bank_account, windows)

	def _lack(self, query: str, bank_account: str, windows: Sequence[Window]) -> bool:
		"""Return whether no row at all has an amount and a day between those of many windows.

		One statement then has a row of values for each window. `query` finds rows by `bank_account`, amounts and days.
		"""
		if len(windows) < _MANY_WINDOWS:
			return not windows
		money, day = self._codec.money_in, self._codec.day_in
		amounts = [one.amount for one in windows]
		first, last = min(one.first for one in windows), max(one.last for one in windows)
		values = (bank_account, money(min(amounts)), money(max(amounts)), day(first), day(last))
		return self._db.value(f"{query} LIMIT 1", values) is None

	def _live(
		self, condition: str, bank_account: str, windows: Sequence[Window]
	) -> list[ExistingTransaction]:
		fields = self._ledger.fields
		found = self._within(
			f"""
			SELECT {fields.columns} FROM asked CROSS JOIN `tabBank Transaction` t
			WHERE t.bank_account = %s AND {condition}
				AND t.`date` BETWEEN asked.first_day AND asked.last_day AND {fields.live}
			""",
			windows,
			bank_account,
		)
		live = assignments(self._db, self._codec, (row["t_name"] for row in found))
		return [transaction_out(self._codec, row, live.get(row["t_name"], ())) for row in found]

	def _deleted(self, bank_account: str, windows: Sequence[Window]) -> list[ExistingTransaction]:
		found = self._within(
			"""
			SELECT l.deleted_transaction, l.source, l.state, l.reason, l.`date`, l.amount, l.currency, l.description, l.original
			FROM asked CROSS JOIN `tabSync Line` l
			WHERE l.bank_account = %s AND l.deleted_transaction <> '' AND l.amount = asked.amount
				AND l.`date` BETWEEN asked.first_day AND asked.last_day
			""",
			windows,
			bank_account,
		)
		by_name: dict[str, list[object]] = {}
		for row in found:
			by_name.setdefault(row["deleted_transaction"], []).append(row)
		return [deleted_out(self._codec, rows) for rows in by_name.values()]

	def on_days(
		self, bank_account: str, days: Sequence[date], *, without: str, most: int
	) -> list[ExistingTransaction]:
		"""See `core.batch.Batch.on_days`."""
		fields, found = self._ledger.fields, list[Any]()
		for part in parts(days):
			found += self._db.rows(
				f"""
				SELECT {fields.columns} FROM `tabBank Transaction` t WHERE t.bank_account = %s
					AND t.`date` IN ({placeholders(part)}) AND {fields.live} AND NOT EXISTS (
						SELECT 1 FROM `tabSync Line` l WHERE l.bank_transaction = t.name AND l.source = %s
					) LIMIT {most + 1 - len(found)}
				""",
				[bank_account, *map(self._codec.day_in, part), without],
			)
			if len(found) > most:
				return []
		live = assignments(self._db, self._codec, (row["t_name"] for row in found))
		return [transaction_out(self._codec, row, live.get(row["t_name"], ())) for row in found]

	def sole(
		self, bank_account: str, places: Sequence[Place], *, source: str
	) -> Mapping[Place, SoleTransaction]:
		"""See `core.batch.Batch.sole`."""
		found: dict[int, dict[str, list[Any]]] = {}
		for condition, sign in self._ledger.fields.windows:
			for row in self._at_places(condition, sign, bank_account, places):
				found.setdefault(row["place"], {}).setdefault(row["name"], []).append(row)
		deleted = self._deleted_places(bank_account, places) if found else frozenset[Place]()
		sole = {}
		for number, by_name in found.items():
			free = [rows for rows in by_name.values() if all(row["source"] != source for row in rows)]
			if len(free) == 1 and places[number] not in deleted:
				[rows] = free
				if self._codec.amount_out(rows[0]["amount"]) == places[number][0]:
					sole[places[number]] = self._sole(rows)
		return sole

	def _sole(self, rows: Sequence[Any]) -> SoleTransaction:
		first, text = rows[0], self._codec.text_out
		original = text(first["original"]) if len(rows) == 1 else min(text(row["original"]) for row in rows)
		return SoleTransaction(
			name=first["name"],
			currency=first["currency"] or "",
			original=original or first["description"] or "",
			party_iban=first["party_iban"] or "",
			reference=first["reference"] or "",
		)

	def _at_places(
		self, condition: str, sign: int, bank_account: str, places: Sequence[Place]
	) -> Iterator[Any]:
		"""Yield the bank transactions of the places, once for each of their lines; `place` is the number of that."""
		fields, money, day = self._ledger.fields, self._codec.money_in, self._codec.day_in
		wanted = [
			(number, Window(amount * sign if sign else amount, on, on))
			for number, (amount, on) in enumerate(places)
			if not sign or (amount >= 0) is (sign > 0)
		]
		any_live = _ANY_LIVE.format(condition=within(condition))
		if self._lack(any_live, bank_account, [window for _, window in wanted]):
			return
		for part in parts(wanted):
			asked = [v for number, (amount, on, _) in part for v in (number, money(amount), day(on))]
			row = ", ".join(["(%s, %s, %s)"] * len(part))
			query = f"""
				WITH asked (place, amount, on_day) AS (VALUES {row})
				SELECT asked.place, t.name, {fields.amount} amount, t.currency, t.description,
					{fields.text(fields.party_iban)} party_iban,
					{fields.text(fields.reference)} reference, l.source, l.original
				FROM asked CROSS JOIN `tabBank Transaction` t
				LEFT JOIN `tabSync Line` l ON l.bank_transaction = t.name
				WHERE t.bank_account = %s AND {condition} AND t.`date` = asked.on_day AND {fields.live}
			"""
			yield from self._db.rows(query, [*asked, bank_account])

	def _deleted_places(self, bank_account: str, places: Sequence[Place]) -> frozenset[Place]:
		windows = [Window(amount, day, day) for amount, day in places]
		if self._lack(_ANY_DELETED, bank_account, windows):
			return frozenset()
		return frozenset((one.amount, one.date) for one in self._deleted(bank_account, windows))

	def _within(self, statement: str, windows: Sequence[Window], bank_account: str) -> list[Any]:
		"""Return the rows of a statement that joins the windows as the table `asked`."""
		money, day = self._codec.money_in, self._codec.day_in
		found: list[Any] = []
		for part in parts(windows):
			asked = [v for amount, first, last in part for v in (money(amount), day(first), day(last))]
			row = ", ".join(["(%s, %s, %s)"] * len(part))
			names = "amount, first_day, last_day"
			query = f"WITH asked ({names}) AS (VALUES {row}) {statement}"
			found += self._db.rows(query, [*asked, bank_account])
		return found


def _any_near(day: date, others: Iterable[date]) -> bool:
	return any(abs((other - day).days) <= NEAR_DAYS for other in others)
