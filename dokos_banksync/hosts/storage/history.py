"""Where a line or a bank transaction came from, put together from the journal."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.model import Reason, is_file
from dokos_banksync.core.records import Entry, LineStory, TransactionStory
from dokos_banksync.core.review.journal import Key
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.journal import by_source
from dokos_banksync.hosts.storage.lines import assignments, line_out, note_out, transaction_out
from dokos_banksync.hosts.storage.sql import parts, placeholders


class History(Base):
	"""Stories of lines and bank transactions."""

	def transaction_story(self, name: str) -> TransactionStory:
		"""See `Ledger.transaction_story`."""
		found = self.db.rows(
			f"SELECT t.creation, t.bank_account, {self.fields.columns} FROM `tabBank Transaction` t WHERE t.name = %s",
			(name,),
		)
		if not found:
			raise NotFound("There is no bank transaction {0}", name)
		row = found[0]
		lines = assignments(self.db, self.codec, [name]).get(name, [])
		return TransactionStory(
			transaction_out(self.codec, row, lines),
			row["bank_account"] or "",
			self.codec.instant_out(row["creation"]),
			self._stories("l.bank_transaction = %s", name),
		)

	def deleted_stories(self, transaction: str) -> list[LineStory]:
		"""Return the lines that a bank transaction stood for before it was deleted or undone; none for an unknown one."""
		return self._stories(
			"l.name IN (SELECT k.name FROM `tabSync Journal Entry` j "
			"JOIN `tabSync Line` k ON k.source = j.source AND k.remote_id = j.remote_id "
			"WHERE j.bank_transaction = %s AND j.bank_transaction <> '')",
			transaction,
		)

	def line_story(self, name: str) -> LineStory:
		"""See `Ledger.line_story`."""
		stories = self._stories("l.name = %s", name)
		if not stories:
			raise NotFound("There is no line {0}", name)
		return stories[0]

	def _stories(self, where: str, value: str) -> list[LineStory]:
		rows = self.db.rows(
			f"""
			SELECT l.*, COALESCE(a.remote_id, l.source) remote_account, a.account_name, c.bank, c.provider,
				a.start_date, r.`trigger` run_trigger, r.subject run_subject
			FROM `tabSync Line` l
			LEFT JOIN `tabSync Run` r ON r.name = l.run
			LEFT JOIN `tabSync Remote Account` a ON a.name = l.source
			LEFT JOIN `tabSync Connection` c ON c.name = COALESCE(a.parent, l.connection)
			WHERE {where} ORDER BY l.creation, l.name
			""",
			(value,),
		)
		entries = self._entries([(row["source"], row["remote_id"]) for row in rows])
		locked = self.documents.lock_dates({row["bank_account"] for row in rows if row["bank_account"]})
		first = self.db.value("SELECT `at` FROM `tabSync Journal Entry` ORDER BY name LIMIT 1")
		since = self.codec.utc_out(first)
		return [
			self._story(row, entries[row["source"], row["remote_id"]], locked.get(row["bank_account"]), since)
			for row in rows
		]

	def _story(
		self, row: Any, entries: Sequence[Entry], locked: date | None, since: datetime | None
	) -> LineStory:
		codec = self.codec
		seen = codec.instant_out(row["creation"])
		files = [entry.subject for entry in entries if entry.trigger is Trigger.FILE]
		if row["run_trigger"] == Trigger.FILE.value:
			files.append(row["run_subject"])  # a row that could not be read is not in the journal
		return LineStory(
			name=row["name"],
			line=line_out(codec, row),
			source=row["source"],
			bank_account=row["bank_account"] or "",
			reason=Reason(row["reason"] or ""),
			note=note_out(codec, row),
			transaction=row["bank_transaction"] or "",
			suppressed_transaction=row["deleted_transaction"] or "",
			first_seen_at=seen,
			connection=row["connection"] or "",
			bank=row["bank"] or "",
			provider=row["provider"] or "",
			account_name=row["account_name"] or "",
			file=files[0] if is_file(row["source"]) and files else "",
			start_date=codec.day_out(row["start_date"]),
			lock_date=locked,
			entries=entries,
			journal_since=since if seen and since and seen < since else None,
		)

	def _entries(self, keys: Sequence[Key]) -> Mapping[Key, list[Entry]]:
		found: dict[Key, list[Entry]] = defaultdict(list)
		titles = self._category_titles() if keys else {}
		for source, ids in by_source(keys):
			for part in parts(ids):
				rows = self.db.rows(
					f"""
					SELECT j.*, r.`trigger`, r.subject FROM `tabSync Journal Entry` j
					LEFT JOIN `tabSync Run` r ON r.name = j.run
					WHERE j.source = %s AND j.remote_id IN ({placeholders(part)}) ORDER BY j.name
					""",
					[source, *part],
				)
				for row in rows:
					found[source, row["remote_id"]].append(self._entry(row, titles))
		return found

	def _entry(self, row: Any, titles: Mapping[str, str]) -> Entry:
		changes = self._changes(json.loads(row["changed"] or "{}"))
		if "category" in changes:
			old, new = changes["category"]
			changes["category"] = (titles.get(str(old), ""), titles.get(str(new), ""))
		return Entry(
			run=row["run"] or "",
			trigger=Trigger(row["trigger"]) if row["trigger"] else None,
			at=self.codec.utc_out(row["at"]) or self.clock(),
			action=JournalAction(row["action"]),
			reason=Reason(row["reason"] or ""),
			note=note_out(self.codec, row),
			transaction=row["bank_transaction"] or "",
			changes=changes,
			subject=row["subject"] or "",
		)

	def _changes(self, changed: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[object, object]]:
		"""Return values by the names that are the same on every host; the two columns of money are one amount."""
		fields = self.fields
		names = {
			fields.category: "category",
			fields.remote_id: "transaction_id",
			fields.party_name: "bank_party_name",
			fields.party_iban: "bank_party_iban",
		}
		found: dict[str, tuple[object, object]] = {
			names.get(column, column): (old or "", new or "")
			for column, (old, new) in changed.items()
			if column not in (*fields.money_columns, "allocated_amount")
		}
		if any(column in changed for column in fields.money):
			found["amount"] = self._amounts(changed)
		return found

	def _amounts(self, changed: Mapping[str, tuple[Any, Any]]) -> tuple[Decimal, Decimal]:
		both = [changed.get(column, (0, 0)) for column in self.fields.money]
		amount = self.codec.amount_out
		old, new = (amount(both[0][i]) - amount(both[1][i]) for i in (0, 1))
		return old, new

	def _category_titles(self) -> dict[str, str]:
		query = f"SELECT name, `{self.fields.category_title}` title FROM `tabBank Transaction Category`"
		return {row["name"]: row["title"] or "" for row in self.db.rows(query)}
