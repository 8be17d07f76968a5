"""One real headless browser for all tests that need one; no test is timed."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, Scheduling

from tests.browser.marionette import FIREFOX, NO_FIREFOX
from tests.hosts.standalone.ledger.build import OPENED
from tests.site import bench

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
]
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")  # a busy machine is not a failure
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
	# Begun in the background of a shell: the commands that tests end with Ctrl-C would inherit that, and never end.
	signal.signal(signal.SIGINT, signal.default_int_handler)

NO_BROWSER = "NO BROWSER: there is no chromium in the PATH, so the pages were NOT tested in one."
NO_BENCH = "NO BENCH: no site was found in {0}, so nothing was tested on Frappe."
OUT_OF_TIME = "OUT OF TIME"
LATE = "OUT OF TIME: {0} tests on real sites were left out."


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
	late = sum(OUT_OF_TIME in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
	lines = {
		NO_BROWSER: CHROMIUM is None,
		NO_FIREFOX: FIREFOX is None,
		NO_BENCH.format(bench.folder()): not bench.sites(),
		LATE.format(late): late > 0,
	}
	for line, applies in lines.items():
		if applies:
			terminalreporter.write_line(line, red=True, bold=True)


class _FilesAndOneSite(LoadFileScheduling):
	"""Each file on one worker, and all tests on real sites on the same one: they share servers and a database."""

	def _split_scope(self, nodeid: str) -> str:
		scope = super()._split_scope(nodeid)
		return "tests/site" if scope.startswith("tests/site/") else scope


@pytest.hookimpl(optionalhook=True)  # the suite also runs without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
	return _FilesAndOneSite(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
	"""A browser waits for seconds, not for events: on a busy machine it has another go, marked R."""
	for item in items:
		if "browser" in getattr(item, "fixturenames", ()):
			item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


@pytest.fixture(autouse=True)
def _close_ledgers() -> Iterator[None]:
	yield
	while OPENED:
		OPENED.pop().close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
	if CHROMIUM is None:
		pytest.skip(NO_BROWSER)
	with sync_playwright() as playwright:
		started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
		yield started
		started.close()
