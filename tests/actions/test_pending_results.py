"""A consent session whose outcome comes later: what is stored, what is handed back, how long it waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dokos_banksync.actions.site import POLL_SECONDS, Site
from dokos_banksync.core.errors import NotFound, ProviderBug, RateLimited, TemporaryError
from dokos_banksync.core.model import ConnectionStatus, Page, RemoteConnection
from dokos_banksync.core.provider import Completed, Secret, Started
from dokos_banksync.core.subscription import Subscription
from dokos_banksync.core.trigger import Trigger
from tests.core.scripted import NOW, ScriptedProvider, row
from tests.hosts.standalone.ledger.build import connected_ledger

SESSION = "link-token-5f2c"
ACTIVE = RemoteConnection("item-7", "574", ConnectionStatus.ACTIVE)
DONE = Completed(ACTIVE, grant=Secret("grant-91ab"), remote_user="user-late")
WAIT = Completed(None, pending=True, poll_after=timedelta(seconds=2))


class Polled(ScriptedProvider):
	"""Its sessions end as `answers` say, one for each call; an exception is raised."""

	def __init__(self, *answers: Completed | Exception) -> None:
		super().__init__(refresh=True)
		self.answers = list(answers)
		self.seen: list[tuple[dict[str, str], str]] = []

	def start(self, request):
		return Started("https://bank.example/", session=Secret(SESSION), polls=True)

	def complete(self, query, access, session=None):
		self.seen.append((dict(query), session.reveal()))
		answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
		if isinstance(answer, Exception):
			raise answer
		return answer


class RequestContext(Site):
	"""A site on SQLite that knows one provider and does not really sleep."""

	def __init__(self, folder, *answers: Completed | Exception) -> None:
		self.folder = folder
		ledger, _ = connected_ledger(folder, clock=lambda: NOW)
		super().__init__(ledger, lambda: NOW)
		self.provider = Polled(*answers)
		self.slept: list[float] = []
		self.sleep = self.slept.append

	def provider_with(self, provider_type: str, subscription: Subscription):
		return self.provider

	def leave(self):
		"""Start a session as anna."""
		return self.begin_connect("Banque du Port", "bridge", "574", "http://127.0.0.1/", "anna", "")

	def stored_bytes(self) -> bytes:
		"""Return all that lies on the disk, the write-ahead log too."""
		return b"".join(file.read_bytes() for file in self.folder.rglob("*") if file.is_file())


@pytest.fixture
def desk_with(tmp_path):
	made = []

	def make(*answers):
		made.append(RequestContext(tmp_path, *answers))
		return made[0]

	yield make
	made[0].ledger.close()


def test_a_visit_without_a_return_address_says_so(desk_with):
	assert desk_with(DONE).leave().polls


def test_the_session_secret_is_stored_encrypted(desk_with):
	context = desk_with(DONE)
	context.leave()
	assert SESSION.encode() not in context.stored_bytes()


def test_a_pending_visit_is_polled_until_it_is_done(desk_with):
	context = desk_with(WAIT, WAIT, DONE)
	link = context.leave()
	result = context.finish(link.state, {"state": link.state}, "anna")
	assert (result.pending, result.connection.remote_id) == (False, "item-7")
	assert context.provider.seen == [({"state": link.state}, SESSION), ({}, SESSION), ({}, SESSION)]
	assert context.slept == [2, 2]


def test_what_the_visit_brought_is_stored(desk_with):
	context = desk_with(DONE)
	link = context.leave()
	context.finish(link.state, {}, "anna")
	record = context.ledger.connection(link.connection)
	assert (record.status, record.remote_id, record.remote_user) == (
		ConnectionStatus.ACTIVE,
		"item-7",
		"user-late",
	)
	assert context.ledger.grant(link.connection).read().reveal() == "grant-91ab"
	assert b"grant-91ab" not in context.stored_bytes()


def test_a_visit_that_stays_pending_is_given_back_with_its_session(desk_with):
	context = desk_with(WAIT)
	link = context.leave()
	assert context.finish(link.state, {}, "anna").pending
	assert sum(context.slept) <= POLL_SECONDS
	context.provider.answers = [DONE]
	assert not context.finish(link.state, {}, "anna").pending
	assert context.provider.seen[-1] == ({}, SESSION)


def test_a_provider_that_names_no_pause_is_not_asked_without_end(desk_with):
	context = desk_with(Completed(None, pending=True, poll_after=timedelta()))
	link = context.leave()
	assert context.finish(link.state, {}, "anna").pending
	assert len(context.provider.seen) == 41


@pytest.mark.parametrize("error", [TemporaryError("later"), RateLimited("later", until=NOW)])
def test_after_a_passing_failure_the_same_return_may_come_again(desk_with, error):
	context = desk_with(error, DONE)
	link = context.leave()
	with pytest.raises(type(error)):
		context.finish(link.state, {}, "anna")
	context.finish(link.state, {}, "anna")
	assert [session for _, session in context.provider.seen] == [SESSION, SESSION]


def test_a_state_and_its_session_are_used_up(desk_with):
	context = desk_with(DONE)
	link = context.leave()
	stored = len(context.ledger.db.rows("SELECT 1 FROM provider_secret"))
	context.finish(link.state, {}, "anna")
	assert len(context.ledger.db.rows("SELECT 1 FROM provider_secret")) == stored - 2
	with pytest.raises(NotFound):
		context.finish(link.state, {}, "anna")


def test_a_failure_that_lasts_uses_the_state_up(desk_with):
	context = desk_with(ProviderBug("broken"))
	link = context.leave()
	for error in (ProviderBug, NotFound):
		with pytest.raises(error):
			context.finish(link.state, {}, "anna")


@pytest.mark.parametrize(("trigger", "calls"), [(Trigger.MANUAL, 1), (Trigger.SCHEDULED, 0)])
def test_a_run_started_by_hand_has_a_user_present(desk_with, trigger, calls):
	context = desk_with(DONE)
	link = context.leave()
	context.finish(link.state, {}, "anna")
	context.provider.pages = [Page([row("1")])]
	context.sync(link.connection, trigger)
	assert context.provider.calls["refresh"] == calls
