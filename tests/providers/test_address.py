from __future__ import annotations

import pytest

from dokos_banksync.core.errors import ConfigurationError, ProviderBug
from dokos_banksync.providers.address import Address, LoopGuard

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


def test_a_trail_does_not_go_round() -> None:
	trail = LoopGuard("api.example.com")
	assert [trail.follow(page) for page in ("/a", "/b")] == ["/a", "/b"]
	with pytest.raises(ProviderBug, match="again and again"):
		trail.follow("/a")


def test_a_trail_has_an_end() -> None:
	trail = LoopGuard("api.example.com", longest=2)
	trail.follow("/1")
	trail.follow("/2")
	with pytest.raises(ProviderBug):
		trail.follow("/3")
