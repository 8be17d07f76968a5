from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.salt_edge.stage import SaltStage, serve


@pytest.fixture
def stage() -> Iterator[SaltStage]:
	with serve() as server:
		made = SaltStage(server)
		yield made
		made.close()
