"""Several processes on one site: each waits for the other, and none is refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import pytest

from dokos_banksync.core.errors import Busy, InvalidData
from dokos_banksync.core.model import Action, Decision, Reason, RejectedRow, Window
from dokos_banksync.core.provider import Subscription
from dokos_banksync.core.records import RunStatus
from dokos_banksync.core.trigger import Trigger
from tests.hosts.standalone.ledger.contract import DAY, IBAN, NOW, line, remote
from tests.site.remote import Process
from tests.site.test_ledger import BANKS, current, ledger_there, process  # noqa: F401

LOOK = "frappe.db.sql('SELECT COUNT(*) FROM `tabSync Run`')"
"""From here on a fresh process sees the site as it is now, until its first transaction ends."""


@pytest.fixture
def other(site) -> Iterator[Process]:
	with Process(site) as there:
		yield there


@pytest.fixture
def fed(ledger_there, current):  # noqa: F811
	"""The ledger, and the source that feeds its bank account."""
	ledger, connection = ledger_there
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", BANKS[0], "EUR", IBAN)
	ledger.link(account.source, current, None)
	return ledger, connection, account.source


def test_a_run_begins_while_a_batch_is_being_stored(fed, other):
	ledger, connection, _source = fed
	ledger.begin_run(connection, Trigger.MANUAL, NOW)
	other.run(LOOK)
	with ThreadPoolExecutor(1) as threads:
		with ledger.batch():
			begun = threads.submit(other.ledger.begin_run, connection, Trigger.MANUAL, NOW)
			assert not wait([begun], 1).done
		name = begun.result(30).name
	assert ledger.run(name).connection == connection


def test_batches_are_stored_one_after_the_other(fed, other, current):  # noqa: F811
	ledger, connection, source = fed
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	other.run(LOOK)

	def store(there, ids):
		with there.batch() as batch:
			batch.apply(run, [Decision(Action.NEW, line(one), source, current) for one in ids], NOW)

	with ThreadPoolExecutor(1) as threads:
		with ledger.batch() as batch:
			batch.apply(run, [Decision(Action.NEW, line("a"), source, current)], NOW)
			second = threads.submit(store, other.ledger, ["b", *(f"c{n}" for n in range(8))])
			assert not wait([second], 1).done
		second.result(30)
	with ledger.batch() as batch:
		assert len({one.name for one in batch.transactions(current, [Window(line().amount, DAY, DAY)])}) == 10


def test_an_account_is_linked_while_another_process_lists_it(fed, other, current):  # noqa: F811
	ledger, connection, source = fed
	other.run(LOOK)
	ledger.save_accounts(connection, [replace(remote(), account_name="Renamed")])
	other.ledger.link(source, current, DAY)
	[account] = other.ledger.accounts(connection)
	assert (account.start_date, account.remote.account_name) == (DAY, "Renamed")


def test_who_waits_for_a_lock_gives_up_in_time(process, other):  # noqa: F811
	with process.ledger.hold("one"), pytest.raises(Busy):
		other.run(
			"from dokos_banksync.hosts.frappe.ledger import locks\nwith locks.hold('run one', wait=0.5): pass"
		)


def test_a_statement_that_the_database_refuses_does_not_outlive_its_run(fed, process):  # noqa: F811
	ledger, connection, _source = fed
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW)
	process.run("try: frappe.db.sql('SELECT nothing FROM nowhere')\nexcept Exception: pass")
	run.status = RunStatus.FAILED
	ledger.save_run(run)
	assert ledger.run(run.name).status is RunStatus.FAILED


def test_a_lock_goes_with_an_error_of_the_database(process, other):  # noqa: F811
	process.run(
		"from dokos_banksync.hosts.frappe.ledger import locks\n"
		"try:\n\twith locks.hold('run one'): frappe.db.sql('SELECT nothing FROM nowhere')\n"
		"except Exception as error: answer = type(error).__name__"
	)
	with other.ledger.hold("one"):
		pass


def test_what_the_host_refuses_leaves_the_ledger_usable(fed):
	ledger, _connection, _source = fed
	with pytest.raises(InvalidData):
		ledger.add_provider("Bridge", Subscription("x" * 200, {"client_id": "id"}, {}))
	assert ledger.bank_accounts(BANKS[0])


def test_one_row_refused_twice_in_one_answer_is_stored_once(fed):
	ledger, connection, source = fed
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	with ledger.batch() as batch:
		batch.refuse(run, source, [RejectedRow("acc", "", "no id", "{}")] * 2, NOW)
		assert len(batch.held(source, [Reason.REFUSED])) == 1
