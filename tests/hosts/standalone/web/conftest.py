"""A site in a fresh home, its web server, and the pretend bank it is connected to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.calls import dotted

BANK = "Banque Aurore"
AURORE = "601"
PROVIDER = "Bridge"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
	with SandboxServer(World(years=0.25)) as server:
		yield server


@pytest.fixture
def site(tmp_path: Path, sandbox: SandboxServer) -> Iterator[Site]:
	with Site(tmp_path / "home", clock=sandbox.world.clock.now) as made:
		made.add_provider(
			PROVIDER,
			"Bridge",
			{"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
			sandbox.url,
			"Sandbox",
		)
		made.ledger.add_bank(BANK)
		yield made


@pytest.fixture
def server(site: Site) -> Iterator[WebServer]:
	with WebServer(site) as running:
		yield running


@dataclass
class Visitor:
	"""A browser without a screen: keeps cookies, knows the CSRF token of the page it saw last."""

	server: WebServer
	http: requests.Session
	csrf_token: str = ""

	def get(self, path: str, **more: Any) -> requests.Response:
		answer = self.http.get(self.server.url + path, timeout=60, allow_redirects=False, **more)
		if found := re.search(r'"csrf_token": "([^"]+)"', answer.text):
			self.csrf_token = found[1]
		return answer

	def post(self, path: str, **more: Any) -> requests.Response:
		return self.http.post(self.server.url + path, timeout=60, allow_redirects=False, **more)

	def call(self, method: str, csrf_token: str | None = None, **arguments: Any) -> requests.Response:
		token = self.csrf_token if csrf_token is None else csrf_token
		headers = {"X-Frappe-CSRF-Token": token} if token else {}
		return self.post(f"/api/method/{dotted(method)}", json=arguments, headers=headers)

	def message(self, method: str, **arguments: Any) -> Any:
		answer = self.call(method, **arguments)
		assert answer.ok, answer.text
		return answer.json()["message"]


def stranger(server: WebServer) -> Visitor:
	http = requests.Session()
	http.trust_env = False
	return Visitor(server, http)


def enter(server: WebServer) -> Visitor:
	visitor = stranger(server)
	visitor.get(f"/?token={server.app.tokens.issue()}")
	visitor.get("/bank")
	return visitor


@pytest.fixture
def visitor(server: WebServer) -> Iterator[Visitor]:
	one = enter(server)
	yield one
	one.http.close()


@pytest.fixture
def other(server: WebServer) -> Iterator[Visitor]:
	"""Somebody else who may use the site."""
	one = enter(server)
	yield one
	one.http.close()


@pytest.fixture
def outsider(server: WebServer) -> Iterator[Visitor]:
	one = stranger(server)
	yield one
	one.http.close()


def connected(site: Site, institution: str = AURORE) -> str:
	"""A connection to the pretend bank, as a user makes one; its accounts feed nothing yet."""
	link = site.begin_connect(
		BANK, PROVIDER, institution, "http://127.0.0.1:9/back", "anne", "anne@example.org"
	)
	query = dict(parse_qsl(urlsplit(Customer(institution=int(institution)).consent(link.url)).query))
	return site.finish(state_of(query), query, "anne").connection.name
