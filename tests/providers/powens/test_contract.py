"""What every provider promises, kept by Powens on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.contract import ProviderContract
from tests.providers.powens.stage import Stage


class TestPowens(ProviderContract):
	@pytest.fixture
	def stage(self) -> Iterator[Stage]:
		with SandboxServer(World(years=1.5)) as server:
			made = Stage(server)
			yield made
			made.close()
