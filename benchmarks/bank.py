"""The sandbox bank in a process of its own, so that its time and memory are apart. Ends with its standard input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World


@contextmanager
def bank() -> Iterator[str]:
	"""The address of a fresh sandbox."""
	command = [sys.executable, "-m", "benchmarks.bank"]
	with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
		assert process.stdout
		assert process.stdin
		yield process.stdout.readline().strip()
		process.stdin.close()


if __name__ == "__main__":
	with SandboxServer(World(years=0.1)) as server:
		print(server.url, flush=True)
		sys.stdin.read()
