"""What was imported can be reconciled with the host's own tool."""

# ruff: noqa: F811  # fixtures of another module

from __future__ import annotations

import pytest

from dokos_banksync.core.model import Action, Decision
from dokos_banksync.core.trigger import Trigger
from tests.hosts.standalone.ledger.contract import DAY, IBAN, NOW, line, remote
from tests.site.test_ledger import current, ledger_there, process  # noqa: F401

CUSTOMER = """
if not frappe.db.exists("Customer", "Banksync Client"):
	group = frappe.get_all("Customer Group", filters={"is_group": 0}, pluck="name", limit=1)[0]
	territory = frappe.get_all("Territory", pluck="name", limit=1)[0]
	frappe.get_doc({"doctype": "Customer", "customer_name": "Banksync Client", "customer_group": group,
		"territory": territory}).insert()
frappe.db.commit()
"""
JOURNAL = """
if frappe.db.exists("DocType", "Accounting Journal") and not frappe.db.exists("Accounting Journal", "BQX"):
	company = frappe.db.get_value("Bank Account", bank_account, "company")
	frappe.get_doc({"doctype": "Accounting Journal", "journal_code": "BQX", "journal_name": "Banksync", "type": "Bank",
		"company": company, "conditions": [{"document_type": "Payment Entry"}]}).insert()
frappe.db.commit()
"""
"""Dokos wants a journal for whatever is booked."""

PAYMENT = """
account = frappe.db.get_value("Bank Account", bank_account, ["account", "company"], as_dict=True)
receivable = frappe.get_all("Account", filters={"company": account.company, "account_type": "Receivable",
	"is_group": 0}, pluck="name", limit=1)[0]
doc = frappe.get_doc({"doctype": "Payment Entry", "payment_type": "Receive", "company": account.company,
	"party_type": "Customer", "party": "Banksync Client", "paid_from": receivable, "paid_to": account.account,
	"paid_amount": 1250, "received_amount": 1250, "source_exchange_rate": 1, "target_exchange_rate": 1,
	"reference_no": "INV-7", "reference_date": day, "posting_date": day})
doc.insert(); doc.submit(); frappe.db.commit()
answer = doc.name
"""
ERPNEXT = """
import json
from erpnext.accounts.doctype.bank_reconciliation_tool import bank_reconciliation_tool as tool
[seen] = tool.get_bank_transactions(bank_account, day, day)
linked = tool.get_linked_payments(seen.name, ["payment_entry"], day, day)
found = [row for row in linked if (row.get("name") if isinstance(row, dict) else row[2]) == payment]
tool.reconcile_vouchers(seen.name, json.dumps([{"payment_doctype": "Payment Entry", "payment_name": payment,
	"amount": 1250}]))
frappe.db.commit()
answer = {"seen": seen, "found": len(found)}
"""
DOKOS = """
import json
from erpnext.accounts.page.bank_reconciliation import bank_reconciliation as tool, bank_transaction_match as match
seen = frappe.get_list("Bank Transaction", filters={"bank_account": bank_account, "docstatus": 1,
	"unallocated_amount": ("!=", 0)}, fields=["*"])[0]
seen["amount"] = seen.credit - seen.debit
found = [row for row in match.get_linked_payments(frappe.as_json([seen]), "Payment Entry") if row["name"] == payment]
tool.reconcile(frappe.as_json([seen]), frappe.as_json([{**row, "doctype": "Payment Entry"} for row in found]))
frappe.db.commit()
answer = {"seen": seen, "found": len(found)}
"""


@pytest.fixture
def imported(process, ledger_there, current, site):
	"""One line of money in, imported; its bank transaction's name."""
	if not site.has("Payment Entry"):
		pytest.skip(f"{site.name} has no payments to reconcile with")
	ledger, connection = ledger_there
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	ledger.link(account.source, current, None)
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	given = line("in", "1250.00", party_name="Client SA", party_iban=IBAN, reference="INV-7")
	made = [Decision(Action.NEW, given, account.source, current)]
	with ledger.batch() as batch:
		batch.apply(run, made, NOW)
		[known] = batch.lines(account.source, ["in"])
	return known.transaction.name


