"""Bank transactions written in bulk are what the host would have made of them, one by one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.model import Action, Decision, Reason, Window
from dokos_banksync.core.trigger import Trigger
from tests.hosts.standalone.ledger.contract import CATEGORIES, DAY, IBAN, NOW, line, remote
from tests.site.test_ledger import current, ledger_there, process  # noqa: F401

OTHERWISE = {
	"name",
	"creation",
	"modified",
	"_submitted",
	"banksync_origin",
	"origin",
	"transaction_id",
	"reference_number",
}
"""What may differ between the same line written twice."""

READ = """
import json
names = frappe.get_all("Sync Line", filters={"source": source}, fields=["remote_id", "bank_transaction"])
answer = {}
for line in names:
	doc = frappe.get_doc("Bank Transaction", line.bank_transaction)
	exported = json.loads(doc.as_json())
	row = frappe.db.sql("select * from `tabBank Transaction` where name = %s", doc.name, as_dict=True)[0]
	versions = frappe.get_all(
		"Version", filters={"ref_doctype": doc.doctype, "docname": doc.name}, fields=["owner", "docstatus", "data"]
	)
	tables = [d.fieldname for d in doc.meta.get_table_fields()]
	children = {field: exported[field] for field in tables if exported.get(field)}
	answer[line.remote_id] = json.loads(frappe.as_json([row, versions, children]))
"""
COUNTED = """
import frappe.database.database as database
statements = []
plain = database.Database.sql
def counted(self, query, *args, **more):
	statements.append(str(query)[:200])
	return plain(self, query, *args, **more)
database.Database.sql = counted
try:
	with ledger.batch() as batch:
		batch.apply(run, made, now)
finally:
	database.Database.sql = plain
answer = statements
"""
HOSTILE = [
	line("plain", "-3.20", reference="R-1", kind="card", party_name="Zoé & fils", party_iban=IBAN),
	line("in", "1250.00"),
	line("tiny", "0.0001"),
	line("large", "-99999999999.99"),
	line("zero", "0"),
	line("page", "-1", description="<b>bold</b> <script>alert(1)</script>"),
	line("less", "-2", description="3 < 4 & 5 > 2"),
	line("space", "-3", description="  spaced out  \n over lines "),
	line("empty", "-4", description="", original=""),
	line("emoji", "-5", description="☕ café 🥐"),
	line("long", "-6", description="x" * 3000, party_name="y" * 200, reference="z" * 300),
	line("quote", "-7", description="""it's 100 % \\\\ "quoted" %s {0}"""),
	line("none", "-8", category=""),
	*(line(f"row {n}", f"-{n}.10") for n in range(10, 30)),
]


@pytest.fixture
def feeds(process, ledger_there, current):  # noqa: F811
	"""Writes the same lines for two accounts, and tells what became of each."""
	ledger, connection = ledger_there
	process.run("vars(ledger).pop('documents', None)")  # what it has learnt of an account of another test
	ledger.change_categories("Bridge", CATEGORIES)
	two = ledger.save_accounts(connection, [remote(), remote("second")])
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	for account in two:
		ledger.link(account.source, current, None)
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name

	def write(number, lines, at_once):
		source = two[number].source
		made = [Decision(Action.NEW, one, source, current) for one in lines]
		for part in [made] if at_once else [[one] for one in made]:
			with ledger.batch() as batch:
				assert batch.apply(run, part, NOW) == []
		return process.run(READ, source=source)

	write.source, write.run = two[0].source, run
	return write


def _plain(result):
	row, versions, children = result
	return {name: value for name, value in row.items() if name not in OTHERWISE}, versions, children


@pytest.mark.parametrize(
	"amounts", [["-9.99"] * 6, ["9.99", "9.99", "-9.99", "-1.00"]], ids=["one amount", "few"]
)
def test_a_batch_that_is_all_samples_or_knows_one_amount_only_is_stored(feeds, amounts):
	stored = feeds(0, [line(f"fee {n}", amount) for n, amount in enumerate(amounts)], at_once=True)
	assert stored.keys() == {f"fee {n}" for n in range(len(amounts))}


