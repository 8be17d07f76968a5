from __future__ import annotations

import socket
from datetime import datetime, timezone

import pytest

from dokos_banksync.core.errors import ConfigurationError, ProviderBug
from dokos_banksync.providers.address import PRIVATE_HOSTS, Address, LoopGuard
from dokos_banksync.providers.http import Http

API = Address.of("https://api.example.com/")


@pytest.mark.parametrize(
	"base",
	[
		"",
		"nonsense",
		"ftp://api.example.com",
		"https://",
		"https://api.example.com:many",
		"http://[::1",
		"https://api.example.com/?key=1",
		"https://api.example.com/#top",
		"https://me:pass@api.example.com",
		"http://api.example.com",
		"http://10.0.0.1",
		"http://127.0.0.1.example.com",
	],
)
def test_a_base_that_is_none(base: str) -> None:
	with pytest.raises(ConfigurationError) as caught:
		Address.of(base)
	assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(
	"base", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80", "https://a.example"]
)
def test_a_base(base: str) -> None:
	assert Address.of(base).url("/x") == f"{base}/x"


@pytest.mark.parametrize(
	("given", "url"),
	[
		("/v3/a?after=1%3D", "https://api.example.com/v3/a?after=1%3D"),
		("https://api.example.com/v3/a?after=1", "https://api.example.com/v3/a?after=1"),
		("http://API.example.com/v3/a", "https://api.example.com/v3/a"),
	],
)
def test_an_address_of_the_host(given: str, url: str) -> None:
	assert API.url(given) == url


@pytest.mark.parametrize(
	"given",
	[
		"https://evil.example/v3/a",
		"//evil.example/v3/a",
		"/\\evil.example/v3/a",
		"https://api.example.com@evil.example/",
		"https://api.example.com.evil.example/",
		"file:///etc/passwd",
		"v3/a",
		"?after=1",
		"http://[",
	],
)
def test_a_foreign_address(given: str) -> None:
	with pytest.raises(ProviderBug):
		API.url(given)


def test_the_path_of_the_base_is_not_doubled() -> None:
	behind = Address.of("https://gateway.example/bridge/")
	assert behind.url("/v3/a") == "https://gateway.example/bridge/v3/a"
	assert behind.url("/bridge/v3/a?after=2") == "https://gateway.example/bridge/v3/a?after=2"


def test_a_page_that_came_before_ends_the_list() -> None:
	guard = LoopGuard("api.example.com")
	assert [guard.follow(page) for page in ("/a", "/b")] == ["/a", "/b"]
	with pytest.raises(ProviderBug, match="again and again"):
		guard.follow("/a")


def test_a_list_of_too_many_pages_ends() -> None:
	guard = LoopGuard("api.example.com", longest=2)
	guard.follow("/1")
	guard.follow("/2")
	with pytest.raises(ProviderBug):
		guard.follow("/3")


# -- private networks ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
	"host",
	[
		"10.0.0.5",
		"192.168.1.1:8443",
		"172.16.0.1",
		"169.254.169.254",
		"[fd00::1]",
		"[::ffff:10.0.0.5]",
		"100.64.0.1",
	],
)
def test_a_private_address_is_refused_unless_it_is_allowed_by_name(
	host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setenv(PRIVATE_HOSTS, "bank.internal")
	with pytest.raises(ConfigurationError, match="private network"):
		Address.of(f"https://{host}")
	name = host.strip("[]") if "]" in host else host.partition(":")[0]
	monkeypatch.setenv(PRIVATE_HOSTS, f"bank.internal, {name}")
	assert Address.of(f"https://{host}").host == host


def test_public_addresses_and_this_machine_need_no_permission() -> None:
	for host in ("8.8.8.8", "[2a00:1450::1]", "api.example.com", "localhost", "127.0.0.1"):
		assert Address.of(f"https://{host}").host == host


def test_a_name_that_resolves_to_a_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
	"""The name stands for a server of this machine; nothing may be sent to it."""
	with socket.socket() as listening:
		listening.bind(("127.0.0.1", 0))
		listening.listen()
		port = listening.getsockname()[1]
		real = socket.getaddrinfo
		monkeypatch.setattr(
			socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more)
		)
		http = Http(f"https://rebound.example.com:{port}", lambda: datetime.now(timezone.utc))
		with pytest.raises(ConfigurationError, match="private network"):
			http.request("GET", "/")
		client, _ = listening.accept()
		with client:
			assert client.recv(10) == b""
