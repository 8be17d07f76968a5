"""Each provider on a real site: connect, link a new Bank Account, import, see what counts against its limits, undo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers.every_provider import MAIN, PROVIDERS, Given, Provider, serving
from tests.site.bench import Site

CALLBACK = "http://127.0.0.1:9/back"
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
	"left": frappe.db.count("Bank Transaction", {"bank_account": account}), "kept": len(undone.not_undone),
	"counted": [[one.key, one.used, one.limit] for one in ledger.usage(bank)],
}
frappe.db.commit()
"""
)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
	with serving(Clock.real()) as made:
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


@pytest.mark.parametrize("provider", PROVIDERS)
def test_from_consent_to_undo(site: Site, server: SandboxServer, provider: Provider) -> None:
	given = provider(server)
	done = journey(site, server, given)
	truth = len(server.world.truth(MAIN))
	assert (done["run"][:2], done["again"], done["rows"]) == (["Success", truth], 0, truth)
	assert (done["left"], done["kept"]) == (0, 0)
	if given.kind in ("Enable Banking", "GoCardless", "Plaid"):
		assert done["counted"], "calls that count against a limit are shown"
		assert all(used <= limit for _, used, limit in done["counted"])
