"""Strangers' words, crafted requests, and users who delete while a run compares."""

from __future__ import annotations

import json

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from tests.site.bench import Site
from tests.site.journeys import Connected, connect

MARKUP = '<img src=x onerror="steal()"> AT&T &lt;b&gt; &amp;lt; &amp;amp;lt;'
"""What anybody may write into the reference of a transfer."""

_SUBJECT = "from dokos_banksync.hosts.frappe.ledger import FrappeLedger; ledger = FrappeLedger(); "
_DELETER = """
import sys, frappe
frappe.init(site=sys.argv[1]); frappe.connect(); frappe.set_user("Administrator")
doc = frappe.get_doc("Bank Transaction", sys.argv[2])
if doc.docstatus == 1:
	doc.cancel()
frappe.delete_doc("Bank Transaction", doc.name)
frappe.db.commit()
"""
_RACE = """
import subprocess, sys
from dokos_banksync.hosts.frappe.ledger.batch import FrappeBatch
from dokos_banksync.tasks import run_connection
apply, deleted = FrappeBatch.apply, []
def late(self, run, decisions, now):
	if not deleted:
		deleted.append(decisions[0].transaction)
		subprocess.run([sys.executable, "-c", deleter, frappe.local.site, deleted[0]], check=True)
	return apply(self, run, decisions, now)
FrappeBatch.apply = late
run_connection(connection, "manual", "")
assert deleted, frappe.get_all("Sync Run", {"connection": connection}, ["*"], order_by="name desc", limit=2)
answer = deleted[0]
"""


@pytest.fixture(scope="module")
def connected(site: Site):
	with SandboxServer() as server:
		there = connect(site, server)
		there.sync()
		yield there


def _stored_as(connected: Connected, text: str) -> tuple[dict, dict]:
	"""A line's texts as the table holds them, and as the ledger gives them back, when the bank says `text`."""
	code = """
	from dataclasses import replace
	from decimal import Decimal
	from datetime import date
	from dokos_banksync.core.model import Decision, Line, LineState, Reason, Action
	from dokos_banksync.hosts.frappe.ledger import FrappeLedger
	source = frappe.db.get_value("Sync Remote Account", {"parent": connection, "bank_account": ["!=", ""]})
	texts = dict(category=text, kind=text, party_name=text, party_iban=text, reference=text)
	line = Line("1", "hostile", date(2026, 1, 2), Decimal("1.00"), "EUR", text, text, LineState.BOOKED, **texts)
	with FrappeLedger().batch() as batch:
		batch.apply("", [Decision(Action.HOLD, line, source, None, Reason.LOCKED, note=text)], FrappeLedger().clock())
		[known] = batch.lines(source, ["hostile"])
	row = frappe.db.get_value("Sync Line", {"source": source, "remote_id": "hostile"}, "*", as_dict=True)
	frappe.db.delete("Sync Line", {"name": row.name})
	names = ("description", "original", *texts)
	answer = [{n: row[n] for n in (*names, "note")}, {n: getattr(known.line, n) for n in names}]
	"""
	stored, given = connected.run(code, text=text)
	return stored, given


def test_no_markup_of_a_stranger_reaches_a_page_and_every_letter_comes_back(connected):
	stored, given = _stored_as(connected, MARKUP)
	assert not [name for name, text in stored.items() if "<" in text]
	assert set(given.values()) == {MARKUP}


def test_a_plain_ampersand_is_stored_as_it_is(connected):
	stored, _given = _stored_as(connected, "AT&T & Co &lt")
	assert set(stored.values()) == {"AT&T & Co &lt"}


