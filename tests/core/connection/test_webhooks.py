from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.connection import webhooks as calls
from dokos_banksync.core.connection.webhooks import (
	BODY_LIMIT,
	Answer,
	Call,
	Reaction,
	reactions,
	receive,
)
from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.model import ConnectionStatus as Status
from dokos_banksync.core.provider import Event, Secret, WebhookRequest
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.providers.bridge import webhooks

NOW = datetime(2026, 3, 10, 9, tzinfo=timezone.utc)
ONE = ConnectionRecord("C1", "Aurore", "bridge", Status.ACTIVE, remote_user="u1", remote_id="7")
TWO = ConnectionRecord("C2", "Borée", "bridge", Status.ACTIVE, remote_user="u2", remote_id="8")


class Signed:
	"""Reads calls as Bridge signs them."""

	def __init__(self, *secrets: str) -> None:
		self.secrets = [Secret(secret) for secret in secrets or ("whsec",)]

	def events(self, request: WebhookRequest) -> list[Event]:
		return webhooks.events(request.headers, request.body, self.secrets)


class Site:
	"""Counts what a call costs."""

	def __init__(self, *connections: ConnectionRecord) -> None:
		self.connections = connections or (ONE, TWO)
		self.asked = 0
		self.seen: set[str] = set()

	def list(self) -> Sequence[ConnectionRecord]:
		self.asked += 1
		return self.connections

	def first_time(self, body: bytes) -> bool:
		new = body.hex() not in self.seen
		self.seen.add(body.hex())
		return new


def call(kind: str = "item.refreshed", at: datetime = NOW, key: str = "whsec", **content: object):
	given = {"item_id": 7, "user_uuid": "u1", **content}
	body = json.dumps({"content": given, "timestamp": int(at.timestamp() * 1000), "type": kind}).encode()
	return {"BridgeApi-Signature": f"v1={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}"}, body


def answer(site: Site, headers, body: bytes, reader: Signed | None = None, now: datetime = NOW) -> Answer:
	request = WebhookRequest(headers, body)
	return receive(reader or Signed(), request, site.list, lambda: site.first_time(body), now)


def test_a_call_leads_to_a_run():
	assert answer(Site(), *call()) == Answer(200, "accepted", [Reaction("C1", True)])


@pytest.mark.parametrize("key", ["", "other"])
def test_a_forged_call_costs_nothing_but_its_signature(key):
	site = Site()
	assert answer(site, *call(key=key)) == Answer(401, "not accepted")
	assert (site.asked, site.seen) == (0, set())


def test_a_changed_body_is_forged():
	headers, body = call()
	assert answer(Site(), headers, body.replace(b'"item_id": 7', b'"item_id": 8')).status == 401


@pytest.mark.parametrize("key", ["old", "new"])
def test_two_secrets_while_one_replaces_the_other(key):
	assert answer(Site(), *call(key=key), reader=Signed("old", "new")).text == "accepted"


def test_the_same_call_again_is_accepted_once():
	site = Site()
	words = [answer(site, *call()).text for _ in range(3)]
	assert words == ["accepted", "repeated", "repeated"]
	assert site.asked == 1


@pytest.mark.parametrize(
	("age", "word"),
	[
		(timedelta(0), "accepted"),
		(timedelta(days=2), "accepted"),
		(timedelta(days=3), "old"),
		(timedelta(days=400), "old"),
		(-timedelta(minutes=5), "accepted"),
		(-timedelta(days=1), "old"),
	],
)
def test_an_old_call_is_left_alone(age, word):
	site = Site()
	assert answer(site, *call(at=NOW - age)).text == word
	assert site.asked == int(word == "accepted")


def test_a_call_is_known_again_for_as_long_as_it_is_young():
	"""A key is kept for three days from when it was seen: by then the call is too old to count."""
	site = Site()
	sent = NOW - timedelta(hours=1)
	assert answer(site, *call(at=sent)).text == "accepted"
	site.seen.clear()
	assert answer(site, *call(at=sent), now=NOW + timedelta(days=3)).text == "old"


def test_a_huge_body_is_not_even_hashed():
	class Never:
		def events(self, request):
			raise AssertionError("read")

	body = b" " * (BODY_LIMIT + 1)
	assert receive(Never(), WebhookRequest({}, body), list, lambda: True, NOW) == Answer(413, "too large")


def test_what_is_signed_and_unreadable():
	body = b"[" * 1000
	headers = {"BridgeApi-Signature": "v1=" + hmac.new(b"whsec", body, hashlib.sha256).hexdigest()}
	assert answer(Site(), headers, body) == Answer(401, "not accepted")


@pytest.mark.parametrize(("kind", "word"), [("payment.created", "unknown event"), ("TEST_EVENT", "test")])
def test_what_does_not_concern_us_is_answered_so_that_it_is_not_sent_again(kind, word):
	site = Site()
	assert answer(site, *call(kind)) == Answer(200, word)
	assert site.asked == 0


