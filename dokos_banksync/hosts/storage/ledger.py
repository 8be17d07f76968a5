"""What the ledgers of all hosts have in common."""

from __future__ import annotations

from dokos_banksync.hosts.storage.connections import Connections
from dokos_banksync.hosts.storage.duplicates import Duplicates
from dokos_banksync.hosts.storage.history import History
from dokos_banksync.hosts.storage.proof import Proof
from dokos_banksync.hosts.storage.questions import Questions
from dokos_banksync.hosts.storage.undo import Undo


class StoredLedger(Connections, Duplicates, Undo, History, Questions, Proof):
	"""All that only reads and writes our own tables, or decides about the host's documents."""

	batch_rows: int = 2_000
	"""See `Ledger.batch_rows`. A transaction on a site holds locks that users wait for."""
