"""A sandbox on loopback with a short history, and a bare client of its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import Client


@pytest.fixture
def world() -> World:
	return World(seed=3, years=0.3)


@pytest.fixture
def server(world: World) -> Iterator[SandboxServer]:
	with SandboxServer(world) as running:
		yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Client]:
	with Client(server.url) as bare:
		yield bare


@pytest.fixture
def user(client: Client) -> Client:
	"""The client with a user and its token."""
	client.register("dokos-test")
	return client
