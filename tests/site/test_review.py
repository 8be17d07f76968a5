"""Telling, merging and undoing where a host has a say: reconciled, closed, submitted, attached, at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Action, Decision, Reason
from dokos_banksync.core.records import RunStatus
from dokos_banksync.core.review.explain import explain_line
from dokos_banksync.core.trigger import Trigger
from tests.hosts.standalone.ledger.contract import DAY, IBAN, NOW, line, remote
from tests.site.remote import Process
from tests.site.test_bulk import ATTACH, ATTACHED, DETACH, FIELD
from tests.site.test_ledger import BANKS, current, ledger_there, process  # noqa: F401
from tests.site.test_reconcile import CUSTOMER, DOKOS, ERPNEXT, JOURNAL, PAYMENT

ROWS = """
found = frappe.db.sql("SELECT * FROM `tabBank Transaction` WHERE bank_account = %s", account, as_dict=True)
answer = {row["name"]: row for row in found}
"""
LINES = """
found = frappe.db.sql("SELECT * FROM `tabSync Line` WHERE bank_account = %s", account, as_dict=True)
answer = {row["remote_id"]: row for row in found}
"""
COUNTED = """
import frappe.database.database as database
plain, statements = database.Database.sql, []
def counted(self, query, *args, **more):
	statements.append(str(query)[:120])
	return plain(self, query, *args, **more)
database.Database.sql = counted
try:
	undone = ledger.undo(run)
finally:
	database.Database.sql = plain
answer = [len(statements), undone.run.name, undone.run.removed, undone.run.created]
"""
IN_THE_DESK = """
frappe.flags.banksync_deletes = False
doc = frappe.get_doc("Bank Transaction", name)
if doc.docstatus == 1:
	doc.cancel()
frappe.delete_doc("Bank Transaction", name); frappe.db.commit()
"""


@pytest.fixture
def fed(ledger_there, current):  # noqa: F811
	"""Ledger, connection and the source that feeds its bank account."""
	ledger, connection = ledger_there
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", BANKS[0], "EUR", IBAN)
	ledger.link(account.source, current, None)
	return ledger, connection, account.source


@pytest.fixture
def imports(fed, current):  # noqa: F811
	"""Stores lines as a run that has ended; the run's name, and bank transactions by id."""
	ledger, connection, source = fed

	def store(*lines):
		run = ledger.begin_run(connection, Trigger.MANUAL, NOW)
		made = [Decision(Action.NEW, one, source, current) for one in lines]
		with ledger.batch() as batch:
			assert batch.apply(run.name, made, NOW) == []
		ledger.save_run(replace(run, status=RunStatus.SUCCESS))
		with ledger.batch() as batch:
			known = batch.lines(source, [one.remote_id for one in lines])
		return run.name, {k.line.remote_id: k.transaction.name for k in known}

	return store


def many(count):
	return [
		line(f"m{n}", f"-{n}.5", party_name="Zoé & fils", date=DAY - timedelta(n % 9)) for n in range(count)
	]


# -- what a host keeps of a document --------------------------------------------------------------------
@pytest.mark.parametrize("count", [2, 30], ids=["one by one", "in bulk"])
def test_undone_and_done_again_every_column_is_as_it_was(fed, imports, process, current, count):  # noqa: F811
	ledger = fed[0]
	run, _names = imports(*many(count + 1)[1:])
	rows, lines = (process.run(look, account=current) for look in (ROWS, LINES))
	undone = ledger.undo(run)
	assert (undone.run.removed, undone.not_undone) == (count, [])
	assert process.run(ROWS, account=current) == {}
	again = ledger.undo(undone.run.name)
	assert again.run.created == count
	assert process.run(ROWS, account=current) == rows
	assert process.run(LINES, account=current) == lines


