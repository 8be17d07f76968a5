"""A provider's secret goes where its owner sent it; what other users change meanwhile is theirs."""

from __future__ import annotations

import pytest

from dokos_banksync.core.model import Action, Decision, Window
from dokos_banksync.core.trigger import Trigger
from tests.hosts.standalone.ledger.contract import DAY, IBAN, NOW, line, remote
from tests.site.test_ledger import current, ledger_there, process  # noqa: F401

CHANGE = """
doc = frappe.get_doc("Sync Provider", "bridge")
doc.update(values)
try:
	doc.save()
	answer = "saved"
except frappe.ValidationError:
	frappe.db.rollback()
	answer = "refused"
frappe.db.commit()
"""
REMEMBERED = """
answer = frappe.db.sql("select count(*) from __Auth where doctype = 'Sync Provider' and name = 'bridge' "
	"and fieldname like 'banksync %%'")[0][0]
"""
REMEMBER = """
from datetime import timedelta
from dokos_banksync.core.provider import Secret
ledger.secret_store("bridge").put("token", Secret("abc"), ledger.clock() + timedelta(hours=1))
"""


@pytest.mark.parametrize(
	("values", "result", "left"),
	[
		({"base_url": "https://elsewhere.example"}, "refused", 1),
		({"base_url": "https://elsewhere.example", "client_secret": "known"}, "saved", 0),
		({"client_id": "another"}, "saved", 0),
		({"client_secret": "renewed"}, "saved", 0),
		({"environment": "Sandbox"}, "saved", 1),
	],
)
def test_the_secret_goes_to_no_other_address_unasked(process, ledger_there, values, result, left):  # noqa: F811
	process.run(REMEMBER)
	assert process.run(CHANGE, values=values) == result
	assert process.run(REMEMBERED) == left


def test_a_schedule_that_a_user_stops_during_a_run_stays_stopped(process, ledger_there):  # noqa: F811
	ledger, connection = ledger_there
	record = ledger.connection(connection)
	process.run(
		"frappe.db.set_value('Sync Connection', c, {'automatic': 0}); frappe.db.commit()", c=connection
	)
	ledger.save_connection(record)
	assert ledger.connection(connection).automatic is False


def test_one_that_was_cancelled_leaves_its_line_free(process, ledger_there, current):  # noqa: F811
	"""A user cancels it and deletes the line; the bank still has it, and the run goes on."""
	ledger, connection = ledger_there
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	ledger.link(account.source, current, None)
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	made = [Decision(Action.NEW, line(), account.source, current)]
	with ledger.batch() as batch:
		batch.apply(run, made, NOW)
		[first] = batch.transactions(current, [Window(line().amount, DAY, DAY)])
	process.run(
		"""
doc = frappe.get_doc("Bank Transaction", name)
if doc.docstatus == 1:
	doc.cancel()
else:
	doc.delete()
frappe.db.delete("Sync Line", {"source": source})
frappe.db.commit()
""",
		name=first.name,
		source=account.source,
	)
	with ledger.batch() as batch:
		assert batch.apply(run, made, NOW) == []
		[again] = batch.transactions(current, [Window(line().amount, DAY, DAY)])
	assert (again.deleted, again.sources) == (False, frozenset({account.source}))


def test_ids_that_differ_by_an_accent_or_a_space_are_two(process, ledger_there, current):  # noqa: F811
	ledger, connection = ledger_there
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	ledger.link(account.source, current, None)
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	ids = ["abc", "ABC", "\u00e0bc", "abc ", "abc\u0301", *(f"more {n}" for n in range(5))]
	made = [
		Decision(Action.NEW, line(one, f"-{n}.10"), account.source, current) for n, one in enumerate(ids, 1)
	]
	with ledger.batch() as batch:
		assert batch.apply(run, made, NOW) == []
		assert {known.line.remote_id for known in batch.lines(account.source, ids)} == set(ids)


def test_a_session_that_the_server_ends_is_replaced(process, ledger_there, site):  # noqa: F811
	if process.run("answer = frappe.db.db_type") != "mariadb":
		pytest.skip("how MariaDB's sessions are ended")
	process.run(
		"""
from dokos_banksync.hosts.frappe.ledger import sql
[[mine]] = frappe.db.sql("select connection_id()")
try:
	frappe.db.sql(f"KILL {mine}")
except Exception as error:  # each driver has a class of its own
	assert type(error).__name__ in ("InternalError", "OperationalError"), repr(error)
sql.start_over()
[[answer]] = frappe.db.sql("select connection_id()")
assert answer != mine
"""
	)
