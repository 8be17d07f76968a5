"""The embedded ledger: one SQLite file, its key beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType

from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.standalone.ledger.batch import SqliteBatch
from dokos_banksync.hosts.standalone.ledger.certificates import Certificates
from dokos_banksync.hosts.standalone.ledger.connections import BankAccounts, Connections
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.duplicates import Duplicates
from dokos_banksync.hosts.standalone.ledger.history import Review
from dokos_banksync.hosts.standalone.ledger.housekeeping import Housekeeping
from dokos_banksync.hosts.standalone.ledger.locks import hold
from dokos_banksync.hosts.standalone.ledger.proof import Proving
from dokos_banksync.hosts.standalone.ledger.providers import Providers
from dokos_banksync.hosts.standalone.ledger.statement_files import Files
from dokos_banksync.hosts.standalone.ledger.transactions import LineRow, TransactionRow
from dokos_banksync.hosts.standalone.ledger.undo import Undo
from dokos_banksync.hosts.standalone.ledger.vault import Vault

__all__ = ["LineRow", "SqliteLedger", "TransactionRow"]


def _utc_now() -> datetime:
	return datetime.now(timezone.utc)


class SqliteLedger(
	Providers,
	Connections,
	BankAccounts,
	Files,
	Duplicates,
	Review,
	Proving,
	Undo,
	Certificates,
	Housekeeping,
):
	"""A host in a file; see `Ledger` for what the engine asks of it.

	May be used from several threads and processes at once. Raises `ConfigurationError` for a database or a
	key that cannot be used.
	"""

	def __init__(self, database: Path, key: Path, *, clock: Clock = _utc_now, language: str = "en") -> None:
		self.vault = Vault(key)
		self.db = Database(database)
		self.clock = clock
		self.language = language

	def __enter__(self) -> SqliteLedger:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.close()

	def close(self) -> None:
		self.db.close()

	def hold(self, connection: str) -> AbstractContextManager[None]:
		return hold(self.db.path.with_name("locks"), connection)

	@contextmanager
	def batch(self) -> Iterator[SqliteBatch]:
		with self.db.write():
			yield SqliteBatch(self.db, self.next_names)
