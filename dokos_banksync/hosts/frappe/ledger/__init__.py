"""The ledger of a Frappe site: Dokos, ERPNext, or Frappe alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timezone
from functools import cached_property

from dokos_banksync.core.model import ExistingLine
from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.frappe.ledger import locks
from dokos_banksync.hosts.frappe.ledger.bank_accounts import BankAccounts
from dokos_banksync.hosts.frappe.ledger.batch import FrappeBatch
from dokos_banksync.hosts.frappe.ledger.bulk_insert import Writer
from dokos_banksync.hosts.frappe.ledger.categories import Categories
from dokos_banksync.hosts.frappe.ledger.connections import Connections
from dokos_banksync.hosts.frappe.ledger.dialect import Dialect
from dokos_banksync.hosts.frappe.ledger.duplicates import Duplicates
from dokos_banksync.hosts.frappe.ledger.history import Review
from dokos_banksync.hosts.frappe.ledger.proof import Proving
from dokos_banksync.hosts.frappe.ledger.providers import Providers
from dokos_banksync.hosts.frappe.ledger.statement_files import Files
from dokos_banksync.hosts.frappe.ledger.undo import Undo

__all__ = ["FrappeLedger"]


def _utc_now() -> datetime:
	return datetime.now(timezone.utc)


class FrappeLedger(
	Connections, Providers, BankAccounts, Categories, Files, Duplicates, Undo, Review, Proving
):
	"""A host on Frappe; see `Ledger` for what the engine asks of it.

	Works on the database that the process is connected to, and commits what it writes.
	"""

	def __init__(self, clock: Clock = _utc_now, language: str = "en") -> None:
		self.clock = clock
		self.language = language
		self.schedules = {}

	@cached_property
	def _dialect(self) -> Dialect:
		return Dialect.of_site()

	@cached_property
	def _writer(self) -> Writer:
		return Writer(self._dialect)

	def hold(self, connection: str) -> AbstractContextManager[None]:
		return locks.hold(f"run {connection}", told=connection)

	def lines_since(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.lines_since`."""
		return FrappeBatch(self._dialect, self._writer).lines_since(source, since)

	def linked(self, source: str, since: date) -> list[ExistingLine]:
		return FrappeBatch(self._dialect, self._writer).linked(source, since)

	@contextmanager
	def batch(self) -> Iterator[FrappeBatch]:
		with self.writing():
			yield FrappeBatch(self._dialect, self._writer)
