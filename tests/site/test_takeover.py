"""The host's own Plaid synchronisation is taken over, on real sites, and given back.

Bank, Bank Accounts and Bank Transactions are made by the host's own code (`plaid_settings`), from the answers of a
sandbox of Plaid.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from dokos_banksync.core.model import FetchRequest, Line, LineState
from dokos_banksync.core.provider import NO_SECRET, Access, ConnectRequest
from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET
from tests.providers.plaid.stage import PlaidStage, serve
from tests.site.bench import Site

CLEAR = """
accounts = frappe.get_all("Bank Account", {"bank": ("like", "Plaid Bank %")}, pluck="name")
frappe.db.set_value("Bank Account", {"name": ("in", accounts)}, "integration_id", None)
frappe.db.delete("Bank Transaction", {"bank_account": ("in", accounts)})
frappe.db.delete("Bank Transaction", {"bank_account": ("is", "not set")})
ended = {"status": "Disconnected", "remote_id": "", "automatic": 0}
frappe.db.set_value("Sync Connection", {"bank": ("like", "Plaid Bank %")}, ended)
"""
"""A sandbox gives the same ids to each test, and the host takes each of them once."""
MAKE = """
from erpnext.erpnext_integrations.doctype.plaid_settings import plaid_settings
company = frappe.db.get_value("Account", {"account_type": "Bank", "is_group": 1}, "company")
bank_doc = frappe.get_doc({"doctype": "Bank", "bank_name": bank, "plaid_access_token": token}).insert()
made = plaid_settings.add_bank_accounts(
	json.dumps({"accounts": accounts, "institution": {"name": bank}}), json.dumps({"bank_name": bank}), company
)
for row in rows:
	plaid_settings.new_bank_transaction(row)
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
texts = {"client_id": keys[0], "environment": "sandbox", "countries": "US,FR"}
FrappeLedger().add_provider("Plaid", Subscription(provider, texts, {"client_secret": Secret(keys[1])}, url), "Sandbox")
frappe.db.commit()
answer = made
"""
READ = """
found = frappe.get_all("Bank Transaction", {"bank_account": ("in", accounts)}, ["*"], order_by="name")
for row in found:
	row.pop("modified"), row.pop("modified_by")
answer = json.loads(frappe.as_json({
	"rows": found,
	"ids": frappe.get_all("Bank Account", {"name": ("in", accounts)}, ["name", "integration_id"], order_by="name"),
	"token": frappe.db.get_value("Bank", bank, "plaid_access_token"),
}))
"""
CALL = """
from dokos_banksync.api import takeover, review
answer = json.loads(frappe.as_json(getattr({"takeover": takeover, "review": review}[module], method)(**given)))
frappe.db.commit()
"""
SYNC = """
from dokos_banksync.tasks import run_connection
run_connection(connection, "manual", "Administrator")
run = frappe.get_all("Sync Run", {"connection": connection}, ["*"], order_by="started_at desc", limit=1)[0]
answer = json.loads(frappe.as_json(run))
"""
HOST_SYNC = """
from unittest.mock import patch
from erpnext.erpnext_integrations.doctype.plaid_settings import plaid_settings
with patch.object(plaid_settings.frappe, "enqueue") as queue:
	plaid_settings.enqueue_synchronization()
