"""GoCardless's sandbox face and providers to it over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from dokos_banksync.core.provider import (
	Access,
	Completed,
	ConnectRequest,
	HttpCall,
	Secret,
	Started,
	Subscription,
)
from dokos_banksync.providers.gocardless import GoCardlessProvider
from dokos_banksync.providers.process_stores import (
	ProcessGrantStore,
	ProcessRateLimitStore,
	ProcessSecretStore,
)
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.gocardless.model import SECRET_ID, SECRET_KEY
from dokos_banksync.sandbox.gocardless.state import institution_id
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers import contract
from tests.providers.contract import Money
from tests.providers.fake_server import Time

CALLBACK = "http://127.0.0.1:9/back"
DEMO = "DEMO_BANK_BANKFR74"


class AtDemoBank(GoCardlessProvider):
	"""GoCardless has no page to choose a bank from: all sessions of the contract go to one."""

	def start(self, request: ConnectRequest) -> Started:
		known = request.institution_id or request.access.remote_id
		return super().start(request if known else replace(request, institution_id=DEMO))


class Stage(contract.Stage):
	"""`seen` are the calls that our providers made."""

	secret = SECRET_KEY
	calls_per_fetch = 12

	def __init__(self, server: SandboxServer) -> None:
		self.server, self.state = server, server.gocardless.state
		self.time = Time(server.world.clock.now())
		self.seen: list[HttpCall] = []
		self.made: list[AtDemoBank] = []
		self.secret_store = ProcessSecretStore(self.time.now)
		self.provider = self.provider_with(self.secret)

	def provider_with(self, secret: str) -> AtDemoBank:
		keys = Subscription(
			"GoCardless",
			{"secret_id": SECRET_ID},
			{"secret_key": Secret(secret)},
			self.server.gocardless_url,
		)
		made = AtDemoBank(
			keys,
			self.secret_store if secret == self.secret else ProcessSecretStore(self.time.now),
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
		return query(Customer(login="fail" if login == "402" else login).consent(url))

	def cancel(self, url: str) -> Mapping[str, str]:
		return query(Customer().cancel(url))

	def truth(self, remote_account: str) -> list[Money]:
		real = self.state.account(remote_account)[1].real
		return [(one.day, one.amount) for one in self.server.world.truth(real.key)]

	def pass_days(self, days: float) -> None:
		self.server.world.advance(days=days)
		self.time.passed += days * 86400

	def take_back(self, remote_account: str) -> Money:
		real = self.state.account(remote_account)[1].real
		gone = real.remove(real.movements(self.time.now().date())[-1].key)
		return gone.day, gone.amount

	def add_late(self, remote_account: str, days: int = 40) -> Money:
		day = self.time.now().date() - timedelta(days=days)
		late = Movement(f"late{days}", day, -4250, "CB RETARDATAIRE", "Retardataire", "work_other", "card")
		self.state.account(remote_account)[1].real.add(late)
		return late.day, late.amount

	def end_consent(self, remote_id: str) -> None:
		self.state.requisitions[remote_id].status = "EX"

	def fail(self, kind: str, count: int) -> None:
		kind, _, status = kind.partition(" ")
		path = "/gocardless/api/v2/accounts"
		self.server.faults.add(Fault(kind, path, count=count, status=int(status or 500)))

	def calls(self) -> int:
		return len(self.seen)

	# -- what more the tests of GoCardless do ----------------------------------------------------------
	def bank(self, number: int) -> str:
		return institution_id(self.server.world.institutions[number])

	def give_consent(
		self, bank: str = DEMO, user: Customer | None = None, access: Access | None = None
	) -> Completed:
		"""Go to the bank's page and come back."""
		known = access or Access()
		started = self.provider.start(
			ConnectRequest(CALLBACK, "state-1", "key", "", access=known, institution_id=bank)
		)
		back = (user or Customer()).consent(started.url)
		return self.provider.complete(query(back), known, started.session)

	def connect(self, bank: str = DEMO, access: Access | None = None) -> Access:
		"""Connect a bank, or renew a connection, and keep its grant as a host does."""
		done = self.give_consent(bank, access=access)
		assert done.connection is not None
		return Access(remote_id=done.connection.remote_id, grant=ProcessGrantStore(done.grant))

	def account(self, access: Access, name: str = "Compte courant pro") -> str:
		return next(one.remote_id for one in self.provider.accounts(access) if one.account_name == name)


def query(address: str) -> Mapping[str, str]:
	return dict(parse_qsl(urlsplit(address).query))
