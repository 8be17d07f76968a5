"""The callback page of the command line: one session, one state, nothing else."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest
import requests

from dokos_banksync.core.errors import ConfigurationError, LoginRequired
from dokos_banksync.hosts.standalone.callback_listener import ReturnPage, state_of

STATE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def page() -> Iterator[ReturnPage]:
	with ReturnPage() as page:
		page.expect(STATE)
		yield page


def test_a_return_with_the_state_is_taken_and_thanked(page: ReturnPage) -> None:
	answer = requests.get(page.url, {"context": STATE, "item_id": "7", "success": "true"}, timeout=5)
	assert answer.status_code == 200
	assert "You can close this tab now." in answer.text
	assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
	assert page.wait(1) == {"context": STATE, "item_id": "7", "success": "true"}


def test_it_uses_the_language_of_the_terminal() -> None:
	with ReturnPage(language="fr") as page:
		page.expect(STATE)
		text = requests.get(page.url, {"state": STATE}, timeout=5).text
	assert '<html lang="fr">' in text
	assert "close this tab" not in text


def test_the_state_may_be_called_state(page: ReturnPage) -> None:
	assert requests.get(page.url, {"state": STATE}, timeout=5).ok
	assert state_of(page.wait(1)) == STATE


@pytest.mark.parametrize(
	"query", [{}, {"context": ""}, {"context": "f" * 32}, {"other": STATE}, {"context": "é"}]
)
def test_any_other_state_is_refused_and_the_wait_goes_on(page: ReturnPage, query: dict[str, str]) -> None:
	assert requests.get(page.url, query, timeout=5).status_code == 400
	assert requests.get(page.url, {"context": STATE}, timeout=5).ok
	assert page.wait(1)["context"] == STATE


def test_a_favicon_is_not_a_return(page: ReturnPage) -> None:
	root = page.url.rsplit("/", 1)[0]
	assert requests.get(f"{root}/favicon.ico", {"context": STATE}, timeout=5).status_code == 404
	assert requests.post(page.url, {"context": STATE}, timeout=5).status_code == 501
	with pytest.raises(LoginRequired):
		page.wait(0.01)


def test_before_a_state_is_expected_none_counts() -> None:
	with ReturnPage() as page:
		assert requests.get(page.url, {"context": ""}, timeout=5).status_code == 400


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a port for a while")
def test_the_port_of_a_registered_address_is_free_again_for_the_next_bank() -> None:
	with ReturnPage() as page:
		requests.get(page.url, timeout=5)
		port = int(page.url.rsplit(":", 1)[1].split("/")[0])
	with ReturnPage(port) as again:
		assert requests.get(again.url, timeout=5).status_code == 400
		with pytest.raises(ConfigurationError, match="is used by another program"):
			ReturnPage(port)


def test_a_page_of_another_name_that_points_here_is_refused(page: ReturnPage) -> None:
	headers = {"Host": "bank.example"}
	assert requests.get(page.url, {"context": STATE}, headers=headers, timeout=5).status_code == 400


def test_a_reload_changes_nothing(page: ReturnPage) -> None:
	assert requests.get(page.url, {"context": STATE, "item_id": "7"}, timeout=5).ok
	assert requests.get(page.url, {"context": STATE, "item_id": "8"}, timeout=5).ok
	assert page.wait(1)["item_id"] == "7"


def test_a_browser_that_opens_a_line_and_says_nothing_keeps_nobody_waiting(page: ReturnPage) -> None:
	port = int(page.url.split(":")[2].split("/")[0])
	with socket.create_connection(("127.0.0.1", port)):
		assert requests.get(page.url, {"context": STATE}, timeout=5).ok


def test_nobody_came() -> None:
	with ReturnPage() as page:
		page.expect(STATE)
		with pytest.raises(LoginRequired, match="--timeout"):
			page.wait(0.01)


def test_a_port_in_use_is_named() -> None:
	with socket.create_server(("127.0.0.1", 0)) as other:
		port = other.getsockname()[1]
		with pytest.raises(ConfigurationError, match=f"Port {port}.*--port"):
			ReturnPage(port)