def test_words_of_a_provider_are_neither_markup_nor_too_long(connected):
	code = (
		_SUBJECT
		+ """
from dataclasses import replace
record, run = ledger.connection(connection), ledger.runs(connection)[0]
accounts = [account.remote for account in ledger.accounts(connection)]
ledger.save_accounts(connection, [replace(one, account_name=text, kind=text, iban=text) for one in accounts])
ledger.save_connection(replace(record, status_code=text, status_message=text * 90, status_reference=text))
ledger.save_run(replace(run, error_code=text, error_message=text * 90, error_reference=text))
answer = [
	frappe.db.get_value("Sync Remote Account", {"parent": connection}, ["account_name", "kind", "iban"]),
	frappe.db.get_value("Sync Connection", connection, ["status_code", "status_message", "status_reference"]),
	frappe.db.get_value("Sync Run", run.name, ["error_code", "error_message", "error_reference"]),
]
ledger.save_accounts(connection, accounts); ledger.save_connection(record); ledger.save_run(run)
"""
	)
	result = connected.run(code, text="<b>\ud83d" + "x" * 900)
	assert all(text.startswith("‹b>\\ud83d") for row in result for text in row)


def test_a_row_of_a_connection_is_neither_changed_nor_deleted_by_itself(connected):
	site = connected.site
	boss = site.client(site.user("row-manager@example.org", "Bank Sync Manager", "Accounts Manager"))
	name = connected.run("answer = frappe.db.get_value('Sync Remote Account', {'parent': connection})")
	path = f"/api/resource/Sync Remote Account/{name}"
	before = _row(site, name)
	changed = boss.session.put(boss.base + path, json={"cursor": "mine", "account_name": "mine"})
	removed = boss.session.delete(boss.base + path)
	assert (changed.status_code, removed.status_code) == (403, 403)
	assert _row(site, name) == before


def _row(site: Site, name: str) -> object:
	code = "answer = frappe.db.get_value('Sync Remote Account', name, ['cursor', 'account_name'])"
	return site.run(code, name=name)


def test_rows_of_connections_are_shown_to_those_who_see_the_connection(connected):
	site = connected.site
	if not site.has("Sync Connection", "company"):
		pytest.skip("one company to a site")
	other = site.run(_OTHER_COMPANY)
	stranger = site.client(
		site.user("row-stranger@example.org", "Accounts Manager", permissions=[["Company", other]])
	)
	fields = json.dumps(["name", "iban", "balance", "parent"])
	name = connected.run("answer = frappe.db.get_value('Sync Remote Account', {'parent': connection})")
	listed = stranger.get("/api/resource/Sync Remote Account", fields=fields, parent="Sync Connection")
	assert connected.name not in listed.text
	assert stranger.get(f"/api/resource/Sync Remote Account/{name}").status_code == 403
	friend = site.client(site.user("row-friend@example.org", "Accounts User"))
	listed = friend.get(
		"/api/resource/Sync Remote Account", fields=fields, parent="Sync Connection", limit_page_length=0
	)
	assert connected.name in listed.text


_OTHER_COMPANY = """
found = frappe.get_all("Company", {"company_name": "Rows of Others"}, pluck="name")
given = {"company_name": "Rows of Others", "abbr": "ROO", "default_currency": "EUR", "country": "France"}
answer = found[0] if found else frappe.get_doc({"doctype": "Company", **given}).insert().name
"""


def test_what_a_user_deletes_while_a_run_compares_stays_deleted(connected):
	connected.simulate("recategorise", account_id=int(connected.account), number=3)
	deleted = connected.run(_RACE, deleter=_DELETER)
	code = (
		"answer = frappe.get_all('Sync Line', {'deleted_transaction': name}, ['reason', 'bank_transaction'])"
	)
	assert connected.run(code, name=deleted) == [{"reason": "Deleted by a user", "bank_transaction": None}]
	assert connected.runs()[0]["status"] == "Success"


