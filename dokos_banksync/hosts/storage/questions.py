"""Lines that wait for an answer, and plans that a user was shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import OpenLine
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.lines import LINES_OF_ACCOUNTS, WITHOUT_TRANSACTION, line_out
from dokos_banksync.hosts.storage.sql import PLAN

_PLAN_LIFETIME = timedelta(days=2)
"""How long a user may take to approve a plan."""


class Questions(Base):
	"""What is between the program and its user."""

	def questions(self, bank_account: str = "") -> list[OpenLine]:
		"""See `Ledger.questions`."""
		rows = self.db.rows(
			f"""
			{LINES_OF_ACCOUNTS} WHERE l.reason = '{Reason.AMBIGUOUS.value}' AND {WITHOUT_TRANSACTION}
				AND %s IN ('', l.bank_account) ORDER BY l.`date`, l.name
			""",
			(bank_account,),
		)
		return [
			OpenLine(row["name"], line_out(self.codec, row), row["source"], row["bank_account"] or "")
			for row in rows
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