def test_a_thousand_are_undone_in_few_statements(fed, imports, process, current):  # noqa: F811
	run, _names = imports(*many(1001)[1:])
	asked, undo, removed, _created = process.run(COUNTED, run=run)
	assert (asked <= 120, removed) == (True, 1000), asked
	assert process.run(ROWS, account=current) == {}
	asked, _redo, _removed, created = process.run(COUNTED, run=undo)
	assert (asked <= 120, created) == (True, 1000), asked
	assert len(process.run(ROWS, account=current)) == 1000


def test_one_with_comments_goes_as_a_document(fed, imports, process):  # noqa: F811
	"""The host takes care of its comments; the others go together."""
	ledger = fed[0]
	run, names = imports(*many(9)[1:])
	process.run("frappe.get_doc('Bank Transaction', n).add_comment('Comment', 'Why?')", n=names["m1"])
	ledger.undo(run)
	query = "frappe.get_all('Deleted Document', filters={'deleted_name': ('in', n)}, fields=['deleted_name', 'restored'])"
	gone = process.run(f"answer = {query}", n=sorted(names.values()))
	assert {one["deleted_name"] for one in gone if not one["restored"]} == set(names.values())


def test_what_is_attached_sees_them_go_and_come_back(fed, imports, process, current):  # noqa: F811
	ledger = fed[0]
	process.run(ATTACH, given=FIELD)
	try:
		assert process.run(ATTACHED)
		process.run("ledger.__dict__.clear(); ledger.__init__()")
		run, _names = imports(*many(6)[1:])
		rows = process.run(ROWS, account=current)
		undone = ledger.undo(run)
		assert process.run(ROWS, account=current) == {}
		ledger.undo(undone.run.name)
		assert process.run(ROWS, account=current) == rows
	finally:
		process.run(DETACH, given=FIELD)


def test_a_deleted_one_comes_back_submitted_and_can_be_reconciled(fed, imports, process, site):  # noqa: F811
	ledger = fed[0]
	_run, names = imports(line())
	name = names["1"]
	run = ledger.remove(name)
	assert not process.run("answer = bool(frappe.db.exists('Bank Transaction', n))", n=name)
	ledger.undo(run.name)
	doc = process.run("answer = frappe.get_doc('Bank Transaction', n).as_dict()", n=name)
	submitted = process.run("answer = int(frappe.get_meta('Bank Transaction').is_submittable)")
	assert (doc["docstatus"], abs(doc["unallocated_amount"])) == (submitted, 3.2)
	noted = process.run(
		"answer = frappe.get_all('Deleted Document', filters={'deleted_name': n}, pluck='restored')", n=name
	)
	assert noted == [1]


# -- the name of one that was deleted -------------------------------------------------------------------
def test_the_name_of_a_deleted_one_is_not_given_to_another(fed, imports, process):  # noqa: F811
	ledger = fed[0]
	_run, names = imports(line())
	process.run(IN_THE_DESK, name=names["1"])
	_run, later = imports(line("2", "-9"))
	assert later["2"] != names["1"]
	run = ledger.remove(later["2"])
	_run, last = imports(line("3", "-8"))
	assert last["3"] not in (names["1"], later["2"])
	ledger.undo(run.name)
	assert ledger.transaction_story(later["2"]).lines[0].line == line("2", "-9")


def test_a_deletion_in_the_desk_is_reported(fed, imports, process):  # noqa: F811
	ledger, _connection, source = fed
	_run, names = imports(line())
	process.run(IN_THE_DESK, name=names["1"])
	with ledger.batch() as batch:
		[known] = batch.lines(source, ["1"])
	story = ledger.line_story(known.name)
	assert (story.reason, story.suppressed_transaction) == (Reason.DELETED, names["1"])
	assert [(entry.action, entry.run) for entry in story.entries][-1] == ("Delete", "")
	with pytest.raises(InvalidData, match="gone already"):
		ledger.undo(story.entries[0].run)


