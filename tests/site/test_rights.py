"""No call reaches what User Permissions keep from a user: every call of the registry, under each kind of limit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from dokos_banksync.actions.registry import METHODS
from tests.calls import SHORT, dotted
from tests.site.bench import Client
from tests.site.test_api import AURORE, MINE, NO, OTHER, REFUSED, Held, held, server
from tests.site.test_api_review import ROWS

__all__ = ["held", "server"]

EVERY_ROLE = ("Bank Sync Manager", "Accounts Manager", "Accounts User")
ELSEWHERE = "BS Elsewhere"

_FOUND = """
account = frappe.get_value("Sync Remote Account", {"parent": connection, "bank_account": ("is", "set")}, "bank_account")
if company:
	frappe.db.set_value("Bank Account", account, "company", company)
source, iban = frappe.get_value("Sync Remote Account", {"parent": connection, "bank_account": account}, ["name", "iban"])
lines = frappe.get_all("Sync Line", {"bank_account": account, "bank_transaction": ("is", "set")}, ["name", "bank_transaction"], limit=2)
run = frappe.get_all("Sync Run", {"connection": connection}, pluck="name", order_by="creation desc", limit=1)[0]
certificate = frappe.get_doc({"doctype": "Sync Certificate", "bank_account": account})
certificate.name = "BS-CERT-" + connection
if not frappe.db.exists("Sync Certificate", certificate.name):
	certificate.db_insert()
answer = {"account": account, "source": source, "iban": iban or "", "line": lines[0].name, "run": run,
	"transactions": [line.bank_transaction for line in lines], "certificate": certificate.name}
"""
_ELSEWHERE = """
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
if not frappe.db.exists("Bank", name):
	frappe.get_doc({"doctype": "Bank", "bank_name": name}).insert()
for doctype, fields in {
	"Bank Account": {"account_name": name, "bank": name, "is_company_account": 1, **({"company": company} if company else {})},
	"Sync Provider": {"provider_name": name, "provider_type": "Bridge", "environment": "Sandbox", "enabled": 1},
	"Sync Connection": {"bank": name, "provider": name, "status": "Connecting"},
}.items():
	if not frappe.db.exists(doctype, name):
		doc = frappe.get_doc({"doctype": doctype, **fields})
		doc.name = name
		doc.db_insert()
