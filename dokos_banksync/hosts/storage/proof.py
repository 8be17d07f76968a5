"""Evidence for the balance of an account: checks, fetched days, and what has no counterpart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dokos_banksync.core.matching.windows import is_closed
from dokos_banksync.core.model import ConnectionStatus, LineState, Reason, file_source
from dokos_banksync.core.records import Covered, OpenLine, Origin, PastCheck, UnmatchedItem
from dokos_banksync.core.review.proof import COUNTED_BY_THE_BANK
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.storage.lines import IS_UNLISTED, WITHOUT_TRANSACTION, line_out
from dokos_banksync.hosts.storage.runs import Runs
from dokos_banksync.hosts.storage.sql import COVERAGE, literals

_COUNTED = literals(reason.value for reason in COUNTED_BY_THE_BANK)
_ANNOUNCED = f"""
	SELECT l.*, a.remote_id remote_account FROM `tabSync Line` l
	JOIN `tabSync Remote Account` a ON a.name = l.source AND a.bank_account = l.bank_account
	JOIN `tabSync Connection` c ON c.name = a.parent
	WHERE l.bank_account = %s AND {WITHOUT_TRANSACTION}
		AND l.reason IN ({literals((Reason.PENDING.value, Reason.FUTURE.value))})
		AND a.gone = 0 AND c.status <> '{ConnectionStatus.DISCONNECTED.value}'
	ORDER BY l.`date`, l.name
