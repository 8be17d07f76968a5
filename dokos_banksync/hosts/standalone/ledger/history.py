"""Stories of lines and bank transactions, put together from the journal."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.model import ExistingLine, LineState, Reason, is_file
from dokos_banksync.core.records import Entry, LineStory, OpenLine, TransactionStory
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.lines import (
	KNOWN,
	TRANSACTION,
	known_out,
	line_out,
	transaction_out,
)
from dokos_banksync.hosts.standalone.ledger.values import amount_out, day_out, instant_in, instant_out

_STORY = """
	SELECT l.*, coalesce(a.remote_id, l.source) remote_account, coalesce(a.account_name, '') account_name,
		coalesce(c.provider, '') provider, a.start_date, b.lock_date
	FROM sync_line l
	LEFT JOIN sync_remote_account a ON a.name = l.source
	LEFT JOIN sync_connection c ON c.name = coalesce(a.parent, l.connection)
	LEFT JOIN bank_account b ON b.name = l.bank_account
	WHERE {} ORDER BY l.creation, l.name
"""
_ENTRIES = """
	SELECT j.*, coalesce(r."trigger", '') "trigger"
	FROM json_each(?) asked CROSS JOIN journal j LEFT JOIN sync_run r ON r.name = j.run
	WHERE j.source = json_extract(asked.value, '$[0]') AND j.remote_id = json_extract(asked.value, '$[1]')
	ORDER BY j.id
"""
_ASKED = f"""
	SELECT l.*, coalesce(a.remote_id, l.source) remote_account
	FROM sync_line l LEFT JOIN sync_remote_account a ON a.name = l.source
	WHERE l.reason = '{Reason.AMBIGUOUS.value}' AND ? IN ('', l.bank_account) AND l.bank_transaction IS NULL ORDER BY l.date, l.name
"""
_PLANS_STAY = timedelta(days=2)
"""How long a person may think about what was shown."""
_FILE = "file "
_MONEY = ("deposit", "withdrawal", "allocated_amount")


class Review(Base):
	"""Where things came from."""

	def transaction_story(self, name: str) -> TransactionStory:
		row = self.db.row(f"SELECT t.*, {TRANSACTION} FROM bank_transaction t WHERE t.name = ?", (name,))
		if row is None:
			raise NotFound("There is no bank transaction {0}", name)
		lines = self._stories("l.bank_transaction = ?", name)
		return TransactionStory(
			transaction_out(row), row["bank_account"], instant_out(row["creation"]), lines
		)

	def line_story(self, name: str) -> LineStory:
		stories = self._stories("l.name = ?", name)
		if not stories:
			raise NotFound("There is no line {0}", name)
		return stories[0]

	def lines_since(self, source: str, since: date) -> list[ExistingLine]:
		"""Return all lines of a source from a day on, with or without a bank transaction, removed ones aside."""
		sql = KNOWN.format("", f"l.date >= ? AND l.state <> '{LineState.REMOVED.value}'")
		return [known_out(row) for row in self.db.rows(sql, (source, since.isoformat()))]

	def linked(self, source: str, since: date) -> list[ExistingLine]:
		sql = KNOWN.format("", "l.date >= ? AND l.bank_transaction IS NOT NULL")
		return [known_out(row) for row in self.db.rows(sql, (source, since.isoformat()))]

	# -- questions and plans --------------------------------------------------------------------------
	def questions(self, bank_account: str = "") -> list[OpenLine]:
		rows = self.db.rows(_ASKED, (bank_account,))
		return [
			OpenLine(row["name"], line_out(row, row["remote_account"]), row["source"], row["bank_account"])
			for row in rows
		]

	def keep_plan(self, key: str, rows: str, now: datetime) -> None:
		with self.db.write():
			self.db.run("DELETE FROM shown_plan WHERE at < ?", (instant_in(now - _PLANS_STAY),))
			self.db.run("INSERT OR REPLACE INTO shown_plan VALUES (?, ?, ?)", (key, instant_in(now), rows))

	def kept_plan(self, key: str) -> str:
		return str(self.db.value("SELECT rows FROM shown_plan WHERE key = ?", (key,)) or "")

	def _stories(self, where: str, value: str) -> list[LineStory]:
		rows = self.db.rows(_STORY.format(where), (value,))
		entries = self._entries([(row["source"], row["remote_id"]) for row in rows])
		since = instant_out(self.db.value("SELECT at FROM journal ORDER BY id LIMIT 1"))
		return [_story(row, entries[row["source"], row["remote_id"]], since) for row in rows]

	def _entries(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], list[Entry]]:
		found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
		sql = "SELECT name, category_name FROM bank_transaction_category"
		titles = {row["name"]: row["category_name"] for row in self.db.rows(sql)}
		for row in self.db.rows(_ENTRIES, (json.dumps(keys),)):
			found[row["source"], row["remote_id"]].append(_entry(row, titles))
		return found


def _story(row: sqlite3.Row, entries: Sequence[Entry], since: datetime | None) -> LineStory:
	seen = instant_out(row["creation"])
	triggers = [entry.trigger for entry in entries if entry.trigger.startswith(_FILE)]
	return LineStory(
		*(row["name"], line_out(row, row["remote_account"]), row["source"], row["bank_account"] or ""),
		*(Reason(row["reason"]), row["note"], row["bank_transaction"] or "", row["deleted_transaction"]),
		*(seen, row["connection"] or "", row["provider"], row["account_name"]),
		triggers[0].removeprefix(_FILE) if is_file(row["source"]) and triggers else "",
		*(day_out(row["start_date"]), day_out(row["lock_date"]), entries),
		since if seen and since and seen < since else None,
	)


def _entry(row: sqlite3.Row, titles: Mapping[object, str]) -> Entry:
	changes = _told(json.loads(row["changed"]))
	if "category" in changes:
		old, new = changes["category"]
		changes["category"] = (titles.get(old, ""), titles.get(new, ""))
	return Entry(
		*(row["run"], row["trigger"], instant_out(row["at"]) or datetime.now(timezone.utc), row["verdict"]),
		*(Reason(row["reason"]), row["note"], row["bank_transaction"], changes),
	)


def _told(changed: Mapping[str, tuple[object, object]]) -> dict[str, tuple[object, object]]:
	"""Deposit and withdrawal are one signed amount to everybody but a table."""
	told = {name: (old, new) for name, (old, new) in changed.items() if name not in _MONEY}
	if "deposit" in changed or "withdrawal" in changed:
		told["amount"] = _amounts(changed)
	return told


def _amounts(changed: Mapping[str, tuple[object, object]]) -> tuple[Decimal, Decimal]:
	both = [changed.get(name, (0, 0)) for name in ("deposit", "withdrawal")]
	old, new = (int(str(both[0][i])) - int(str(both[1][i])) for i in (0, 1))
	return amount_out(old), amount_out(new)
