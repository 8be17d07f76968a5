from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from tests.sandbox.ponto.client import Client


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Client]:
	"""Ponto Connect, before any authorization."""
	with Client(server) as bare:
		yield bare


@pytest.fixture
def linked(client: Client) -> Client:
	"""Ponto Connect with the accounts of Demo Bank."""
	client.connect()
	return client


@pytest.fixture
def own(server: SandboxServer) -> Iterator[Client]:
	"""The custom integration, whose owner linked Banque Aurore in the dashboard."""
	server.ponto.state.link(601)
	with Client(server, own=True) as bare:
		bare.keep(bare.token(grant_type="client_credentials").json())
		yield bare