@pytest.mark.usefixtures("imported")
def test_the_hosts_tool_sees_it_matches_it_and_settles_it(process, imported, current, site):
	process.run(CUSTOMER)
	process.run(JOURNAL, bank_account=current)
	payment = process.run(PAYMENT, bank_account=current, day=str(DAY))
	french = site.has("Bank Transaction", "credit")
	result = process.run(DOKOS if french else ERPNEXT, bank_account=current, day=str(DAY), payment=payment)
	assert result["found"] == 1
	seen = result["seen"]
	assert (seen["name"], seen["currency"], seen["bank_account"]) == (imported, "EUR", current)
	assert seen["credit" if french else "deposit"] == 1250
	after = process.run(
		"answer = frappe.db.get_value('Bank Transaction', name, ['status', 'unallocated_amount'], as_dict=True)",
		name=imported,
	)
	assert (after["status"], after["unallocated_amount"]) == ("Reconciled", 0)


def test_who_paid_and_the_reference_are_where_the_host_looks_for_them(process, imported, site):
	row = process.run("answer = frappe.get_doc('Bank Transaction', name).as_dict()", name=imported)
	if site.has("Bank Transaction", "bank_party_name"):
		result = (
			row["bank_party_name"],
			row["bank_party_iban"],
			row["reference_number"],
			row["transaction_id"],
		)
		assert result == ("Client SA", IBAN, "INV-7", "in")
	else:
		assert row["reference_number"] == "in"


def test_a_reconciled_one_stays_when_the_bank_takes_it_back(process, imported, current, site, ledger_there):
	process.run(
		"frappe.db.set_value('Bank Transaction', n, 'status', 'Reconciled'); frappe.db.commit()", n=imported
	)
	ledger, connection = ledger_there
	[account] = ledger.accounts(connection)
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	gone = Decision(Action.REMOVE, line("in", "1250.00"), account.source, current, transaction=imported)
	with ledger.batch() as batch:
		batch.apply(run, [gone], NOW)
	assert process.run("answer = bool(frappe.db.exists('Bank Transaction', n))", n=imported)


def test_deleting_one_in_the_desk_leaves_a_tombstone(process, imported, current, ledger_there):
	process.run(
		"doc = frappe.get_doc('Bank Transaction', n); doc.cancel(); "
		"frappe.delete_doc('Bank Transaction', n); frappe.db.commit()",
		n=imported,
	)
	ledger, connection = ledger_there
	[account] = ledger.accounts(connection)
	with ledger.batch() as batch:
		[known] = batch.lines(account.source, ["in"])
	assert (known.reason.name, known.transaction.name, known.transaction.deleted) == (
		"DELETED",
		imported,
		True,
	)


MODE = """
if frappe.db.exists("DocType", "Mode of Payment") and not frappe.db.exists("Mode of Payment", "Banksync Card"):
	frappe.get_doc({"doctype": "Mode of Payment", "mode_of_payment": "Banksync Card", "type": "Bank"}).insert()
frappe.db.commit()
"""
KINDS = """
answer = {row.name: [row.get("banksync_kind"), row.transaction_type or ""]
	for row in frappe.get_all("Bank Transaction", filters={"bank_account": account}, fields=["*"])}
"""
VOUCHER = """
import json
from erpnext.accounts.doctype.bank_reconciliation_tool import bank_reconciliation_tool as tool
row = frappe.get_doc("Bank Transaction", name)
def look():
	frappe.db.commit()
	row.reload()
	return [row.status, float(row.unallocated_amount), len(row.payment_entries)]
proposed = {"party_type": "Customer", "party": "Banksync Client", "mode_of_payment": row.transaction_type}
days = {"reference_date": str(row.date), "posting_date": str(row.date)}
tool.create_payment_entry_bts(name, reference_number="VIR 7", **days, **proposed)
answer = [look()]
payment = frappe.get_doc("Payment Entry", row.payment_entries[0].payment_entry)
mode = payment.mode_of_payment or ""
row.remove_payment_entries()
answer.append(look())
tool.reconcile_vouchers(name, json.dumps([{"payment_doctype": "Payment Entry", "payment_name": payment.name,
	"amount": 1250}]))
answer.append(look())
row.remove_payment_entries()
look()
payment.reload()
payment.cancel()
answer.append(look())
row.cancel()
answer += [row.docstatus, mode]
frappe.db.commit()
"""


