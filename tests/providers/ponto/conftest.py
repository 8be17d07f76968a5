from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.ponto.stage import OwnStage, Stage


@pytest.fixture
def ponto() -> Iterator[Stage]:
	"""Ponto Connect over a world with four months of history."""
	with SandboxServer(World(seed=3, years=0.33)) as server:
		made = Stage(server)
		yield made
		made.close()


@pytest.fixture
def own() -> Iterator[OwnStage]:
	"""A custom integration over the same world."""
	with SandboxServer(World(seed=3, years=0.33)) as server:
		made = OwnStage(server)
		yield made
		made.close()