"""
_STATE = """
answer = {
	doctype: [frappe.db.count(doctype), str(frappe.db.sql(f"SELECT MAX(modified) FROM `tab{doctype}`")[0][0])]
	for doctype in (
		"Bank Transaction", "Bank Account", "Sync Certificate", "Sync Run", "Sync Line", "Sync Connection",
		"Sync Separate Pair", "Sync Plan",
	)
}
answer["rows"] = frappe.get_all("Sync Remote Account", {"parent": connection}, ["name", "bank_account"], order_by="name")
"""


@dataclass(frozen=True)
class Theirs:
	"""What belongs to others: nobody in these tests may see it."""

	held: Held
	account: str
	source: str
	iban: str
	line: str
	run: str
	transactions: tuple[str, ...]
	certificate: str

	@property
	def marks(self) -> tuple[str, ...]:
		"""What an answer must not hold."""
		made = self.held.made
		found = (made.name, self.account, self.source, self.iban, self.line, self.run, *self.transactions)
		return tuple(filter(None, found))

	def state(self) -> Any:
		return self.held.made.data(_STATE)


LIMITS: Mapping[str, Callable[[Held], str]] = {
	"Company": lambda held: OTHER,
	"Bank": lambda held: ELSEWHERE,
	"Bank Account": lambda held: ELSEWHERE,
	"Sync Provider": lambda held: ELSEWHERE,
	"Sync Connection": lambda held: ELSEWHERE,
}
"""The doctypes that User Permissions may limit a user to, and the one document that is left."""

CASES: Mapping[str, Callable[[Theirs], dict[str, object]]] = {
	"account_choices": lambda of: {"bank": of.held.made.bank},
	"update_accounts": lambda of: {
		"bank": of.held.made.bank,
		"choices": json.dumps([{"source": of.source, "bank_account": ELSEWHERE}]),
	},
	"account_review": lambda of: {"bank_account": of.account},
	"add_category": lambda of: {"category_name": f"BS {uuid4().hex[:6]}"},
	"rename_category": lambda of: {"category": "BS NOBODY", "category_name": "x"},
	"delete_category": lambda of: {"category": "BS NOBODY"},
	"make_certificate": lambda of: {"bank_account": of.account, "month": "2026-10"},
	"certificate_review": lambda of: {"certificate": of.certificate},
	"bank_state": lambda of: {"bank": of.held.made.bank},
	"institutions": lambda of: {"provider": of.held.made.provider, "search": "aurore"},
	"institution_logos": lambda of: {"provider": of.held.made.provider, "search": "aurore"},
	"begin_connect": lambda of: {
		"bank": of.held.made.bank,
		"provider": of.held.made.provider,
		"institution_id": AURORE,
		"company": of.held.company,
	},
	"begin_reconnect": lambda of: {"connection": of.held.made.name},
	"disconnect": lambda of: {"connection": of.held.made.name},
	"forget_connection": lambda of: {"connection": of.held.made.name},
	"history": lambda of: {"bank": of.held.made.bank},
	"fetch_transactions": lambda of: {"connection": of.held.made.name},
	"run_updates": lambda of: {"connections": json.dumps([of.held.made.name])},
	"fetch_accounts": lambda of: {"connection": of.held.made.name},
	"preview_connection": lambda of: {"connection": of.held.made.name},
	"apply_preview": lambda of: {"connection": of.held.made.name, "key": "x"},
	"find_duplicates": lambda of: {"bank_account": of.account},
	"merge_transactions": lambda of: {"keep": of.transactions[0], "other": of.transactions[1]},
	"keep_both": lambda of: {"one": of.transactions[0], "other": of.transactions[1]},
	"delete_transaction": lambda of: {"name": of.transactions[0]},
	"preview_file": lambda of: {"bank_account": of.account, "file_name": "a.csv", "content": ROWS},
	"import_file": lambda of: {"bank_account": of.account, "file_name": "a.csv", "content": ROWS, "key": "x"},
	"account_proof": lambda of: {"bank_account": of.account},
	"accept_difference": lambda of: {"bank_account": of.account},
	"providers": lambda of: {},
	"provider_fields": lambda of: {},
	"check_provider": lambda of: {"provider": of.held.made.provider},
	"explain_bank_transaction": lambda of: {"name": of.transactions[0]},
	"explain_sync_line": lambda of: {"name": of.line},
	"run_review": lambda of: {"run": of.run},
	"preview_undo": lambda of: {"run": of.run},
	"undo_run": lambda of: {"run": of.run},
	"reversed_signs": lambda of: {"bank_account": of.account},
	"correct_signs": lambda of: {"bank_account": of.account},
	"connection_quotas": lambda of: {"connection": of.held.made.name},
	"open_questions": lambda of: {"bank_account": of.account},
	"answer_question": lambda of: {"line": of.line, "transaction": of.transactions[0]},
	"account_pictures": lambda of: {"bank_account": of.account},
	"picture_accounts": lambda _: {},
	"find_missing": lambda of: {"bank_account": of.account},
	"take_missing": lambda of: {
		"bank_account": of.account,
		"connection": of.held.made.name,
		"since": "2026-10-01",
		"everything": "1",
	},
}
LISTS = frozenset(
	{"picture_accounts", "account_choices", "bank_state", "history", "providers", "provider_fields"}
)
"""Calls that answer with what is left: all of it may be nothing."""
OF_A_PROVIDER = frozenset({"institutions", "institution_logos", "check_provider", "begin_connect"})
"""Providers are of the whole site: only a limit to other providers keeps them from a user; and `begin_connect` minds
the bank and the company too."""
OF_NOBODY = frozenset({"add_category", "rename_category", "delete_category"})
"""Categories are of the whole site."""


OF_THE_BOOKS = frozenset(
	{
		*("account_pictures", "picture_accounts", "reversed_signs"),
		*("account_review", "account_proof", "accept_difference", "make_certificate", "certificate_review"),
		*("find_duplicates", "merge_transactions", "keep_both", "delete_transaction", "open_questions"),
		*("answer_question", "preview_file", "import_file", "explain_bank_transaction", "explain_sync_line"),
	}
)
"""Calls about a Bank Account and what stands on it: whoever sees the books sees where they come from, whatever
connections and providers they are kept from."""
OF_CONNECTIONS = ("Sync Provider", "Sync Connection")


@pytest.fixture(scope="module")
def theirs(held: Held) -> Theirs:
	held.made.sync()
	held.site.run(_ELSEWHERE, name=ELSEWHERE, company=OTHER if held.company else "")
	found = held.made.data(_FOUND, company=held.company)
	return Theirs(held, **{**found, "transactions": tuple(found["transactions"])})


@pytest.fixture(scope="module")
def limited(theirs: Theirs) -> Mapping[str, Client]:
	"""Users with every role of ours, each limited to one document of one doctype."""
	site, clients = theirs.held.site, {}
	for doctype, left in LIMITS.items():
		if doctype == "Company" and not theirs.held.company:
			continue
		user = f"limit.{doctype.lower().replace(' ', '')}@example.org"
		site.user(user, *EVERY_ROLE, permissions=[(doctype, left(theirs.held))])
		clients[doctype] = site.client(user)
	return clients


def test_every_call_of_the_registry_has_a_case() -> None:
	assert set(CASES) == set(SHORT)
	assert len(SHORT) == len(METHODS)


@pytest.mark.parametrize("method", sorted(SHORT))
def test_no_call_reaches_what_a_limit_keeps_from_a_user(
	theirs: Theirs, limited: Mapping[str, Client], method: str
) -> None:
	before = theirs.state() if method not in OF_A_PROVIDER else None
	for doctype, client in limited.items():
		if method in OF_THE_BOOKS and doctype in OF_CONNECTIONS:
			continue
		given = CASES[method](theirs)
		answer = client.call(dotted(method), **given)
		asked = json.dumps(given)
		shown = {theirs.account} if method == "account_choices" and doctype in OF_CONNECTIONS else set()
		leaked = [m for m in theirs.marks if m in answer.text and m not in asked and m not in shown]
		assert not leaked, (doctype, leaked)
		if method in OF_NOBODY or (method in OF_A_PROVIDER and doctype != "Sync Provider"):
			continue
		if method in LISTS:
			assert answer.ok or answer.status_code in (NO, REFUSED), (doctype, answer.text)
		else:
			assert answer.status_code in (NO, REFUSED), (doctype, answer.text[:500])
	assert method in OF_A_PROVIDER or theirs.state() == before


@pytest.mark.parametrize("doctype", ["Sync Connection", "Sync Remote Account", "Sync Run", "Sync Line"])
def test_no_list_shows_what_a_limit_keeps_from_a_user(
	theirs: Theirs, limited: Mapping[str, Client], doctype: str
) -> None:
	name = theirs.held.made.name
	field = (
		"parent"
		if doctype == "Sync Remote Account"
		else "name"
		if doctype == "Sync Connection"
		else "connection"
	)
	parent = {"parent": "Sync Connection"} if field == "parent" else {}
	for limit, client in limited.items():
		if doctype == "Sync Line" and limit in OF_CONNECTIONS:
			continue
		listed = client.get(
			f"/api/resource/{doctype}",
			fields=json.dumps(["name", field]),
			filters=json.dumps([[doctype, field, "=", name]]),
			limit_page_length=0,
			**parent,
		)
		assert not listed.ok or listed.json()["data"] == [], (limit, listed.text[:500])
		if doctype == "Sync Connection":
			assert client.get(f"/api/resource/{doctype}/{name}").status_code == NO, limit


def test_a_limit_made_for_another_doctype_opens_and_closes_nothing(theirs: Theirs) -> None:
	"""`applicable_for`: a rule for sales orders does not add its company to those of connections."""
	if not theirs.held.company:
		pytest.skip(f"{theirs.held.site.name} has no companies")
	site, user = theirs.held.site, "limit.applicable@example.org"
	site.user(user, *EVERY_ROLE, permissions=[("Company", OTHER)])
	site.run(
		"""
