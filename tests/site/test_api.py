"""What a browser may call, by each kind of user: every call is made, and its answer asserted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4

import pytest
import requests

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.calls import CONNECTING, dotted
from tests.site.bench import Client, Site
from tests.site.journeys import Connected, connect, own_queue

API = "dokos_banksync.api.connections."
CALLBACK = f"/api/method/{API}callback"
MINE, OTHER = "BS Company One", "BS Company Two"
AURORE = "601"

_COMPANIES = """
if frappe.db.exists("DocType", "Company"):
	for name, short in (("BS Company One", "BSO"), ("BS Company Two", "BST")):
		if not frappe.db.exists("Company", name):
			fields = {"company_name": name, "abbr": short, "default_currency": "EUR", "country": "France"}
			doc = frappe.get_doc({"doctype": "Company", **fields})
			doc.name = name
			doc.db_insert()
	frappe.db.set_value("Sync Connection", connection, "company", "BS Company One")
answer = frappe.get_value("Sync Connection", connection, ["remote_user", "remote_id"])
"""
_SPARE = """
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
answer = FrappeLedger().add_connection(bank, provider, "574", company).name
"""
_FORGET = """
for name in frappe.get_all("Sync Connection", {"provider": provider}, pluck="name"):
	frappe.db.set_value("Sync Connection", name, {"automatic": 0, "status": "Disconnected"})
