from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from tests.sandbox.enable_banking.client import Client


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Client]:
	with Client(server) as bare:
		yield bare
