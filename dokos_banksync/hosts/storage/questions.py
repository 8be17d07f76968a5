"""Lines that wait for an answer, and plans that a user was shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import OpenLine
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.lines import (
	IS_UNLISTED,
	LINES_OF_ACCOUNTS,
	WITHOUT_TRANSACTION,
	line_out,
	note_out,
)
from dokos_banksync.hosts.storage.sql import PLAN

_PLAN_LIFETIME = timedelta(days=2)
"""How long a user may take to approve a plan."""

_AMBIGUOUS = f"l.reason = '{Reason.AMBIGUOUS.value}' AND {WITHOUT_TRANSACTION}"


class Questions(Base):
	"""Stored questions, and plans that were shown."""

	def questions(self, bank_account: str = "") -> list[OpenLine]:
		"""See `Ledger.questions`."""
		rows = [
			row
			for condition in (_AMBIGUOUS, IS_UNLISTED)
			for row in self.db.rows(
				f"{LINES_OF_ACCOUNTS} WHERE {condition} AND %s IN ('', l.bank_account)", (bank_account,)
			)
		]
		return [
			OpenLine(
				name=row["name"],
				line=line_out(self.codec, row),
				source=row["source"],
				bank_account=row["bank_account"] or "",
				transaction=row["bank_transaction"] or "",
				note=note_out(self.codec, row),
			)
			for row in sorted(rows, key=lambda row: (str(row["date"]), str(row["name"])))
		]

	def store_plan(self, key: str, rows: str, now: datetime) -> None:
		"""See `Ledger.store_plan`."""
		at, expired = self.codec.instant_in(now), self.codec.instant_in(now - _PLAN_LIFETIME)
		with self.db.write(lock=False):
			self.db.run("DELETE FROM `tabSync Plan` WHERE `at` < %s OR name = %s", (expired, key))
			self.db.insert(PLAN, ["name", "at", "rows"], [(key, at, rows)], same=self.db.stamps(now))

	def stored_plan(self, key: str) -> str:
		"""See `Ledger.stored_plan`."""
		return str(self.db.value("SELECT `rows` FROM `tabSync Plan` WHERE name = %s", (key,)) or "")