frappe.db.set_value("Sync Provider", provider, "enabled", 0)
frappe.db.delete("Company", {"name": ("like", "BS Company %")}) if frappe.db.exists("DocType", "Company") else None
"""


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
	with SandboxServer(World(years=0.25)) as running:
		yield running


@dataclass(frozen=True)
class Held:
	"""A connection of the company MINE, where the site has companies."""

	made: Connected
	company: str
	secrets: tuple[str, ...]
	clients: dict[str, Client]

	@property
	def site(self) -> Site:
		return self.made.site

	def user(self, name: str) -> Client:
		"""One of the kinds of users below, logged in."""
		if name not in self.clients:
			self.clients[name] = self._log_in(name)
		return self.clients[name]

	def _log_in(self, name: str) -> Client:
		roles, limits = USERS[name]
		if roles is None:
			return self.site.guest()
		permissions = [("Company", limits)] if limits and self.company else []
		return self.site.client(self.site.user(f"api.{name}@example.org", *roles, permissions=permissions))

	def spare(self) -> str:
		"""Another connection, which nobody has finished."""
		return self.made.run(_SPARE, company=self.company)


USERS: dict[str, tuple[tuple[str, ...] | None, str]] = {
	"guest": (None, ""),
	"portal": ((), ""),
	"user": (("Accounts User",), ""),
	"accountant": (("Accounts Manager",), ""),
	"manager": (("Bank Sync Manager",), ""),
	"elsewhere": (("Bank Sync Manager",), OTHER),
}
"""Roles, and the company that User Permissions limit the user to."""


@pytest.fixture(scope="module")
def held(site: Site, server: SandboxServer) -> Iterator[Held]:
	if not site.answers():
		pytest.skip(f"NO WEB SERVER at {site.url}: no call was tested on {site.name}")
	made = connect(site, server)
	secrets = made.run(_COMPANIES)
	company = MINE if site.has("Company") else ""
	with own_queue(site):
		yield Held(made, company, (CLIENT_SECRET, *secrets), {})
	made.run(_FORGET)


def call(held: Held, client: Client, method: str, **arguments: object) -> requests.Response:
	"""No answer, whatever it is, has a secret or the insides of the site."""
	answer = client.call(dotted(method), **arguments)
	assert not [secret for secret in held.secrets if secret in answer.text]
	assert "Traceback" not in answer.text or client is held.clients.get(
		"guest"
	)  # Frappe's own, of Frappe alone
	return answer


def message_of(answer: requests.Response) -> Any:
	assert answer.ok, answer.text
	return answer.json().get("message")  # nothing is left out


# -- the matrix --------------------------------------------------------------------------------------------
OK, NO, REFUSED, BUSY = 200, 403, 422, 409
MATRIX: list[tuple[str, Callable[[Held], dict[str, object]], dict[str, int]]] = [
	(
		"bank_state",
		lambda held: {"bank": held.made.bank},
		{"guest": NO, "portal": NO, "user": OK, "accountant": OK, "manager": OK, "elsewhere": OK},
	),
	(
		"picture_accounts",
		lambda held: {},
		{"guest": NO, "portal": NO, "user": OK, "accountant": OK, "manager": OK, "elsewhere": OK},
	),
	(
		"run_updates",
		lambda held: {"connections": json.dumps([held.made.name])},
		{"guest": NO, "portal": NO, "user": OK, "accountant": OK, "manager": OK, "elsewhere": REFUSED},
	),
	(
		"providers",
		lambda held: {},
		{"guest": NO, "portal": NO, "user": NO, "accountant": NO, "manager": OK, "elsewhere": OK},
	),
	(
		"provider_fields",
		lambda held: {},
		{"guest": NO, "portal": NO, "user": NO, "accountant": NO, "manager": OK, "elsewhere": OK},
	),
	(
		"history",
		lambda held: {"bank": held.made.bank},
		{"guest": NO, "portal": NO, "user": OK, "accountant": OK, "manager": OK, "elsewhere": OK},
	),
	(
		"connection_quotas",
		lambda held: {"connection": held.made.name},
		{"guest": NO, "portal": NO, "user": OK, "accountant": OK, "manager": OK, "elsewhere": REFUSED},
	),
	(
		"forget_connection",
		lambda held: {"connection": held.made.name},
		{
			"guest": NO,
			"portal": NO,
			"user": NO,
			"accountant": REFUSED,
			"manager": REFUSED,
			"elsewhere": REFUSED,
		},
	),
	(
		"institutions",
		lambda held: {"provider": held.made.provider, "search": "aurore"},
		{"guest": NO, "portal": NO, "user": NO, "accountant": NO, "manager": OK, "elsewhere": OK},
	),
	(
		"institution_logos",
		lambda held: {"provider": held.made.provider, "search": "aurore"},
		{"guest": NO, "portal": NO, "user": NO, "accountant": NO, "manager": OK, "elsewhere": OK},
	),
	(
		"check_provider",
		lambda held: {"provider": held.made.provider},
		{"guest": NO, "portal": NO, "user": NO, "accountant": NO, "manager": OK, "elsewhere": OK},
	),
	(
		"begin_connect",
		lambda held: {
			"bank": held.made.bank,
			"provider": held.made.provider,
			"institution_id": AURORE,
			"company": held.company,
		},
		{"guest": NO, "portal": NO, "user": NO, "accountant": NO, "manager": OK, "elsewhere": REFUSED},
	),
	(
		"begin_reconnect",
		lambda held: {"connection": held.made.name},
		{"guest": NO, "portal": NO, "user": NO, "accountant": OK, "manager": OK, "elsewhere": REFUSED},
	),
	(
		"account_choices",
		lambda held: {"bank": held.made.bank},
		{"guest": NO, "portal": NO, "user": NO, "accountant": OK, "manager": OK, "elsewhere": OK},
	),
	(
		"fetch_accounts",
		lambda held: {"connection": held.made.name},
		{"guest": NO, "portal": NO, "user": NO, "accountant": OK, "manager": OK, "elsewhere": REFUSED},
	),
	(
		"update_accounts",
		lambda held: {"bank": held.made.bank, "choices": '[{"source": "nobody", "bank_account": ""}]'},
		{
			"guest": NO,
			"portal": NO,
			"user": NO,
			"accountant": REFUSED,
			"manager": REFUSED,
			"elsewhere": REFUSED,
		},
	),
	(
		"fetch_transactions",
		lambda held: {"connection": held.made.name},
		# The run that the first of them asked for waits: nobody works on this queue.
		{"guest": NO, "portal": NO, "user": OK, "accountant": BUSY, "manager": BUSY, "elsewhere": REFUSED},
	),
	(
		"disconnect",
		lambda held: {"connection": held.spare()},
		{"guest": NO, "portal": NO, "user": NO, "accountant": OK, "manager": OK, "elsewhere": REFUSED},
	),
]
WRITING = frozenset(
	{
		*(
			"institutions",
			"institution_logos",
			"check_provider",
			"begin_connect",
			"begin_reconnect",
			"update_accounts",
		),
		*("fetch_transactions", "fetch_accounts", "disconnect", "forget_connection"),
		*("add_category", "rename_category", "delete_category"),
	}
)


@pytest.mark.parametrize(("method", "arguments", "expected"), MATRIX, ids=[row[0] for row in MATRIX])
def test_who_may_call_it(
	held: Held, method: str, arguments: Callable[[Held], dict[str, object]], expected: dict[str, int]
) -> None:
	users = [name for name in expected if held.company or name != "elsewhere"]
	given = arguments(held)
	answered = {name: call(held, held.user(name), method, **given) for name in users}
	assert {name: answer.status_code for name, answer in answered.items()} == {
		name: expected[name] for name in users
	}
	for name, answer in answered.items():
		if expected[name] == REFUSED:
			assert re.fullmatch(r"BS-\d{3}", answer.json()["code"])


def test_the_matrix_has_every_call(held: Held) -> None:
	"""What is whitelisted is what `test_api_review` finds there; those that are not about one document are here."""
	categories = {"add_category", "rename_category", "delete_category"}
	assert {row[0] for row in MATRIX} | categories == set(CONNECTING)


def test_what_writes_is_no_get(held: Held) -> None:
	manager = held.user("manager")
	for method in sorted(WRITING):
		answer = manager.get(f"/api/method/{dotted(method)}", connection=held.made.name, bank=held.made.bank)
		assert answer.status_code == NO, f"{method}: {answer.status_code}"


def test_a_write_without_the_sessions_token_is_refused(held: Held) -> None:
	manager = held.site.client("api.manager@example.org")
	del manager.session.headers["X-Frappe-CSRF-Token"]
	answer = manager.call(f"{API}fetch_accounts", connection=held.made.name)
	assert answer.status_code in (400, NO)
	assert "CSRF" in answer.text


# -- what is shown to whom -----------------------------------------------------------------------------------
def test_a_manager_of_another_company_sees_nothing_of_this_one(held: Held) -> None:
	if not held.company:
		pytest.skip(f"{held.site.name} has no companies")
	elsewhere = held.user("elsewhere")
	bank = held.made.bank
	assert message_of(call(held, elsewhere, "bank_state", bank=bank))["connections"] == []
	offered = message_of(call(held, elsewhere, "account_choices", bank=bank))
	assert offered == {"accounts": [], "bank_accounts": []}
	assert message_of(call(held, elsewhere, "providers"))["companies"] == [OTHER]
	everything = call(held, elsewhere, "fetch_transactions")
	assert (everything.status_code, everything.json()["code"]) == (REFUSED, "BS-600")


def test_a_connection_is_shown_without_the_providers_ids(held: Held) -> None:
	state = message_of(call(held, held.user("user"), "bank_state", bank=held.made.bank))
	row = next(row for row in state["connections"] if row["name"] == held.made.name)
	assert row["status"] == "Active"
	assert set(row) == {
		*("name", "bank", "provider", "title", "status", "message", "code", "reference", "automatic"),
		*("last_success_at", "consent_expires_at", "running", "progress", "ended_elsewhere"),
	}


def test_an_error_is_a_sentence_a_code_and_a_reference(held: Held, server: SandboxServer) -> None:
	manager = held.user("manager")
	server.faults.add(Fault("status", status=500, path="/v3/aggregation/items", count=None))
	answer = call(held, manager, "fetch_accounts", connection=held.made.name)
	server.faults.clear()
	assert answer.status_code == 424
	assert answer.json()["code"] == "BS-400"
	shown = json.loads(json.loads(answer.json()["_server_messages"])[0])["message"]
	assert shown.endswith(f"<br>BS-400<br>{answer.json()['reference']}")
	assert "exc" not in answer.json()


def test_what_a_user_typed_is_not_html_in_the_answer(held: Held) -> None:
	answer = call(held, held.user("manager"), "fetch_accounts", connection="<img src=x onerror=alert(1)>")
	assert answer.status_code == REFUSED
	assert "<img" not in json.loads(json.loads(answer.json()["_server_messages"])[0])["message"]


def test_a_sentence_is_in_the_users_language(held: Held) -> None:
	email = held.site.user("api.french@example.org", "Bank Sync Manager", language="fr")
	answer = call(held, held.site.client(email), "fetch_accounts", connection="SYNC-CONN-99999")
	[message_of] = json.loads(answer.json()["_server_messages"])
	assert "Il n’y a pas de connexion SYNC-CONN-99999" in json.loads(message_of)["message"]


_NAME_OF = """
kind = "Bank Transaction Category"
answer = title if frappe.db.exists(kind, title) else frappe.db.get_value(kind, {"category_name": title})
"""
"""Where a category is named after its title, another title is another name."""


# -- categories: the host says who -----------------------------------------------------------------------------
def test_categories_are_changed_by_those_with_the_right(held: Held) -> None:
	"""On Dokos the System Manager keeps them; where they are ours, our roles do as well."""
	ours = held.site.run(
		"answer = frappe.db.get_value('DocType', 'Bank Transaction Category', 'module') == 'Dokos Banksync'"
	)
	title = f"Test {uuid4().hex[:6]}"
	for name in ("guest", "portal"):
		assert call(held, held.user(name), "add_category", category_name=title).status_code == NO
	keeper = held.user("manager") if ours else held.site.client()
	if not ours:
		assert call(held, held.user("manager"), "add_category", category_name=title).status_code == NO
	name = message_of(call(held, keeper, "add_category", category_name=title))
	message_of(call(held, keeper, "rename_category", category=name, category_name=f"{title} bis"))
	name = held.site.run(_NAME_OF, title=f"{title} bis")
	twice = call(held, keeper, "add_category", category_name=f"{title} bis")
	assert (twice.status_code, twice.json()["code"]) == (REFUSED, "BS-600")
	user = held.user("user")
	for method in ("delete_category", "rename_category"):
		answer = call(held, user, method, category=name, category_name="Stolen")
		assert answer.status_code == (OK if ours and method == "rename_category" else NO)
	message_of(call(held, keeper, "delete_category", category=name))
	assert call(held, keeper, "rename_category", category=name, category_name="x").status_code == REFUSED


# -- going to the bank and coming back ---------------------------------------------------------------------------
def leave(held: Held, client: Client, **more: object) -> str:
	given = {"bank": held.made.bank, "provider": held.made.provider, "institution_id": AURORE}
	return message_of(call(held, client, "begin_connect", **given, company=held.company, **more))["url"]


def back(client: Client, address: str) -> requests.Response:
	return client.get(CALLBACK, **dict(parse_qsl(urlsplit(address).query)))


CUSTOMER = Customer(institution=int(AURORE))


def test_a_return_counts_once_for_the_user_who_left(held: Held) -> None:
	manager, other = held.user("manager"), held.user("accountant")
	address = CUSTOMER.consent(leave(held, manager))
	guest = back(held.site.guest(), address)
	assert guest.status_code == NO
	assert "/login?redirect-to=" in guest.text
	stranger = back(other, address)
	assert stranger.status_code == REFUSED
	assert "api.accountant@example.org" in stranger.text
	landed = back(manager, address)
	assert landed.status_code == 302, landed.text
	page = urlsplit(landed.headers["Location"])
	assert page.path.replace("%20", " ").endswith(f"/bank/{held.made.bank}")
	assert back(manager, address).status_code == REFUSED
	key = parse_qs(page.query)["outcome"][0]
	bank = held.made.bank
	assert message_of(call(held, manager, "bank_state", bank=bank))["outcome"] is None
	assert message_of(call(held, other, "bank_state", bank=bank, outcome=key))["outcome"] is None
	assert message_of(call(held, manager, "bank_state", bank=bank, outcome=key))["outcome"]["choose_accounts"]
	assert message_of(call(held, manager, "bank_state", bank=bank, outcome=key))["outcome"] is None


@pytest.mark.parametrize("query", ["", "context=", "context=" + "0" * 32, "state=x&item_id=1&success=true"])
def test_a_forged_return_changes_nothing(held: Held, query: str) -> None:
	read = "answer = frappe.get_all('Sync Connection', {'bank': bank}, ['*'], order_by='name')"
	before = held.made.run(read)
	answer = back(held.user("manager"), f"https://elsewhere.example/?{query}")
	assert answer.status_code == REFUSED
	assert "BS-601" in answer.text
	assert held.made.run(read) == before


def test_clicks_of_one_moment_are_one_visit_whichever_process_takes_them(held: Held) -> None:
	manager = held.user("manager")
	bank = f"Banque {uuid4().hex[:6]}"
	held.site.run("frappe.get_doc({'doctype': 'Bank', 'bank_name': bank}).insert()", bank=bank)
	given = {"bank": bank, "provider": held.made.provider, "institution_id": AURORE, "company": held.company}
	with ThreadPoolExecutor(4) as pool:
		urls = {
			message_of(answer)["url"]
			for answer in pool.map(lambda _: call(held, manager, "begin_connect", **given), range(4))
		}
	assert len(urls) == 1
	assert held.site.run("answer = frappe.db.count('Sync Connection', {'bank': bank})", bank=bank) == 1


def test_a_bank_that_is_not_there_is_not_made(held: Held) -> None:
	given = {"provider": held.made.provider, "institution_id": AURORE, "company": held.company}
	answer = call(held, held.user("manager"), "begin_connect", bank="No Such Bank", **given)
	assert (answer.status_code, answer.json()["code"]) == (REFUSED, "BS-601")
	assert not held.site.run("answer = frappe.db.exists('Bank', 'No Such Bank')")


def test_a_disabled_provider_is_not_offered(held: Held) -> None:
	manager = held.user("manager")

	def offered() -> bool:
		rows = message_of(call(held, manager, "providers"))["providers"]
		return held.made.provider in [row["name"] for row in rows]

	assert offered()
	switch = "frappe.db.set_value('Sync Provider', provider, 'enabled', on); frappe.clear_cache()"
	held.made.run(switch, on=0)
	assert not offered()
	held.made.run(switch, on=1)


# -- Update bank accounts --------------------------------------------------------------------------------------------
_FOREIGN = """
fields = {"account_name": title, "bank": bank, "iban": "", "is_company_account": 1}
meta = frappe.get_meta("Bank Account")
if meta.has_field("company"):
	fields["company"] = company
