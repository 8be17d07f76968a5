"""What was imported can be reconciled with the host's own tool."""

from __future__ import annotations

import pytest

from dokos_banksync.core.model import Action, Decision
from tests.hosts.ledger.contract import DAY, IBAN, NOW, line, remote
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
def imported(process, ledger_there, current, site):  # noqa: F811
	"""One line of money in, imported; its bank transaction's name."""
	if not site.has("Payment Entry"):
		pytest.skip(f"{site.name} has no payments to reconcile with")
	ledger, connection = ledger_there
	[account] = ledger.save_accounts(connection, [remote()])
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	ledger.link(account.source, current, None)
	run = ledger.begin_run(connection, "test", NOW).name
	given = line("in", "1250.00", party_name="Client SA", party_iban=IBAN, reference="INV-7")
	made = [Decision(Action.NEW, given, account.source, current)]
	with ledger.batch() as batch:
		batch.apply(run, made, NOW)
		[known] = batch.lines(account.source, ["in"])
	return known.transaction.name


@pytest.mark.usefixtures("imported")
def test_the_hosts_tool_sees_it_matches_it_and_settles_it(process, imported, current, site):  # noqa: F811
	process.run(CUSTOMER)
	process.run(JOURNAL, bank_account=current)
	payment = process.run(PAYMENT, bank_account=current, day=str(DAY))
	french = site.has("Bank Transaction", "credit")
	told = process.run(DOKOS if french else ERPNEXT, bank_account=current, day=str(DAY), payment=payment)
	assert told["found"] == 1
	seen = told["seen"]
	assert (seen["name"], seen["currency"], seen["bank_account"]) == (imported, "EUR", current)
	assert seen["credit" if french else "deposit"] == 1250
	after = process.run(
		"answer = frappe.db.get_value('Bank Transaction', name, ['status', 'unallocated_amount'], as_dict=True)",
		name=imported,
	)
	assert (after["status"], after["unallocated_amount"]) == ("Reconciled", 0)


def test_who_paid_and_the_reference_are_where_the_host_looks_for_them(process, imported, site):  # noqa: F811
	row = process.run("answer = frappe.get_doc('Bank Transaction', name).as_dict()", name=imported)
	if site.has("Bank Transaction", "bank_party_name"):
		told = (
			row["bank_party_name"],
			row["bank_party_iban"],
			row["reference_number"],
			row["transaction_id"],
		)
		assert told == ("Client SA", IBAN, "INV-7", "in")
	else:
		assert row["reference_number"] == "in"


def test_a_reconciled_one_stays_when_the_bank_takes_it_back(process, imported, current, site, ledger_there):  # noqa: F811
	process.run(
		"frappe.db.set_value('Bank Transaction', n, 'status', 'Reconciled'); frappe.db.commit()", n=imported
	)
	ledger, connection = ledger_there
	[account] = ledger.accounts(connection)
	run = ledger.begin_run(connection, "test", NOW).name
	gone = Decision(Action.REMOVE, line("in", "1250.00"), account.source, current, transaction=imported)
	with ledger.batch() as batch:
		batch.apply(run, [gone], NOW)
	assert process.run("answer = bool(frappe.db.exists('Bank Transaction', n))", n=imported)


def test_deleting_one_in_the_desk_leaves_a_tombstone(process, imported, current, ledger_there):  # noqa: F811
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
