"""Throughput by number of processes: `python -m benchmarks.workers [CONNECTIONS [ROWS [SECONDS]]]`.

So many connections, each with so many rows that are new, are due on a standalone site. 1, 2 and 4 processes fetch them at
once, each as `banksync sync --due` does: whatever is due, in the same order. Nothing tells them apart but the locks. That
each connection was fetched once, and none forgotten, is checked after each round.

The sandbox bank is one more process, which all of them ask. It answers each call so many seconds late, as banks do.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from benchmarks.bank import bank
from benchmarks.measures import CALLBACK, START
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import Busy
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET
from dokos_banksync.sandbox.user import Customer

WORKERS = (1, 2, 4)
BANKS = 574
"""The institution of all connections."""


def connect(home: Path, url: str, connections: int, rows: int) -> None:
	"""Connect a new site to the bank, so many times, and make each connection due."""
	with Site(home, lambda: START) as site:
		keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
		site.add_provider("bridge", "Bridge", keys, url, "Sandbox")
		for number in range(connections):
			link = site.begin_connect(f"Bank {number}", "bridge", str(BANKS), CALLBACK, "me", "a@example.org")
			back = Customer(login=f"volume-{rows}", institution=BANKS).consent(link.url)
			made = site.finish(link.state, dict(parse_qsl(urlsplit(back).query)), "me")
			site.link(made.connection.name, [Choice(made.accounts[0].source, f"Account {number}")])
			entry = site.schedule_store.read(made.connection.name)
			site.schedule_store.write(made.connection.name, replace(entry, next_run_at=START))


def work(home: Path) -> None:
	"""Say that all is loaded, wait for a line, fetch what is due, and print what was done."""
	with Site(home, lambda: START + (datetime.now(timezone.utc) - begun)) as site:
		print("ready", flush=True)
		begun = datetime.fromisoformat(sys.stdin.readline().strip())
		used, fetched, busy, rows = process_time(), 0, 0, 0
		listed_at = site.clock()
		for connection in site.due():
			try:
				rows += site.sync(connection, Trigger.SCHEDULED, listed_at=listed_at).created
				fetched += 1
			except Busy:
				busy += 1
		print(json.dumps({"cpu": process_time() - used, "fetched": fetched, "busy": busy, "rows": rows}))


def fetch(home: Path, workers: int) -> dict[str, Any]:
	"""Have so many processes fetch what is due; return the sums of what they did, and how long it took."""
	command = [sys.executable, "-m", "benchmarks.workers", "work", str(home)]
	pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
	processes = [subprocess.Popen(command, **pipes) for _ in range(workers)]  # type: ignore[call-overload]
	for one in processes:
		one.stdout.readline()
	begun = perf_counter()
	instant = datetime.now(timezone.utc).isoformat()
	for one in processes:
		one.stdin.write(f"{instant}\n")
		one.stdin.flush()
	found: Counter[str] = Counter()
	for one in processes:
		found.update(json.loads(one.communicate()[0]))
	return {**found, "seconds": perf_counter() - begun}


def check(home: Path, connections: int, rows: int) -> None:
	"""Raise where a connection was fetched twice, was forgotten, or lacks a row."""
	with Site(home, lambda: START + timedelta(days=1)) as site:
		runs = Counter((run.connection, run.status.value) for run in site.ledger.runs(limit=10 * connections))
		assert len(runs) == connections, f"{connections - len(runs)} forgotten"
		assert set(runs.values()) == {1}, f"fetched twice: {[one for one, n in runs.items() if n > 1]}"
		assert {status for _name, status in runs} == {"Success"}, runs
		stored = site.ledger.db.value("SELECT count(*) FROM bank_transaction")
		assert stored == connections * rows, f"{stored} of {connections * rows} rows"


def answer_late(url: str, seconds: float) -> None:
	"""Have the bank answer each call so many seconds late."""
	late = {"kind": "latency", "seconds": seconds, "count": None}
	requests.post(f"{url}/_sandbox/faults", json=late, timeout=10).raise_for_status()


def measure(connections: int, rows: int, workers: int, late: float = 0.0) -> dict[str, Any]:
	"""Return the figures of one round, on a new site with a new bank that answers so many seconds late."""
	with tempfile.TemporaryDirectory() as folder, bank() as url:
		home = Path(folder)
		connect(home, url, connections, rows)
		answer_late(url, late)
		found = fetch(home, workers)
		check(home, connections, rows)
	return found


def main(connections: int = 40, rows: int = 200, late: float = 0.0) -> None:
	"""Print the rounds side by side."""
	print(f"{connections} connections with {rows} new rows each, at a bank that answers after {late} s")
	print("| processes | connections/s | rows/s | times one process | processor time of all | busy |")
	print("|---:|---:|---:|---:|---:|---:|")
	alone = 0.0
	for workers in WORKERS:
		found = measure(connections, rows, workers, late)
		alone = alone or found["seconds"]
		print(
			f"| {workers} | {connections / found['seconds']:.1f} | {found['rows'] / found['seconds']:,.0f} "
			f"| {alone / found['seconds']:.2f} | {found['cpu']:.2f} s | {found['busy']} |",
			flush=True,
		)


if __name__ == "__main__":
	if sys.argv[1:2] == ["work"]:
		work(Path(sys.argv[2]))
	else:
		main(*(int(one) for one in sys.argv[1:3]), *(float(one) for one in sys.argv[3:4]))
