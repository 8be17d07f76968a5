"""What is measured, each in a process of its own: `python -m benchmarks.measures NAME ADDRESS ROWS FOLDER`.

- `fetch`: ask for the pages one by one and parse the JSON, nothing else;
- `store`: `executemany` of the rows of a finished import into equal, equally indexed tables, nothing else;
- `import`: the whole run, from HTTP to the balance check, then empty daily runs.

Each with processor time and elapsed time; the latter counts the waiting for the bank.
"""

from __future__ import annotations

import gc
import json
import resource
import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from dokos_banksync.actions import site as desk
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.hosts.standalone.home import DATABASE
from dokos_banksync.hosts.standalone.ledger import movement_totals, schema
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers.registry import make_provider
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET
from dokos_banksync.sandbox.user import Customer

START = datetime(2026, 11, 16, 9, tzinfo=timezone.utc)
CALLBACK = "http://127.0.0.1:9/back"
API = "/v3/aggregation"
Figures = dict[str, Any]


class Unlimited:
	"""Counts nothing: the provider's limits are not what is measured."""

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> None:
		"""Return None: no call waits."""


# -- floors --------------------------------------------------------------------------------------------
def fetch(url: str, rows: int, _folder: Path) -> Figures:
	"""Measure the floor of fetching: the HTTP calls alone, their rows thrown away."""
	with requests.Session() as session:
		session.headers.update(
			{"Client-Id": CLIENT_ID, "Client-Secret": CLIENT_SECRET, "Bridge-Version": "2025-01-15"}
		)
		user = session.post(f"{url}{API}/users", json={}).json()["uuid"]
		token = session.post(f"{url}{API}/authorization/token", json={"user_uuid": user}).json()
		session.headers["Authorization"] = f"Bearer {token['access_token']}"
		body = {"user_email": "a@example.org", "callback_url": CALLBACK, "account_types": "all"}
		page = session.post(f"{url}{API}/connect-sessions", json=body).json()["url"]
		Customer(login=f"volume-{rows}", institution=574).consent(page)
		return _timed(lambda: _read_all(session, url, f"{API}/transactions?limit=500"), rows)


def _read_all(session: requests.Session, url: str, path: str) -> None:
	following: str | None = path
	while following:
		answer = json.loads(session.get(url + following).text)
		following = (answer.get("pagination") or {}).get("next_uri")


def store(_url: str, rows: int, folder: Path) -> Figures:
	"""Measure the floor of storing: the rows of an import inserted again with plain statements."""
	stored = sqlite3.connect(folder / DATABASE)
	kept = {name: _columns_and_rows(stored, name) for name in ("bank_transaction", "sync_line")}
	stored.close()
	fresh = sqlite3.connect(folder / "floor.db", isolation_level=None)
	fresh.execute("PRAGMA journal_mode = WAL")
	for statement in schema.statements():
		fresh.execute(statement)
	fresh.execute(movement_totals.DROP_ON_INSERT)  # an import adds its rows to the totals at once

	def insert() -> None:
		fresh.execute("BEGIN")
		for name, (columns, values) in kept.items():
			marks = ", ".join("?" * len(columns))
			fresh.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", values)
		fresh.execute("COMMIT")

	figures = _timed(insert, rows)
	fresh.close()
	return figures


def _columns_and_rows(db: sqlite3.Connection, table: str) -> tuple[list[str], list[tuple[object, ...]]]:
	columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
	quoted = [f'"{name}"' for name in columns]
	return quoted, db.execute(f"SELECT {', '.join(quoted)} FROM {table}").fetchall()


# -- the whole ------------------------------------------------------------------------------------------
def whole(url: str, rows: int, folder: Path) -> Figures:
	"""Measure an import and the runs after it, from HTTP to committed rows."""
	calls: list[object] = []
	clock = [START]
	desk.make_provider = lambda kind, keys, secret_store, *, rate_limits, clock: make_provider(
		kind, keys, secret_store, rate_limits=Unlimited(), clock=clock, observe=calls.append
	)
	with Site(folder, lambda: clock[0]) as site:
		connection = _connect(site, url, rows)
		count = partial(_counted, site, calls)
		created: list[int] = []
		figures = count(lambda: created.append(site.sync(connection).created), rows)
		if created != [rows]:
			raise ValueError(f"{created[0]} of {rows} rows were imported")
		for _ in range(3):
			# A history that was stamped in one go is looked at once more before it counts as settled.
			clock[0] += timedelta(days=1)
			requests.post(f"{url}/_sandbox/clock", json={"advance_days": 1}).raise_for_status()
			figures["empty"] = count(lambda: site.sync(connection), rows)
		return figures


def _connect(site: Site, url: str, rows: int) -> str:
	keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
	site.add_provider("bridge", "Bridge", keys, url, "Sandbox")
	link = site.begin_connect("Bank", "bridge", "574", CALLBACK, "me", "a@example.org")
	back = Customer(login=f"volume-{rows}", institution=574).consent(link.url)
	result = site.finish(link.state, dict(parse_qsl(urlsplit(back).query)), "me")
	site.link(link.connection, [Choice(result.accounts[0].source, "Current")])
	return link.connection


def _counted(site: Site, calls: list[object], work: Callable[[], object], rows: int) -> Figures:
	sent, asked = len(calls), site.ledger.db.calls
	figures = _timed(work, rows)
	return {**figures, "http": len(calls) - sent, "sql": site.ledger.db.calls - asked}


def _timed(work: Callable[[], object], rows: int) -> Figures:
	begun, used = perf_counter(), process_time()
	work()
	seconds, cpu = perf_counter() - begun, process_time() - used
	peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
	return {"rows": rows, "seconds": seconds, "cpu": cpu, "peak_mb": peak / 1024}


MEASURES = {"fetch": fetch, "store": store, "import": whole}

if __name__ == "__main__":
	name, address, size, home = sys.argv[1:]
	gc.freeze()
	gc.set_threshold(100_000)  # as the command line does
	print(json.dumps(MEASURES[name](address, int(size), Path(home))))
