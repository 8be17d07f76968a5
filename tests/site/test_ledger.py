"""The contract of ledgers, on every real site."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.provider import Secret, Subscription
from tests.hosts.standalone.ledger.contract import LedgerContract
from tests.hosts.standalone.ledger.review_contract import ReviewContract
from tests.site.remote import Process

BANKS = ("Banque du Port", "Another")

# Categories of every provider go: on a host that names them by title, those of another test change the names of ours.
CLEAN = """
from frappe.cache_manager import clear_defaults_cache
from dokos_banksync.hosts.frappe.ledger.fields import named
from dokos_banksync.hosts.storage.sql import CATEGORY
accounts = frappe.get_all("Bank Account", filters={"bank": ("in", banks)}, pluck="name") or [""]
frappe.db.delete("Bank Transaction", {"bank_account": ("in", accounts)})
for kind in ("Sync Line", "Sync Journal Entry", "Sync Coverage", "Sync Separate Pair"):
	frappe.db.delete(kind, {"bank_account": ("in", accounts)})
frappe.db.delete("Sync Plan", {"name": ("in", ["k", "other"])})
connections = frappe.get_all("Sync Connection", filters={"bank": ("in", banks)}, pluck="name") or [""]
frappe.db.delete("Sync Remote Account", {"parent": ("in", connections)})
frappe.db.delete("Sync Run", {"connection": ("in", connections)})
frappe.db.delete("Sync Connection", {"name": ("in", connections)})
frappe.db.delete("Bank Account", {"name": ("in", accounts)})
if frappe.db.exists("DocType", "Account"):
	frappe.db.delete("Account", {"account_name": ("in", ["Current", "Other", "Twin"])})
frappe.db.delete(CATEGORY, {named(CATEGORY, "provider_type"): ("!=", "")})
frappe.db.delete("Sync Provider", {"name": "bridge"})
frappe.db.delete("DefaultValue", {"defkey": ("like", "banksync_mapping%")})
frappe.db.delete("__Auth", {"doctype": "Sync Provider", "name": "bridge"})
frappe.db.commit()
clear_defaults_cache()
gone = {"Bank Account": accounts, "Sync Connection": connections, "Sync Provider": ["bridge"]}
for kind, names in gone.items():
	for name in names:
		frappe.clear_document_cache(kind, name)
"""


@pytest.fixture(scope="module")
def process(site):
	with Process(site) as there:
		yield there
		there.run(CLEAN, banks=BANKS)


@pytest.fixture(scope="module")
def current(site):
	"""Hosts with a chart of accounts put the bank's name behind the account's."""
	return "Current - Banque du Port" if site.has("Bank Account", "account") else "Current"


@pytest.fixture
def ledger_there(process):
	process.run(CLEAN, banks=BANKS)
	ledger = process.ledger
	ledger.add_provider(
		"Bridge", Subscription("bridge", {"client_id": "id"}, {"client_secret": Secret("secret")})
	)
	record = ledger.add_connection("Banque du Port", "bridge")
	active = {"status": ConnectionStatus.ACTIVE, "remote_user": "user-1", "remote_id": "item-1"}
	ledger.save_connection(replace(record, **active))
	return ledger, record.name


class TestFrappeLedger(LedgerContract):
	@pytest.fixture
	def made(self, ledger_there):
		return ledger_there

	@pytest.fixture(autouse=True)
	def named(self, current):
		self.current = current


class TestFrappeReview(ReviewContract):
	stamps_by_itself = True

	@pytest.fixture
	def clear_run(self, process):
		"""As the log clearing of a host does."""
		code = """
		frappe.db.set_value("Sync Line", {"run": run}, "run", None)
		frappe.db.delete("Sync Run", {"name": run})
		"""
		return lambda run: process.run(dedent(code), run=run)

	@pytest.fixture
	def made(self, ledger_there):
		return ledger_there

	@pytest.fixture(autouse=True)
	def named(self, current, site):
		self.current = current
		self.keeps_parties = site.has("Bank Transaction", "bank_party_name")
