"""Sync Certificates: stored once, and never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dokos_banksync.core.errors import NotFound
from dokos_banksync.hosts.standalone.ledger import schema
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.values import (
	balance_in,
	day_out,
	instant_in,
	instant_out,
	money_out,
)

_MONEY = ("opening", "money_in", "money_out", "closing")
_DAYS = ("first_day", "last_day")
_INSTANTS = ("proven_at", "made_at")


class Certificates(Base):
	"""Values are named like the fields of the doctype."""

	def store_certificate(self, values: Mapping[str, object]) -> str:
		"""Store a certificate, and return its name."""
		[name] = self.db.series("SYNC-CERT-", 5, 1)
		row_values = {"name": name, **{field: _in(value) for field, value in values.items()}}
		known = [field for field in schema.columns("Sync Certificate") if row_values.get(field) is not None]
		columns = ", ".join(f'"{field}"' for field in known)
		marks = ", ".join("?" * len(known))
		with self.db.write():
			sql = f"INSERT INTO sync_certificate ({columns}) VALUES ({marks})"
			self.db.run(sql, [row_values[field] for field in known])
		return name

	def certificate(self, name: str) -> dict[str, Any]:
		"""Return the fields of a certificate. Raise `NotFound`."""
		row = self.db.row("SELECT * FROM sync_certificate WHERE name = ?", (name,))
		if row is None:
			raise NotFound("There is no certificate {0}: see the list of certificates", name)
		return _out(row)

	def certificates(self, bank_account: str = "", limit: int = 100) -> list[dict[str, Any]]:
		"""Return the records, the latest first."""
		where, values = ("bank_account = ?", [bank_account]) if bank_account else ("1", [])
		sql = f"SELECT * FROM sync_certificate WHERE {where} ORDER BY name DESC LIMIT ?"
		return [_out(row) for row in self.db.rows(sql, (*values, limit))]


def _in(value: object) -> object:
	if isinstance(value, Decimal):
		return balance_in(value)
	if isinstance(value, datetime):
		return instant_in(value)
	return value.isoformat() if isinstance(value, date) else value


def _out(row: sqlite3.Row) -> dict[str, Any]:
	found = dict(row)
	found |= {field: money_out(row[field]) for field in _MONEY}
	found |= {field: day_out(row[field]) for field in _DAYS}
	return found | {field: instant_out(row[field]) for field in _INSTANTS}
