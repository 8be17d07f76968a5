"""The fixtures that the contracts need, for the ledger on SQLite."""

from __future__ import annotations

import pytest

from tests.hosts.standalone.ledger.build import connected_ledger
from tests.hosts.standalone.ledger.contract import NOW


class OnSqlite:
	@pytest.fixture
	def made(self, tmp_path):
		ledger, connection = connected_ledger(tmp_path, clock=lambda: NOW)
		with ledger:
			yield ledger, connection

	@pytest.fixture
	def clear_run(self, ledger):
		"""As the log clearing of a host does."""

		def clear(run):
			with ledger.db.write():
				ledger.db.run("UPDATE `tabSync Line` SET run = NULL WHERE run = %s", (run,))
				ledger.db.run("DELETE FROM `tabSync Run` WHERE name = %s", (run,))

		return clear
