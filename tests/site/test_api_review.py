"""Who may look at and repair what, by each kind of user: every call is made, and its answer asserted."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import pytest

from dokos_banksync.actions.registry import METHODS
from tests.calls import REVIEWING, dotted
from tests.site.test_api import NO, OK, OTHER, REFUSED, Held, held, server

__all__ = ["held", "server"]

_FIND = """
account = frappe.get_value("Sync Remote Account", {"parent": connection, "bank_account": ("is", "set")}, "bank_account")
line = frappe.get_all("Sync Line", {"bank_account": account, "bank_transaction": ("is", "set")}, ["name", "bank_transaction"], limit=1)[0]
run = frappe.get_all("Sync Run", {"connection": connection}, pluck="name", order_by="creation desc", limit=1)[0]
answer = {"account": account, "line": line.name, "transaction": line.bank_transaction, "run": run}
"""
_STATE = """
answer = {
	doctype: frappe.get_all(doctype, filters, pluck="name", order_by="name", limit_page_length=0)
	for doctype, filters in {
		"Bank Transaction": {"bank_account": account, "docstatus": ("<", 2)}, "Sync Certificate": {"bank_account": account},
		"Sync Run": {},
	}.items()
}
"""

_READ_ONLY = """
from frappe.permissions import add_permission
before = frappe.get_all("Custom DocPerm", pluck="name", limit_page_length=0)
if not frappe.db.exists("Role", role):
	frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": 1}).insert()
for doctype in ("Sync Connection", "Sync Run", "Sync Line", "Bank Account", "Bank Transaction"):
	add_permission(doctype, role)
answer = before
"""
_AS_BEFORE = """
frappe.db.delete("Custom DocPerm", {"name": ("not in", before or [""])})
frappe.clear_cache()
"""
_OTHER_BANK = """
if not frappe.db.exists("Bank", name):
	frappe.get_doc({"doctype": "Bank", "bank_name": name}).insert()
"""


@dataclass(frozen=True)
class Review:
	"""What a fetch brought, by the names that the calls take."""

	held: Held
	account: str
	line: str
	transaction: str
	run: str

	def state(self) -> Any:
		return self.held.made.data(_STATE, account=self.account)


@pytest.fixture(scope="module")
def review(held: Held) -> Review:
	held.made.sync()
	if held.company:
		code = "frappe.db.set_value('Bank Account', account, 'company', company)"
		found = held.made.data(_FIND)
		held.made.data(code, account=found["account"], company=held.company)
	return Review(held, **held.made.data(_FIND))


ROWS = b64encode(b"Date;Label;Amount\n13/10/2026;CAFE;-3,20\n").decode()
LOOKS = {
	"account_review": lambda of: {"bank_account": of.account},
	"explain_bank_transaction": lambda of: {"name": of.transaction},
	"explain_sync_line": lambda of: {"name": of.line},
	"run_review": lambda of: {"run": of.run},
	"preview_undo": lambda of: {"run": of.run},
	"find_duplicates": lambda of: {"bank_account": of.account},
	"open_questions": lambda of: {"bank_account": of.account},
	"reversed_signs": lambda of: {"bank_account": of.account},
	"account_pictures": lambda of: {"bank_account": of.account},
	"account_proof": lambda of: {"bank_account": of.account},
}
"""Of documents that are there: whoever may read them may look."""

NOBODY = "BS NOBODY"
OF_THE_HOST: dict[str, dict[str, str]] = {
	"takeover_providers": {},
	"use_plaid_settings": {},
	"preview_takeover": {"bank": NOBODY, "provider": NOBODY},
	"begin_takeover": {"bank": NOBODY, "provider": NOBODY},
	"end_takeover": {"connection": NOBODY},
}
"""Calls about the site's own Plaid synchronisation, which the standalone site lacks."""
REPAIRS = {
	"find_missing": {"bank_account": NOBODY},
	"take_missing": {"bank_account": NOBODY, "connection": NOBODY, "since": "2026-10-01", "chosen": '["1"]'},
	"preview_connection": {"connection": NOBODY},
	"apply_preview": {"connection": NOBODY, "key": "x"},
	"preview_file": {"bank_account": NOBODY, "file_name": "a.csv", "content": ROWS},
	"import_file": {"bank_account": NOBODY, "file_name": "a.csv", "content": ROWS, "key": "x"},
	"undo_run": {"run": NOBODY},
	"merge_transactions": {"keep": NOBODY, "other": NOBODY},
	"keep_both": {"one": NOBODY, "other": NOBODY},
	"delete_transaction": {"name": NOBODY},
	"answer_question": {"line": NOBODY},
	"correct_signs": {"bank_account": NOBODY},
	"accept_difference": {"bank_account": NOBODY},
	"make_certificate": {"bank_account": NOBODY, "month": "2026-10"},
	"certificate_review": {"certificate": NOBODY},
}
"""Of documents that nobody has: whoever may call gets as far as that."""


