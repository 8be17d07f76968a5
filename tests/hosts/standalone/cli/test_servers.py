"""`serve` and `sandbox` stay up until Ctrl-C; progress and colour are for whoever looks."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from tests.hosts.standalone.cli.conftest import Terminal


@contextmanager
def up(terminal: Terminal, *words: str) -> Iterator[str]:
	"""A command that stays up, with the first line it says; Ctrl-C must end it without a fuss."""
	with terminal.process(*words) as process:
		assert process.stdout is not None
		assert process.stderr is not None
		first = process.stdout.readline()
		try:
			yield first
		finally:
			process.send_signal(signal.SIGINT)
			ended = process.wait(20)
		assert ended == 0
		assert "Traceback" not in process.stderr.read()


def test_serve_opens_the_site_to_whoever_has_the_address(terminal: Terminal, connection: str) -> None:
	with up(terminal, "serve", "--port", "0", "--no-browser") as message:
		entry = re.search(r"http://127\.0\.0\.1:\d+/\S+", message)
		assert entry, message
		with requests.Session() as session:
			assert session.get(entry[0].partition("?")[0], timeout=60).status_code == 403
			page = session.get(entry[0], timeout=60)
			assert page.ok
			assert "Demo Bank" in page.text
			assert CLIENT_SECRET not in page.text


def test_the_sandbox_is_a_provider_to_connect_to(terminal: Terminal) -> None:
	with up(terminal, "sandbox", "--port", "0") as message:
		address = re.search(r"http://\S+", message)
		assert address, message
		words = ("--type", "bridge", "--client-id", CLIENT_ID, "--base-url", address[0])
		terminal("provider", "add", "try", *words, env={"BANKSYNC_CLIENT_SECRET": CLIENT_SECRET})
		assert "Demo Bank" in terminal("institutions", "try", "demo").stdout


def test_the_sandbox_gives_machines_its_keys(terminal: Terminal) -> None:
	with terminal.process("sandbox", "--port", "0", "--json") as process:
		assert process.stdout is not None
		assert process.stderr is not None
		message = "".join(iter(process.stdout.readline, "}\n")) + "}"
		process.send_signal(signal.SIGINT)
		assert process.wait(20) == 0
		process.stderr.read()
	record = json.loads(message)
	assert (record["client_id"], record["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
	assert record["url"].startswith("http://127.0.0.1:")


@pytest.fixture
def screen() -> Iterator[tuple[int, int]]:
	"""The two ends of a terminal: what is drawn can be read from the first."""
	ends = pty.openpty()
	yield ends
	for end in ends:
		os.close(end)


def drawn(screen: int) -> str:
	os.set_blocking(screen, False)
	parts = []
	try:
		while part := os.read(screen, 65536):
			parts.append(part)
	except BlockingIOError:
		return b"".join(parts).decode()
	return b"".join(parts).decode()


def test_progress_is_drawn_where_somebody_looks(
	terminal: Terminal, connection: str, screen: tuple[int, int]
) -> None:
	with terminal.process("sync", stderr=screen[1]) as process:
		assert process.stdout is not None
		assert "\x1b" not in process.stdout.read()
		assert process.wait(20) == 0
	message = drawn(screen[0])
	assert "transactions read" in message
	assert "stored" in message
	assert message.endswith("\r\x1b[2K")


def test_no_progress_for_machines(terminal: Terminal, connection: str, screen: tuple[int, int]) -> None:
	with terminal.process("sync", "--json", stderr=screen[1]) as process:
		assert process.stdout is not None
		assert json.loads(process.stdout.read())[0]["status"] == "Success"
	assert drawn(screen[0]) == ""


@pytest.mark.parametrize("no_color", [False, True])
def test_colour_for_whoever_wants_it(
	no_color: bool,
	terminal: Terminal,
	provider: str,
	screen: tuple[int, int],
	monkeypatch: pytest.MonkeyPatch,
) -> None:
	monkeypatch.setenv("COLUMNS", "80")
	if no_color:
		monkeypatch.setenv("NO_COLOR", "1")
	with terminal.process("provider", "list", stdout=screen[1]) as process:
		assert process.wait(20) == 0
		assert process.stderr is not None
		process.stderr.read()
	assert ("\x1b[1m" in drawn(screen[0])) is not no_color


def test_progress_is_wiped_before_a_failure_is_reported(
	terminal: Terminal, connection: str, bank: SandboxServer, screen: tuple[int, int]
) -> None:
	bank.faults.add(Fault("repeat_page", path="/v3/aggregation/transactions", count=None))
	with terminal.process("sync", connection, stderr=screen[1], stdout=subprocess.DEVNULL) as process:
		assert process.wait(20) == 11
	last = drawn(screen[0]).rpartition("\x1b[2K")[2]
	assert "BS-700" in last
	assert "transactions read" not in last


def test_an_address_for_a_site_that_does_not_run_says_how_to_start_it(terminal: Terminal) -> None:
	with socket.socket() as free:
		free.bind(("127.0.0.1", 0))  # bound, and nobody listens
		done = terminal("login", "--port", str(free.getsockname()[1]))
		assert "banksync serve" in done.stderr
		free.listen()
		assert terminal("login", "--port", str(free.getsockname()[1])).stderr == ""
