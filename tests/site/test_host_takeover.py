"""An accounting application is installed after this app, or removed.

No row is lost, and administrators are notified of what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.site.bench import APP, Bench, Site

pytestmark = pytest.mark.slow

FILL = """
def put(doctype, **fields):
	return frappe.get_doc({"doctype": doctype, **fields}).insert()
put("Bank", bank_name="Banque du Port")
account = put("Bank Account", account_name="Compte courant", bank="Banque du Port", currency="EUR", iban="FR7630006000011234567890189")
account.db_set({"opening_balance": 100.5, "opening_date": "2026-01-01", "lock_date": "2025-12-31"})
food = put("Bank Transaction Category", category_name="Food", provider_type="Bridge", remote_id="1", is_group=1)
cafes = put("Bank Transaction Category", category_name="Cafes", parent_bank_transaction_category=food.name, remote_id="2", provider_type="Bridge")
put("Bank Transaction Category", category_name="Food", provider_type="Plaid", remote_id="9")
for number, (paid_in, paid_out) in enumerate([(25, 0), (0, 12.34), (0, 0.66)]):
	put("Bank Transaction", date=f"2026-02-0{number + 1}", bank_account=account.name, deposit=paid_in, withdrawal=paid_out,
		currency="EUR", description=f"Line {number}", category=cafes.name, transaction_id="same" if number else "", origin=f"s/{number}",
		bank_party_name="Cafe", status="Unreconciled", unallocated_amount=paid_in + paid_out)
provider = put("Sync Provider", provider_name="Bridge", provider_type="Bridge", client_id="i", client_secret="top secret")
connection = put("Sync Connection", bank="Banque du Port", provider=provider.name)
"""
READ = """
from decimal import Decimal
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
ledger = FrappeLedger()
account = ledger.bank_accounts("Banque du Port")[0]
meta = frappe.get_meta("Bank Transaction")
category, origin = ("category" if meta.has_field("category") else "banksync_category"), "banksync_origin"
origin = origin if meta.has_field(origin) else "origin"
found = frappe.get_all("Bank Transaction", fields=["*"], order_by="date")
answer = {
	"modules": sorted({frappe.db.get_value("DocType", d, "module") for d in ("Bank", "Bank Account", "Bank Transaction")}),
	"counts": [frappe.db.count(d) for d in ("Bank", "Bank Account", "Bank Transaction", "Sync Connection")],
	"account": [account.name, account.currency, str(account.opening_balance), str(account.opening_date), str(account.lock_date), account.iban],
	"movements": str(ledger.movements(account.name)),
	"transactions": [[str(t.date), t.description, t.docstatus, t.status, t[origin]] for t in found],
	"categories": sorted((c.category_name.split(" (")[0], c.remote_id) for c in ledger.all_categories() if c.remote_id),
	"category": sorted({ledger.category(t[category]).category_name for t in found}),
	"secret": ledger.subscription("Bridge")[1].secret("client_secret").reveal(),
}
"""


@pytest.fixture(scope="module")
def grown(one_bench: Bench) -> Iterator[tuple[Site, dict[str, Any], str]]:
	"""A plain site with our app and some rows, on which the accounting application is installed then."""
	if "erpnext" not in one_bench.apps:
		pytest.skip(f"{one_bench.name} has no accounting application")
	site = one_bench.new_site("banksync-grown.localhost", APP)
	try:
		site.run(FILL)
		before = site.run(READ)
		yield site, before, site.command("install-app", "erpnext")
	finally:
		site.drop()


def test_before_it_the_doctypes_are_ours(grown: tuple[Site, dict[str, Any], str]) -> None:
	assert grown[1]["modules"] == ["Dokos Banksync"]
	assert [row[2] for row in grown[1]["transactions"]] == [0, 0, 0]


def test_no_row_and_no_value_is_lost(grown: tuple[Site, dict[str, Any], str]) -> None:
	site, before, _ = grown
	after = site.run(READ)
	assert after["modules"] == ["Accounts"]
	for part in ("counts", "account", "movements", "categories", "category", "secret"):
		assert after[part] == before[part], part
	expected = [[day, label, origin] for day, label, _docstatus, _status, origin in before["transactions"]]
	assert [[row[0], row[1], row[4]] for row in after["transactions"]] == expected


def test_its_transactions_are_submitted_and_wait_for_reconciliation(
	grown: tuple[Site, dict[str, Any], str],
) -> None:
	after = grown[0].run(READ)
	assert [(row[2], row[3]) for row in after["transactions"]] == [(1, "Unreconciled")] * 3
	amounts = grown[0].run(
		"answer = frappe.get_all('Bank Transaction', pluck='unallocated_amount', order_by='date')"
	)
	assert [abs(amount) for amount in amounts] == [25, 12.34, 0.66]


def test_it_says_what_is_left_to_do(grown: tuple[Site, dict[str, Any], str]) -> None:
	site, _, result = grown
	assert "give it its company and its account of the chart" in " ".join(result.split())
	notes = site.run(
		"answer = frappe.get_all('Notification Log', filters={'for_user': 'Administrator'}, pluck='subject')"
	)
	assert any("Every row is still there" in note for note in notes)


def test_our_own_fields_take_their_place_and_a_migration_changes_nothing_more(
	grown: tuple[Site, dict[str, Any], str],
) -> None:
	site = grown[0]
	after = site.run(READ)
	site.command("migrate", "--skip-search-index")
	assert site.run(READ) == after
	fields = site.run(
		"answer = frappe.get_all('Custom Field', filters={'module': 'Dokos Banksync'}, pluck='name')"
	)
	assert {
		"Bank Transaction-banksync_origin",
		"Bank Account-banksync_opening_balance",
		"Sync Connection-company",
	} <= set(fields)


def test_when_it_goes_again_the_app_still_stands(grown: tuple[Site, dict[str, Any], str]) -> None:
	"""The host takes its doctypes and their rows with it; ours come back empty, and nothing crashes."""
	site = grown[0]
	with suppress(AssertionError):
		# ERPNext 15 stumbles over a document event of its own once its tables are gone.
		site.command("uninstall-app", "erpnext", "--yes", "--no-backup")
	site.command("migrate", "--skip-search-index")
	assert (
		site.run("answer = frappe.db.get_value('DocType', 'Bank Transaction', 'module')") == "Dokos Banksync"
	)
	left = site.run("answer = bool(frappe.db.exists('DocType', 'Company'))")  # Dokos leaves it behind
	assert site.has("Sync Connection", "company") == left
	assert site.run("answer = [frappe.db.count('Bank Transaction'), frappe.db.count('Sync Connection')]") == [
		0,
		1,
	]
	site.command("migrate", "--skip-search-index")
