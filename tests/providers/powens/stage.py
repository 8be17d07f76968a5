"""Powens's sandbox face and providers to it over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.core.provider import Access, Completed, ConnectRequest, HttpCall, Secret, Subscription
from dokos_banksync.providers.powens import PowensProvider
from dokos_banksync.providers.process_stores import (
	ProcessGrantStore,
	ProcessRateLimitStore,
	ProcessSecretStore,
)
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.powens.model import CLIENT_ID, CLIENT_SECRET, DOMAIN, WEBHOOK_SECRET
from dokos_banksync.sandbox.powens.rows import connector_uuid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers import contract
from tests.providers.contract import Money
from tests.providers.fake_server import Time

CALLBACK = "http://127.0.0.1:9/back"


class Stage(contract.Stage):
	"""`seen` are the calls that our providers made."""

	secret = CLIENT_SECRET
	calls_per_fetch = 13
	"""The list of accounts, and one call for each of the twelve."""

	def __init__(self, server: SandboxServer) -> None:
		self.server, self.state = server, server.powens.state
		self.time = Time(server.world.clock.now())
		self.seen: list[HttpCall] = []
		self.made: list[PowensProvider] = []
		self.provider = self.provider_with(self.secret)

	def provider_with(self, secret: str, **texts: str) -> PowensProvider:
		keys = Subscription(
			"Powens",
			{"domain": DOMAIN, "client_id": CLIENT_ID, "categories": "yes", **texts},
			{"client_secret": Secret(secret)},
			self.server.powens_url,
			webhook_secrets=[Secret(WEBHOOK_SECRET)],
		)
		made = PowensProvider(
			keys,
			ProcessSecretStore(self.time.now),
			ProcessRateLimitStore(),
			self.time.now,
			sleep=self.time.sleep,
			observe=self.seen.append,
		)
		self.made.append(made)
		return made

	def close(self) -> None:
		for provider in self.made:
			provider.close()

	# -- what the contract asks for ------------------------------------------------------------------
	def consent(self, url: str, login: str = "success") -> Mapping[str, str]:
		return query(Customer(login=login).consent(url))

	def cancel(self, url: str) -> Mapping[str, str]:
		return query(Customer().cancel(url))

	def truth(self, remote_account: str) -> list[Money]:
		real = self.state.account(int(remote_account)).real
		return [(one.day, one.amount) for one in self.server.world.truth(real.key)]

	def pass_days(self, days: float) -> None:
		self.server.world.advance(days=days)
		self.time.passed += days * 86400

	def take_back(self, remote_account: str) -> Money:
		real = self.state.account(int(remote_account)).real
		gone = real.remove(real.movements(self.time.now().date())[-1].key)
		self.server.world.refresh()
		return gone.day, gone.amount

	def add_late(self, remote_account: str, days: int = 40) -> Money:
		day = self.time.now().date() - timedelta(days=days)
		late = Movement(f"late{days}", day, -4250, "CB RETARDATAIRE", "Retardataire", "work_other", "card")
		self.state.account(int(remote_account)).real.add(late)
		self.server.world.refresh()
		return late.day, late.amount

	def end_consent(self, remote_id: str) -> None:
		self.simulate("end_access", connection_id=int(remote_id))

	def fail(self, kind: str, count: int) -> None:
		kind, _, status = kind.partition(" ")
		path = "/powens/2.0/users/me/accounts"
		self.server.faults.add(Fault(kind, path, count=count, status=int(status or 500)))

	def calls(self) -> int:
		return len(self.seen)

	# -- what more the tests of Powens do --------------------------------------------------------------
	def simulate(self, what: str, **values: Any) -> None:
		self.server.powens.simulations[what](**values)

	def bank(self, number: int) -> str:
		return connector_uuid(self.server.world.institutions[number])

	def give_consent(
		self, bank: str = "", user: Customer | None = None, access: Access | None = None, **more: Any
	) -> Completed:
		"""Go to the webview and come back."""
		known = access or Access()
		request = ConnectRequest(CALLBACK, "state-1", "key", "", access=known, institution_id=bank, **more)
		started = self.provider.start(request)
		back = (user or Customer()).consent(started.url)
		return self.provider.complete(query(back), known, started.session)

	def connect(self, bank: str = "", user: Customer | None = None) -> Access:
		"""Connect a bank and keep its grant as a host does."""
		done = self.give_consent(bank, user)
		assert done.connection is not None, done.message
		return Access(done.remote_user, done.connection.remote_id, ProcessGrantStore(done.grant))

	def account(self, access: Access, name: str = "Compte courant pro") -> str:
		return next(one.remote_id for one in self.provider.accounts(access) if one.account_name == name)


def query(address: str) -> Mapping[str, str]:
	return dict(parse_qsl(urlsplit(address).query))
