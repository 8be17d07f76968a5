"""One link token may have several sessions: the page is loaded again, or open in two windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dokos_banksync.core.provider import Access, Completed, Secret, Subscription
from dokos_banksync.providers import registry
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from tests.providers.fake_server import Reply, Request, Script, Time, serving

LEFT = {"finished_at": "2026-10-28T12:01:00Z", "exit": {"error": None}}


def session(*names: str) -> Mapping[str, Any]:
	"""Return a session that added items, by the names of their public tokens."""
	added = [
		{
			"public_token": name,
			"institution": {"institution_id": "ins_1", "name": "First Bank"},
			"accounts": [{"name": name, "mask": "1"}],
		}
		for name in names
	]
	return {"finished_at": "2026-10-28T12:00:00Z", "results": {"item_add_results": added}}


def exchanged(request: Request) -> Reply:
	name = request.body["public_token"]
	return Reply(body={"access_token": f"access-{name}", "item_id": f"item-{name}"})


def item(request: Request) -> Reply:
	name = request.body["access_token"].removeprefix("access-")
	return Reply(
		body={"item": {"item_id": f"item-{name}", "institution_id": "ins_1", "error": None}, "status": {}}
	)


def ids(found: Completed) -> list[str]:
	"""Return the items that were connected."""
	return [one.connection.remote_id for one in (found, *found.others) if one.connection]


@pytest.fixture
def script() -> Iterator[Script]:
	with serving(Script()) as running:
		running.routes |= {"POST /item/public_token/exchange": exchanged, "POST /item/get": item}
		yield running


def completed(script: Script, *sessions: Mapping[str, Any]) -> Completed:
	"""Return the outcome of a link token with these sessions, the newest last."""
	script.routes["POST /link/token/get"] = Reply(body={"link_sessions": list(sessions)})
	time = Time()
	keys = Subscription(
		"Plaid", {"client_id": "c", "environment": "sandbox"}, {"client_secret": Secret("s")}, script.url
	)
	stores = ProcessSecretStore(time.now), ProcessRateLimitStore()
	provider = registry.make_provider("Plaid", keys, *stores, time.now, sleep=time.sleep)
	return provider.complete({}, Access("user"), Secret("link-sandbox-1"))


@pytest.mark.parametrize("newest", [LEFT, {}])
def test_an_item_is_not_lost_when_the_page_is_loaded_again_and_left(
	script: Script, newest: Mapping[str, Any]
) -> None:
	found = completed(script, session("a"), newest)
	assert found.connection is not None
	assert (found.connection.remote_id, found.grant.reveal()) == ("item-a", "access-a")
	assert not found.others


@pytest.mark.parametrize("sessions", [(session("a", "b"),), (session("a"), session("b"))])
def test_all_logins_of_a_link_token_are_connected(
	script: Script, sessions: tuple[Mapping[str, Any], ...]
) -> None:
	found = completed(script, *sessions)
	assert not found.pending
	assert ids(found) == ["item-a", "item-b"]
	assert [one.grant.reveal() for one in (found, *found.others)] == ["access-a", "access-b"]
	assert len(script.called("POST", "/item/public_token/exchange")) == 2


def test_a_session_that_goes_on_may_add_more(script: Script) -> None:
	going_on = {**session("a"), "finished_at": None}
	found = completed(script, going_on)
	assert (ids(found), found.pending) == (["item-a"], True)
	assert not completed(script, session("a"), {}).pending, "a page opened once more has added nothing"


def test_a_login_that_cannot_be_used_does_not_take_the_others_along(script: Script) -> None:
	def late(request: Request) -> Reply:
		if request.body["public_token"] == "a":
			return Reply(400, {"error_type": "INVALID_INPUT", "error_code": "INVALID_PUBLIC_TOKEN"})
		return exchanged(request)

	script.routes["POST /item/public_token/exchange"] = late
	found = completed(script, session("a", "b"))
	assert ids(found) == ["item-b"]
	[refused] = found.others
	assert (refused.connection, refused.institution_name) == (None, "First Bank")
	assert "completed too long ago" in refused.message


def test_the_same_login_twice_in_a_session_is_connected_once(script: Script) -> None:
	twice = session("a", "b")
	[one, two] = twice["results"]["item_add_results"]
	two["accounts"] = one["accounts"]
	found = completed(script, twice)
	assert ids(found) == ["item-a"]
	assert "connected already" in found.others[0].message
	assert len(script.called("POST", "/item/public_token/exchange")) == 1


def test_the_newest_session_says_whether_the_user_is_still_there(script: Script) -> None:
	assert completed(script, LEFT).cancelled
	assert completed(script, LEFT, {}).pending
