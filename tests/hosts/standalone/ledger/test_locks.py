"""Locks of the standalone site: between threads, between processes, and after a process was killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dokos_banksync.core.errors import Busy
from dokos_banksync.hosts.standalone.ledger.locks import hold, wait_for

_HOLDER = """
import sys
from pathlib import Path
from dokos_banksync.hosts.standalone.ledger.locks import hold
with hold(Path(sys.argv[1]), "C1"):
	print("held", flush=True)
	sys.stdin.read()
"""


def is_busy(folder: Path, connection: str = "C1") -> bool:
	try:
		with hold(folder, connection):
			return False
	except Busy:
		return True


def in_a_thread(folder: Path) -> bool:
	found: list[bool] = []
	thread = threading.Thread(target=lambda: found.append(is_busy(folder)))
	thread.start()
	thread.join()
	return found[0]


def test_a_connection_is_held_once_whoever_asks(tmp_path: Path) -> None:
	with hold(tmp_path, "C1"):
		assert is_busy(tmp_path)
		assert in_a_thread(tmp_path)
		assert not is_busy(tmp_path, "C2")
	assert not is_busy(tmp_path)
	assert not in_a_thread(tmp_path)


def test_a_failure_releases_the_connection(tmp_path: Path) -> None:
	with pytest.raises(KeyError), hold(tmp_path, "C1"):
		raise KeyError
	assert not is_busy(tmp_path)


def test_a_killed_process_releases_the_connection(tmp_path: Path) -> None:
	command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
	with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
		assert holder.stdout is not None
		assert holder.stdout.readline() == "held\n"
		assert is_busy(tmp_path)
		holder.kill()
		holder.wait()
		assert not is_busy(tmp_path)


def test_who_waits_goes_on_when_the_holder_is_done(tmp_path: Path) -> None:
	order: list[str] = []
	asking = threading.Event()

	def work() -> None:
		asking.set()
		with wait_for(tmp_path, "grant"):
			order.append("second")

	thread = threading.Thread(target=work)
	with wait_for(tmp_path, "grant"):
		thread.start()
		assert asking.wait(10)
		thread.join(0.1)
		order.append("first")
	thread.join(10)
	assert order == ["first", "second"]
