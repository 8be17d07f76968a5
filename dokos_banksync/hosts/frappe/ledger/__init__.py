"""The ledger of a Frappe site: Dokos, ERPNext, or Frappe alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import cached_property

from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.model import ExistingLine, Reason
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import RunRecord, UndoResult
from dokos_banksync.hosts.frappe.ledger import locks, sql, statement_balances
from dokos_banksync.hosts.frappe.ledger.bank_accounts import BankAccounts
from dokos_banksync.hosts.frappe.ledger.batch import FrappeBatch
from dokos_banksync.hosts.frappe.ledger.categories import Categories
from dokos_banksync.hosts.frappe.ledger.database import FrappeDatabase
from dokos_banksync.hosts.frappe.ledger.documents import FrappeDocuments
from dokos_banksync.hosts.frappe.ledger.fields import site_fields
from dokos_banksync.hosts.frappe.ledger.providers import Providers
from dokos_banksync.hosts.frappe.ledger.statement_files import Files
from dokos_banksync.hosts.frappe.ledger.values import FrappeCodec
from dokos_banksync.hosts.storage.few_lines import few_lines
from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.ledger import StoredLedger

__all__ = ["FrappeLedger"]


class FrappeLedger(Providers, BankAccounts, Categories, Files, StoredLedger):
	"""A host on Frappe; see `Ledger` for what the core asks of it.

	Works on the database that the process is connected to, and commits what it writes.
	"""

	def __init__(self, clock: Clock = utc_now, language: str = "en") -> None:
		self.db = FrappeDatabase()
		self.codec = FrappeCodec()
		self.clock = clock
		self.language = language
		self.automatic_when_read = {}

	@cached_property
	def fields(self) -> HostFields:
		"""Return the fields of this site, read when they are first needed."""
		return site_fields()

	@cached_property
	def documents(self) -> FrappeDocuments:
		"""Return the port to the documents of this site."""
		return FrappeDocuments(self.fields)

	def hold(self, connection: str) -> AbstractContextManager[None]:
		"""See `Ledger.hold`."""
		return locks.hold(f"run {connection}", connection=connection)

	def save_run(self, run: RunRecord) -> None:
		"""See `Ledger.save_run`."""
		super().save_run(run)
		if run.ended_at:
			statement_balances.follow_run(self, run.checks)

	def undo(self, run: str, *, again: bool | None = None, progress: Progress | None = None) -> UndoResult:
		"""See `Ledger.undo`."""
		result = super().undo(run, again=again, progress=progress)
		statement_balances.follow_undo(self, run)
		return result

	def stored_lines(
		self, source: str, remote_ids: Sequence[str], reasons: Sequence[Reason]
	) -> tuple[list[ExistingLine], bool]:
		"""See `Ledger.stored_lines`. A transaction of its own sees what users have decided since the run began."""
		sql.look_again()
		return few_lines(self, source, remote_ids, reasons)

	def lines_since(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.lines_since`."""
		return FrappeBatch(self).lines_since(source, since)

	def held(self, source: str, reasons: Sequence[Reason]) -> list[ExistingLine]:
		"""See `Ledger.held`. A transaction of its own sees what users have decided since the run began."""
		with self.db.write():
			return FrappeBatch(self).held(source, reasons)

	def linked(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.linked`."""
		return FrappeBatch(self).linked(source, since)

	@contextmanager
	def batch(self, *, atomic: bool = True) -> Iterator[FrappeBatch]:
		"""See `Ledger.batch`."""
		with self.db.write(lock=atomic):
			yield FrappeBatch(self)
