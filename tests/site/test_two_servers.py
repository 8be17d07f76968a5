"""Two servers work for one site: two bench folders with files of their own, one database and one Redis.

Of the files of a bench only the application's code is shared, as on two machines that were set up alike. What keeps two
workers apart must therefore be in the database or in Redis.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.site.bench import Bench, Site
from tests.site.journeys import Connected, connect, horse_of, kill, own_queue, until, work, worker

HOURLY = "from dokos_banksync.tasks import banksync_hourly; banksync_hourly()"
DUE = {"status": "Active", "status_code": "", "automatic": 1, "next_run_at": "2020-01-01 00:00:00"}
CONNECTIONS = 6
OF_THE_SITE = ("site_config.json",)
OF_THE_BENCH = ("apps.txt", "apps.json", "common_site_config.json")


def second_server(bench: Bench, site: Site, folder: Path) -> Site:
	"""Return the site as another server sees it: the settings are the same, the files are not."""
	(folder / "sites" / site.name).mkdir(parents=True)
	(folder / "logs").mkdir()
	for name in ("apps", "env", "config"):
		if (bench.path / name).exists():
			(folder / name).symlink_to(bench.path / name)
	for name in OF_THE_BENCH:
		if (bench.path / "sites" / name).exists():
			shutil.copy(bench.path / "sites" / name, folder / "sites" / name)
	(folder / "sites/assets").symlink_to(bench.path / "sites/assets")
	for name in OF_THE_SITE:
		shutil.copy(site.path / name, folder / "sites" / site.name / name)
	for name in ("locks", "logs", "private/files", "public/files"):
		(folder / "sites" / site.name / name).mkdir(parents=True)
	return Site(Bench(folder), site.name)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
	with SandboxServer(World(7, Clock.real(), years=0.3)) as running:
		yield running


@pytest.fixture(scope="module")
def other(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
	"""The site, on the second server."""
	return second_server(site.bench, site, tmp_path_factory.mktemp("servers") / "second")


@pytest.fixture(scope="module")
def connected(site: Site, server: SandboxServer) -> list[Connected]:
	return [connect(site, server) for _ in range(CONNECTIONS)]


@pytest.fixture
def due(connected: list[Connected], server: SandboxServer) -> Iterator[list[Connected]]:
	"""The connections, all of them due, without a run so far; nothing else of the site is due."""
	server.faults.clear()
	site = connected[0].site
	names = [one.name for one in connected]
	with own_queue(site):
		site.run(
			"""
			frappe.db.delete("Sync Run", {"connection": ["in", names]})
			frappe.db.set_value("Sync Connection", {"name": ["not in", names]}, "automatic", 0)
			for name in names:
				frappe.db.set_value("Sync Connection", name, fields)
			""",
			names=names,
			fields=DUE,
		)
		yield connected
	server.faults.clear()


def both(site: Site, other: Site, action) -> list[object]:
	"""Do the same on both servers at once; the two answers."""
	with ThreadPoolExecutor(2) as servers:
		return list(servers.map(action, (site, other)))


def outcomes(connected: list[Connected]) -> list[list[str]]:
	"""Of each connection, the results of its runs."""
	return [[run["status"] for run in one.runs()] for one in connected]


def test_the_two_servers_share_no_file_that_a_lock_could_be_in(site, other):
	assert other.path.resolve() != site.path.resolve()
	assert (other.path / "locks").resolve() != (site.path / "locks").resolve()


def test_no_connection_is_fetched_twice_and_none_is_forgotten(site, other, due):
	both(site, other, lambda one: one.run(HOURLY))
	both(site, other, work)
	assert outcomes(due) == [["Success"]] * CONNECTIONS
	assert [one.held() for one in due] == [one.truth() for one in due]


def test_one_connection_on_two_servers_at_once_is_one_run_after_the_other_or_an_error(
	site, other, due, server
):
	"""Both servers pass the queue by and fetch at the same moment, slowly: the lock is in the database."""
	server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=3, count=1))
	one = due[0]
	code = 'from dokos_banksync.tasks import run_connection; run_connection(connection, "manual", "")'
	both(site, other, lambda where: where.run(code, connection=one.name))
	runs = sorted(one.runs(), key=lambda run: run["started_at"])
	assert [run["status"] for run in runs] == ["Success"] * len(runs)
	assert runs, "one of the two servers fetches"
	assert all(first["ended_at"] <= second["started_at"] for first, second in pairwise(runs))
	assert one.held() == one.truth()


@pytest.mark.slow
def test_a_lost_server_holds_no_lock(site, other, due, server):
	"""The second server is lost in the middle of a run: the first one fetches the connection at its next hour."""
	server.faults.add(Fault("latency", path="/v3/aggregation/transactions", seconds=30, count=1))
	other.run(HOURLY)
	lost = worker(other)
	try:
		until(lambda: any(status == ["Running"] for status in outcomes(due)))
	finally:
		kill(horse_of(lost), lost.pid)
		lost.wait()
	[begun] = [one for one in due if [run["status"] for run in one.runs()] == ["Running"]]
	begun.run('frappe.db.set_value("Sync Run", {"connection": connection}, "started_at", "2020-01-01")')
	begun.run("""
	from datetime import datetime
	from dokos_banksync.hosts.frappe import scheduler
	from frappe.utils.background_jobs import get_job
	job = get_job(scheduler.job_of(connection))
	job.started_at = datetime(2020, 1, 1, tzinfo=job.started_at.tzinfo)
	job.save()
	""")
	site.run(HOURLY)
	work(site)
	assert sorted(outcomes(due)) == sorted([["Success"]] * (CONNECTIONS - 1) + [["Success", "Failed"]])
	assert [one.held() for one in due] == [one.truth() for one in due]
