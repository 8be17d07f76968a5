"""What every provider promises, kept by Ponto Connect on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.contract import ProviderContract
from tests.providers.ponto.stage import Stage


class TestPontoConnect(ProviderContract):
	@pytest.fixture
	def stage(self) -> Iterator[Stage]:
		with SandboxServer(World(years=2)) as server:
			made = Stage(server)
			made.state.applications["ponto-client"].redirect_uris = ("http://127.0.0.1:9/back",)
			yield made
			made.close()
