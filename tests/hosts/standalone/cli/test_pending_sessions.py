"""Who left for a bank, and who comes back."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from dokos_banksync.actions.pending_sessions import LIFE, ConnectAttempt, PendingSession, PendingSessions
from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.process_stores import ProcessSecretStore


class Memory(ProcessSecretStore):
	"""Knows under which key the last value was stored."""

	last = ""

	def put(self, key: str, value: Secret, expires_at: datetime) -> None:
		super().put(key, value, expires_at)
		self.last = key


class World:
	"""A moment that can be moved, and two providers' memories."""

	def __init__(self) -> None:
		self.now = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
		self.memories = {name: Memory(self.clock) for name in ("bridge", "other")}
		self.pending = PendingSessions(self.memories.__getitem__, lambda: self.memories, self.clock)

	def clock(self) -> datetime:
		return self.now


@pytest.fixture
def world() -> World:
	return World()


def test_a_state_is_for_the_address_and_cannot_be_guessed(world: World) -> None:
	states = {world.pending.begin("other", "C1", "anna") for _ in range(50)}
	assert len(states) == 50
	assert all(len(state) == 32 and set(state) <= set("0123456789abcdef") for state in states)


def test_a_return_finds_its_connection_once(world: World) -> None:
	state = world.pending.begin("other", "C1", "anna")
	assert world.pending.take(state, "anna")[:3] == ("other", "C1", "anna")
	with pytest.raises(NotFound):
		world.pending.take(state, "anna")


def test_nobody_else_comes_back_with_it_nor_uses_it_up(world: World) -> None:
	state = world.pending.begin("bridge", "C1", "anna")
	with pytest.raises(NotFound):
		world.pending.take(state, "bob")
	assert world.pending.take(state, "anna").connection == "C1"


def test_it_ends_with_the_hour(world: World) -> None:
	early, late = (world.pending.begin("bridge", "C1", "anna") for _ in range(2))
	world.now += LIFE - timedelta(seconds=1)
	assert world.pending.take(early, "anna").connection == "C1"
	world.now += timedelta(seconds=1)
	with pytest.raises(NotFound):
		world.pending.take(late, "anna")


@pytest.mark.parametrize("state", ["", "0" * 32, "é"])
def test_an_unknown_state_is_refused(world: World, state: str) -> None:
	with pytest.raises(NotFound, match="connect it again"):
		world.pending.take(state, "anna")


def test_put_back_it_can_be_taken_again(world: World) -> None:
	state = world.pending.begin("bridge", "C1", "anna", "item-1")
	session = world.pending.take(state, "anna")
	world.pending.put_back(state, session)
	expected = PendingSession("bridge", "C1", "anna", session.until, remote_id="item-1")
	assert world.pending.take(state, "anna") == expected


def test_one_that_an_earlier_version_stored_is_no_open_session(world: World) -> None:
	state = world.pending.begin("bridge", "C1", "anna")
	until = world.now + LIFE
	memory = world.memories["bridge"]
	memory.put(memory.last, Secret(json.dumps(["C1", "anna", until.isoformat()])), until)
	with pytest.raises(NotFound, match="connect it again"):
		world.pending.take(state, "anna")


def test_the_same_user_and_bank_find_what_was_begun(world: World) -> None:
	world.pending.remember("bridge", "C1", ConnectAttempt("Demo", "574", "anna"))
	assert world.pending.same("bridge", ConnectAttempt("Demo", "574", "anna")) == "C1"
	for provider, attempt in (
		("bridge", ConnectAttempt("Demo", "574", "bob")),
		("bridge", ConnectAttempt("Demo", "", "anna")),
		("bridge", ConnectAttempt("Demo", "574", "anna", "Other company")),
		("other", ConnectAttempt("Demo", "574", "anna")),
	):
		assert world.pending.same(provider, attempt) == ""


def test_names_that_run_into_each_other_stay_apart(world: World) -> None:
	world.pending.remember("bridge", "C1", ConnectAttempt("ab", "c", ""))
	assert world.pending.same("bridge", ConnectAttempt("a", "bc", "")) == ""
