"""What every provider promises, kept by GoCardless on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.core.errors import RateLimited, SyncError, TemporaryError
from dokos_banksync.core.model import RemoteAccount
from dokos_banksync.core.provider import Access, Provider
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers import contract
from tests.providers.contract import ProviderContract
from tests.providers.gocardless.stage import Stage


class TestGoCardless(ProviderContract):
	@pytest.fixture
	def stage(self) -> Iterator[Stage]:
		"""The contract fetches more often than a bank allows; `test_quotas` is about that."""
		with SandboxServer(World(years=1.5)) as server:
			server.gocardless.state.settings.daily = 1000
			made = Stage(server)
			yield made
			made.close()

	@pytest.mark.parametrize(
		("kind", "error"),
		[
			("status 500", TemporaryError),
			("status 429", RateLimited),
			("truncated", TemporaryError),
			("html", SyncError),
			("drop", TemporaryError),
		],
	)
	def test_what_stays_has_a_name(
		self,
		stage: contract.Stage,
		provider: Provider,
		access: Access,
		accounts: list[RemoteAccount],
		kind: str,
		error: type[SyncError],
	) -> None:
		"""As the contract says; there are no pages that could be repeated."""
		super().test_what_stays_has_a_name(stage, provider, access, accounts, kind, error)

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
