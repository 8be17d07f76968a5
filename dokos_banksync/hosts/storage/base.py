"""What all parts of a ledger share."""

from __future__ import annotations

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.storage import sql
from dokos_banksync.hosts.storage.database import Codec, Database, Documents
from dokos_banksync.hosts.storage.fields import HostFields


class Base:
	"""The parts are mixed into one ledger per host.

	Who may do what is decided before: a ledger serves jobs as well as users.
	"""

	db: Database
	codec: Codec
	clock: Clock
	language: str

	@property
	def fields(self) -> HostFields:
		"""Return the names of the host's fields."""
		raise NotImplementedError

	@property
	def documents(self) -> Documents:
		"""Return the port to the host's documents."""
		raise NotImplementedError

	def must_exist(self, doctype: str, name: str, sentence: str) -> None:
		"""Raises `NotFound` with the sentence for a name that the doctype lacks."""
		if self.db.value(f"SELECT name FROM {sql.table(doctype)} WHERE name = %s", (name,)) is None:
			raise NotFound(sentence, name)
