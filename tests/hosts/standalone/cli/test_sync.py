"""`banksync sync`: what it says, what it leaves, and that it can be stopped at any instant."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.wrappers import Response

from dokos_banksync.core.errors import Busy, ConfigurationError, LoginRequired, SyncError, TemporaryError
from dokos_banksync.hosts.standalone.cli.session import DIFFERENCE
from dokos_banksync.hosts.standalone.cli.sync import FROM_MILDEST, Outcome
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.cli.conftest import Terminal, add_provider

TRANSACTIONS = "/v3/aggregation/transactions"


@pytest.fixture
def spoil(
	bank: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[dict[str, Any]], None]], None]:
	"""Have a function change each page of transactions before it leaves the pretend bank."""

	def spoil(change: Callable[[dict[str, Any]], None]) -> None:
		answer = bank.app._answer

		def spoilt(request: Any) -> Response:
			response = answer(request)
			if request.path == TRANSACTIONS:
				page = json.loads(response.get_data())
				change(page)
				response.set_data(json.dumps(page))
			return response

		monkeypatch.setattr(bank.app, "_answer", spoilt)

	return spoil


def test_a_dry_run_shows_what_would_be_and_writes_nothing(terminal: Terminal, connection: str) -> None:
	before = terminal.data()
	dry = terminal.json("sync", connection, "--dry-run")
	shown = terminal("sync", connection, "--dry-run").stdout
	assert terminal.data() == before
	real = terminal.json("sync", connection)
	assert dry["created"] == real["created"] > 0
	assert len([d for d in dry["decisions"] if d["action"] == "New"]) == dry["created"]
	assert "nothing was written" in shown
	assert shown.count("Will be imported ") == dry["created"] + 1, "in its row, and in the counts"
	assert "Nothing would change" in terminal("sync", connection, "--dry-run").stdout or real["held"]


def test_the_next_day_brings_what_was_booked(
	terminal: Terminal, bank: SandboxServer, connection: str
) -> None:
	terminal("sync", connection)
	before = len(terminal.json("transactions", "--limit", "0"))
	bank.world.advance(days=3)
	run = terminal.json("sync", connection)
	assert run["created"] == len(bank.world.truth("574:alex:checking")) - before > 0
	assert run["checks"][0]["difference"] == "0.00"
	assert run["checks"][0]["complete"] is True


def test_a_connection_that_was_ended_elsewhere_is_named_until_it_is_connected_anew(
	terminal: Terminal, bank: SandboxServer, connection: str
) -> None:
	items = [user.items for one in bank.bridge.applications.values() for user in one.users.values()]
	for held in items:
		held.clear()
	terminal("sync", code=4)
	said = terminal("sync", "--json")
	assert json.loads(said.stdout) == []
	assert said.stderr.strip() == (
		"Demo Bank is not fetched: its connection was ended at the bank or the provider. Connect it again: "
		f"banksync reconnect {connection}"
	)
	terminal("reconnect", connection)
	assert [one["name"] for one in terminal.json("connections")] == [connection]
	assert terminal("sync").stderr == ""


def test_one_bad_connection_stops_no_other(
	terminal: Terminal, bank: SandboxServer, connection: str, browser: Callable[[Customer], None]
) -> None:
	other = terminal.json("connect", "Other", "--provider", "bridge", "--institution", "574")[0]
	terminal("link", other["connection"], other["remote_id"], "Second", "--new")
	first = next(c for c in terminal.json("connections") if c["name"] == connection)
	user, _ = bank.bridge.find_item(int(first["remote_id"]))
	user.items.clear()
	result = terminal("sync", "--json", code=LoginRequired.exit_code)
	runs = {run["connection"]: run for run in json.loads(result.stdout)}
	assert runs[connection]["status"] == "Failed"
	assert runs[connection]["error_code"].startswith("BS-2")
	assert runs[other["connection"]]["status"] == "Success"
	assert runs[other["connection"]]["created"] > 0
	message = terminal("sync", code=0).stdout
	assert connection not in message


def test_a_defect_in_one_connection_stops_no_other(
	terminal: Terminal, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	other = terminal.json("connect", "Other", "--provider", "bridge", "--institution", "574")[0]
	terminal("link", other["connection"], other["remote_id"], "Second", "--new")
	read = BridgeProvider.changes

	def broken(self: BridgeProvider, access: Any, requests: Any, context: Any) -> Any:
		if requests[0].remote_account != other["remote_id"]:
			raise OverflowError("secret insides")
		return read(self, access, requests, context)

	monkeypatch.setattr(BridgeProvider, "changes", broken)
	runs = {r["connection"]: r for r in terminal.json("sync", code=SyncError.exit_code)}
	assert (runs[connection]["status"], runs[connection]["error_code"]) == ("Failed", "BS-000")
	assert "OverflowError, test_sync.py" in runs[connection]["error_message"]
	assert (runs[other["connection"]]["status"], runs[other["connection"]]["created"] > 0) == (
		"Success",
		True,
	)
	[latest] = terminal.json("runs", "--connection", connection, "--limit", "1")
	assert latest["status"] == "Failed"
	message = terminal("sync", connection, code=SyncError.exit_code)
	assert "insides" not in message.output
	assert terminal.json("sync", "--due") == []


def test_the_worst_failure_is_what_asks_most_of_a_user() -> None:
	worst = max(
		(Outcome("a", error=e).exit_code for e in (Busy("b"), LoginRequired("l"), TemporaryError("t"))),
		key=FROM_MILDEST.index,
	)
	assert worst == LoginRequired.exit_code


def test_every_exit_code_has_its_place() -> None:
	def codes(kind: type[SyncError]) -> Iterator[int]:
		yield kind.exit_code
		for child in kind.__subclasses__():
			yield from codes(child)

	assert set(codes(SyncError)) | {0} | {DIFFERENCE} == set(FROM_MILDEST)
	assert FROM_MILDEST.index(ConfigurationError.exit_code) > FROM_MILDEST.index(TemporaryError.exit_code)


def test_a_row_without_an_id_and_an_amount_that_is_none_are_refused_and_the_rest_is_kept(
	terminal: Terminal, bank: SandboxServer, connection: str, spoil: Callable[..., None]
) -> None:
	def change(page: dict[str, Any]) -> None:
		if page["resources"]:
			page["resources"][0].pop("id")
			page["resources"][1]["amount"] = "twelve"

	spoil(change)
	message = terminal("sync", connection, code=8)
	run = terminal.json("runs", "--limit", "1")[0]
	assert run["status"] == "Partial"
	assert run["fetched"] == run["created"] + run["held"]
	assert run["refused"] >= 2
	assert "Refused rows: " in message.stdout
	kept = terminal.json("transactions", "--limit", "0")
	assert len(kept) == run["created"] == len(bank.world.truth("574:alex:checking")) - run["refused"]
	refused = [
		line for line in terminal.json("lines", "--held", "--limit", "0") if line["reason"] == "Refused"
	]
	assert len(refused) == run["refused"]
	assert all(line["note"] for line in refused)


@pytest.mark.parametrize(("kind", "code"), [("html", 11), ("truncated", 6), ("repeat_page", 11)])
def test_an_answer_that_is_nonsense_ends_in_a_sentence_and_leaves_nothing_half_written(
	kind: str, code: int, terminal: Terminal, bank: SandboxServer, connection: str
) -> None:
	bank.faults.add(Fault(kind, path=TRANSACTIONS, count=None))
	assert terminal.error("sync", connection, code=code)
	assert terminal.json("transactions") == []
	run = terminal.json("runs", "--limit", "1")[0]
	assert (run["status"], run["created"]) == ("Failed", 0)
	bank.faults.clear()
	terminal("sync", connection)
	assert len(terminal.json("transactions", "--limit", "0")) == len(bank.world.truth("574:alex:checking"))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_sync_that_is_ended_leaves_a_clean_database(
	end: signal.Signals, terminal: Terminal, bank: SandboxServer, connection: str
) -> None:
	bank.faults.add(Fault("latency", path=TRANSACTIONS, seconds=60, count=None))
	seen = len(bank.calls)
	process = terminal.process("sync", connection)
	with process:
		_wait_for(lambda: any("accounts" in call.path for call in bank.calls[seen:]))
		time.sleep(0.3)
		process.send_signal(end)
		process.wait(20)
		message = process.stderr.read() if process.stderr else ""
	if end is signal.SIGINT:
		assert process.returncode == 130
		assert "Interrupted" in message
		assert "Traceback" not in message
		assert terminal.json("runs")[0]["error_message"] == "Interrupted: KeyboardInterrupt"
	db = sqlite3.connect(terminal.home / "banksync.db")
	assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
	db.close()
	bank.faults.clear()
	bank.app.closing.set()
	bank.app.closing.clear()
	terminal("sync", connection)
	assert {run["status"] for run in terminal.json("runs")} == {"Failed", "Success"}
	assert len(terminal.json("transactions", "--limit", "0")) == len(bank.world.truth("574:alex:checking"))


def _wait_for(happened: Callable[[], bool]) -> None:
	until = time.monotonic() + 20
	while not happened():
		assert time.monotonic() < until, "It never happened"
		time.sleep(0.02)


def test_a_closed_pipe_is_no_failure(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	process = terminal.process("transactions", "--limit", "0")
	with process:
		assert process.stdout is not None
		process.stdout.readline()
		process.stdout.close()
		assert process.wait(20) == 0
		assert process.stderr is not None
		assert process.stderr.read() == ""


def test_another_run_holds_the_connection(terminal: Terminal, connection: str) -> None:
	with Site(terminal.home, terminal.clock) as site, site.ledger.hold(connection):
		assert connection in terminal.error("sync", connection, code=10)
	assert terminal.json("runs") == []


def test_too_many_calls_says_until_when(terminal: Terminal, bank: SandboxServer, connection: str) -> None:
	bank.faults.add(Fault("status", path=TRANSACTIONS, status=429, retry_after=3600, count=None))
	assert terminal.error("sync", connection, code=5)
	assert terminal.json("connections")[0]["status"] == "Active"


def test_nothing_to_sync_is_no_failure(terminal: Terminal) -> None:
	assert terminal.json("sync") == []
	assert "banksync connect" in terminal("sync").stdout


def test_two_providers_side_by_side(
	terminal: Terminal, bank: SandboxServer, connection: str, browser: Callable[[Customer], None]
) -> None:
	add_provider(terminal, bank, "second")
	accounts = terminal.json("connect", "Second", "--provider", "second", "--institution", "601")
	terminal("link", accounts[0]["connection"], accounts[0]["remote_id"], "Elsewhere")
	assert [run["status"] for run in terminal.json("sync")] == ["Success", "Success"]
	assert terminal.json("transactions", "--bank-account", "Elsewhere")


def test_a_list_that_is_cut_says_so(terminal: Terminal, connection: str) -> None:
	for _ in range(2):
		terminal("sync", connection)
	more = "There may be more: --limit 0 shows all"
	for words in (("runs",), ("transactions",), ("lines",)):
		assert more in terminal(*words, "--limit", "1").stdout, words
		assert more not in terminal(*words, "--limit", "0").stdout, words


def test_what_another_timer_has_fetched_meanwhile_is_left_out(
	terminal: Terminal, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	terminal.json("sync", connection)
	monkeypatch.setattr(Site, "due", lambda _site: [connection])
	assert terminal.json("sync", "--due") == []
	assert len(terminal.json("runs")) == 1
