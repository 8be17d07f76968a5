"""What speaks for the balance of an account: checks, days asked for, and what stands apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from dokos_banksync.core.model import ConnectionStatus, Reason
from dokos_banksync.core.records import Covered, OpenLine, PastCheck, UnmatchedItem
from dokos_banksync.core.review.proof import COUNTED_BY_THE_BANK
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.lines import RECONCILED, line_out
from dokos_banksync.hosts.standalone.ledger.runs import check_out
from dokos_banksync.hosts.standalone.ledger.values import amount_out, instant_in, instant_out

_CHECKS = """
	SELECT r.name, coalesce(r.ended_at, r.started_at) at, c.value FROM sync_run r, json_each(r.checks) c
	WHERE json_extract(c.value, '$.bank_account') = ? AND (
		r.connection IS NOT NULL OR NOT EXISTS (SELECT 1 FROM journal j WHERE j.run = r.name AND j.cancelled)
		OR EXISTS (SELECT 1 FROM journal j WHERE j.run = r.name AND NOT j.cancelled)
	) ORDER BY r.rowid
"""
"""In the order in which they were made, whatever a clock said that was wrong for a while. The balance of a file whose
import was undone counts no more."""
_BROUGHT = """
	SELECT t.name, t.date, -t.amount, t.description, t.creation, r."trigger" FROM bank_transaction t
	JOIN journal j ON j.bank_transaction = t.name AND j.made AND NOT j.cancelled
	JOIN sync_run r ON r.name = j.run AND r.connection IS NULL
	WHERE t.bank_account = ? AND t.creation > ? GROUP BY t.name ORDER BY t.date, t.name LIMIT ?
"""
_LOOSE = f"""
	SELECT l.name, l.date, l.amount, l.description, l.reason,
		(SELECT max(j.at) FROM journal j WHERE j.source = l.source AND j.remote_id = l.remote_id),
		l.deleted_transaction
	FROM sync_line l JOIN bank_account b ON b.name = l.bank_account
	WHERE l.bank_account = ?1 AND l.state = 'Booked' AND l.bank_transaction IS NULL
		AND l.reason IN ({", ".join(f"'{reason.value}'" for reason in COUNTED_BY_THE_BANK)})
		AND l.date >= coalesce(b.opening_date, '')
	UNION ALL
	SELECT t.name, t.date, -t.amount, t.description,
		CASE WHEN t.status = '{RECONCILED}' AND t.transaction_id <> '' THEN '{Reason.REMOVED.value}' ELSE '' END, t.creation, ''
	FROM bank_transaction t
	WHERE t.bank_account = ?1 AND NOT EXISTS (SELECT 1 FROM sync_line l WHERE l.bank_transaction = t.name)
	ORDER BY 2, 1
"""
_ANNOUNCED = f"""
	SELECT l.*, a.remote_id remote_account
	FROM sync_line l JOIN sync_remote_account a ON a.name = l.source JOIN sync_connection c ON c.name = a.parent
	WHERE l.bank_account = ? AND l.bank_transaction IS NULL
		AND l.reason IN ('{Reason.PENDING.value}', '{Reason.FUTURE.value}')
		AND a.bank_account = l.bank_account AND NOT a.gone AND c.status <> '{ConnectionStatus.DISCONNECTED.value}'
	ORDER BY l.date, l.name
"""


class Proving(Base):
	"""Lists for the engine's proof."""

	def cover(self, covered: Sequence[Covered]) -> None:
		with self.db.write():
			self.db.run_many(
				"INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)",
				[
					(*one[:3], one.first.isoformat(), one.last.isoformat(), int(one.complete))
					for one in covered
				],
			)

	def covered(self, bank_account: str) -> list[Covered]:
		rows = self.db.rows(
			"SELECT * FROM coverage WHERE bank_account = ? ORDER BY first, run", (bank_account,)
		)
		return [
			Covered(
				*(row["run"], row["source"], row["bank_account"]),
				*(date.fromisoformat(row["first"]), date.fromisoformat(row["last"])),
				complete=bool(row["complete"]),
			)
			for row in rows
		]

	def checks(self, bank_account: str) -> list[PastCheck]:
		found = []
		for row in self.db.rows(_CHECKS, (bank_account,)):
			at = instant_out(row[1])
			if at is not None:
				found.append(PastCheck(row[0], at, check_out(row[2])))
		return found

	def loose(self, bank_account: str) -> list[UnmatchedItem]:
		return [
			UnmatchedItem(
				row[0],
				date.fromisoformat(row[1]),
				amount_out(row[2]),
				row[3],
				Reason(row[4]),
				instant_out(row[5]),
				row[6] or "",
			)
			for row in self.db.rows(_LOOSE, (bank_account,))
		]

	def announced(self, bank_account: str) -> list[OpenLine]:
		return [
			OpenLine(row["name"], line_out(row, row["remote_account"]), row["source"], row["bank_account"])
			for row in self.db.rows(_ANNOUNCED, (bank_account,))
		]

	def came_since(self, bank_account: str, at: datetime, last: date) -> bool:
		sql = "SELECT 1 FROM bank_transaction WHERE bank_account = ? AND date <= ? AND creation > ? LIMIT 1"
		return self.db.row(sql, (bank_account, last.isoformat(), instant_in(at))) is not None

	def brought(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		after = (instant_in(since) if since else None) or ""
		return [
			UnmatchedItem(
				*(row[0], date.fromisoformat(row[1]), amount_out(row[2]), row[3]),
				*(Reason.NONE, instant_out(row[4]), "", row[5]),
			)
			for row in self.db.rows(_BROUGHT, (bank_account, after, limit))
		]

	def turnover(
		self, bank_account: str, first: date, last: date
	) -> list[tuple[date, Decimal, Decimal, int]]:
		rows = self.db.rows(
			"""
			SELECT date, sum(deposit), -sum(withdrawal), count(*) FROM bank_transaction
			WHERE bank_account = ? AND date BETWEEN ? AND ? GROUP BY date ORDER BY date
			""",
			(bank_account, first.isoformat(), last.isoformat()),
		)
		return [(date.fromisoformat(row[0]), amount_out(row[1]), amount_out(row[2]), row[3]) for row in rows]