doc = frappe.get_doc({"doctype": "Bank Account", **fields})
for name in ("currency", "banksync_currency"):
	if meta.has_field(name):
		doc.set(name, currency)
doc.name = title
doc.db_insert()
"""


def choose(held: Held, **choice: object) -> requests.Response:
	offered = message_of(call(held, held.user("manager"), "account_choices", bank=held.made.bank))
	account = next(row for row in offered["accounts"] if not row["bank_account"] and row["enabled"])
	row = {"source": account["source"], "start_date": None, "is_new": False, **choice}
	return call(held, held.user("manager"), "update_accounts", bank=held.made.bank, choices=json.dumps([row]))


def test_a_bank_account_in_another_currency_is_refused(held: Held) -> None:
	title = f"Dollars {uuid4().hex[:6]}"
	held.made.run(_FOREIGN, title=title, company=held.company, currency="USD")
	answer = choose(held, bank_account=title)
	assert (answer.status_code, answer.json()["code"]) == (REFUSED, "BS-600")


def test_a_bank_account_of_another_company_is_refused(held: Held) -> None:
	if not held.company:
		pytest.skip(f"{held.site.name} has no companies")
	title = f"Foreign {uuid4().hex[:6]}"
	held.made.run(_FOREIGN, title=title, company=OTHER, currency="EUR")
	answer = choose(held, bank_account=title)
	assert (answer.status_code, answer.json()["code"]) == (REFUSED, "BS-600")
	typed = choose(held, bank_account=title, is_new=True)
	assert (typed.status_code, typed.json()["code"]) == (REFUSED, "BS-600")


def test_an_account_of_the_chart_that_was_not_offered_is_refused(held: Held) -> None:
	title = f"Neu {uuid4().hex[:6]}"
	answer = choose(held, bank_account=title, is_new=True, account="Cash - XX")
	assert (answer.status_code, answer.json()["code"]) == (REFUSED, "BS-601")
	assert not held.site.run("answer = frappe.db.exists('Bank Account', {'account_name': t})", t=title)


def test_an_existing_name_that_is_none_is_refused(held: Held) -> None:
	answer = choose(held, bank_account="Nobody's account")
	assert (answer.status_code, answer.json()["code"]) == (REFUSED, "BS-601")


def test_a_site_without_a_worker_says_so(held: Held) -> None:
	held.made.run(
		"from dokos_banksync.hosts.frappe.progress import cache; cache().delete_value('banksync_health')"
	)
	state = message_of(call(held, held.user("user"), "bank_state", bank=held.made.bank))
	assert any("background worker" in sentence for sentence in state["warnings"])
	held.made.run(
		"from dokos_banksync.hosts.frappe.progress import cache; cache().delete_value('banksync_health')"
	)
