"""What speaks for the balance of an account: checks, days asked for, and what stands apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import frappe

from dokos_banksync.core.model import ConnectionStatus, LineState, Reason
from dokos_banksync.core.records import Covered, OpenLine, PastCheck, UnmatchedItem
from dokos_banksync.core.review.proof import COUNTED_BY_THE_BANK
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import Base
from dokos_banksync.hosts.frappe.ledger.dialect import (
	ACCOUNT,
	CONNECTION,
	COVERAGE,
	JOURNAL,
	LINE,
	REMOTE,
	RUN,
	TRANSACTION,
	Dialect,
	named,
)
from dokos_banksync.hosts.frappe.ledger.lines import line_out, transaction_columns
from dokos_banksync.hosts.frappe.ledger.runs import checks_of
from dokos_banksync.hosts.frappe.ledger.values import (
	amount_out,
	day_out,
	instant_out,
	stamp,
	text_out,
	utc_out,
	utc_stamp,
)

_COUNTED = [reason.value for reason in COUNTED_BY_THE_BANK]


class Proving(Base):
	"""Lists for the engine's proof."""

	def cover(self, covered: Sequence[Covered]) -> None:
		at, user = stamp(self.clock()), frappe.session.user
		stamps = {
			"creation": at,
			"modified": at,
			"owner": user,
			"modified_by": user,
			"docstatus": 0,
			"idx": 0,
		}
		columns = ("run", "source", "bank_account", "first_day", "last_day", "complete")
		rows = [(*one[:5], int(one.complete)) for one in covered]
		sql.insert(COVERAGE, columns, rows, same={"name": sql.next_value(COVERAGE), **stamps})
		sql.commit()

	def covered(self, bank_account: str) -> list[Covered]:
		rows = sql.rows(
			f"SELECT * FROM {sql.table(COVERAGE)} WHERE bank_account = %s ORDER BY first_day, run, name",
			(bank_account,),
		)
		return [
			Covered(
				*(row["run"] or "", row["source"], row["bank_account"]),
				*(day_out(row["first_day"]), day_out(row["last_day"]), bool(row["complete"])),
			)
			for row in rows
		]

	def checks(self, bank_account: str) -> list[PastCheck]:
		return [PastCheck(*one) for one in checks_of(bank_account)]

	def loose(self, bank_account: str) -> list[UnmatchedItem]:
		found = [*_held(bank_account), *_unspoken(bank_account)]
		return sorted(found, key=lambda item: (item.day, item.name))

	def announced(self, bank_account: str) -> list[OpenLine]:
		waiting = (Reason.PENDING.value, Reason.FUTURE.value)
		rows = sql.rows(
			f"""
			SELECT l.*, a.remote_id remote_account FROM {sql.table(LINE)} l
			JOIN {sql.table(REMOTE)} a ON a.name = l.source AND a.bank_account = l.bank_account
			JOIN {sql.table(CONNECTION)} c ON c.name = a.parent
			WHERE l.bank_account = %s AND COALESCE(l.bank_transaction, '') = '' AND l.reason IN ({sql.marks(waiting)})
				AND a.gone = 0 AND c.status <> %s
			ORDER BY l.`date`, l.name
			""",
			[bank_account, *waiting, ConnectionStatus.DISCONNECTED.value],
		)
		return [OpenLine(row["name"], line_out(row), row["source"], row["bank_account"]) for row in rows]

	def came_since(self, bank_account: str, at: datetime, last: date) -> bool:
		"""As the journal tells; of what it does not tell of, when the document was made."""
		told = sql.value(
			f"""
			SELECT t.name FROM {sql.table(JOURNAL)} j JOIN {sql.table(TRANSACTION)} t ON t.name = j.bank_transaction
			WHERE j.bank_account = %s AND j.made = 1 AND j.cancelled = 0 AND j.`at` > %s
				AND t.docstatus < 2 AND t.`date` <= %s LIMIT 1
			""",
			(bank_account, utc_stamp(at), last),
		)
		return told is not None or _came_untold(bank_account, at, last)

	def brought(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		after, values = ("AND j.`at` > %s", [utc_stamp(since)]) if since else ("", [])
		rows = sql.rows(
			f"""
			SELECT j.`at` since, r.`trigger` origin, {transaction_columns(Dialect.of_site())}
			FROM {sql.table(JOURNAL)} j JOIN {sql.table(TRANSACTION)} t ON t.name = j.bank_transaction
			JOIN {sql.table(RUN)} r ON r.name = j.run AND r.connection IS NULL
			WHERE j.bank_account = %s AND j.made = 1 AND j.cancelled = 0 AND t.docstatus < 2 {after}
			ORDER BY t.`date`, t.name LIMIT {int(limit)}
			""",
			[bank_account, *values],
		)
		found = {row["t_name"]: row for row in rows}
		return [
			UnmatchedItem(
				*(name, day_out(row["t_date"]), -amount_out(row["t_amount"]), row["t_description"] or ""),
				*(Reason.NONE, utc_out(row["since"]), "", row["origin"] or ""),
			)
			for name, row in found.items()
		]

	def turnover(
		self, bank_account: str, first: date, last: date
	) -> list[tuple[date, Decimal, Decimal, int]]:
		words = Dialect.of_site()
		rows = sql.rows(
			f"""
			SELECT `date` AS day, CAST(SUM(`{words.inflow}`) AS CHAR(40)) money_in,
				CAST(SUM(`{words.outflow}`) AS CHAR(40)) money_out, COUNT(*) many
			FROM {sql.table(TRANSACTION)} WHERE bank_account = %s AND docstatus < 2 AND `date` BETWEEN %s AND %s
			GROUP BY `date` ORDER BY `date`
			""",
			(bank_account, first, last),
		)
		return [
			(day_out(row["day"]), amount_out(row["money_in"]), -amount_out(row["money_out"]), row["many"])
			for row in rows
		]


def _came_untold(bank_account: str, at: datetime, last: date) -> bool:
	found = sql.value(
		f"""
		SELECT t.name FROM {sql.table(TRANSACTION)} t
		WHERE t.bank_account = %s AND t.docstatus < 2 AND t.`date` <= %s AND t.creation > %s AND NOT EXISTS (
			SELECT 1 FROM {sql.table(JOURNAL)} j WHERE j.bank_transaction = t.name AND j.made = 1
		) LIMIT 1
		""",
		(bank_account, last, stamp(at)),
	)
	return found is not None


def _held(bank_account: str) -> list[UnmatchedItem]:
	"""Lines that the bank counts, of the days that the opening balance does not hold already. `since` is when something was decided about them last."""
	rows = sql.rows(
		f"""
		SELECT l.name, l.`date` AS day, l.amount, l.description, l.reason, l.deleted_transaction,
			(SELECT MAX(j.`at`) FROM {sql.table(JOURNAL)} j WHERE j.source = l.source AND j.remote_id = l.remote_id)
			AS since
		FROM {sql.table(LINE)} l JOIN {sql.table(ACCOUNT)} b ON b.name = l.bank_account
		WHERE l.bank_account = %s AND l.state = %s AND COALESCE(l.bank_transaction, '') = ''
			AND l.reason IN ({sql.marks(_COUNTED)})
			AND (b.`{named(ACCOUNT, "opening_date")}` IS NULL OR l.`date` >= b.`{named(ACCOUNT, "opening_date")}`)
		""",
		[bank_account, LineState.BOOKED.value, *_COUNTED],
	)
	return [
		UnmatchedItem(
			*(row["name"], day_out(row["day"]), amount_out(row["amount"]), text_out(row["description"])),
			*(Reason(row["reason"]), utc_out(row["since"]), row["deleted_transaction"] or ""),
		)
		for row in rows
	]


def _unspoken(bank_account: str) -> list[UnmatchedItem]:
	"""Bank transactions that no line speaks for."""
	words = Dialect.of_site()
	rows = sql.rows(
		f"""
		SELECT t.creation, COALESCE(t.`{words.remote_id}`, '') remote_id, {transaction_columns(words)}
		FROM {sql.table(TRANSACTION)} t WHERE t.bank_account = %s AND t.docstatus < 2
			AND NOT EXISTS (SELECT 1 FROM {sql.table(LINE)} l WHERE l.bank_transaction = t.name)
		""",
		(bank_account,),
	)
	return [_unspoken_out(row) for row in rows]


def _unspoken_out(row: Any) -> UnmatchedItem:
	kept = row["t_reconciled"] and row["remote_id"]
	return UnmatchedItem(
		*(row["t_name"], day_out(row["t_date"]), -amount_out(row["t_amount"]), row["t_description"] or ""),
		*(Reason.REMOVED if kept else Reason.NONE, instant_out(row["creation"])),
	)