def _import(ledger, connection, current, given):
	"""Import lines into a new Bank Account; names of their bank transactions by remote id."""
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	ledger.link(account.source, current, None)
	run = ledger.begin_run(connection, Trigger.MANUAL, NOW).name
	with ledger.batch() as batch:
		batch.apply(run, [Decision(Action.NEW, one, account.source, current) for one in given], NOW)
		known = batch.lines(account.source, [one.remote_id for one in given])
	return {one.line.remote_id: one.transaction.name for one in known}


def test_the_providers_kind_becomes_a_mode_of_payment_only_where_there_is_one(
	process,
	ledger_there,
	current,
	site,
):
	"""ERPNext copies `transaction_type` into Mode of Payment; written one by one and in bulk, it is the same."""
	if not site.has("Mode of Payment"):
		pytest.skip(f"{site.name} has no modes of payment")
	process.run(MODE)
	kinds = ["card", "unknown", "", "Banksync Card", "banksync card", "transfer", "direct_debit"]
	given = [line(f"k{n}", f"-{n + 1}.00", kind=kind) for n, kind in enumerate(kinds)]
	names = _import(*ledger_there, current, given)
	found = process.run(KINDS, account=current)
	assert [found[names[one.remote_id]] for one in given] == [
		["card", ""],
		["", ""],
		["", ""],
		["Banksync Card", "Banksync Card"],
		["banksync card", "Banksync Card"],
		["transfer", ""],
		["direct_debit", ""],
	]


@pytest.mark.parametrize(("kind", "mode"), [("card", ""), ("Banksync Card", "Banksync Card")])
def test_a_voucher_is_made_unmatched_matched_and_cancelled_in_the_hosts_tool(
	process,
	ledger_there,
	current,
	site,
	kind,
	mode,
):
	if not site.has("Payment Entry") or site.has("Bank Transaction", "credit"):
		pytest.skip(f"{site.name} has no such tool")
	process.run(CUSTOMER)
	process.run(MODE)
	[name] = _import(*ledger_there, current, [line("in", "1250.00", kind=kind)]).values()
	assert process.run(VOUCHER, name=name) == [
		["Reconciled", 0.0, 1],
		["Unreconciled", 1250.0, 0],
		["Reconciled", 0.0, 1],
		["Unreconciled", 1250.0, 0],
		2,
		mode,
	]


def test_an_account_number_that_is_no_iban_does_not_keep_a_transaction_from_being_saved(
	process,
	ledger_there,
	current,
	site,
):
	"""Hosts that check IBANs check them at every save, also when a voucher is matched."""
	if not site.has("Bank Transaction", "bank_party_account_number"):
		pytest.skip(f"{site.name} has no field for other account numbers")
	given = [line(f"p{n}", f"{n + 1}.00", party_iban=IBAN if n % 2 else f"123456{n}") for n in range(6)]
	names = _import(*ledger_there, current, given)
	rows = process.run(
		"answer = {row.name: [row.bank_party_iban or '', row.bank_party_account_number or ''] for row in "
		"frappe.get_all('Bank Transaction', filters={'bank_account': account}, fields=['*'])}",
		account=current,
	)
	assert [rows[names[f"p{n}"]] for n in range(4)] == [
		["", "1234560"],
		[IBAN, ""],
		["", "1234562"],
		[IBAN, ""],
	]


def test_a_new_account_of_the_chart_has_the_journal_that_its_payments_need(
	process, ledger_there, current, site
):
	if not site.has("Accounting Journal"):
		pytest.skip(f"{site.name} has no accounting journals")
	_import(*ledger_there, current, [line("in", "1250.00")])
	found = process.run(
		"account = frappe.db.get_value('Bank Account', a, 'account')\n"
		"answer = frappe.get_all('Accounting Journal', {'account': account}, ['type', 'disabled'])",
		a=current,
	)
	assert found == [{"type": "Bank", "disabled": 0}]
