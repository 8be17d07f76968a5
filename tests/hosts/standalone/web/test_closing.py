"""Closing the server while browsers are connected."""

from __future__ import annotations

import pytest

from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer, connections
from tests.hosts.standalone.web.test_slow_clients import is_closed, unfinished


def test_the_trigger_is_open_until_every_request_has_ended(
	site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""A request that ends writes into it: in a closed one it would end with an error of the server."""
	closed_before: list[bool] = []
	made = WebServer(site)
	close, shutdown = connections._Channel.close, made._server.task_dispatcher.shutdown

	def close_channel(channel: connections._Channel) -> None:
		closed_before.append(made._server.trigger._closed)
		close(channel)

	def end_requests(*given: object, **named: object) -> object:
		closed_before.append(made._server.trigger._closed)
		return shutdown(*given, **named)

	monkeypatch.setattr(connections._Channel, "close", close_channel)
	monkeypatch.setattr(made._server.task_dispatcher, "shutdown", end_requests)
	with made, unfinished(made) as client:
		assert not is_closed(client, within=0.2)
		made.close()
		assert is_closed(client, within=5)
	assert made._server.trigger._closed
	assert closed_before[:2] == [False, False]
