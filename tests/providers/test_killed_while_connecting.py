"""A process that is killed while it takes a user's return: the user connects the bank again, and it works, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers.http import Http
from dokos_banksync.sandbox.user import Customer
from tests.providers import every_provider
from tests.providers.bad_input import PROVIDERS, begun
from tests.providers.whole_way import ACCOUNT, BANK, CALLBACK, PROVIDER, Way

USER, EMAIL = "anne", "anne@example.org"


class Killed(BaseException):
	"""The process ends here: nothing of it runs any more."""


@contextmanager
def killed_at(call: int, *, after: bool) -> Iterator[list[str]]:
	"""Kill the process at its nth HTTP call, before it goes out or when it was answered; yield the paths called."""
	called: list[str] = []
	request = Http.request

	def counted(self: Http, method: str, path: str, **more: Any) -> Any:
		called.append(path)
		if len(called) == call and not after:
			raise Killed
		answer = request(self, method, path, **more)
		if len(called) == call:
			raise Killed
		return answer

	with pytest.MonkeyPatch.context() as patched:
		patched.setattr(Http, "request", counted)
		yield called


def consent(way: Way, given: Any) -> dict[str, str]:
	link = way.site.begin_connect(BANK, PROVIDER, given.institution, CALLBACK, USER, EMAIL)
	return {
		**dict(parse_qsl(urlsplit(Customer(login=given.login).consent(link.url)).query)),
		"of": link.state,
	}


def finish(way: Way, query: dict[str, str]) -> Any:
	return way.site.finish(query["of"], {k: v for k, v in query.items() if k != "of"}, USER)


def connected_again(way: Way, given: Any) -> None:
	"""Connect the bank once more. A login that was stored before the process ended is said to be connected."""
	result = finish(way, consent(way, given))
	live = [one.name for one in way.site.ledger.connections() if one.status is ConnectionStatus.ACTIVE]
	if not result.connection.remote_id:
		assert "connected already" in result.message
		[name] = live
		way.site.refresh_accounts(name)
	way.connection = result.connection.name if result.connection.remote_id else live[0]


def imported(way: Way) -> None:
	"""Link the main account from the beginning of its history, and fetch."""
	proposal = next(
		one
		for one in way.site.proposals(way.connection)
		if one.remote.account_name.startswith(every_provider.LINKED)
	)
	since, _ = way.server.world.opening(way.real)
	way.site.link(way.connection, [Choice(proposal.source, ACCOUNT, start_date=since)])
	way.sync()


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_process_killed_at_any_call_leaves_no_dead_end(tmp_path: Path, name: str, after: bool) -> None:
	call, done = 0, False
	while not done:
		call += 1
		with begun(tmp_path / str(call), name) as (way, given):
			query = consent(way, given)
			with killed_at(call, after=after):
				try:
					finish(way, query)
					done = True
				except Killed:
					done = False
			if done:
				break
			home = way.site.home
			way.site.close()
			way.site = Site(home, clock=way.server.world.clock.now)
			connected_again(way, given)
			imported(way)
			assert way.held() == way.truth()
	assert call > 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_user_who_closed_the_last_page_connects_the_bank_again(tmp_path: Path, name: str) -> None:
	with begun(tmp_path, name) as (way, given):
		consent(way, given)
		connected_again(way, given)
		imported(way)
		assert way.held() == way.truth()