_WHITELISTED = """
import importlib, pkgutil
import dokos_banksync.api as api
answer = []
for found in pkgutil.iter_modules(api.__path__):
	module = importlib.import_module(f"dokos_banksync.api.{found.name}")
	own = [n for n, f in vars(module).items() if getattr(f, "__module__", "") == module.__name__ and f in frappe.whitelisted]
	answer += [f"{found.name}.{name}" for name in own]
"""


def test_the_matrix_has_every_call(held: Held) -> None:
	known = held.site.run(_WHITELISTED)
	beside = {"callback", "receive", "last_run", "categories_below", "job_status", "cancel_job"}
	beside |= set(OF_THE_HOST)
	assert set(known) == {path.split(".", 2)[2] for path in METHODS} | {
		name for name in known if name.partition(".")[2] in beside
	}
	assert {*LOOKS, *REPAIRS} == set(REVIEWING)


@pytest.mark.parametrize("method", LOOKS)
def test_who_may_look(review: Review, method: str) -> None:
	given = LOOKS[method](review)
	expected = {"guest": NO, "portal": NO, "user": OK, "accountant": OK}
	answers = {name: review.held.user(name).call(dotted(method), **given) for name in expected}
	assert {name: answer.status_code for name, answer in answers.items()} == expected
	if review.held.company:
		elsewhere = review.held.user("elsewhere").call(dotted(method), **given)
		# As of a document that is not there.
		assert elsewhere.status_code == NO or elsewhere.json()["code"] == "BS-601"


@pytest.mark.parametrize("method", REPAIRS)
def test_who_may_repair(review: Review, method: str) -> None:
	expected = {"guest": NO, "portal": NO, "user": REFUSED, "accountant": REFUSED}
	answers = {name: review.held.user(name).call(dotted(method), **REPAIRS[method]) for name in expected}
	assert {name: answer.status_code for name, answer in answers.items()} == expected
	assert answers["user"].json()["code"] == "BS-601"


def test_nobody_repairs_the_books_of_another_company(review: Review) -> None:
	if not review.held.company:
		pytest.skip(f"{review.held.site.name} has no companies")
	roles = ("Bank Sync Manager", "Accounts Manager", "Accounts User")
	site = review.held.site
	other = site.client(site.user("api.other@example.org", *roles, permissions=[("Company", OTHER)]))
	before = review.state()
	account = {"bank_account": review.account}
	for method, given in {
		"undo_run": {"run": review.run},
		"delete_transaction": {"name": review.transaction},
		"merge_transactions": {"keep": review.transaction, "other": review.transaction},
		"answer_question": {"line": review.line},
		"make_certificate": {**account, "month": "2026-10"},
		"accept_difference": account,
		"find_missing": account,
		"find_duplicates": account,
		"account_proof": account,
		"preview_file": {**account, "file_name": "a.csv", "content": ROWS},
		"preview_connection": {"connection": review.held.made.name},
		"explain_bank_transaction": {"name": review.transaction},
		"explain_sync_line": {"name": review.line},
	}.items():
		answer = other.call(dotted(method), **given)
		assert answer.status_code in (NO, REFUSED), method
		assert "Bridge" not in answer.text
	assert review.state() == before


