"""Salt Edge's sandbox with a provider on it, for the contract and for Salt Edge's own tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.core.provider import Access, Completed, HttpCall, Provider, Secret, Started, Subscription
from dokos_banksync.providers import registry
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.salt_edge.model import APP_ID, SECRET, Client, Settings
from dokos_banksync.sandbox.salt_edge.state import SaltEdge
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.providers.contract import Money, Stage
from tests.providers.fake_server import Time


def at_once() -> Settings:
	return Settings(stage_time=timedelta(0))


def serve(
	settings: Settings | None = None, client: Client | None = None, years: float = 1.2
) -> SandboxServer:
	clients = (client,) if client else None
	return SandboxServer(
		World(years=years), salt_edge=lambda world: SaltEdge(world, clients, settings or at_once())
	)


class SaltStage(Stage):
	secret = SECRET
	calls_per_fetch = 4
	"""The connection, its booked, its duplicated and its pending rows."""

	def __init__(self, server: SandboxServer, **secrets: str) -> None:
		self.server = server
		self.time = Time(server.world.clock.now())
		self.made: list[Provider] = []
		self.seen: list[HttpCall] = []
		self._secrets = secrets
		self.simulate = server.app.faces["salt-edge"].simulations
		self.provider = self.provider_with(SECRET)

	def provider_with(self, secret: str, **texts: str) -> Provider:
		keys = Subscription(
			"Salt Edge",
			{"app_id": APP_ID, "sandboxes": "yes", **texts},
			{"client_secret": Secret(secret), **{name: Secret(one) for name, one in self._secrets.items()}},
			self.server.salt_edge_url,
		)
		stores = (ProcessSecretStore(self.time.now), ProcessRateLimitStore())
		made = registry.make_provider(
			"Salt Edge", keys, *stores, self.time.now, sleep=self.time.sleep, observe=self.seen.append
		)
		self.made.append(made)
		return made

	def consent(self, url: str, login: str = "success", **values: Any) -> Mapping[str, str]:
		name = "InvalidCredentials" if login == "402" else login
		return dict(parse_qsl(urlsplit(Customer(login=name, **values).consent(url)).query))

	def cancel(self, url: str) -> Mapping[str, str]:
		return dict(parse_qsl(urlsplit(Customer().cancel(url)).query))

	def real(self, remote_account: str) -> Any:
		for connection in self.server.salt_edge.connections():
			if remote_account in connection.accounts:
				return connection.accounts[remote_account].real
		raise KeyError(remote_account)

	def truth(self, remote_account: str) -> list[Money]:
		return [(one.day, one.amount) for one in self.server.world.truth(self.real(remote_account))]

	def pass_days(self, days: int) -> None:
		self.server.world.advance(days=days)
		self.time.passed += days * 86400

	def take_back(self, remote_account: str) -> Money:
		gone = self.simulate["delete"](account_id=remote_account)
		return gone.day, gone.amount

	def add_late(self, remote_account: str) -> Money:
		late = self.simulate["late_row"](account_id=remote_account)
		return late.day, late.amount

	def end_consent(self, remote_id: str) -> None:
		self.simulate["expire_consent"](connection_id=remote_id)

	def fail(self, kind: str, count: int) -> None:
		kind, _, status = kind.partition(" ")
		path = "/salt-edge/api/v6/transactions"
		self.server.faults.add(Fault(kind, path, count=count, status=int(status or 500)))

	def calls(self) -> int:
		return len(self.seen)

	# -- beyond the contract -------------------------------------------------------------------------------
	def completed(
		self, started: Started, query: Mapping[str, str] | None = None, access: Access | None = None
	) -> Completed:
		return self.provider.complete(query or {}, access or Access(started.remote_user), started.session)

	def connect(self, request: Any, login: str = "success", **values: Any) -> Access:
		"""Return access to a new connection."""
		started = self.provider.start(request)
		found = self.completed(started, self.consent(started.url, login, **values))
		assert found.connection is not None, found.message
		return Access(started.remote_user, found.connection.remote_id)

	def close(self) -> None:
		for provider in self.made:
			provider.close()
