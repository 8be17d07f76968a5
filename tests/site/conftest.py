"""Every test below this folder runs on each real site that was found, or is skipped with one line that says so."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.conftest import NO_BENCH, OUT_OF_TIME
from tests.site import bench
from tests.site.bench import Bench, Site
from tests.site.journeys import keep_queue

SITES = bench.sites()
BENCHES = [found for found in bench.benches() if bench.APP in found.apps]
HERE = Path(__file__).parent
MINUTES = float(os.environ.get("BANKSYNC_SITE_MINUTES", "0"))
"""How long all real sites may take together, from the first test on; without end by default."""
ON_POSTGRES = {"test_bulk", "test_chaos", "test_histories", "test_ledger", "test_review", "test_together"}
FIRST_MODULES = (
	"test_install",
	"test_reconcile",
	"test_host_of_2026",
	"test_both_money_pairs",
	"test_ledger",
	"test_bulk",
	"test_journey",
	"test_background",
	"test_rights",
	"test_api",
	"test_webhook",
	"test_host_takeover",
	"test_takeover",
)
"""Modules that run first, on every site before the next module: the time may end before the suite does.

What writes and reconciles money, then what a user meets on the first day, then who may do what. The others follow by
name, those that look at pages or make sites for rare cases among them.
"""
_BEGUN: list[float] = []
SECONDS = 1000
_READY: set[str] = set()
_SYNC = """
from frappe.model.sync import sync_for
sync_for("dokos_banksync")
from frappe.utils.dashboard import sync_dashboards
sync_dashboards("dokos_banksync")
for hook in frappe.get_hooks("after_migrate", app_name="dokos_banksync"):
	frappe.get_attr(hook)()
frappe.clear_cache()
"""
_AFRESH = """
left = frappe.get_all("Sync Provider", {"base_url": ["like", "http://127.0.0.1:%"]}, pluck="name")
frappe.db.set_value("Sync Provider", {"name": ["in", left]}, "enabled", 0)
gone = {"automatic": 0, "status": "Disconnected"}
frappe.db.set_value("Sync Connection", {"provider": ["in", left]}, gone)
if frappe.db.get_value("User", "Administrator", "language") != "en":
	frappe.db.set_value("User", "Administrator", "language", "en")
	frappe.clear_cache(user="Administrator")
"""


@pytest.hookimpl(
	trylast=True
)  # pytest itself sorts by site: with little time, the last site would not be tested
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
	"""Put the most telling modules first, and tests on sites behind all others.

	Servers, workers and a browser share one machine: a test that fails by a neighbour is repeated, marked R.
	"""
	ours = [item for item in items if item.path.parent == HERE]
	for item in ours:
		item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))
	items[:] = [item for item in items if item.path.parent != HERE] + sorted(ours, key=_rank)


def _rank(item: pytest.Item) -> tuple[int, str]:
	"""Return the sorting key of a module; within it, pytest's order by site stays."""
	module = item.path.stem
	return (FIRST_MODULES.index(module) if module in FIRST_MODULES else len(FIRST_MODULES), module)


def _out_of_time() -> bool:
	"""Return whether the minutes since the first test on a site are used up."""
	if not _BEGUN:
		_BEGUN.append(time.monotonic())
	return bool(MINUTES) and time.monotonic() - _BEGUN[0] > 60 * MINUTES


def pytest_runtest_setup(item: pytest.Item) -> None:
	if _out_of_time():
		pytest.skip(f"{OUT_OF_TIME}: {MINUTES:.0f} minutes are over")
	site = getattr(item, "callspec", None) and item.callspec.params.get("site")
	if site and site.config.get("db_type") == "postgres" and item.path.stem not in ON_POSTGRES:
		pytest.skip("on Postgres the ledger is tested, not the Desk")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
	if "site" in metafunc.fixturenames:
		metafunc.parametrize("site", SITES or [None], ids=_name, indirect=True, scope="session")
	if "one_bench" in metafunc.fixturenames:
		metafunc.parametrize("one_bench", BENCHES or [None], ids=_name, indirect=True, scope="session")