frappe.get_doc({
	"doctype": "User Permission", "user": who, "allow": "Company", "for_value": company,
	"apply_to_all_doctypes": 0, "applicable_for": "Bank Transaction",
}).insert()
frappe.clear_cache(user=who)
""",
		who=user,
		company=MINE,
	)
	answer = site.client(user).call(dotted("bank_state"), bank=theirs.held.made.bank)
	assert answer.ok, answer.text
	assert answer.json()["message"]["connections"] == []


def test_to_delete_or_merge_takes_the_rights_to_cancel_and_delete(theirs: Theirs) -> None:
	"""On hosts where bank transactions are submitted, an Accounts User may lack one of them."""
	site = theirs.held.site
	user = site.user("limit.user@example.org", "Accounts User")
	may = site.run(
		"answer = [bool(frappe.has_permission('Bank Transaction', r, doc=n)) for r in ('cancel', 'delete')]",
		user=user,
		n=theirs.transactions[0],
	)
	submitted = site.run("answer = frappe.get_meta('Bank Transaction').is_submittable")
	allowed = may[1] and (may[0] or not submitted)
	before, client = theirs.state(), site.client(user)
	deleted = client.call(dotted("delete_transaction"), name=theirs.transactions[0])
	assert deleted.ok == allowed, deleted.text
	if allowed:
		client.call(dotted("undo_run"), run=deleted.json()["message"]["run"])
		return
	keep, other = theirs.transactions
	assert deleted.status_code == NO
	assert client.call(dotted("merge_transactions"), keep=keep, other=other).status_code == NO
	assert theirs.state() == before


_SENT = """
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.hosts.frappe.progress import RunProgress
sent = []
frappe.publish_realtime = lambda event, message=None, **where: sent.append(where)
reporter = RunProgress(FrappeLedger().connection(connection), "anne@example.org", Translations("en"))
reporter.progress("fetch", 1, 2)
reporter.end({"message": "done"})
answer = sent
"""


def test_the_progress_of_a_run_goes_to_those_who_see_its_connection(theirs: Theirs) -> None:
	"""A Bank is shared by the companies of a site: whoever has its form open is told nothing."""
	made = theirs.held.made
	connection = {"doctype": "Sync Connection", "docname": made.name}
	assert made.run(_SENT) == [connection, {"user": "anne@example.org"}] * 2