def test_who_only_reads_decides_nothing(review: Review) -> None:
	site, role = review.held.site, "BS Reader"
	before = site.run(_READ_ONLY, role=role)
	try:
		reader = site.client(site.user("api.reader@example.org", role))
		state, account = review.state(), {"bank_account": review.account}
		assert reader.call(dotted("account_proof"), **account).ok
		for method, given in {
			"delete_transaction": {"name": review.transaction},
			"merge_transactions": {"keep": review.transaction, "other": review.transaction},
			"undo_run": {"run": review.run},
			"answer_question": {"line": review.line},
			"accept_difference": account,
			"make_certificate": {**account, "month": "2026-10"},
			"import_file": {**account, "file_name": "a.csv", "content": ROWS, "key": "x"},
			"take_missing": {**account, "connection": review.held.made.name, "since": "2026-10-01"},
			"apply_preview": {"connection": review.held.made.name, "key": "x"},
		}.items():
			assert reader.call(dotted(method), **given).status_code == NO, method
		assert review.state() == state
	finally:
		site.run(_AS_BEFORE, before=before)


def test_who_is_limited_to_a_bank_reaches_no_transaction_of_another(review: Review) -> None:
	site, bank = review.held.site, "BS Bank of nobody"
	site.run(_OTHER_BANK, name=bank)
	limited = site.client(site.user("api.bank@example.org", "Accounts User", permissions=[("Bank", bank)]))
	before, two = review.state(), {"one": review.transaction, "other": review.transaction}
	for method, given in {
		"explain_bank_transaction": {"name": review.transaction},
		"delete_transaction": {"name": review.transaction},
		"keep_both": two,
	}.items():
		answer = limited.call(dotted(method), **given)
		assert (answer.status_code, answer.json().get("code")) == (REFUSED, "BS-601"), method
	assert review.state() == before


def test_what_writes_is_no_get(review: Review) -> None:
	user = review.held.user("user")
	for method in sorted(REPAIRS.keys() - {"certificate_review"}):
		assert user.get(f"/api/method/{dotted(method)}", **REPAIRS[method]).status_code == NO, method


def test_a_certificate_is_made_by_certifying_alone_and_never_changes(review: Review) -> None:
	user = review.held.user("accountant")
	made = user.call(dotted("make_certificate"), bank_account=review.account, month="2026-10").json()[
		"message"
	]
	assert user.call(dotted("certificate_review"), certificate=made["name"]).json()["message"]["days"] == []
	doc = f"/api/resource/Sync Certificate/{made['name']}"
	assert user.get(doc).ok
	assert user.post("/api/resource/Sync Certificate", bank_account=review.account).status_code == NO
	change = {"doctype": "Sync Certificate", "name": made["name"], "fieldname": "closing", "value": "1"}
	assert not user.call("frappe.client.set_value", **change).ok
	kept = review.held.site.run(
		"""
	doc = frappe.get_doc("Sync Certificate", name)
	html = frappe.get_print("Sync Certificate", name, print_format="Sync Certificate")
	try:
		doc.save(ignore_permissions=True)
		answer = "saved"
	except frappe.ValidationError:
		answer = ["Certificate of completeness" in html, doc.page["days"] != []]
	""",
		name=made["name"],
	)
	assert kept == [True, True]


def test_what_a_user_decides_is_undone_by_the_same_user(review: Review) -> None:
	user = review.held.user("accountant")  # an Accounts User of Dokos may not cancel
	before = review.state()["Bank Transaction"]
	deleted = user.call(dotted("delete_transaction"), name=review.transaction)
	assert deleted.ok, deleted.text
	run = deleted.json()["message"]["run"]
	assert review.transaction not in review.state()["Bank Transaction"]
	assert user.call(dotted("run_review"), run=run).json()["message"]["undoable"]
	undone = user.call(dotted("undo_run"), run=run)
	assert undone.ok, undone.text
	assert review.state()["Bank Transaction"] == before


@pytest.mark.parametrize("method", sorted(OF_THE_HOST))
def test_only_who_manages_connections_takes_over(review: Review, method: str) -> None:
	path = f"dokos_banksync.api.takeover.{method}"
	for user in ("guest", "portal", "user"):
		assert review.held.user(user).call(path, **OF_THE_HOST[method]).status_code == NO, user
