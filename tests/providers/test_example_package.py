"""A provider in a package of its own: found by its entry point, connected, synchronised, and shown in the docs."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import ConfigurationError, ConsentExpired
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers import registry
from tests.providers.fake_server import Reply, Script, Time, serving

PACKAGE = Path(__file__).parent / "example_package"
PAGE = Path(__file__).parents[2] / "docs/writing-a-provider.md"
KEY, TOKEN = "harbour-key-77", "consent-token-42"
ACCOUNT = {"id": "c1", "name": "Current", "currency": "EUR", "iban": "FR7699999000010000000001764"}


def documented() -> dict[str, str]:
	"""Return the files of the page: each code block whose first line is a comment with a file name."""
	blocks = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
	return dict(blocks)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
	"""A folder with the package of the page, and the metadata that an installer reads: made from the page's blocks."""
	folder = tmp_path_factory.mktemp("package")
	for name, content in documented().items():
		(folder / name).parent.mkdir(exist_ok=True)
		(folder / name).write_text(content, encoding="utf-8")
	build = [sys.executable, "-W", "ignore", "-c", "import setuptools; setuptools.setup()", "-q", "egg_info"]
	subprocess.run(build, check=True, cwd=folder, timeout=120)
	return folder


@pytest.fixture
def discovered(installed, monkeypatch):
	"""The registry of a process that has the package on its path."""
	monkeypatch.syspath_prepend(str(installed))
	monkeypatch.setattr(registry, "_registered", dict(registry._registered))
	registry._discover.cache_clear()
	yield
	registry._discover.cache_clear()
	sys.modules.pop("harbour_bank", None)


@pytest.fixture
def bank():
	rows = [
		{
			"id": 1,
			"date": "2026-10-26",
			"amount": "-3.20",
			"currency": "EUR",
			"label": "CAFE",
			"state": "booked",
		},
		{
			"id": 2,
			"date": "2026-10-26",
			"amount": "-3.20",
			"currency": "EUR",
			"label": "CAFE",
			"state": "booked",
		},
		{"id": 3, "date": "2026-10-27", "amount": "1e", "currency": "EUR", "label": "?", "state": "booked"},
	]
	more = {
		"id": 4,
		"date": "2026-10-28",
		"amount": "-8",
		"currency": "EUR",
		"label": "TEA",
		"state": "pending",
	}
	consent = {"id": "k1", "page": "https://harbour.example/consent/k1"}
	given = {"status": "given", "connection": 9, "token": TOKEN}
	script = Script(
		{
			"GET /me": Reply(),
			"POST /consents": Reply(body=consent),
			"GET /consents": [Reply(body={"status": "waiting"}), Reply(body=given)],
			"DELETE /consents": Reply(204),
			"GET /accounts": Reply(body={"accounts": [{**ACCOUNT, "balance": "100.00"}]}),
			"GET /transactions": [
				Reply(body={"rows": rows, "cursor": "p1", "more": True}),
				Reply(body={"rows": [more], "cursor": "p2", "more": False}),
				Reply(body={"rows": [], "removed": [2], "cursor": "p3", "more": False}),
			],
		}
	)
	with serving(script):
		yield script


@pytest.fixture
def site(tmp_path, discovered, bank):
	time = Time()
	with Site(tmp_path / "home", clock=time.now) as made:
		made.sleep = time.sleep
		made.add_provider("ours", "harbour", {"harbour_key": KEY}, bank.url)
		yield made


@pytest.fixture
def connection(site):
	link = site.begin_connect("Harbour", "ours", "harbour", "http://127.0.0.1:9/back", "anna", "")
	assert site.finish(link.state, {"state": link.state}, "anna").connection.remote_id == "9"
	return link.connection


def test_the_page_and_the_package_are_the_same():
	files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".toml")]
	assert documented() == {str(p.relative_to(PACKAGE)): p.read_text(encoding="utf-8") for p in files}


def test_the_package_is_found_by_its_entry_point(discovered):
	assert "Harbour" in registry.provider_types()
	[entry] = [one for one in metadata.entry_points(group=registry.ENTRY_POINTS) if one.name == "harbour"]
	assert entry.value == "harbour_bank:HarbourProvider"


def test_without_the_package_there_is_no_such_provider(site):
	registry._registered.pop("harbour")
	with pytest.raises(ConfigurationError, match="Harbour is unknown"):
		site.provider_of("ours")


def _asked(bank):
	return [request.query for request in bank.called("GET", "/transactions")]


def test_the_bank_is_connected_and_its_rows_arrive(site, connection, bank):
	[account] = site.ledger.accounts(connection)
	site.link(connection, [Choice(account.source, "Current")])
	run = site.sync(connection)
	assert (run.status, run.created, run.refused, run.held) == ("Partial", 2, 1, 1)
	assert [str(one.amount) for one in site.ledger.transactions()] == ["-3.20", "-3.20"]
	run = site.sync(connection)
	assert (run.removed, len(site.ledger.transactions())) == (1, 1)
	assert _asked(bank) == [{"account": "c1"}, {"account": "c1", "after": "p1"}, {"account": "c1"}]
	site.sync(connection)
	assert _asked(bank)[-1] == {"account": "c1", "after": "p3"}, (
		"the cursor waited for the row that cannot be read"
	)
	assert {request.headers["x-consent"] for request in bank.called("GET", "/transactions")} == {TOKEN}


def test_an_ended_consent_asks_for_a_reconnection(site, connection, bank):
	[account] = site.ledger.accounts(connection)
	site.link(connection, [Choice(account.source, "Current")])
	bank.routes["GET /accounts"] = Reply(403, {"code": "consent_ended"})
	with pytest.raises(ConsentExpired):
		site.sync(connection)
	assert site.ledger.connection(connection).status_reference == "403 consent_ended"


def test_the_consent_is_ended_with_the_connection(site, connection, bank):
	site.disconnect(connection)
	assert len(bank.called("DELETE", "/consents")) == 1
	assert site.ledger.grant(connection).read() is None


def test_no_secret_is_in_the_home_folder(site, connection, tmp_path):
	stored = b"".join(file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file())
	assert KEY.encode() not in stored
	assert TOKEN.encode() not in stored
