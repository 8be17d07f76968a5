"""A token opens the site once and not for long; what it opens is a session with an end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from dokos_banksync.hosts.standalone.entry_tokens import FOLDER, EntryTokens
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from dokos_banksync.sandbox.server import SandboxServer
from tests.hosts.standalone.web.conftest import Visitor, enter, stranger


@pytest.fixture(autouse=True)
def on_the_clock_of_the_sandbox(server: WebServer, sandbox: SandboxServer) -> None:
	server.app.tokens.clock = server.app.sessions.clock = sandbox.world.clock.now


def test_a_token_lets_one_browser_in(server: WebServer) -> None:
	token = server.app.tokens.issue()
	assert stranger(server).get(f"/?token={token}").status_code == HTTPStatus.SEE_OTHER
	second = stranger(server)
	answer = second.get(f"/?token={token}")
	assert answer.status_code == HTTPStatus.FORBIDDEN
	assert "banksync login" in answer.text
	assert not second.http.cookies


def test_of_browsers_that_use_a_token_at_once_one_gets_in(server: WebServer) -> None:
	token = server.app.tokens.issue()
	browsers = [stranger(server) for _ in range(20)]
	with ThreadPoolExecutor(20) as pool:
		statuses = list(pool.map(lambda one: one.get(f"/?token={token}").status_code, browsers))
	assert sorted(statuses) == [HTTPStatus.SEE_OTHER, *[HTTPStatus.FORBIDDEN] * 19]


def test_the_browser_that_used_a_token_may_load_its_address_again(server: WebServer) -> None:
	token = server.app.tokens.issue()
	browser = stranger(server)
	browser.get(f"/?token={token}")
	assert browser.get(f"/?token={token}").status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize(("minutes", "status"), [(9, HTTPStatus.SEE_OTHER), (10, HTTPStatus.FORBIDDEN)])
def test_a_token_lasts_ten_minutes(
	server: WebServer, sandbox: SandboxServer, minutes: int, status: HTTPStatus
) -> None:
	token = server.app.tokens.issue()
	sandbox.world.advance(timedelta(minutes=minutes))
	assert stranger(server).get(f"/?token={token}").status_code == status


def test_a_session_ends_after_twelve_hours(visitor: Visitor, sandbox: SandboxServer) -> None:
	sandbox.world.advance(timedelta(hours=11, minutes=59))
	assert visitor.get("/bank").ok
	sandbox.world.advance(timedelta(minutes=1))
	assert visitor.get("/bank").status_code == HTTPStatus.FORBIDDEN


def test_logging_out_ends_the_session_of_this_browser(visitor: Visitor, other: Visitor) -> None:
	cookies = dict(visitor.http.cookies)
	assert 'action="/logout"' in visitor.get("/bank").text
	answer = visitor.post("/logout", data={"csrf_token": visitor.csrf_token})
	assert answer.ok
	assert "You are logged out" in answer.text
	assert not visitor.http.cookies
	visitor.http.cookies.update(cookies)
	assert visitor.get("/bank").status_code == HTTPStatus.FORBIDDEN
	assert other.get("/bank").ok


def test_another_site_cannot_log_a_user_out(visitor: Visitor) -> None:
	assert visitor.post("/logout", data={"csrf_token": "guess"}).status_code == HTTPStatus.FORBIDDEN
	assert visitor.get("/logout").status_code == HTTPStatus.NOT_FOUND
	assert visitor.get("/bank").ok


def test_the_home_holds_digests_only_and_no_expired_ones(
	server: WebServer, site: Site, sandbox: SandboxServer
) -> None:
	token = server.app.tokens.issue()
	folder = site.home / FOLDER
	[stored] = folder.iterdir()
	assert token not in stored.name + stored.read_text("ascii")
	assert stored.stat().st_mode & 0o077 == 0
	sandbox.world.advance(timedelta(hours=1))
	server.app.tokens.issue()
	assert stored not in list(folder.iterdir())
	assert len(list(folder.iterdir())) == 1


def test_another_process_of_the_owner_can_issue_a_token(server: WebServer, site: Site) -> None:
	token = EntryTokens(Path(site.home), site.clock).issue()
	assert stranger(server).get(f"/?token={token}").status_code == HTTPStatus.SEE_OTHER
	assert enter(server).get("/bank").ok
