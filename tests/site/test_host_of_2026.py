"""What ERPNext 16 and Frappe 16 have beside what 15 has; skipped on sites without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.site.bench import Site
from tests.site.journeys import Connected, connect

_FORGET = """
frappe.db.set_value("Sync Connection", connection, {"automatic": 0, "status": "Disconnected"})
frappe.db.set_value("Sync Provider", provider, "enabled", 0)
"""
ACCOUNT = """
account = frappe.db.get_value("Sync Remote Account", {"parent": connection, "bank_account": ("is", "set")}, "bank_account")
"""
BALANCES = (
	ACCOUNT
	+ """
rows = frappe.get_all("Bank Account Balance", {"bank_account": account}, ["name", "date", "balance"], order_by="date")
answer = {str(row.date): row.balance for row in rows}
"""
)
TODAY = "answer = frappe.utils.today()"
STATED = """
import json
[checks] = frappe.get_all("Sync Run", {"connection": connection, "status": "Success"}, pluck="checks",
	order_by="name desc", limit=1)
answer = float(json.loads(checks)[0]["bank_balance"])
"""


@pytest.fixture(scope="module")
def connected(site: Site) -> Iterator[Connected]:
	with SandboxServer(World(years=0.15)) as server:
		made = connect(site, server)
		made.sync()
		yield made
		made.run(_FORGET)


def needs(site: Site, doctype: str) -> None:
	if not site.has(doctype):
		pytest.skip(f"{site.name} has no {doctype}")


def test_the_banking_page_has_the_balance_of_the_bank(connected: Connected) -> None:
	needs(connected.site, "Bank Account Balance")
	today, stated = connected.data(TODAY), connected.data(STATED)
	assert connected.data(BALANCES) == {today: stated}
	connected.sync()
	assert connected.data(BALANCES) == {today: stated}


def test_a_balance_that_a_user_changed_or_entered_stays(connected: Connected) -> None:
	needs(connected.site, "Bank Account Balance")
	today, stated = connected.data(TODAY), connected.data(STATED)
	set_to = ACCOUNT + (
		"name = frappe.db.get_value('Bank Account Balance', {'bank_account': account, 'date': frappe.utils.today()})\n"
		"doc = frappe.get_doc('Bank Account Balance', name); doc.balance = value; doc.save()"
	)
	connected.data(set_to, value=1.23)
	connected.sync()
	assert connected.data(BALANCES) == {today: 1.23}
	connected.data(set_to, value=stated)


def test_a_balance_of_the_middle_of_a_day_is_corrected_the_day_after(connected: Connected) -> None:
	"""Yesterday's run saw less than what was booked that day."""
	needs(connected.site, "Bank Account Balance")
	code = (
		ACCOUNT
		+ """
yesterday = frappe.utils.add_days(frappe.utils.today(), -1)
run = frappe.get_all("Sync Run", {"connection": connection, "status": "Success"}, pluck="name", order_by="name")[0]
frappe.db.set_value("Sync Run", run, {"started_at": f"{yesterday} 06:00:00", "ended_at": f"{yesterday} 06:00:01"})
row = {"doctype": "Bank Account Balance", "bank_account": account, "date": yesterday, "balance": 5, "banksync_written": "5.00"}
frappe.get_doc(row).insert()
since = {"bank_account": account, "date": (">", yesterday), "docstatus": 1}
later = frappe.get_all("Bank Transaction", since, ["deposit", "withdrawal"])
answer = [yesterday, sum(one.deposit - one.withdrawal for one in later)]
"""
	)
	yesterday, later = connected.data(code)
	connected.sync()
	today, stated = connected.data(TODAY), connected.data(STATED)
	assert connected.data(BALANCES) == {yesterday: pytest.approx(stated - later), today: stated}


def test_the_balance_of_a_file_goes_when_the_file_is_undone(connected: Connected) -> None:
	needs(connected.site, "Bank Account Balance")
	code = (
		ACCOUNT
		+ """
from datetime import date
from decimal import Decimal
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.core.records import BalanceCheck
from dokos_banksync.hosts.frappe.ledger import FrappeLedger, statement_balances
ledger, zero = FrappeLedger(), Decimal()
with ledger.decision(Trigger.FILE, "a.csv") as run:
	run.checks = [BalanceCheck(account, "EUR", zero, zero, Decimal("77.10"), zero, True, date(2021, 1, 31))]
ledger.save_run(ledger.run(run.name))
answer = [run.name, frappe.db.get_value("Bank Account Balance", {"bank_account": account, "date": "2021-01-31"}, "balance")]
"""
	)
	run, balance = connected.data(code)
	assert balance == 77.1
	undone = """
from dokos_banksync.hosts.frappe.ledger import FrappeLedger, statement_balances
frappe.get_doc({"doctype": "Sync Journal Entry", "run": run, "source": "test", "remote_id": "t", "cancelled": 1,
	"action": "New"}).insert(ignore_permissions=True, ignore_mandatory=True)
statement_balances.follow_undo(FrappeLedger(), run)
"""
	connected.data(undone, run=run)
	assert "2021-01-31" not in connected.data(BALANCES)


