"""Ponto's sandbox face and providers to it over real HTTP: a contract stage for each of the two ways in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.core.provider import (
	UNATTENDED,
	Access,
	Completed,
	ConnectRequest,
	Context,
	HttpCall,
	Secret,
	Subscription,
)
from dokos_banksync.providers.ponto import PontoProvider
from dokos_banksync.providers.process_stores import (
	ProcessGrantStore,
	ProcessRateLimitStore,
	ProcessSecretStore,
)
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.ponto.model import (
	APPLICATION_ID,
	CLIENT_ID,
	CLIENT_SECRET,
	OWN_CLIENT_ID,
	OWN_CLIENT_SECRET,
)
from dokos_banksync.sandbox.ponto.resources import institution_id
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers import contract
from tests.providers.contract import Money
from tests.providers.fake_server import Time

CALLBACK = "http://127.0.0.1:9/back"
PRESENT = Context(user_present=True, ip_address="192.0.2.7", user_agent="Mozilla/5.0")


class Stage(contract.Stage):
	"""Ponto Connect; `seen` are the calls that our providers made."""

	secret = CLIENT_SECRET
	client_id, integration, suffix = CLIENT_ID, "ponto-connect", ""
	calls_per_fetch = 60

	def __init__(self, server: SandboxServer) -> None:
		self.server = server
		self.state = server.ponto.state
		self.time = Time(server.world.clock.now())
		self.seen: list[HttpCall] = []
		self.made: list[PontoProvider] = []
		self.secret_store = ProcessSecretStore(self.time.now)
		self.rate_limits = ProcessRateLimitStore()
		self.provider: PontoProvider = self.provider_with(self.secret)

	def provider_with(self, secret: str, **texts: str) -> PontoProvider:
		given = {
			"client_id": self.client_id,
			"integration": self.integration,
			"application_id": APPLICATION_ID,
			**texts,
		}
		url = f"{self.server.ponto_url}{self.suffix}"
		keys = Subscription("Ponto", given, {"client_secret": Secret(secret)}, url)
		made = PontoProvider(
			keys, self.secret_store if secret == self.secret else ProcessSecretStore(self.time.now), self.rate_limits,
			self.time.now, sleep=self.sleep, observe=self.seen.append,
		)  # fmt: skip
		self.made.append(made)
		return made

	def sleep(self, seconds: float) -> None:
		"""Time passes here and there."""
		self.time.sleep(seconds)
		self.server.world.clock.advance(timedelta(seconds=seconds))

	def close(self) -> None:
		for provider in self.made:
			provider.close()

	# -- what the contract asks for ------------------------------------------------------------------
	def consent(self, url: str, login: str = "success") -> Mapping[str, str]:
		return query(Customer(login="fail" if login == "402" else login).consent(url))

	def cancel(self, url: str) -> Mapping[str, str]:
		return query(Customer().cancel(url))

	def truth(self, remote_account: str) -> list[Money]:
		return [(one.day, one.amount) for one in self.server.world.truth(self._real(remote_account).key)]

	def pass_days(self, days: float) -> None:
		self.server.world.advance(days=days)
		self.time.passed += days * 86400

	def take_back(self, remote_account: str) -> Money:
		real = self._real(remote_account)
		gone = real.remove(real.movements(self.time.now().date())[-1].key)
		self.state.refresh()
		return gone.day, gone.amount

	def add_late(self, remote_account: str, days: int = 40) -> Money:
		day = self.time.now().date() - timedelta(days=days)
		late = Movement(f"late{days}", day, -4250, "CB RETARDATAIRE", "Retardataire", "work_other", "card")
		self._real(remote_account).add(late)
		self.state.refresh()
		return late.day, late.amount

	def end_consent(self, remote_id: str) -> None:
		for organization in self.state.organizations.values():
			for account_id in organization.accounts:
				self.server.ponto.simulations["expire"](account_id=account_id)

	def fail(self, kind: str, count: int) -> None:
		kind, _, status = kind.partition(" ")
		path = f"/ponto/{'my' if self.suffix else 'ponto-connect'}/accounts/"
		self.server.faults.add(Fault(kind, path, count=count, status=int(status or 500)))

	def calls(self) -> int:
		return len(self.seen)

	def _real(self, remote_account: str):  # type: ignore[no-untyped-def]
		return self.state.find_account(remote_account)[1].real

	# -- what more the tests of Ponto do ---------------------------------------------------------------
	def bank(self, institution: int = 574) -> str:
		"""Our id of a bank."""
		return institution_id(self.server.world.institutions[institution])

	def give_consent(
		self,
		institution: int | None = 574,
		user: Customer | None = None,
		access: Access | None = None,
		*,
		renew: bool = False,
	) -> Completed:
		"""Go to Ponto's page and come back."""
		known = access or Access()
		bank = self.bank(institution) if institution else ""
		request = ConnectRequest(CALLBACK, "state-0001", "key", "", known, bank, renew_now=renew)
		started = self.provider.start(request)
		back = (user or Customer()).consent(started.url)
		return self.provider.complete(query(back), known, started.session)

	def connect(self, institution: int | None = 574, user: Customer | None = None) -> Access:
		"""Connect a bank and keep its grant as a host does."""
		done = self.give_consent(institution, user)
		assert done.connection is not None
		assert done.grant
		return Access(done.remote_user, done.connection.remote_id, ProcessGrantStore(done.grant))

	def account(self, access: Access, name: str = "Compte courant pro") -> str:
		return next(one.remote_id for one in self.provider.accounts(access) if one.account_name == name)


class OwnStage(Stage):
	"""A custom integration whose owner linked Demo Bank in the dashboard."""

	secret = OWN_CLIENT_SECRET
	client_id, integration, suffix = OWN_CLIENT_ID, "custom-integration", "/my"

	def __init__(self, server: SandboxServer) -> None:
		super().__init__(server)
		self.state.link(574)

	def visit_without_page(self, institution: int) -> Completed:
		"""Connect a bank: there is no page to go to."""
		request = ConnectRequest(CALLBACK, "state-0001", "key", "", institution_id=self.bank(institution))
		started = self.provider.start(request)
		return self.provider.complete(query(started.url), Access(), started.session)


def query(address: str) -> Mapping[str, str]:
	return dict(parse_qsl(urlsplit(address).query))


__all__ = ["CALLBACK", "PRESENT", "UNATTENDED", "OwnStage", "Stage", "query"]