def test_books_that_were_never_closed_close_nothing(site):
	if not site.has("Accounts Settings", "acc_frozen_upto"):
		pytest.skip("the host freezes no accounts by a setting")
	code = """
	from dokos_banksync.hosts.frappe.ledger.closed_periods import lock_date, select_accounts
	frappe.db.delete("Singles", {"doctype": "Accounts Settings", "field": "acc_frozen_upto"})
	frappe.db.value_cache = {} if isinstance(frappe.db.value_cache, dict) else frappe.db.value_cache
	rows = frappe.db.sql(select_accounts(), as_dict=True)
	for row in rows:  # neither a date of their own, nor a closed period
		row.update(lock_date=None, banksync_lock_date=None, closed_until=None, company=None)
	answer = [len(rows) > 0, {str(lock_date(row)) for row in rows} == {"None"}]
	frappe.db.rollback()
	"""
	assert site.run(code) == [True, True]


def test_a_deadlock_inside_a_savepoint_is_reported_as_what_it_is(site):
	code = """
	from dokos_banksync.hosts.frappe.ledger import sql
	try:
		with sql.undone_on_error():
			frappe.db.sql("rollback")
			raise frappe.QueryDeadlockError("the database took back everything")
	except Exception as error:
		answer = type(error).__name__
	"""
	assert site.run(code) == "QueryDeadlockError"


def test_a_secret_that_cannot_be_stored_is_in_no_error_log(connected):
	code = (
		_SUBJECT
		+ """
from datetime import timedelta
from dokos_banksync.core.provider import Secret
from frappe.utils import password
def away(pwd): raise RuntimeError("the database is away")
password.encrypt = away
try:
	ledger.secret_store(provider).put("token", Secret("spoken" + "aloud"), ledger.clock() + timedelta(hours=1))
except RuntimeError:
	answer = frappe.get_traceback(with_context=True)
"""
	)
	result = connected.run(code)
	assert "the database is away" in result
	assert "spokenaloud" not in result


def test_whoever_may_fetch_may_have_the_providers_categories_renamed(connected):
	clerk = connected.site.user("row-clerk@example.org", "Accounts User")
	code = (
		_SUBJECT
		+ """
from dokos_banksync.core.records import CategoryChange
ledger.change_categories("Hostile", [CategoryChange("", "h1", "Hostile Before", "")])
frappe.set_user(clerk)
ledger.change_categories("Hostile", [CategoryChange("", "h1", "Hostile After", "")])
frappe.set_user("Administrator")
answer = [(one.remote_id, one.category_name) for one in ledger.categories("Hostile") if one.remote_id]
for one in ledger.categories("Hostile"):
	if one.remote_id:
		frappe.db.delete("Bank Transaction Category", {"name": one.name})
"""
	)
	assert connected.run(code, clerk=clerk) == [["h1", "Hostile After"]]


AMBIGUOUS = "Could be one of several bank transactions"
_COUNTED = """
from dokos_banksync.core.importing.sum_notes import COUNTED_IN
from dokos_banksync.core.message import Message, message_data
from dokos_banksync.core.model import Reason
batch, part = frappe.get_all(
	"Sync Line", {"connection": connection, "bank_transaction": ["!=", ""]}, ["name", "bank_transaction"], limit=2
)
note = Message(COUNTED_IN, batch.bank_transaction)
values = {"bank_transaction": None, "reason": Reason.DUPLICATE.value, "note": str(note), "note_data": message_data(note)}
frappe.db.set_value("Sync Line", part.name, values)
frappe.db.commit()
answer = [batch.bank_transaction, part.name]
"""


def test_a_row_that_a_deleted_bank_transaction_counted_is_a_question_again(connected):
	batch, part = connected.run(_COUNTED)
	connected.run(
		"import subprocess, sys; subprocess.run([sys.executable, '-c', deleter, frappe.local.site, name], check=True)",
		deleter=_DELETER,
		name=batch,
	)
	code = "answer = frappe.db.get_value('Sync Line', part, ['reason', 'note', 'bank_transaction'])"
	assert connected.run(code, part=part) == [AMBIGUOUS, f"{batch}, which counted it, was deleted", None]
	journal = "answer = frappe.get_all('Sync Journal Entry', {'reason': reason, 'run': ['in', ['', None]]}, pluck='action')"
	assert connected.run(journal, reason=AMBIGUOUS)[-1:] == ["Hold"]