def _name(found: Site | Bench | None) -> str:
	return found.name if found else "no bench"


def _found(request: pytest.FixtureRequest) -> object:
	if request.param is None:
		pytest.skip(NO_BENCH.format(bench.folder()))
	return request.param


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Site:
	"""Each site in turn, with this version of the app on it. What a test leaves there the next one finds."""
	found = _found(request)
	assert isinstance(found, Site)
	if found.name not in _READY:
		_prepare(found)
		_READY.add(found.name)
	return found


@pytest.fixture(scope="session")
def one_bench(request: pytest.FixtureRequest) -> Bench:
	"""Each bench in turn, for tests that make sites of their own."""
	found = _found(request)
	assert isinstance(found, Bench)
	return found


def _prepare(site: Site) -> None:
	"""Install the app where it lacks, else bring its doctypes up to date."""
	if bench.APP not in site.run("answer = frappe.get_installed_apps()"):
		site.command("install-app", bench.APP)
		site.run("frappe.clear_cache()")
	elif _version() != site.run("answer = frappe.db.get_default('banksync_tested')"):
		site.run(_SYNC)
	keep_queue(site)
	site.run(_AFRESH)
	site.run("frappe.db.set_default('banksync_tested', v)", v=_version())


def _version() -> str:
	"""Changes with whatever Frappe reads into its database."""
	package = bench.Path(bench.__file__).parents[2] / bench.APP
	read = [*package.rglob("*.json"), *package.glob("*.py"), *package.glob("translations/*.csv")]
	return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(read))).hexdigest()[:16]


@dataclass
class Desk:
	"""A user's Desk in a window. `troubles` holds what the console complained of."""

	page: Page
	site: Site
	user: str
	troubles: list[str] = field(default_factory=list)

	def open(self, route: str) -> None:
		"""`open("bank/My Bank")`: a route of the Desk, until it has been drawn."""
		self.page.goto(f"{self.site.url}/app/{route}")
		self.page.wait_for_function("window.frappe?.boot && !frappe.request.ajax_count", timeout=60 * SECONDS)
		self.page.locator(".page-container:visible .layout-main").first.wait_for()

	def log_in(self) -> None:
		"""By the session's cookie: the page of Frappe's login is not ours to test."""
		client = self.site.client(self.user)
		self.page.context.add_cookies(
			[{"name": "sid", "value": client.session.cookies["sid"], "url": self.site.url}]
		)


def _complains(message: ConsoleMessage) -> bool:
	"""A defect in a script; a call that was refused, or a socket that nobody serves, is a case like another."""
	return message.type == "error" and not message.text.startswith(
		("Failed to load resource", "Error connecting")
	)


@contextmanager
def window(browser: Browser, site: Site, user: str = "Administrator", **options: object) -> Iterator[Desk]:
	"""A window of its own (own cookies). The Desk speaks the language of the user."""
	if not site.answers():
		pytest.skip(f"NO WEB SERVER at {site.url}: the Desk of {site.name} was not tested")
	expect.set_options(timeout=30 * SECONDS)
	context: BrowserContext = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
	context.set_default_timeout(60 * SECONDS)
	desk = Desk(context.new_page(), site, user)
	desk.page.on("pageerror", lambda error: desk.troubles.append(str(error)))
	desk.page.on("console", lambda message: _complains(message) and desk.troubles.append(message.text))
	desk.log_in()
	yield desk
	context.close()


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Desk]:
	"""The Administrator's Desk, in English."""
	with window(browser, site) as opened:
		yield opened


@pytest.fixture
def desk_of(browser: Browser, site: Site) -> Iterator[Callable[[str], Desk]]:
	"""`desk_of("anne@example.org")`: Desks of other users; closed at the end of the test."""
	opened = []

	def open_desk(user: str) -> Desk:
		opened.append(window(browser, site, user))
		return opened[-1].__enter__()

	yield open_desk
	for one in opened:
		one.__exit__(None, None, None)