def test_every_column_and_child_is_as_the_document_would_have_it(feeds):
	one_by_one = feeds(0, HOSTILE, at_once=False)
	in_bulk = feeds(1, HOSTILE, at_once=True)
	assert in_bulk.keys() == one_by_one.keys() == {given.remote_id for given in HOSTILE}
	for remote_id in one_by_one:
		(bulk_row, *bulk_rest), (row, *rest) = _plain(in_bulk[remote_id]), _plain(one_by_one[remote_id])
		assert {k: (v, row.get(k)) for k, v in bulk_row.items() if v != row.get(k)} == {}, remote_id
		assert (bulk_row.keys(), bulk_rest) == (row.keys(), rest), remote_id


def test_what_all_rows_of_a_batch_share_is_stored_as_it_is(feeds):
	text = """it's 100 % \\\\ "quoted" %s {0} ☕"""
	shared = [
		line(f"same {n}", f"-{n}.10", description=text, original=text, party_name=text, reference="%(x)s")
		for n in range(1, 20)
	]
	one_by_one, in_bulk = feeds(0, shared, at_once=False), feeds(1, shared, at_once=True)
	assert {_plain(result)[0]["description"] for result in in_bulk.values()} == {text}
	for remote_id in one_by_one:
		assert _plain(in_bulk[remote_id]) == _plain(one_by_one[remote_id]), remote_id


def test_a_server_that_reads_no_json_stores_the_same(feeds, process):  # noqa: F811
	from_json = feeds(0, HOSTILE, at_once=True)
	process.run("from dokos_banksync.hosts.frappe.ledger import sql; sql.READS_JSON = (99, 0)")
	try:
		from_values = feeds(1, HOSTILE, at_once=True)
	finally:
		process.run("from dokos_banksync.hosts.frappe.ledger import sql; sql.READS_JSON = (10, 6)")
	for remote_id in from_json:
		assert _plain(from_json[remote_id]) == _plain(from_values[remote_id]), remote_id


def test_the_names_go_on_in_the_hosts_own_series(feeds, process):  # noqa: F811
	made = feeds(0, HOSTILE, at_once=True)
	names = sorted(result[0]["name"] for result in made.values())
	assert len(set(names)) == len(HOSTILE)
	next_one = process.run(
		"""
doc = frappe.copy_doc(frappe.get_last_doc("Bank Transaction"))
doc.docstatus = 0
for field in ("transaction_id", "reference_number", "banksync_origin", "origin"):
	doc.set(field, None)
doc.insert(); answer = doc.name; doc.delete()
"""
	)
	assert next_one > names[-1]
	assert len(next_one) == len(names[-1])


def test_two_thousand_take_few_statements(feeds, process, current):  # noqa: F811
	first = [line(f"first {n}", f"-{n}.25") for n in range(1, 13)]
	feeds(0, first, at_once=True)  # documents to learn from are not counted
	many = [line(f"m{n}", f"-{n}.5", date=DAY - timedelta(days=n % 300)) for n in range(1, 2001)]
	made = [Decision(Action.NEW, one, feeds.source, current) for one in many]
	asked = process.run(COUNTED, made=made, run=feeds.run, now=NOW)
	assert len(asked) <= 40, "\n".join(asked)
	total = process.run("answer = ledger.movements(account)", account=current)
	assert total == sum(one.amount for one in (*first, *many))


