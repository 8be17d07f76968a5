"""Stories of lines and bank transactions, put together from the journal."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.model import Reason, is_file
from dokos_banksync.core.records import Entry, LineStory, OpenLine, TransactionStory
from dokos_banksync.core.review.journal import Key
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import Base
from dokos_banksync.hosts.frappe.ledger.categories import title_field
from dokos_banksync.hosts.frappe.ledger.closed_periods import lock_date
from dokos_banksync.hosts.frappe.ledger.dialect import (
	ACCOUNT,
	CATEGORY,
	CONNECTION,
	JOURNAL,
	LINE,
	PLAN,
	REMOTE,
	RUN,
	TRANSACTION,
	Dialect,
)
from dokos_banksync.hosts.frappe.ledger.journal import by_source
from dokos_banksync.hosts.frappe.ledger.lines import line_out, ties_of, transaction_columns, transaction_out
from dokos_banksync.hosts.frappe.ledger.values import (
	amount_out,
	day_out,
	instant_out,
	stamp,
	text_out,
	utc_out,
)

_FILE = "file "
_PLANS_STAY = timedelta(days=2)
"""How long a person may think about what was shown."""


class Review(Base):
	"""Where things came from, what waits for an answer, and what a person was shown."""

	def transaction_story(self, name: str) -> TransactionStory:
		found = sql.rows(
			f"SELECT t.creation, t.bank_account, {transaction_columns(self._words)} "
			f"FROM {sql.table(TRANSACTION)} t WHERE t.name = %s",
			(name,),
		)
		if not found:
			raise NotFound("There is no bank transaction {0}", name)
		row = found[0]
		known = transaction_out(row, ties_of([name]).get(name, []))
		lines = self._stories("l.bank_transaction = %s", name)
		return TransactionStory(known, row["bank_account"] or "", instant_out(row["creation"]), lines)

	def line_story(self, name: str) -> LineStory:
		stories = self._stories("l.name = %s", name)
		if not stories:
			raise NotFound("There is no line {0}", name)
		return stories[0]

	@cached_property
	def _words(self) -> Dialect:
		return Dialect.of_site()

	def _stories(self, where: str, value: str) -> list[LineStory]:
		rows = sql.rows(
			f"""
			SELECT l.*, COALESCE(a.remote_id, l.source) remote_account, a.account_name, c.provider, a.start_date
			FROM {sql.table(LINE)} l
			LEFT JOIN {sql.table(REMOTE)} a ON a.name = l.source
			LEFT JOIN {sql.table(CONNECTION)} c ON c.name = COALESCE(a.parent, l.connection)
			WHERE {where} ORDER BY l.creation, l.name
			""",
			(value,),
		)
		entries = self._entries([(row["source"], row["remote_id"]) for row in rows])
		locks = _locks({row["bank_account"] for row in rows if row["bank_account"]})
		since = utc_out(sql.value(f"SELECT `at` FROM {sql.table(JOURNAL)} ORDER BY name LIMIT 1"))
		return [
			_story(row, entries[row["source"], row["remote_id"]], locks.get(row["bank_account"]), since)
			for row in rows
		]

	def _entries(self, keys: Sequence[Key]) -> Mapping[Key, list[Entry]]:
		found: dict[Key, list[Entry]] = defaultdict(list)
		titles = _titles() if keys else {}
		for source, ids in by_source(keys):
			for part in sql.parts(ids):
				rows = sql.rows(
					f"""
					SELECT j.*, r.`trigger` FROM {sql.table(JOURNAL)} j
					LEFT JOIN {sql.table(RUN)} r ON r.name = j.run
					WHERE j.source = %s AND j.remote_id IN ({sql.marks(part)}) ORDER BY j.name
					""",
					[source, *part],
				)
				for row in rows:
					found[source, row["remote_id"]].append(self._entry(row, titles))
		return found

	def _entry(self, row: Any, titles: Mapping[str, str]) -> Entry:
		changes = self._told(json.loads(row["changed"] or "{}"))
		if "category" in changes:
			old, new = changes["category"]
			changes["category"] = (titles.get(str(old), ""), titles.get(str(new), ""))
		return Entry(
			*(row["run"] or "", row["trigger"] or "", utc_out(row["at"]) or datetime.now(timezone.utc)),
			*(
				row["verdict"],
				Reason(row["reason"] or ""),
				text_out(row["note"]),
				row["bank_transaction"] or "",
			),
			changes,
		)

	def _told(self, changed: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[object, object]]:
		"""Under the names that are everywhere the same; money in and money out are one signed amount."""
		words = self._words
		names = {
			words.category: "category",
			words.remote_id: "transaction_id",
			words.party_name: "bank_party_name",
			words.party_iban: "bank_party_iban",
		}
		told: dict[str, tuple[object, object]] = {
			names.get(column, column): (old or "", new or "")
			for column, (old, new) in changed.items()
			if column not in (*words.money, "allocated_amount")
		}
		if any(column in changed for column in words.money):
			told["amount"] = self._amounts(changed)
		return told

	def _amounts(self, changed: Mapping[str, tuple[Any, Any]]) -> tuple[Decimal, Decimal]:
		both = [changed.get(column, (0, 0)) for column in self._words.money]
		old, new = (amount_out(both[0][i]) - amount_out(both[1][i]) for i in (0, 1))
		return old, new

	# -- questions and plans ----------------------------------------------------------------------------
	def questions(self, bank_account: str = "") -> list[OpenLine]:
		rows = sql.rows(
			f"""
			SELECT l.*, COALESCE(a.remote_id, l.source) remote_account FROM {sql.table(LINE)} l
			LEFT JOIN {sql.table(REMOTE)} a ON a.name = l.source
			WHERE l.reason = %s AND COALESCE(l.bank_transaction, '') = '' AND %s IN ('', l.bank_account)
			ORDER BY l.`date`, l.name
			""",
			(Reason.AMBIGUOUS.value, bank_account),
		)
		return [
			OpenLine(row["name"], line_out(row), row["source"], row["bank_account"] or "") for row in rows
		]

	def keep_plan(self, key: str, rows: str, now: datetime) -> None:
		sql.run(
			f"DELETE FROM {sql.table(PLAN)} WHERE `at` < %s OR name = %s", (stamp(now - _PLANS_STAY), key)
		)
		at = stamp(now)
		stamps = {"creation": at, "modified": at, "docstatus": 0, "idx": 0}
		sql.insert(PLAN, ["name", "at", "rows"], [(key, at, rows)], same=stamps)
		sql.commit()

	def kept_plan(self, key: str) -> str:
		return str(sql.value(f"SELECT `rows` FROM {sql.table(PLAN)} WHERE name = %s", (key,)) or "")


def _story(row: Any, entries: Sequence[Entry], locked: Any, since: datetime | None) -> LineStory:
	seen = instant_out(row["creation"])
	triggers = [entry.trigger for entry in entries if entry.trigger.startswith(_FILE)]
	return LineStory(
		*(row["name"], line_out(row), row["source"], row["bank_account"] or "", Reason(row["reason"] or "")),
		*(text_out(row["note"]), row["bank_transaction"] or "", row["deleted_transaction"] or ""),
		*(
			instant_out(row["creation"]),
			row["connection"] or "",
			row["provider"] or "",
			row["account_name"] or "",
		),
		triggers[0].removeprefix(_FILE) if is_file(row["source"]) and triggers else "",
		*(day_out(row["start_date"]), locked, entries),
		since if seen and since and seen < since else None,
	)


def _locks(bank_accounts: set[str]) -> dict[str, Any]:
	names = sorted(bank_accounts)
	found = sql.rows(f"SELECT * FROM {sql.table(ACCOUNT)} WHERE name IN ({sql.marks(names)})", names)
	return {row["name"]: lock_date(row) for row in found}


def _titles() -> dict[str, str]:
	found = sql.rows(f"SELECT name, `{title_field()}` title FROM {sql.table(CATEGORY)}")
	return {row["name"]: row["title"] or "" for row in found}
