"""The browser's address and user agent reach the provider, in a run that goes on after the answer too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.provider import Context
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.hosts.standalone.web.request_context import Call
from dokos_banksync.providers.bridge import BridgeProvider
from tests.hosts.standalone.web.conftest import BANK, Visitor, connected

PRESENT = Context(user_present=True, ip_address="81.2.69.142", user_agent="Firefox/140")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Context]:
	noted: list[Context] = []
	real = BridgeProvider.changes

	def changes(self: Any, access: Any, requests: Any, context: Any = None) -> Iterator[Any]:
		noted.append(context)
		return real(self, access, requests, context)

	monkeypatch.setattr(BridgeProvider, "changes", changes)
	return noted


def test_the_presence_is_that_of_the_request() -> None:
	builder = EnvironBuilder(
		headers={"User-Agent": "Firefox/140"}, environ_overrides={"REMOTE_ADDR": "81.2.69.142"}
	)
	call = Call.__new__(Call)
	object.__setattr__(call, "request", Request(builder.get_environ()))
	assert call.presence == PRESENT


def test_a_click_on_fetch_states_who_waits(
	site: Site, server: WebServer, visitor: Visitor, seen: list[Context]
) -> None:
	name = connected(site)
	proposal = site.proposals(name)[0]
	site.link(name, [Choice(proposal.source, "Compte", start_date=site.clock().date())])
	visitor.http.headers["User-Agent"] = "Firefox/140"
	visitor.message("fetch_transactions", bank=BANK)
	ends = time.monotonic() + 20
	while server.app.jobs.running() and time.monotonic() < ends:
		time.sleep(0.05)
	assert {(one.user_present, one.user_agent, one.ip_address) for one in seen} == {(True, "Firefox/140", "")}
