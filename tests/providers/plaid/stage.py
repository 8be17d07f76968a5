"""Plaid's sandbox with a provider on it, for the contract and for Plaid's own tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.core.provider import (
	Access,
	Completed,
	HttpCall,
	Provider,
	Secret,
	Started,
	Subscription,
)
from dokos_banksync.providers import registry
from dokos_banksync.providers.process_stores import (
	ProcessGrantStore,
	ProcessRateLimitStore,
	ProcessSecretStore,
)
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.plaid.limits import Limits
from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET, Client, Settings
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.providers.contract import Money, Stage
from tests.providers.fake_server import Time

PLATYPUS = 109508
COUNTRIES = "US,FR,NL,BE,ES,IT,DE"
_LOGINS = {"402": ("user_good", "error_INVALID_CREDENTIALS"), "locked": ("user_good", "error_ITEM_LOCKED")}


def at_once() -> Settings:
	return Settings(initial_after=timedelta(0), historical_after=timedelta(0))


def serve(
	settings: Settings | None = None, limits: Limits | None = None, client: Client | None = None
) -> SandboxServer:
	clients = (client,) if client else None
	return SandboxServer(
		World(years=0.3), plaid=lambda world: Plaid(world, clients, settings or at_once(), limits)
	)


class PlaidStage(Stage):
	secret = SECRET
	calls_per_fetch = 14
	"""One for the accounts, and one for each of them."""

	def __init__(self, server: SandboxServer, institution: int = 574) -> None:
		self.server, self.institution = server, institution
		self.time = Time(server.world.clock.now())
		self.made: list[Provider] = []
		self.seen: list[HttpCall] = []
		self.secrets = ProcessSecretStore(self.time.now)
		self.simulate = server.app.faces["plaid"].simulations
		self.provider = self.provider_with(SECRET)

	def provider_with(self, secret: str, **texts: str) -> Provider:
		keys = Subscription(
			"Plaid",
			{"client_id": CLIENT_ID, "environment": "sandbox", "countries": COUNTRIES, **texts},
			{"client_secret": Secret(secret)},
			self.server.plaid_url,
		)
		stores = (self.secrets, ProcessRateLimitStore())
		made = registry.make_provider(
			"Plaid", keys, *stores, self.time.now, sleep=self.time.sleep, observe=self.seen.append
		)
		self.made.append(made)
		return made

	def consent(self, url: str, login: str = "success", **values: Any) -> Mapping[str, str]:
		name, password = _LOGINS.get(login, (login, "any"))
		user = Customer(login=name, password=password, institution=self.institution, **values)
		return _query(user.consent(url))

	def cancel(self, url: str) -> Mapping[str, str]:
		return _query(Customer(institution=self.institution).cancel(url))

	def truth(self, remote_account: str) -> list[Money]:
		_, account = self.server.plaid.find_account(remote_account)
		return [(one.day, one.amount) for one in self.server.world.truth(account.real)]

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
		self.simulate["expire_consent"](item_id=remote_id)

	def fail(self, kind: str, count: int) -> None:
		kind, _, status = kind.partition(" ")
		path = "/plaid/transactions/sync"
		self.server.faults.add(Fault(kind, path, count=count, status=int(status or 500)))

	def calls(self) -> int:
		return len(self.seen)

	# -- beyond the contract -------------------------------------------------------------------------------
	def completed(self, started: Started, access: Access | None = None) -> Completed:
		return self.provider.complete({}, access or Access(started.remote_user), started.session)

	def connect(self, request: Any, **values: Any) -> Access:
		"""Return access to a new item."""
		started = self.provider.start(request)
		self.consent(started.url, **values)
		found = self.completed(started)
		assert found.connection is not None, found.message
		return Access(started.remote_user, found.connection.remote_id, ProcessGrantStore(found.grant))

	def close(self) -> None:
		for provider in self.made:
			provider.close()


def _query(address: str) -> dict[str, str]:
	return dict(parse_qsl(urlsplit(address).query))
