"""How many statements a run takes on a site that finds nothing new. Nothing is timed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.scripted import row
from tests.hosts.standalone.ledger.contract import NOW, remote
from tests.site.test_ledger import current, ledger_there, process  # noqa: F401
from tests.site.test_review import fed  # noqa: F401

RUNS = """
import frappe.database.database as database
from dataclasses import replace
from dokos_banksync.core.importing.sync import sync
from dokos_banksync.core.model import Category, ConnectionStatus, Page, RemoteConnection
from dokos_banksync.core.provider import Capabilities

class Provider:
	provider_type, capabilities = "Bridge", Capabilities(reread=True, categories=True)
	def status(self, access):
		return RemoteConnection("item-1", "574", ConnectionStatus.ACTIVE)
	def accounts(self, access, context=None):
		return [replace(shown, balance_at=now)]
	def categories(self):
		return [Category("79", "Frais bancaires")]
	def changes(self, access, requests, context=None):
		yield Page(lines=lines if now in times[:2] else lines[-1:], cursors={shown.remote_id: str(now)})

provider, statements = Provider(), []
plain = database.Database.sql
def counted(self, query, *args, **more):
	statements.append(" ".join(str(query).split()))
	return plain(self, query, *args, **more)

for now in times:
	ledger.clock = lambda: now
	if now == times[-1]:
		database.Database.sql = counted
	try:
		run = sync(ledger, provider, connection, clock=ledger.clock)
	finally:
		database.Database.sql = plain
stores_balances = bool(frappe.db.exists("DocType", "Bank Account Balance"))
answer = (statements, run.status, run.unchanged, [check.complete for check in run.checks], stores_balances)
"""
OF_TRANSACTIONS = ("START TRANSACTION", "commit")


@pytest.mark.parametrize("rows", [1, 300])
def test_an_empty_run_takes_few_statements_whatever_the_history(fed, process, rows):  # noqa: F811
	_ledger, connection, _source = fed
	lines = [row(str(number), f"-{number + 1}.25", f"Row {number}") for number in range(rows)]
	lines = [line._replace(remote_account=remote().remote_id) for line in lines]
	times = [NOW + timedelta(days=day) for day in range(4)]
	given = {"connection": connection, "shown": remote(), "lines": lines, "times": times}
	statements, status, unchanged, complete, stores_balances = process.run(RUNS, **given)
	assert (status, unchanged, complete) == ("Success", 1, [True])
	transactions = [one for one in statements if one in OF_TRANSACTIONS]
	# A token is not asked for here, which a provider may need to read and to store.
	most = 21 if stores_balances else 17  # the balances of the host's own banking page are compared too
	assert len(statements) - len(transactions) <= most, "\n".join(statements)
	assert len(transactions) <= 13, "\n".join(statements)
	assert not [one for one in statements if "savepoint" in one.lower()]