def test_what_an_undo_brings_back_loses_a_rule_that_was_deleted(connected: Connected) -> None:
	needs(connected.site, "Bank Transaction Rule")
	code = (
		ACCOUNT
		+ """
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
ledger = FrappeLedger()
company = frappe.db.get_value("Bank Account", account, "company")
rule = frappe.get_doc({"doctype": "Bank Transaction Rule", "rule_name": f"R {account}", "company": company})
rule.flags.ignore_validate = True
rule.insert(ignore_mandatory=True)
names = frappe.get_all("Bank Transaction", {"bank_account": account}, pluck="name", order_by="name")
frappe.db.set_value("Bank Transaction", {"name": ("in", names)}, "matched_transaction_rule", rule.name)
run = frappe.get_all("Sync Run", {"connection": connection, "created": (">", 0)}, pluck="name", order_by="name")[0]
undone = ledger.undo(run).run.name
frappe.delete_doc("Bank Transaction Rule", rule.name, force=True)
ledger.undo(undone)
doc = frappe.get_doc("Bank Transaction", names[0])
doc.save()
back = frappe.get_all("Bank Transaction", {"bank_account": account}, ["name", "matched_transaction_rule"], order_by="name")
answer = [names, [row.name for row in back], sorted({row.matched_transaction_rule or "" for row in back})]
"""
	)
	before, after, rules = connected.data(code)
	assert len(before) > 10
	assert after == before
	assert rules == [""]


def test_it_is_among_the_apps_of_whoever_may_see_connections(site: Site) -> None:
	if not site.run("from importlib.util import find_spec\nanswer = bool(find_spec('frappe.apps'))"):
		pytest.skip(f"{site.name} has no list of apps")
	asked = "from frappe.apps import get_apps\nanswer = [app for app in get_apps() if app['name'] == 'dokos_banksync']"
	seen = site.user("apps.manager@example.org", "Bank Sync Manager", "System Manager")
	[app] = site.run(asked, user=seen)
	assert app["title"] == "Bank Synchronization"
	answer = site.client(seen).get(app["route"])
	assert answer.status_code == 200
	assert site.guest().get(app["logo"]).status_code == 200
	assert site.run(asked, user=site.user("apps.clerk@example.org", "Blogger", "Desk User")) == []


def test_its_icon_has_the_name_of_its_workspace(site: Site) -> None:
	if not site.has("Desktop Icon", "icon_type"):
		pytest.skip(f"{site.name} has no desktop")
	shown = {"hidden": 0, "link": ("like", "%/bank-synchronization")}
	code = "answer = frappe.get_all('Desktop Icon', shown, pluck='label')"
	assert site.run(code, shown=shown) == ["Bank Synchronization"]
	former = """
from dokos_banksync import install
frappe.db.set_value("Desktop Icon", "Bank Synchronization", {"name": "Dokos Banksync", "label": "Dokos Banksync"})
frappe.get_doc({"doctype": "Desktop Icon", "label": "Bank Synchronization", "icon_type": "Link", "hidden": 1}).insert()
install.update_site()
"""
	assert site.run(former + code, shown=shown) == ["Bank Synchronization"]


def test_the_desk_knows_the_hosts_banking_page(site: Site) -> None:
	code = "bootinfo = frappe._dict()\nfor hook in frappe.get_hooks('extend_bootinfo', app_name='dokos_banksync'):\n\tfrappe.get_attr(hook)(bootinfo)\nanswer = bootinfo.banksync_banking_page"
	page = site.run(code)
	assert page == ("/banking" if site.has("Bank Transaction Rule") else "")
	if page:
		assert site.client().get(page).status_code == 200


def test_a_site_on_sqlite_is_refused_with_a_sentence(site: Site) -> None:
	code = """
from unittest.mock import patch
from dokos_banksync import install
with patch.object(frappe.db, "db_type", "sqlite"):
	try:
		install.before_install()
		answer = ""
	except frappe.ValidationError as error:
		answer = str(error)
"""
	assert "needs a site on MariaDB or Postgres" in site.run(code)


def test_what_a_file_holds_is_not_stored_with_an_error(site: Site) -> None:
	code = """
import frappe.utils.error
from dokos_banksync.api import files
asked = {"bank_account": "nowhere", "file_name": "a.csv", "content": "c2VjcmV0"}
frappe.form_dict.update(asked)
frappe.local.request = frappe._dict(method="POST", path="/api", referrer="")
try:
	files.preview_file(**asked)
except frappe.ValidationError:
	metadata = getattr(frappe.utils.error, "get_error_metadata", None)
	answer = metadata and metadata()
"""
	stored = site.run(code)
	if stored is None:
		pytest.skip(f"{site.name} stores no arguments with an error")
	assert "nowhere" in stored
	assert "c2VjcmV0" not in stored


def test_a_full_queue_is_a_sentence_and_no_obstacle_to_choosing_a_bank(site: Site) -> None:
	code = """
from contextlib import nullcontext
from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.hosts.frappe import institution_cache, queue
frappe.conf.max_queued_jobs = -1_000_000
institution_cache.refresh_soon(f"full {frappe.generate_hash()}")
try:
	queue.enqueue("frappe.ping", f"full {frappe.generate_hash()}", nullcontext)
	refusal = ""
except TemporaryError as error:
	refusal = str(error)
answer = [refusal, len(frappe.message_log)]
"""
	if not site.run("answer = hasattr(frappe, 'QueueOverloaded')"):
		pytest.skip(f"the queues of {site.name} have no limit")
	rejection_text, messages = site.run(code)
	assert rejection_text.startswith("The site's queue of background jobs does not take any now")
	assert messages == 0
