"""What every provider promises, kept by Enable Banking on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from dokos_banksync.core.model import RemoteAccount
from dokos_banksync.core.provider import (
	Access,
	ConnectRequest,
	HttpCall,
	Provider,
	Secret,
	Started,
	Subscription,
)
from dokos_banksync.providers.enable_banking import EnableBankingProvider
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from dokos_banksync.sandbox import jose
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers import contract
from tests.providers.contract import Money, ProviderContract
from tests.providers.enable_banking.stage import query
from tests.providers.fake_server import Time


class AtDemoBank(EnableBankingProvider):
	"""Enable Banking has no page to choose a bank from: all sessions of the contract go to one."""

	def start(self, request: ConnectRequest) -> Started:
		known = request.institution_id or request.access.remote_id
		return super().start(request if known else replace(request, institution_id="FR:Demo Bank"))


class EnableBankingStage(contract.Stage):
	calls_per_fetch = 40

	def __init__(self, server: SandboxServer) -> None:
		self.server = server
		self.state = server.enable_banking.state
		self.state.change_quirks(574, blocked=[], unattended_per_day=1000)
		self.time = Time(server.world.clock.now())
		self.made: list[AtDemoBank] = []
		self.seen: list[HttpCall] = []
		self.secret = self.state.private_key
		self.provider = self.provider_with(self.secret)

	def provider_with(self, secret: str) -> Provider:
		wrong = jose.private_pem(jose.key_pair("a wrong one"))
		secrets = {"private_key": Secret(secret if "BEGIN" in secret else wrong)}
		keys = Subscription(
			"Enable Banking", {"application_id": APPLICATION_ID}, secrets, self.server.enable_banking_url
		)
		made = AtDemoBank(
			keys, ProcessSecretStore(self.time.now), Unlimited(), self.time.now, sleep=self.time.sleep,
			observe=self.seen.append,
		)  # fmt: skip
		self.made.append(made)
		return made

	def consent(self, url: str, login: str = "success") -> Mapping[str, str]:
		return query(Customer(login="fail" if login == "402" else login).consent(url))

	def cancel(self, url: str) -> Mapping[str, str]:
		return query(Customer().cancel(url))

	def truth(self, remote_account: str) -> list[Money]:
		return [(one.day, one.amount) for one in self.server.world.truth(self._key(remote_account))]

	def pass_days(self, days: int) -> None:
		self.server.world.advance(days=days)
		self.time.passed += days * 86400

	def take_back(self, remote_account: str) -> Money:
		real = self.server.world.account(self._key(remote_account))
		gone = real.remove(real.movements(self.time.now().date())[-1].key)
		return gone.day, gone.amount

	def add_late(self, remote_account: str) -> Money:
		day = self.time.now().date() - timedelta(days=40)
		late = Movement("late", day, -4250, "CB RETARDATAIRE", "Retardataire", "work_other", "card")
		self.server.world.account(self._key(remote_account)).add(late)
		return late.day, late.amount

	def end_consent(self, remote_id: str) -> None:
		self.state.end(self.state.sessions[remote_id], "EXPIRED")

	def fail(self, kind: str, count: int) -> None:
		kind, _, status = kind.partition(" ")
		path = "/enable_banking/accounts"
		self.server.faults.add(Fault(kind, path, count=count, status=int(status or 500)))

	def calls(self) -> int:
		return len(self.seen)

	def _key(self, remote_account: str) -> str:
		for session in self.state.sessions.values():
			for one in session.accounts:
				if f"{one.identification_hash}|{one.real.facts.currency}" == remote_account:
					return one.real.key
		raise KeyError(remote_account)


class Unlimited(ProcessRateLimitStore):
	"""The contract fetches more often than a bank allows; `test_reading` is about that."""

	def acquire(self, key: str, limit: int, seconds: float, now: object) -> None:  # type: ignore[override]
		"""Allow the call."""


class TestEnableBanking(ProviderContract):
	@pytest.fixture
	def stage(self) -> Iterator[EnableBankingStage]:
		with SandboxServer() as server:
			stage = EnableBankingStage(server)
			yield stage
			for provider in stage.made:
				provider.close()

	def test_later_fetches_are_small(
		self,
		stage: contract.Stage,
		provider: Provider,
		access: Access,
		accounts: list[RemoteAccount],
	) -> None:
		"""After the first week, in which each fetch asks for all that the bank has."""
		book = contract.Book.empty()
		asked = [account.remote_id for account in accounts]
		whole = len(contract._fetch(provider, access, book, asked))
		stage.pass_days(8)
		contract._fetch(provider, access, book, asked)
		stage.pass_days(1)
		before = stage.calls()
		assert len(contract._fetch(provider, access, book, asked)) < whole / 10
		assert stage.calls() - before <= stage.calls_per_fetch

	def test_a_return_proves_nothing(
		self, stage: contract.Stage, provider: Provider, access: Access, started: Started
	) -> None:
		"""A code is valid with the state of its own session only."""
		request = ConnectRequest("http://127.0.0.1:9/back", "state-2", "somebody-else", "")
		other = provider.start(request)
		back = stage.consent(provider.start(replace(request, state="state-3")).url)
		stolen = provider.complete(back, Access(), other.session)
		assert (stolen.connection, stolen.cancelled) == (None, False)
		invented = {**back, "state": "state-2", "code": "invented"}
		assert provider.complete(invented, Access(), other.session).connection is None