# -- reconciled with the host's own tool ----------------------------------------------------------------
@pytest.fixture
def settled(imports, process, site, current):  # noqa: F811
	"""A run of two lines of one amount, the first reconciled with a payment: run, names, payment."""
	if not site.has("Payment Entry"):
		pytest.skip(f"{site.name} has no payments to reconcile with")
	run, names = imports(line("in", "1250.00"))
	process.run(CUSTOMER)
	process.run(JOURNAL, bank_account=current)
	payment = process.run(PAYMENT, bank_account=current, day=str(DAY))
	tool = DOKOS if site.has("Bank Transaction", "credit") else ERPNEXT
	process.run(tool, bank_account=current, day=str(DAY), payment=payment)
	return run, names["in"], payment


def test_what_is_reconciled_stays_and_says_with_what(fed, imports, settled):
	ledger = fed[0]
	run, name, payment = settled
	with pytest.raises(InvalidData, match=f"reconciled with Payment Entry {payment}"):
		ledger.undo(run)
	with pytest.raises(InvalidData, match=f"reconciled with Payment Entry {payment}"):
		ledger.remove(name)
	_run, other = imports(line("other", "1250.00"))
	with pytest.raises(InvalidData, match=f"reconciled with Payment Entry {payment}"):
		ledger.merge(other["other"], name)
	[candidate] = ledger.candidates([name])
	assert list(candidate.reconciled_by) == [("Payment Entry", payment)]


def test_a_reconciled_one_takes_the_other_in(fed, imports, settled, process):  # noqa: F811
	ledger = fed[0]
	_run, name, _payment = settled
	_run, other = imports(line("other", "1250.00"))
	ledger.merge(name, other["other"])
	row = process.run("answer = frappe.db.get_value('Bank Transaction', n, 'status')", n=name)
	assert row == "Reconciled"
	assert not process.run("answer = bool(frappe.db.exists('Bank Transaction', n))", n=other["other"])


def test_an_undo_leaves_what_is_reconciled_and_lists_it(fed, imports, process):  # noqa: F811
	ledger = fed[0]
	run, names = imports(line("1"), line("2", "-9"))
	process.run("frappe.db.set_value('Bank Transaction', n, 'status', 'Reconciled')", n=names["1"])
	undone = ledger.undo(run)
	assert (undone.run.status, undone.run.removed) == (RunStatus.PARTIAL, 1)
	[row] = undone.not_undone
	assert (row.transaction, row.remote_id, row.why) == (
		names["1"],
		"1",
		"It is reconciled: undo that first",
	)


# -- closed periods -------------------------------------------------------------------------------------
def test_nothing_goes_from_a_closed_period(fed, imports, current):  # noqa: F811
	ledger = fed[0]
	run, names = imports(line("1"), line("2", date=DAY + timedelta(1)))
	other, later = imports(line("3"))
	ledger.set_lock_date(current, DAY)
	for refused in (
		lambda: ledger.undo(other),
		lambda: ledger.remove(later["3"]),
		lambda: ledger.merge(names["2"], later["3"]),
	):
		with pytest.raises(InvalidData, match="closed period"):
			refused()
	undone = ledger.undo(run)
	assert [(row.transaction, row.why) for row in undone.not_undone] == [
		(names["1"], "It lies in a closed period: open that first")
	]
	ledger.set_lock_date(current, None)
	assert ledger.undo(run).not_undone == []


def test_nothing_comes_back_into_a_closed_period(fed, imports, current):  # noqa: F811
	ledger = fed[0]
	run, _names = imports(line("1"))
	undo = ledger.undo(run).run.name
	ledger.set_lock_date(current, DAY)
	with pytest.raises(InvalidData, match="closed period"):
		ledger.undo(undo)


# -- several at once ------------------------------------------------------------------------------------
@pytest.fixture
def other(site) -> Iterator[Process]:
	with Process(site) as there:
		yield there


