from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.plaid.stage import PlaidStage, serve


@pytest.fixture
def stage() -> Iterator[PlaidStage]:
	with serve() as server:
		made = PlaidStage(server)
		yield made
		made.close()