# -- where something must see each document -------------------------------------------------------------
SCRIPT = {
	"doctype": "Server Script",
	"name": "banksync test",
	"script_type": "DocType Event",
	"reference_doctype": "Bank Transaction",
	"doctype_event": "Before Save",
	"script": "doc.description = 'seen: ' + (doc.description or '')",
}
NOTIFICATION = {
	"doctype": "Notification",
	"name": "banksync test",
	"subject": "A bank transaction",
	"document_type": "Bank Transaction",
	"event": "New",
	"channel": "System Notification",
	"message": "x",
	"enabled": 1,
	"recipients": [{"receiver_by_role": "System Manager"}],
}
FIELD = {
	"doctype": "Custom Field",
	"dt": "Bank Transaction",
	"fieldname": "banksync_test",
	"fieldtype": "Data",
	"label": "Test",
	"fetch_from": "currency.symbol",
}
ATTACH = """
frappe.flags.in_install = True
frappe.get_doc(given).insert(ignore_permissions=True)
frappe.flags.in_install = False
frappe.db.commit(); frappe.clear_cache()
"""
DETACH = """
name = frappe.db.get_value(given["doctype"], {k: v for k, v in given.items() if k in ("name", "fieldname", "dt")})
if name:
	frappe.delete_doc(given["doctype"], name, force=True)
frappe.db.commit(); frappe.clear_cache()
"""
ALLOW = """
import frappe.utils.safe_exec as safe
frappe.conf.server_script_enabled = 1
safe.is_safe_exec_enabled = lambda: True
"""
ATTACHED = "from dokos_banksync.hosts.frappe.ledger.customisations import attached; answer = attached()"


def test_nothing_is_attached_to_a_site_as_its_host_made_it(process):  # noqa: F811
	assert process.run(ATTACHED) == []


@pytest.mark.parametrize("given", [SCRIPT, NOTIFICATION, FIELD], ids=lambda given: given["doctype"])
def test_what_is_attached_is_found(process, given):  # noqa: F811
	process.run(ATTACH, given=given)
	try:
		[result] = process.run(ATTACHED)
		assert "banksync" in result
	finally:
		process.run(DETACH, given=given)


def test_what_is_attached_sees_each_document(feeds, process):  # noqa: F811
	"""A handler of another app, which changes what it sees."""
	process.run(ALLOW)
	process.run(ATTACH, given=SCRIPT)
	process.run("ledger.__dict__.clear(); ledger.__init__()")
	try:
		made = feeds(0, [line(f"s{n}", f"-{n}") for n in range(1, 9)], at_once=True)
	finally:
		process.run(DETACH, given=SCRIPT)
	assert {result[0]["description"] for result in made.values()} <= {"seen: Cafe", "seen: seen: Cafe"}


MISLEAD = """
from dokos_banksync.hosts.frappe.ledger.batch import FrappeBatch
class Everywhere(dict):
	def get(self, key, default=None):
		return {"nowhere": "Nowhere"}
FrappeBatch._categories = Everywhere()
"""
"""A category that is not there: what happens when a user deletes it at the same moment."""


def test_a_row_that_the_host_refuses_is_kept_as_a_line_and_tried_again(process, ledger_there, current, site):  # noqa: F811
	ledger, connection = ledger_there
	charted = site.has("Bank Account", "account")
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	ledger.link(account.source, current, None)
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	wrong = line("wrong", "-1", **({"currency": "XXX"} if charted else {"category": "nowhere"}))
	process.run(MISLEAD)
	made = [Decision(Action.NEW, one, account.source, current) for one in (line("1"), wrong, line("2", "-9"))]
	with ledger.batch() as batch:
		[refused] = batch.apply(run, made, NOW)
	assert (refused.line.remote_id, refused.action, refused.reason) == ("wrong", Action.HOLD, Reason.HOST)
	assert ("XXX" if charted else "Nowhere") in refused.note
	with ledger.batch() as batch:
		[held] = batch.held(account.source, [Reason.HOST])
		assert held.line == wrong
		assert (
			len(batch.transactions(current, [Window(Decimal(a), DAY, DAY) for a in ("-3.20", -9, -1)])) == 2
		)
