"""Every provider as a site configures it against its sandbox, for journeys that are the same for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

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
from dokos_banksync.sandbox.powens.model import CLIENT_ID as POWENS_ID
from dokos_banksync.sandbox.powens.model import CLIENT_SECRET as POWENS_SECRET
from dokos_banksync.sandbox.powens.model import DOMAIN
from dokos_banksync.sandbox.powens.rows import connector_uuid
from dokos_banksync.sandbox.salt_edge.keys import public_pem
from dokos_banksync.sandbox.salt_edge.model import APP_ID, Client
from dokos_banksync.sandbox.salt_edge.model import SECRET as SALT_SECRET
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.server import CLIENT_ID as BRIDGE_ID
from dokos_banksync.sandbox.server import CLIENT_SECRET as BRIDGE_SECRET
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.plaid import stage as plaid_stage
from tests.providers.salt_edge import stage as salt_stage
from tests.providers.salt_edge.test_contract import KEY, PEM

MAIN, LINKED = "574:alex:checking", "Compte courant pro"
"""The account that is imported: its key in the sandbox world, and its name at the bank."""


class Given(NamedTuple):
	"""A provider as it is configured, and its name of the bank."""

	kind: str
	keys: Mapping[str, str]
	url: str
	institution: str
	login: str = "user_good"


def bridge(server: SandboxServer) -> Given:
	keys = {"client_id": BRIDGE_ID, "client_secret": BRIDGE_SECRET}
	return Given("Bridge", keys, server.url, "574", "success")


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


def powens(server: SandboxServer) -> Given:
	keys = {"domain": DOMAIN, "client_id": POWENS_ID, "client_secret": POWENS_SECRET}
	return Given("Powens", keys, server.powens_url, connector_uuid(server.world.institutions[574]))


def salt_edge(server: SandboxServer) -> Given:
	keys = {"app_id": APP_ID, "client_secret": SALT_SECRET, "private_key": PEM, "sandboxes": "yes"}
	return Given("Salt Edge", keys, server.salt_edge_url, "fakebank_simple_xf", "username")


@contextmanager
def serving(clock: Clock | None = None, years: float = 0.1) -> Iterator[SandboxServer]:
	"""Serve a world in which every provider answers at once; its clock stands still unless one is given."""
	clients = (Client(public_key=public_pem(KEY)),)
	with SandboxServer(
		World(clock=clock, seed=5, years=years),
		plaid=lambda world: Plaid(world, None, plaid_stage.at_once(), None),
		salt_edge=lambda world: SaltEdge(world, clients, salt_stage.at_once()),
	) as made:
		yield made


def register_return(server: SandboxServer, address: str) -> None:
	"""Register the address that users come back to, at the providers that ask for it."""
	for face in (server.enable_banking, server.ponto):
		face.simulations["allow_redirect"](url=address)
	server.powens.state.settings.redirects = [address]


Provider = Callable[[SandboxServer], Given]
PROVIDERS: Sequence[Provider] = (enable_banking, gocardless, plaid, ponto, powens, salt_edge)
"""All providers but Bridge, which has journeys of its own."""

EVERY_PROVIDER: Sequence[Provider] = (bridge, *PROVIDERS)