def test_of_two_undos_at_once_one_does_it(fed, imports, other, process, current):  # noqa: F811
	run, _names = imports(*many(20)[1:])
	other.run("frappe.db.rollback()")

	def undo(ledger):
		try:
			return ledger.undo(run).run.removed
		except InvalidData as error:
			return str(error)

	with ThreadPoolExecutor(2) as threads:
		result = sorted(threads.map(undo, (fed[0], other.ledger)), key=str)
	assert result == [19, f"There is nothing in {run} to undo (any more)"]
	assert process.run(ROWS, account=current) == {}


# -- rights, and what is cleared ------------------------------------------------------------------------
OWN = ("Sync Journal Entry", "Sync Coverage", "Sync Separate Pair")
SEEN = """
frappe.set_user(user)
try:
	answer = {kind: len(frappe.get_list(kind, limit_page_length=0)) for kind in kinds}
finally:
	frappe.set_user("Administrator")
"""


def test_who_may_not_see_the_account_sees_nothing_of_it(fed, imports, process, site, current):  # noqa: F811
	ledger = fed[0]
	_run, names = imports(line("1"), line("2"))
	ledger.mark_distinct(*names.values())
	place = current if site.has("Bank Account", "account") else "Other"
	ledger.add_bank_account("Other", BANKS[0], "EUR")
	hidden = place.replace("Current", "Other")
	site.user("banksync-limited@example.com", "Accounts User", permissions=[("Bank Account", hidden)])
	site.user("banksync-all@example.com", "Accounts User")
	process.run("frappe.db.rollback(); frappe.clear_cache()")
	seen = process.run(SEEN, user="banksync-limited@example.com", kinds=OWN)
	assert seen == dict.fromkeys(OWN, 0)
	result = process.run(SEEN, user="banksync-all@example.com", kinds=OWN)
	assert (result["Sync Journal Entry"] >= 2, result["Sync Separate Pair"] >= 1) == (True, True)


def test_nobody_writes_the_journal_by_hand(process):  # noqa: F811
	rights = process.run(
		"answer = [[p.create, p.write, p.delete] for k in kinds for p in frappe.get_meta(k).permissions]",
		kinds=OWN,
	)
	assert not any(any(one) for one in rights)


AGE = """
frappe.db.sql("UPDATE `tabSync Journal Entry` SET creation = '2020-01-01 00:00:00' WHERE run IN %s", (tuple(runs),))
frappe.db.sql("DELETE FROM `tabSync Run` WHERE name = %s", (runs[0],))
frappe.db.commit()
from dokos_banksync.hosts.frappe import log_clearing as clearing
clearing.clear_journal(days)
answer = frappe.get_all("Sync Journal Entry", filters={"run": ("in", runs)}, pluck="run")
"""


def test_the_journal_outlives_the_runs_that_it_mentions(imports, process):  # noqa: F811
	cleared, _names = imports(line("1"))
	recent, _names = imports(line("2", "-9"))
	assert process.run(AGE, runs=[cleared, recent], days=100_000) == [cleared, recent]
	assert process.run(AGE, runs=[cleared, recent], days=730) == [recent]


def test_what_is_older_than_the_journal_says_so(fed, imports, process):  # noqa: F811
	"""A site that ran a version without one."""
	ledger, _connection, source = fed
	imports(line("1"))
	process.run("frappe.db.delete('Sync Journal Entry', {'source': s}); frappe.db.commit()", s=source)
	process.run(
		"frappe.db.sql(\"UPDATE `tabSync Line` SET creation = '2020-01-01' WHERE source = %s\", s); frappe.db.commit()",
		s=source,
	)
	imports(line("2", "-9"))
	with ledger.batch() as batch:
		[known] = batch.lines(source, ["1"])
	story = ledger.line_story(known.name)
	assert (story.entries, story.first_seen_at < story.journal_since) == ([], True)
	result = [event.message.template for event in explain_line(story).provenance[0].events]
	assert result == ["Seen for the first time", "Decisions are recorded from here on"]
