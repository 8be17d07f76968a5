"""The grants of connections on SQLite: encrypted at rest, and exchanged by one process at a time."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import pytest

from dokos_banksync.core.connection import connect
from dokos_banksync.core.provider import GrantStore, Secret, Subscription
from dokos_banksync.hosts.standalone.ledger import SqliteLedger
from tests.core.scripted import ScriptedProvider
from tests.hosts.standalone.ledger.build import connected_ledger

OLD, NEW = Secret("refresh-token-1"), Secret("refresh-token-2")
TIMEOUT = 60


def open_ledger(folder: Path) -> SqliteLedger:
	return SqliteLedger(folder / "banksync.db", folder / "key")


@pytest.fixture
def held(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		assert ledger.grant(connection).write(None, OLD)
		yield ledger, connection


def exchange(grant: GrantStore, used: Path) -> None:
	"""Exchange a rotating token as a provider does: lock, read again, exchange, write."""
	with grant.lock():
		if grant.read().reveal() != OLD.reveal():
			return
		with used.open("a") as file:
			file.write("exchanged\n")
		assert grant.write(OLD, NEW)


def exchange_in_a_process(folder: Path, connection: str, ready, used: Path) -> None:
	with open_ledger(folder) as ledger:
		grant = ledger.grant(connection)
		ready.wait(TIMEOUT)
		exchange(grant, used)


def test_a_grant_cannot_be_read_in_the_files(held, tmp_path):
	stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
	assert OLD.reveal().encode() not in stored
	assert held[1].encode() in stored


def test_a_grant_outlives_other_credentials_of_its_provider(held):
	ledger, connection = held
	ledger.update_provider(Subscription("bridge", secrets={"client_secret": Secret("another")}))
	assert ledger.grant(connection).read().reveal() == OLD.reveal()


def test_a_grant_outlives_the_process(held, tmp_path):
	with open_ledger(tmp_path) as again:
		assert again.grant(held[1]).read().reveal() == OLD.reveal()


def test_a_grant_is_forgotten_when_the_bank_is_disconnected(held):
	ledger, connection = held
	provider = ScriptedProvider()
	connect.disconnect(ledger, provider, connection)
	assert provider.calls["revoke"] == 1
	assert ledger.grant(connection).read() is None


def test_two_processes_exchange_a_rotating_token_once(held, tmp_path):
	context, used = multiprocessing.get_context("spawn"), tmp_path / "used"
	ready = context.Barrier(2)
	processes = [
		context.Process(target=exchange_in_a_process, args=(tmp_path, held[1], ready, used)) for _ in range(2)
	]
	for process in processes:
		process.start()
	for process in processes:
		process.join(TIMEOUT)
	assert [process.exitcode for process in processes] == [0, 0]
	assert used.read_text() == "exchanged\n"
	assert held[0].grant(held[1]).read().reveal() == NEW.reveal()


def test_two_threads_exchange_a_rotating_token_once(held, tmp_path):
	used, ready = tmp_path / "used", threading.Barrier(8)
	arguments = (tmp_path, held[1], ready, used)
	threads = [threading.Thread(target=exchange_in_a_process, args=arguments) for _ in range(8)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(TIMEOUT)
	assert used.read_text() == "exchanged\n"
