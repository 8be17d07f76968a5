"""A user leaves for the bank's page and comes back, or does not."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests

from dokos_banksync.core.errors import NotFound, TemporaryError
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.cli.conftest import Terminal

CONNECT = ("connect", "Demo Bank", "--provider", "bridge", "--institution", "574")


def test_the_address_is_printed_and_the_return_awaited(terminal: Terminal, provider: str) -> None:
	"""As a user does it: a process that waits, and a browser somewhere else."""
	process = terminal.process(*CONNECT, "--no-browser", "--json")
	assert process.stderr is not None
	assert process.stdout is not None
	with process:
		message = process.stderr.readline()
		address = re.search(r"http://\S+", message)
		assert address, message
		callback = Customer().consent(address[0])
		root = "{0.scheme}://{0.netloc}".format(urlsplit(callback))
		assert requests.get(f"{root}/favicon.ico", timeout=5).status_code == 404
		assert requests.get(f"{root}/return?context=wrong", timeout=5).status_code == 400
		assert "close this tab" in requests.get(callback, timeout=5).text
		answer = process.stdout.read()
		assert process.wait(20) == 0, process.stderr.read()
	assert '"remote_id"' in answer
	assert terminal.json("connections")[0]["status"] == "Active"


def test_a_user_who_gives_up_changes_nothing(
	terminal: Terminal, provider: str, browser: Callable[..., None]
) -> None:
	browser(Customer(), Customer.cancel)
	assert "cancelled" in terminal.error(*CONNECT, code=4)
	assert terminal.json("accounts") == []
	assert [c["status"] for c in terminal.json("connections")] == ["Connecting"]


def test_a_reconnect_given_up_leaves_the_connection_as_it_was(
	terminal: Terminal, connection: str, browser: Callable[..., None]
) -> None:
	before = terminal.json("connections"), terminal.json("accounts")
	browser(Customer(), Customer.cancel)
	assert "nothing was changed" in terminal.error("reconnect", connection, code=4)
	assert (terminal.json("connections"), terminal.json("accounts")) == before


@pytest.mark.parametrize(("option", "renewed"), [([], True), (["--accounts-only"], False)])
def test_a_consent_is_renewed_before_it_ends(
	option: list[str],
	renewed: bool,
	terminal: Terminal,
	connection: str,
	browser: Callable[..., None],
	bank: SandboxServer,
) -> None:
	def ends() -> str:
		return str(terminal.json("connections")[0]["consent_expires_at"])

	before = ends()
	bank.world.advance(days=20)
	browser(Customer())
	terminal("reconnect", connection, *option)
	assert (ends() > before) is renewed


@pytest.mark.parametrize("login", ["402", "1010"])
def test_a_bank_that_still_needs_the_user_says_how_to_go_on(
	login: str, terminal: Terminal, provider: str, browser: Callable[..., None]
) -> None:
	browser(Customer(login=login))
	assert "banksync reconnect SYNC-CONN-00001" in terminal(*CONNECT, code=4).stderr
	assert terminal.json("connections")[0]["status"] == "Action Required"
	browser(Customer())
	terminal("reconnect", "SYNC-CONN-00001")
	assert terminal.json("connections")[0]["status"] == "Active"


def test_an_sms_code_is_asked_on_the_banks_page(
	terminal: Terminal, provider: str, browser: Callable[..., None]
) -> None:
	browser(Customer(institution=602))
	assert terminal.json("connect", "Ponant", "--provider", provider, "--institution", "602")


def test_trying_again_goes_on_with_the_connection_that_was_begun(
	terminal: Terminal, provider: str, browser: Callable[..., None]
) -> None:
	browser(Customer(), Customer.cancel)
	terminal(*CONNECT, code=4)
	browser(Customer())
	terminal(*CONNECT)
	assert [c["status"] for c in terminal.json("connections")] == ["Active"]


def test_another_institution_is_another_connection(
	terminal: Terminal, provider: str, browser: Callable[..., None]
) -> None:
	browser(Customer(), Customer.cancel)
	terminal(*CONNECT, code=4)
	terminal("connect", "Demo Bank", "--provider", "bridge", "--institution", "601", code=4)
	assert len(terminal.json("connections")) == 2


def test_nobody_comes_back(terminal: Terminal, provider: str) -> None:
	words = (*CONNECT, "--no-browser", "--timeout", "1")
	assert "was not completed in time" in terminal.error(*words, code=4)
	assert terminal.json("accounts") == []


def test_no_browser_on_the_machine(
	terminal: Terminal, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.connect.webbrowser.open", lambda url: False)
	assert "open the address yourself" in terminal(*CONNECT, "--timeout", "1", code=4).stderr


def test_the_email_reaches_the_provider(
	terminal: Terminal, provider: str, bank: SandboxServer, browser: Callable[..., None]
) -> None:
	terminal(*CONNECT, env={"BANKSYNC_EMAIL": "anna@example.com"})
	assert "anna@example.com" in {session.user_email for session in bank.bridge.sessions.values()}


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_without_an_address_and_a_terminal_the_provider_is_given_one_that_receives_nothing(
	option: list[str],
	terminal: Terminal,
	provider: str,
	bank: SandboxServer,
	browser: Callable[..., None],
) -> None:
	answer = terminal(*CONNECT, *option, env={"BANKSYNC_EMAIL": None})
	addresses = {session.user_email for session in bank.bridge.sessions.values()}
	[given] = [address for address in addresses if address and address.endswith(".invalid")]
	assert f"given {given} as your e-mail address" in answer.stderr
	assert "set --email or BANKSYNC_EMAIL" in answer.stderr


def test_the_address_is_asked_for_at_a_terminal(
	terminal: Terminal,
	provider: str,
	bank: SandboxServer,
	browser: Callable[..., None],
	monkeypatch: pytest.MonkeyPatch,
) -> None:
	monkeypatch.setattr(
		"dokos_banksync.hosts.standalone.cli.connect.sys",
		SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)),
	)
	answer = terminal(*CONNECT, env={"BANKSYNC_EMAIL": None}, input="typed@example.com\n")
	assert "Your e-mail address:" in answer.stderr
	assert "typed@example.com" in {session.user_email for session in bank.bridge.sessions.values()}


def test_an_expired_consent_is_renewed_on_the_same_connection(
	terminal: Terminal, connection: str, bank: SandboxServer
) -> None:
	terminal("sync", connection)
	before = terminal.json("transactions", "--limit", "0")
	item = int(terminal.json("connections")[0]["remote_id"])
	requests.post(f"{bank.url}/_sandbox/item/{item}/expire", timeout=5).raise_for_status()
	message = terminal("sync", connection, code=4)
	assert "Partial" in message.stdout
	assert terminal.json("connections")[0]["action"] == "reconnect"
	terminal("reconnect", connection)
	assert terminal.json("connections")[0]["status"] == "Active"
	terminal("sync", connection)
	assert terminal.json("transactions", "--limit", "0") == before


def test_disconnecting_keeps_what_was_imported_and_ends_what_the_provider_holds(
	terminal: Terminal, connection: str, bank: SandboxServer
) -> None:
	terminal("sync", connection)
	before = terminal.json("transactions", "--limit", "0")
	record = terminal.json("disconnect", "--yes", connection)
	assert (record["status"], record["remote_id"]) == ("Disconnected", "")
	assert terminal.json("transactions", "--limit", "0") == before
	assert terminal.json("sync") == []
	state = terminal.data()
	assert "is disconnected, and stays so" in terminal.error("sync", connection, code=13)
	assert terminal.data() == state
	assert terminal.json("connections")[0]["next_run_at"] is None


def test_an_empty_name_unlinks(terminal: Terminal, connection: str) -> None:
	account = next(a for a in terminal.json("accounts") if a["bank_account"] == "Current")
	terminal("link", connection, account["remote_id"], "", "--yes")
	assert not any(a["bank_account"] for a in terminal.json("accounts"))


# -- what a site holds to, whoever asks -----------------------------------------------------------------
@pytest.fixture
def site(terminal: Terminal, provider: str) -> Site:
	return Site(terminal.home, terminal.clock)


def leave(site: Site, user: str = "anna", institution: str = "574") -> tuple[str, dict[str, str]]:
	"""Complete a session; return the state, and the query of the return."""
	link = site.begin_connect(
		"Demo Bank", "bridge", institution, "http://127.0.0.1:1/return", user, "a@example.com"
	)
	query = urlsplit(Customer().consent(link.url)).query
	return link.state, dict(pair.split("=", 1) for pair in query.split("&"))


def test_a_return_counts_once_and_for_the_user_who_left(site: Site) -> None:
	with site:
		state, query = leave(site)
		with pytest.raises(NotFound):
			site.finish(state, query, "bob")
		assert site.finish(state, query, "anna").accounts
		with pytest.raises(NotFound):
			site.finish(state, query, "anna")


def test_a_return_in_a_bad_moment_may_be_tried_again(site: Site, bank: SandboxServer) -> None:
	with site:
		state, query = leave(site)
		bank.faults.add(Fault("status", path="/v3/aggregation/items", status=503, count=None))
		with pytest.raises(TemporaryError):
			site.finish(state, query, "anna")
		bank.faults.clear()
		assert site.finish(state, query, "anna").accounts


def test_two_processes_share_the_visit(site: Site, terminal: Terminal) -> None:
	with site:
		state, query = leave(site)
	with Site(terminal.home, terminal.clock) as other:
		assert other.finish(state, query, "anna").connection.bank == "Demo Bank"


def test_an_unfinished_visit_of_somebody_else_is_left_alone(site: Site) -> None:
	with site:
		begin = partial(site.begin_connect, "Demo Bank", "bridge", "574", "http://127.0.0.1:1/return")
		mine, again, theirs = (begin(user, "a@example.com") for user in ("anna", "anna", "bob"))
		assert mine.connection == again.connection != theirs.connection
		assert len({mine.state, again.state, theirs.state}) == 3


def test_one_return_of_many_at_once_counts(site: Site) -> None:
	"""A double click on the bank's last button."""
	with site:
		state, query = leave(site)
		outcomes: list[str] = []

		def come_back() -> None:
			try:
				site.finish(state, query, "anna")
				outcomes.append("taken")
			except NotFound:
				outcomes.append("refused")

		threads = [threading.Thread(target=come_back) for _ in range(4)]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join()
	assert sorted(outcomes) == ["refused"] * 3 + ["taken"]
