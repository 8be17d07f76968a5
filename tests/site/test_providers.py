"""Each provider on a real site: connect, link a new Bank Account, import, see what counts against its limits, undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.gocardless.model import SECRET_ID, SECRET_KEY
from dokos_banksync.sandbox.gocardless.state import institution_id
from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.ponto.model import APPLICATION_ID as PONTO_APPLICATION
from dokos_banksync.sandbox.ponto.model import CLIENT_ID as PONTO_ID
from dokos_banksync.sandbox.ponto.model import CLIENT_SECRET as PONTO_SECRET
from dokos_banksync.sandbox.ponto.resources import institution_id as ponto_institution
from dokos_banksync.sandbox.salt_edge.keys import public_pem
from dokos_banksync.sandbox.salt_edge.model import APP_ID, Client
from dokos_banksync.sandbox.salt_edge.model import SECRET as SALT_SECRET
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.providers.plaid import stage as plaid_stage
from tests.providers.salt_edge import stage as salt_stage
from tests.providers.salt_edge.test_contract import KEY, PEM
from tests.site.bench import Site

CALLBACK, MAIN = "http://127.0.0.1:9/back", "574:alex:checking"
SITE = """
from dokos_banksync.core.clock import utc_now
from dokos_banksync.actions.site import Site
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
ledger = FrappeLedger()
site = Site(ledger, utc_now)
"""
BEGIN = (
	SITE
	+ """
from dokos_banksync.core.provider import FieldKind, Secret, Subscription
from dokos_banksync.providers.registry import provider_class
hidden = {one.name for one in provider_class(kind).credential_fields if one.kind in (FieldKind.SECRET, FieldKind.SECRET_FILE)}
texts = {name: value for name, value in keys.items() if name not in hidden}
secrets = {name: Secret(value) for name, value in keys.items() if name in hidden}
ledger.add_provider(kind, Subscription(bank, texts, secrets, url), "Sandbox")
visit = site.begin_connect(bank, bank, institution, back, "Tests", "t@example.org")
answer = [visit.connection, visit.url]
"""
)
FINISH = (
	SITE
	+ """
from dokos_banksync.core.connection.connect import Choice
site.finish(state, query, "Tests")
[proposal] = [p for p in site.proposals(connection) if p.remote.account_name.startswith("Compte courant pro")]
site.link(connection, [Choice(proposal.source, f"Pro {bank}", since)])
run = site.sync(connection)
again = site.sync(connection)
account = next(a.bank_account for a in ledger.accounts(connection) if a.bank_account)
rows = frappe.get_all("Bank Transaction", {"bank_account": account}, ["name"])
undone = ledger.undo(run.name, again=True)
answer = {
	"run": [run.status.value, run.created, run.held], "again": again.created, "rows": len(rows),
	"left": frappe.db.count("Bank Transaction", {"bank_account": account}), "kept": len(undone.kept),
	"counted": [[one.key, one.used, one.limit] for one in ledger.usage(bank)],
}
frappe.db.commit()
"""
)


class Given(NamedTuple):
	"""A provider as it is configured, and its name of the bank."""

	kind: str
	keys: Mapping[str, str]
	url: str
	institution: str
	login: str = "user_good"


def enable_banking(server: SandboxServer) -> Given:
	keys = {"application_id": APPLICATION_ID, "private_key": server.enable_banking.state.private_key}
	return Given("Enable Banking", keys, server.enable_banking_url, "FR:Demo Bank")


def gocardless(server: SandboxServer) -> Given:
	keys = {"secret_id": SECRET_ID, "secret_key": SECRET_KEY}
	return Given("GoCardless", keys, server.gocardless_url, institution_id(server.world.institutions[574]))


def plaid(server: SandboxServer) -> Given:
	keys = {"client_id": CLIENT_ID, "client_secret": SECRET, "environment": "sandbox", "countries": "FR"}
	return Given("Plaid", keys, server.plaid_url, "ins_574")


def ponto(server: SandboxServer) -> Given:
	server.ponto.state.settings.polls = 1
	keys = {"client_id": PONTO_ID, "client_secret": PONTO_SECRET, "integration": "ponto-connect"}
	keys["application_id"] = PONTO_APPLICATION
	return Given("Ponto", keys, server.ponto_url, ponto_institution(server.world.institutions[574]))


def salt_edge(server: SandboxServer) -> Given:
	keys = {"app_id": APP_ID, "client_secret": SALT_SECRET, "private_key": PEM, "sandboxes": "yes"}
	return Given("Salt Edge", keys, server.salt_edge_url, "fakebank_simple_xf", "username")


@pytest.fixture
def server() -> Iterator[SandboxServer]:
	clients = (Client(public_key=public_pem(KEY)),)
	with SandboxServer(
		World(clock=Clock.real(), seed=5, years=0.1),
		plaid=lambda world: Plaid(world, None, plaid_stage.at_once(), None),
		salt_edge=lambda world: SaltEdge(world, clients, salt_stage.at_once()),
	) as made:
		yield made


def journey(site: Site, server: SandboxServer, given: Given) -> Any:
	"""Return what became of a connection from the consent to the undo of its import."""
	bank = f"{given.kind} {uuid4().hex[:6]}"
	begun = {"kind": given.kind, "keys": dict(given.keys), "url": given.url, "institution": given.institution}
	connection, url = site.run(BEGIN, bank=bank, back=CALLBACK, **begun)
	address = url if url.startswith(CALLBACK) else Customer(login=given.login).consent(url)
	query = dict(parse_qsl(urlsplit(address).query))
	more = {"connection": connection, "state": state_of(query), "query": query}
	return site.run(
		f"import datetime\n{FINISH.replace('since)', 'datetime.date.fromisoformat(since))')}",
		bank=bank,
		since=server.world.opening(MAIN)[0].isoformat(),
		**more,
	)


@pytest.mark.parametrize("provider", [enable_banking, gocardless, plaid, ponto, salt_edge])
def test_from_consent_to_undo(
	site: Site, server: SandboxServer, provider: Callable[[SandboxServer], Given]
) -> None:
	given = provider(server)
	done = journey(site, server, given)
	truth = len(server.world.truth(MAIN))
	assert (done["run"][:2], done["again"], done["rows"]) == (["Success", truth], 0, truth)
	assert (done["left"], done["kept"]) == (0, 0)
	if given.kind in ("Enable Banking", "GoCardless", "Plaid"):
		assert done["counted"], "calls that count against a limit are shown"
		assert all(used <= limit for _, used, limit in done["counted"])