def test_a_connection_that_is_gone():
	assert answer(Site(), *call(item_id=99, user_uuid="u9")) == Answer(200, "unknown connection", [])


# -- what follows -----------------------------------------------------------------------------------------
def event(kind: str, remote_id: str = "7", user: str = "u1") -> Event:
	return Event(kind, remote_user=user, remote_id=remote_id)


@pytest.mark.parametrize(
	("kind", "fetch"),
	[
		("connection.created", True),
		("connection.refreshed", True),
		("account.created", True),
		("account.updated", True),
		("account.removed", True),
		("connection.removed", False),
	],
)
def test_each_kind_of_event(kind, fetch):
	assert reactions([event(kind)], [ONE, TWO]) == [Reaction("C1", fetch)]


def test_the_end_of_a_user_concerns_all_of_its_connections():
	sibling = replace(ONE, name="C3", remote_id="9")
	found = reactions([event("user.removed", remote_id="")], [ONE, TWO, sibling])
	assert found == [Reaction("C1", False), Reaction("C3", False)]


def test_a_connection_whose_id_is_not_known_yet_is_found_by_its_user():
	fresh = replace(ONE, remote_id="", status=Status.CONNECTING)
	assert reactions([event("connection.refreshed")], [fresh]) == [Reaction("C1", False)]


def test_who_fetches_by_hand_only_gets_a_look_at_the_state():
	assert reactions([event("account.updated")], [replace(ONE, automatic=False)]) == [Reaction("C1", False)]


def test_one_reaction_per_connection_and_fetching_outweighs():
	several = [event("connection.removed"), event("account.updated"), event("connection.removed")]
	assert reactions(several, [ONE]) == [Reaction("C1", True)]


@pytest.mark.parametrize("kind", ["something.else", ""])
def test_other_kinds_lead_nowhere(kind):
	assert reactions([event(kind)], [ONE]) == []


@given(st.binary(max_size=200), st.text(max_size=80))
def test_any_call_has_an_answer_and_only_a_signed_one_leads_anywhere(body, signature):
	given_answer = answer(Site(), {"BridgeApi-Signature": signature}, body)
	assert given_answer == Answer(401, "not accepted")


# -- who may call ------------------------------------------------------------------------------------------
class Gate:
	"""A host with one provider, "Known", and another whose keys cannot be read; counts calls by address."""

	def __init__(self) -> None:
		self.counted: dict[str, int] = {}
		self.fetched: list[str] = []
		self.keys: set[str] = set()
		self.down = False

	def is_known(self, provider: str) -> bool:
		return provider in ("Known", "Broken")

	def reader(self, provider: str) -> Signed:
		if provider == "Broken":
			raise ConfigurationError("The key cannot be read")
		return Signed()

	def connections(self, provider: str) -> Sequence[ConnectionRecord]:
		return (ONE, TWO)

	def fetch(self, connection: str) -> bool:
		if self.down:
			raise ConfigurationError("no queue")
		self.fetched.append(connection)
		return True

	def refresh_state(self, connection: str) -> bool:
		return True

	def claim(self, key: str, lifetime: timedelta) -> bool:
		new = key not in self.keys
		self.keys.add(key)
		return new

	def release(self, key: str) -> None:
		self.keys.remove(key)

	def count(self, key: str, now: datetime) -> int:
		self.counted[key] = self.counted.get(key, 0) + 1
		return self.counted[key]

	def post(self, provider: str, key: str = "whsec", address: str = "192.0.2.1") -> Answer:
		headers, body = call(key=key)
		made = Call(provider, address, len(body), lambda: WebhookRequest(headers, body))
		return calls.answer(made, self, self, None, NOW)


@pytest.mark.parametrize("provider", ["", "nobody", "Broken", "Known"])
def test_every_error_is_the_same_until_a_signature_is_valid(provider):
	assert Gate().post(provider, key="forged") == Answer(401, "not accepted")


def test_the_calls_of_an_address_are_counted_together_whichever_provider_they_name(monkeypatch):
	monkeypatch.setattr(calls, "CALLS_A_MINUTE", 3)
	gate = Gate()
	assert [gate.post(name).status for name in ("nobody", "Known", "other", "Known")] == [401, 200, 401, 429]
	assert gate.post("Known", address="192.0.2.2").status == 200


def test_a_queue_that_does_not_answer_is_reported_to_the_sender():
	gate = Gate()
	gate.down = True
	assert gate.post("Known") == Answer(503, "not now")
	assert gate.post("Known", key="forged") == Answer(401, "not accepted")


def test_a_call_that_could_not_be_acted_on_counts_when_it_is_sent_again():
	gate = Gate()
	gate.down = True
	assert gate.post("Known").status == 503
	gate.down = False
	assert gate.post("Known").text == "accepted"
	assert gate.fetched == ["C1"]
	assert gate.post("Known").text == "repeated"
	assert gate.fetched == ["C1"]