answer = [call.kwargs["bank_account"] for call in queue.call_args_list]
"""
REVERSED = "answer = not frappe.get_meta('Bank Transaction').has_field('transaction_id')"


@dataclass
class Host:
	"""A site whose own code has imported from an item of the sandbox."""

	site: Site
	stage: PlaidStage
	bank: str = field(default_factory=lambda: f"Plaid Bank {uuid4().hex[:6]}")
	accounts: list[str] = field(default_factory=list)
	lines: list[Line] = field(default_factory=list)

	def fill(self, *, without: int = 0) -> None:
		"""Import with the host's own code all rows but the latest few."""
		access = self.stage.connect(
			ConnectRequest("http://127.0.0.1:9/back", "s", "u", "", Access(), "ins_574")
		)
		remote = [
			one
			for one in self.stage.provider.accounts(access)
			if one.account_name.startswith("Compte courant pro")
		]
		asks = [FetchRequest(one.remote_id) for one in remote]
		found = [line for page in self.stage.provider.changes(access, asks) for line in page.lines]
		booked = sorted((one for one in found if one.state is LineState.BOOKED), key=lambda one: one.date)
		self.lines = booked
		self.accounts = self.site.run(
			"import json\n" + MAKE,
			bank=self.bank,
			token=(access.grant.read() or NO_SECRET).reveal(),
			accounts=[_account(self.bank, one.remote_id) for one in remote],
			rows=[_as_the_sdk_gives(line) for line in booked[: len(booked) - without]],
			provider=self.bank,
			keys=[CLIENT_ID, SECRET],
			url=self.stage.server.plaid_url,
		)

	def read(self) -> dict[str, Any]:
		return self.site.run("import json\n" + READ, bank=self.bank, accounts=self.accounts)

	def call(self, name: str, **given: str) -> Any:
		module, _, method = name.partition(".")
		return self.site.run("import json\n" + CALL, module=module, method=method, given=given)

	def take_over(self) -> str:
		return self.call("takeover.begin_takeover", bank=self.bank, provider=self.bank)["connection"]

	def preview(self) -> dict[str, Any]:
		[account] = self.call("takeover.preview_takeover", bank=self.bank, provider=self.bank)["accounts"]
		return account

	def sync(self, connection: str) -> dict[str, Any]:
		return self.site.run("import json\n" + SYNC, connection=connection)


def _account(bank: str, remote_id: str) -> dict[str, str]:
	return {
		"id": remote_id,
		"name": f"Checking {bank[-6:]}",
		"type": "depository",
		"subtype": "checking",
		"mask": "0000",
	}


def _as_the_sdk_gives(line: Line) -> dict[str, Any]:
	"""A row of `/transactions/get`, of which the hosts read fields that `/transactions/sync` may leave out."""
	row = json.loads(line.raw)
	meta = {"payment_method": None, "reference_number": None, **(row.get("payment_meta") or {})}
	filled = {
		"category": ["Shops"],
		"category_id": "19000000",
		"payment_meta": meta,
		"amount": float(row["amount"]),
	}
	return {"check_number": None, "transaction_code": None, **row, **filled}


@pytest.fixture
def host(site: Site) -> Iterator[Host]:
	if "erpnext" not in site.bench.apps or site.name.startswith("frappe"):
		pytest.skip("Frappe alone has no Plaid")
	site.run(CLEAR)
	with serve() as server:
		stage = PlaidStage(server)
		yield Host(site, stage)
		stage.close()


def test_shown_taken_over_and_given_back(host: Host) -> None:
	host.fill(without=2)
	reversed_signs = host.site.run(REVERSED)
	before, count = host.read(), len(host.lines)
	shown = host.preview()
	known = "sign_reversed" if reversed_signs else "linked_by_id"
	assert shown["counts"] == {known: count - 2, "new": 2, "unmatched": 0}
	assert host.read() == before, "a preview changes nothing"
	connection = host.take_over()
	after = host.read()
	assert after["token"] is None
	assert [one["integration_id"] for one in after["ids"]] == [None]
	assert not set(host.accounts) & set(host.site.run(HOST_SYNC)), "the host's own job leaves it out"
	run = host.sync(connection)
	assert (run["status"], run["created"]) == ("Success", 2)
	assert len(host.read()["rows"]) == count
	assert host.sync(connection)["created"] == 0
	done = host.call("takeover.end_takeover", connection=connection)
	assert done["kept_count"] == 0
	assert host.read() == before
	assert set(host.accounts) <= set(host.site.run(HOST_SYNC))


def test_reversed_signs_are_corrected_when_asked(host: Host) -> None:
	if not host.site.run(REVERSED):
		pytest.skip("this host stores Plaid's amounts with their sign")
	host.fill()
	before = host.read()
	connection = host.take_over()
	host.sync(connection)
	[account] = host.accounts
	assert host.call("review.reversed_signs", bank_account=account)["correctable"] == len(host.lines)
	host.call("review.correct_signs", bank_account=account)
	stored = {row["reference_number"]: row for row in host.read()["rows"]}
	for line in host.lines:
		row = stored[line.remote_id]
		assert row["credit"] - row["debit"] == float(line.amount)
		assert row["unallocated_amount"] == float(line.amount)
	assert host.call("review.reversed_signs", bank_account=account)["count"] == 0
	host.call("takeover.end_takeover", connection=connection)
	assert host.read() == before