"""
_ENDED_SINCE = "(r.ended_at IS NULL OR r.ended_at >= %s)"
"""Only such runs can have written since then. The join begins with them (SQLite joins a CROSS JOIN in this order)."""
_BY_HAND = "(r.connection IS NULL OR r.connection = '')"
"""Runs of files, answers and undos."""
_CLOCK_CHANGE = timedelta(days=1)
"""How far a clock, or the time zone of a site, may have been set back while a run was under way."""


class Proof(Runs):
	"""Lists for the balance proof."""

	def cover(self, covered: Sequence[Covered]) -> None:
		"""See `Ledger.cover`."""
		same = {**self.db.stamps(self.clock()), "name": self.db.dialect.next_number(COVERAGE)}
		columns = ("run", "source", "bank_account", "first_day", "last_day", "complete")
		day = self.codec.day_in
		rows = [(*one[:3], day(one.first), day(one.last), int(one.complete)) for one in covered]
		with self.db.write(lock=False, atomic=len(rows) > 1):
			self.db.insert(COVERAGE, columns, rows, same=same)

	def covered(self, bank_account: str) -> list[Covered]:
		"""See `Ledger.covered`."""
		query = "SELECT * FROM `tabSync Coverage` WHERE bank_account = %s ORDER BY first_day, run, name"
		day = self.codec.day
		return [
			Covered(
				run=row["run"] or "",
				source=row["source"],
				bank_account=row["bank_account"],
				first=day(row["first_day"]),
				last=day(row["last_day"]),
				complete=bool(row["complete"]),
			)
			for row in self.db.rows(query, (bank_account,))
		]

	def checks(self, bank_account: str) -> list[PastCheck]:
		"""See `Ledger.checks`."""
		return [PastCheck._make(one) for one in self.checks_of(bank_account)]

	def unmatched(self, bank_account: str) -> list[UnmatchedItem]:
		"""See `Ledger.unmatched`."""
		found = [
			*self._unmatched_lines(bank_account),
			*self._unmatched_transactions(bank_account),
			*self._unlisted(bank_account),
		]
		return sorted(found, key=lambda item: (item.day, item.name))

	def announced(self, bank_account: str) -> list[OpenLine]:
		"""See `Ledger.announced`."""
		return [
			OpenLine(row["name"], line_out(self.codec, row), row["source"], row["bank_account"])
			for row in self.db.rows(_ANNOUNCED, (bank_account,))
		]

	def booked_since(self, bank_account: str, at: datetime, last: date) -> bool:
		"""See `Ledger.booked_since`. The journal says when a line made a bank transaction; of others, and of those whose run
		was deleted, their creation.
		"""
		day, ended = self.codec.day_in(last), self.codec.instant_in(at - _CLOCK_CHANGE)
		recorded = self.db.value(
			f"""
			SELECT t.name FROM `tabSync Run` r CROSS JOIN `tabSync Journal Entry` j
			JOIN `tabBank Transaction` t ON t.name = j.bank_transaction
			WHERE {_ENDED_SINCE} AND j.run = r.name AND j.bank_account = %s AND j.made = 1 AND j.cancelled = 0 AND j.`at` > %s
				AND {self.fields.live} AND t.`date` <= %s LIMIT 1
			""",
			(ended, bank_account, self.codec.utc_in(at), day),
		)
		if recorded is not None:
			return True
		created = self.db.value(
			f"""
			SELECT t.name FROM `tabBank Transaction` t LEFT JOIN `tabSync Journal Entry` j
				ON j.bank_transaction = t.name AND j.bank_transaction <> '' AND j.made = 1
			LEFT JOIN `tabSync Run` r ON r.name = j.run
			WHERE t.bank_account = %s AND {self.fields.live} AND t.`date` <= %s AND t.creation > %s
				AND r.name IS NULL LIMIT 1
			""",
			(bank_account, day, self.codec.instant_in(at)),
		)
		return created is not None

	def imported_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""See `Ledger.imported_since`."""
		fields, codec = self.fields, self.codec
		after, values = "", [bank_account]
		if since:
			after = f"AND {_ENDED_SINCE} AND j.`at` > %s"
			values += [codec.instant_in(since - _CLOCK_CHANGE), codec.utc_in(since)]
		rows = self.db.rows(
			f"""
			SELECT j.`at` since, r.`trigger` run_trigger, r.subject run_subject, {fields.columns}
			FROM `tabSync Run` r CROSS JOIN `tabSync Journal Entry` j
			JOIN `tabBank Transaction` t ON t.name = j.bank_transaction
			WHERE {_BY_HAND} AND j.run = r.name AND j.bank_account = %s AND j.made = 1 AND j.cancelled = 0
				AND {fields.live} {after}
			ORDER BY t.`date`, t.name LIMIT {int(limit)}
			""",
			values,
		)
		return [
			self._booked_out(row, Reason.NONE, codec.utc_out(row["since"]))._replace(
				origin=Origin(Trigger(row["run_trigger"]), row["run_subject"] or "")
			)
			for row in {row["t_name"]: row for row in rows}.values()
		]

	def undone_since(self, bank_account: str, since: datetime | None, limit: int) -> list[UnmatchedItem]:
		"""See `Ledger.undone_since`. The journal of the undo has the lines as they were; of several undos, the last one's."""
		codec = self.codec
		after, values = "", [Trigger.UNDO.value, bank_account, file_source("%")]
		if since:
			after = f"AND {_ENDED_SINCE} AND j.`at` > %s"
			values += [codec.instant_in(since - _CLOCK_CHANGE), codec.utc_in(since)]
		rows = self.db.rows(
			f"""
			SELECT j.`at` since, j.line_before, r.subject undone FROM `tabSync Run` r CROSS JOIN `tabSync Journal Entry` j
			WHERE {_BY_HAND} AND r.`trigger` = %s AND j.run = r.name AND j.bank_account = %s AND j.cancelled = 0
				AND j.source LIKE %s {after}
				AND COALESCE(j.transaction_before, '') <> '' AND COALESCE(j.line_before, '') <> ''
				AND NOT EXISTS (SELECT 1 FROM `tabSync Line` l WHERE l.source = j.source AND l.remote_id = j.remote_id)
				AND NOT EXISTS (
					SELECT 1 FROM `tabSync Journal Entry` k WHERE k.source = j.source AND k.remote_id = j.remote_id
						AND k.name > j.name AND k.cancelled = 0
				)
			ORDER BY j.name LIMIT {int(limit)}
			""",
			values,
		)
		items = [self._undone_out(row) for row in rows]
		given = self._given_by_feeds(bank_account, items) if items else Counter()
		left = []
		for item in items:
			place = item.day, item.amount
			if given[place] > 0:
				given[place] -= 1
			else:
				left.append(item)
		return left

	def _given_by_feeds(
		self, bank_account: str, undone: Sequence[UnmatchedItem]
	) -> Counter[tuple[date, Decimal]]:
		"""Count the bank transactions that connections brought since the first undo, on the days of the rows undone."""
		codec, days = self.codec, [item.day for item in undone]
		first = min(item.since for item in undone if item.since)
		rows = self.db.rows(
			f"""
			SELECT {self.fields.columns} FROM `tabSync Run` r CROSS JOIN `tabSync Journal Entry` j
			JOIN `tabBank Transaction` t ON t.name = j.bank_transaction
			WHERE {_ENDED_SINCE} AND NOT {_BY_HAND} AND j.run = r.name AND j.bank_account = %s AND j.made = 1
				AND j.cancelled = 0 AND j.`at` > %s AND {self.fields.live} AND t.`date` BETWEEN %s AND %s
			""",
			(
				*(codec.instant_in(first - _CLOCK_CHANGE), bank_account, codec.utc_in(first)),
				*(codec.day_in(min(days)), codec.day_in(max(days))),
			),
		)
		return Counter((codec.day(row["t_date"]), codec.amount_out(row["t_amount"])) for row in rows)

	def _undone_out(self, row: Any) -> UnmatchedItem:
		line = json.loads(row["line_before"])
		return UnmatchedItem(
			name=line["name"],
			day=self.codec.day(line["date"]),
			amount=self.codec.amount_out(line["amount"]),
			label=line["description"] or "",
			reason=Reason.UNDONE,
			since=self.codec.utc_out(row["since"]),
			origin=Origin(Trigger.UNDO, row["undone"] or ""),
		)

	def lacking(self, bank_account: str, day: date, source: str) -> list[UnmatchedItem]:
		"""See `Ledger.lacking`."""
		rows = self.db.rows(
			f"""
			SELECT t.creation, {self.fields.columns} FROM `tabBank Transaction` t
			WHERE t.bank_account = %s AND t.`date` = %s AND {self.fields.live} AND NOT EXISTS (
				SELECT 1 FROM `tabSync Line` l WHERE l.bank_transaction = t.name AND l.source = %s
			) ORDER BY t.name
			""",
			(bank_account, self.codec.day_in(day), source),
		)
		return [self._booked_out(row, Reason.NONE, self.codec.instant_out(row["creation"])) for row in rows]

	def turnover(
		self, bank_account: str, first: date, last: date
	) -> list[tuple[date, Decimal, Decimal, int]]:
		"""See `Ledger.turnover`. Sums are read as text, so that no driver makes binary fractions of them."""
		fields, codec = self.fields, self.codec
		rows = self.db.rows(
			f"""
			SELECT t.`date` AS day, CAST(SUM({fields.paid_in}) AS CHAR(40)) money_in,
				CAST(SUM({fields.paid_out}) AS CHAR(40)) money_out, COUNT(*) many
			FROM `tabBank Transaction` t WHERE t.bank_account = %s AND {fields.live} AND t.`date` BETWEEN %s AND %s
			GROUP BY t.`date` ORDER BY t.`date`
			""",
			(bank_account, codec.day_in(first), codec.day_in(last)),
		)
		return [
			(
				*(codec.day(row["day"]), codec.amount_out(row["money_in"])),
				*(-codec.amount_out(row["money_out"]), row["many"]),
			)
			for row in rows
		]

	def turnover_by_category(
		self, bank_account: str, first: date, last: date
	) -> list[tuple[str, Decimal, Decimal, int]]:
		"""See `Ledger.turnover_by_category`. Sums are read as text, as in `turnover`."""
		fields, codec = self.fields, self.codec
		rows = self.db.rows(
			f"""
			SELECT COALESCE(t.`{fields.category}`, '') category, CAST(SUM(t.`{fields.inflow}`) AS CHAR(40)) money_in,
				CAST(SUM(t.`{fields.outflow}`) AS CHAR(40)) money_out, COUNT(*) many
			FROM `tabBank Transaction` t WHERE t.bank_account = %s AND {fields.live} AND t.`date` BETWEEN %s AND %s
			GROUP BY COALESCE(t.`{fields.category}`, '')
			""",
			(bank_account, codec.day_in(first), codec.day_in(last)),
		)
		return [
			(
				*(row["category"], codec.amount_out(row["money_in"])),
				*(-codec.amount_out(row["money_out"]), row["many"]),
			)
			for row in rows
		]

	def _unmatched_lines(self, bank_account: str) -> list[UnmatchedItem]:
		"""Return the lines that the bank counts, of the days that the opening balance does not contain already. `since` is when
		something was decided about them last.
		"""
		opening = f"b.`{self.fields.account_fields['opening_date']}`"
		rows = self.db.rows(
			f"""
			SELECT l.name, l.`date` AS day, l.amount, l.description, l.reason, l.deleted_transaction,
				(
					SELECT MAX(j.`at`) FROM `tabSync Journal Entry` j
					WHERE j.source = l.source AND j.remote_id = l.remote_id
				) AS since
			FROM `tabSync Line` l JOIN `tabBank Account` b ON b.name = l.bank_account
			WHERE l.bank_account = %s AND l.state = '{LineState.BOOKED.value}' AND {WITHOUT_TRANSACTION}
				AND l.reason IN ({_COUNTED}) AND ({opening} IS NULL OR l.`date` >= {opening})
			""",
			(bank_account,),
		)
		codec = self.codec
		return [
			UnmatchedItem(
				name=row["name"],
				day=codec.day(row["day"]),
				amount=codec.amount_out(row["amount"]),
				label=codec.text_out(row["description"]),
				reason=Reason(row["reason"]),
				since=codec.utc_out(row["since"]),
				suppressed_transaction=row["deleted_transaction"] or "",
			)
			for row in rows
		]

	def _unmatched_transactions(self, bank_account: str) -> list[UnmatchedItem]:
		"""Return bank transactions without a line."""
		rows = self.db.rows(
			f"""
			SELECT t.creation, COALESCE(t.`{self.fields.remote_id}`, '') remote_id, {self.fields.columns}
			FROM `tabBank Transaction` t WHERE t.bank_account = %s AND {self.fields.live}
				AND NOT EXISTS (SELECT 1 FROM `tabSync Line` l WHERE l.bank_transaction = t.name)
			""",
			(bank_account,),
		)
		until = self.documents.lock_dates({bank_account}).get(bank_account)
		return [
			self._booked_out(row, self._removal(row, until), self.codec.instant_out(row["creation"]))
			for row in rows
		]

	def _removal(self, row: Any, lock_date: date | None) -> Reason:
		"""Return whether a bank transaction without a line is one that the bank removed and that had to be kept."""
		kept = row["t_reconciled"] or is_closed(self.codec.day(row["t_date"]), lock_date)
		return Reason.REMOVED if row["remote_id"] and kept else Reason.NONE

	def _unlisted(self, bank_account: str) -> list[UnmatchedItem]:
		"""Return bank transactions of which a user is asked whether they stay."""
		rows = self.db.rows(
			f"""
			SELECT l.modified, {self.fields.columns} FROM `tabSync Line` l
			JOIN `tabBank Transaction` t ON t.name = l.bank_transaction
			WHERE {IS_UNLISTED} AND l.bank_account = %s AND {self.fields.live}
			""",
			(bank_account,),
		)
		return [
			self._booked_out(row, Reason.UNLISTED, self.codec.instant_out(row["modified"])) for row in rows
		]

	def _booked_out(self, row: Any, reason: Reason, since: datetime | None) -> UnmatchedItem:
		"""Return the bank transaction of a row, which the books have and the bank lacks."""
		return UnmatchedItem(
			name=row["t_name"],
			day=self.codec.day(row["t_date"]),
			amount=-self.codec.amount_out(row["t_amount"]),
			label=row["t_description"] or "",
			reason=reason,
			since=since,
		)
