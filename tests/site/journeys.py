"""A pretend bank, a connection to it on a site, and a worker of the site's queue that can be killed."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.site import warm
from tests.site.bench import Site
from tests.site.remote import Process

_SITE = """
from dokos_banksync.core.clock import utc_now
from dokos_banksync.actions.site import Site
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
ledger = FrappeLedger()
site = Site(ledger, utc_now)
"""
_BEGIN = (
	_SITE
	+ """
if not frappe.db.exists("Sync Provider", provider):
	from dokos_banksync.core.provider import Secret, Subscription
	given = Subscription(provider, {"client_id": keys[0]}, {"client_secret": Secret(keys[1])}, url)
	ledger.add_provider("Bridge", given, "Sandbox")
link = site.begin_connect(bank, provider, "574", "http://127.0.0.1:9/back", "Tests", "t@example.org")
answer = [link.connection, link.url, link.state]
"""
)
_FINISH = (
	_SITE
	+ """
result = site.finish(state, query, "Tests")
proposals = [p for p in site.proposals(connection) if p.remote.enabled][:1]
site.link(connection, [Choice(p.source, f"{p.remote.account_name} {bank}") for p in proposals])
answer = [result.connection.remote_id, proposals[0].remote.remote_id]
"""
)
_WORK = """
from rq import Queue, Worker
from frappe.utils.background_jobs import generate_qname, get_redis_conn
connection = get_redis_conn()
Worker([Queue(generate_qname("long"), connection=connection)], connection=connection).work(burst=burst)
"""
_WORKER = f"""
import os, sys, threading, time, frappe
def follow(parent):
	while os.getppid() == parent:
		time.sleep(0.5)
	os._exit(1)
threading.Thread(target=follow, args=(os.getppid(),), daemon=True).start()
frappe.init(site=sys.argv[1])
burst = False
{_WORK}
"""


_BENCH = "banksync-tests"
_EMPTY = """
from rq import Queue, Worker
from frappe.utils.background_jobs import generate_qname, get_redis_conn
queue = Queue(generate_qname("long"), connection=get_redis_conn())
queue.empty()
for dead in Worker.all(queue=queue):  # those that a test killed count as there for minutes
	dead.register_death()
"""


_FRESH = "import json; from dokos_banksync.hosts.frappe.ledger import sql; sql.start_over()"
"""The process may have waited for long: the server may have ended its session."""
_TO_PLAIN = "answer = json.loads(frappe.as_json(globals().get('answer')))"


@cache
def _process(site: Site) -> Process:
	process = Process(site)
	atexit.register(process.__exit__)
	return process


@dataclass(frozen=True)
class Connected:
	"""A connection on a site that feeds one Bank Account, and the pretend bank behind it."""

	site: Site
	server: SandboxServer
	provider: str
	bank: str
	name: str
	remote_id: str
	account: str

	def run(self, code: str, **values: object) -> Any:
		return self.site.run(code, connection=self.name, bank=self.bank, provider=self.provider, **values)

	def data(self, code: str, **values: object) -> Any:
		"""As `run`, in one process for all of them, which is quick: for what touches the database alone."""
		code = f"{_FRESH}\n{dedent(code)}\nfrappe.db.commit()\n" + _TO_PLAIN
		given = {"connection": self.name, "bank": self.bank, "provider": self.provider, **values}
		return _process(self.site).run(code, **given)

	def fields(self, *names: str) -> Any:
		"""Of the Sync Connection; one value, or several in their order."""
		code = "answer = frappe.db.get_value('Sync Connection', connection, names)"
		return self.data(code, names=list(names) if len(names) > 1 else names[0])

	def set(self, **values: object) -> None:
		self.data("frappe.db.set_value('Sync Connection', connection, values)", values=values)

	def runs(self) -> list[dict[str, Any]]:
		"""The latest first."""
		code = """
		answer = frappe.get_all("Sync Run", {"connection": connection}, ["*"], order_by="started_at desc, name desc")
		"""
		return self.data(code)

	def sync(self, trigger: str = "manual", user: str = "") -> None:
		"""A whole job, in a process of its own."""
		code = "from dokos_banksync.tasks import run_connection; run_connection(connection, trigger, who)"
		self.run(code, trigger=trigger, who=user)

	def simulate(self, what: str, **values: object) -> None:
		simulate(self.server.bridge, what, **values)

	def held(self) -> int:
		"""Bank transactions of its account on the site."""
		return self.data("""
		account = frappe.db.get_value("Sync Remote Account", {"parent": connection, "bank_account": ["!=", ""]}, "bank_account")
		answer = frappe.db.count("Bank Transaction", {"bank_account": account})
		""")

	def truth(self) -> int:
		"""What the bank has booked on it."""
		with self.server.bridge.lock:
			return len(self.server.world.truth(self.server.bridge.find_account(int(self.account))[1].real))


def connect(site: Site, server: SandboxServer) -> Connected:
	"""A pretend user goes through the bank's pages; the first account shared feeds a new Bank Account."""
	mark = uuid4().hex[:6]
	bank, provider = f"Banque {mark}", f"Bridge {mark}"
	keys = [CLIENT_ID, CLIENT_SECRET]
	name, url, state = site.run(_BEGIN, bank=bank, provider=provider, keys=keys, url=server.url)
	query = dict(parse_qsl(urlsplit(Customer().consent(url)).query))
	remote, account = site.run(_FINISH, bank=bank, state=state, query=query, connection=name)
	return Connected(site, server, provider, bank, name, remote, account)


@contextmanager
def own_queue(site: Site) -> Iterator[None]:
	"""Queues that no worker of the bench serves (`keep_queue`), empty at first and in the end."""
	site.run(_EMPTY)
	yield
	site.run(_EMPTY)


def keep_queue(site: Site) -> None:
	"""Give the site queues of its own, for good: a web server may hold on to what it read of a site's settings."""
	if site.config.get("bench_id") != _BENCH:
		result = json.dumps({**site.config, "bench_id": _BENCH}, indent=1)
		(site.path / "site_config.json").write_text(result)


def worker(site: Site) -> subprocess.Popen[bytes]:
	"""A worker of the site's long queue, in a process of its own."""
	return subprocess.Popen(
		[str(site.bench.path / "env/bin/python"), "-c", _WORKER, site.name],
		cwd=site.bench.path / "sites",
		env={**os.environ, "FRAPPE_BENCH_ROOT": str(site.bench.path)},
		stdout=subprocess.DEVNULL,
		stderr=subprocess.DEVNULL,
	)


def work(site: Site) -> None:
	"""Do all the jobs that wait."""
	warm.run(site.bench.path, {"site": site.name, "bare": True, "code": f"burst = True\n{_WORK}"}, 180)


def horse_of(process: subprocess.Popen[bytes]) -> int:
	"""The process that a worker has forked for its job."""
	found = until(lambda: _children(process.pid))
	return found[0]


def _children(pid: int) -> list[int]:
	path = f"/proc/{pid}/task/{pid}/children"
	with open(path) as file:
		return [int(one) for one in file.read().split()]


def kill(*pids: int) -> None:
	for pid in pids:
		os.kill(pid, signal.SIGKILL)


def until(found: Callable[[], Any], seconds: float = 40) -> Any:
	"""Ask until the answer is true."""
	end = time.monotonic() + seconds
	while not (answer := found()):
		assert time.monotonic() < end, "it never came"
		time.sleep(0.2)
	return answer
