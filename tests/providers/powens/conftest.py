from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.powens.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
	"""A world with four months of history."""
	with SandboxServer(World(seed=3, years=0.33)) as server:
		made = Stage(server)
		yield made
		made.close()
