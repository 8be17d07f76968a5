"""Installing on a bench that is running, after an interruption, in developer mode, without the key of the secrets."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import dokos_banksync
from tests.site.bench import APP, Bench, Site
from tests.site.records import PUT
from tests.site.test_install import OWN, differences, look

pytestmark = pytest.mark.slow

SOURCES = Path(dokos_banksync.__file__).parent
WRITTEN = ("doctype", "workspace", "report", "number_card", "dashboard_chart", "modules.txt", "patches.txt")


@pytest.fixture(scope="module")
def plain(one_bench: Bench) -> Iterator[Site]:
	"""A fresh site of each bench, with nothing but Frappe."""
	site = one_bench.new_site("banksync-plain.localhost")
	yield site
	site.drop()


def sources() -> dict[str, str]:
	"""What a Frappe in developer mode might write to."""
	found: dict[str, str] = {}
	for name in WRITTEN:
		path = SOURCES / name
		for file in [path] if path.is_file() else sorted(path.rglob("*")):
			if file.is_file() and "__pycache__" not in file.parts:
				found[str(file.relative_to(SOURCES))] = hashlib.sha256(file.read_bytes()).hexdigest()
	return found


STALE = """
cache = frappe.cache() if callable(frappe.cache) else frappe.cache
modules = {app: names for app, names in frappe.local.app_modules.items() if app != "dokos_banksync"}
for key in ("app_modules", "installed_app_modules"):
	cache.set_value(key, modules)
cache.set_value("module_app", {module: app for app, names in modules.items() for module in names})
answer = sorted(modules)
"""
"""What Redis holds on a bench that was running when the app came to it."""

_INTERRUPTED = """
import os, sys
import frappe, frappe.model.sync
from frappe.installer import install_app
import dokos_banksync.install
site, where = sys.argv[1:]
frappe.init(site=site)
frappe.connect()
done = []
original = frappe.model.sync.import_file_by_path
def import_some(*args, **kwargs):
	if len(done) == 5:
		os._exit(0)
	done.append(args)
	return original(*args, **kwargs)
if where == "sync":
	frappe.model.sync.import_file_by_path = import_some
else:
	dokos_banksync.install.indexes.ensure = lambda: os._exit(0)
install_app("dokos_banksync")
"""

_COMPLETE = """
answer = {
	"doctypes": [doctype for doctype in own if not frappe.db.table_exists(doctype)],
	"logs": frappe.get_all("Logs To Clear", {"ref_doctype": ("like", "Sync %")}, pluck="ref_doctype", order_by="ref_doctype"),
	"rule": frappe.get_all("DocPerm", {"parent": "Sync Provider", "role": "Bank Sync Manager"}, pluck="write"),
	"bank": any(rule.role == "Bank Sync Manager" and rule.read for rule in frappe.get_meta("Bank").permissions),
	"field": frappe.get_meta("Bank Account").has_field("opening_balance") or frappe.get_meta("Bank Account").has_field("banksync_opening_balance"),
	"workspace": bool(frappe.db.exists("Workspace", "Bank Synchronization")),
	"card": bool(frappe.db.exists("Number Card", "Last bank run")),
	"jobs": frappe.db.count("Scheduled Job Type", {"method": ("like", "dokos_banksync.%")}),
	"indexes": len(frappe.db.sql("SHOW INDEX FROM `tabSync Line` WHERE Key_name = 'banksync_one_line'")),
}
"""


def complete(site: Site) -> None:
	"""Assert that nothing of an installation is missing."""
	assert site.run(_COMPLETE, own=OWN) == {
		"doctypes": [],
		"logs": ["Sync Journal Entry", "Sync Line", "Sync Run"],
		"rule": [1],
		"bank": True,
		"field": True,
		"workspace": True,
		"card": True,
		"jobs": 2,
		"indexes": 2,
	}


@pytest.fixture(scope="module")
def untouched(plain: Site) -> dict[str, object]:
	plain.run("frappe.get_doc('Log Settings').save()")
	return look(plain)


def uninstall(site: Site, untouched: dict[str, object]) -> None:
	site.command("uninstall-app", APP, "--yes", "--no-backup")
	assert differences(untouched, look(site), "changed") == {}


def test_on_a_running_bench_that_read_its_modules_before_the_app_came(
	plain: Site, untouched: dict[str, object]
) -> None:
	assert plain.answers()
	assert APP not in plain.run(STALE)
	plain.command("install-app", APP)
	complete(plain)
	answer = plain.client().get("/api/resource/Sync Connection")
	assert answer.ok
	assert answer.json() == {"data": []}
	uninstall(plain, untouched)


def test_an_installation_that_ended_midway_is_completed_by_the_same_command(
	plain: Site, untouched: dict[str, object]
) -> None:
	plain.bench.execute("-c", _INTERRUPTED, plain.name, "sync")
	assert APP not in plain.run("answer = frappe.get_installed_apps()")
	plain.command("install-app", APP)
	complete(plain)
	uninstall(plain, untouched)


def test_an_installation_that_ended_late_is_completed_by_a_migration(
	plain: Site, untouched: dict[str, object]
) -> None:
	plain.bench.execute("-c", _INTERRUPTED, plain.name, "settle")
	plain.run(STALE)
	plain.command("migrate", "--skip-search-index")
	complete(plain)
	uninstall(plain, untouched)


HOLLOW = """
from frappe.installer import add_module_defs, add_to_installed_apps
add_module_defs("dokos_banksync")
add_to_installed_apps("dokos_banksync")
"""


def test_an_app_that_was_left_without_its_doctypes_is_uninstalled(
	plain: Site, untouched: dict[str, object]
) -> None:
	plain.run(HOLLOW)
	uninstall(plain, untouched)


def test_an_app_that_was_left_without_its_doctypes_is_completed(
	plain: Site, untouched: dict[str, object]
) -> None:
	plain.run(HOLLOW)
	plain.command("migrate", "--skip-search-index")
	complete(plain)
	uninstall(plain, untouched)


def test_in_developer_mode_it_comes_and_goes_without_touching_its_sources(plain: Site) -> None:
	before = sources()
	plain.command("set-config", "developer_mode", "1")
	plain.command("install-app", APP)
	assert plain.has("Bank Transaction", "origin")
	assert plain.has("Sync Line")
	plain.command("migrate", "--skip-search-index")
	assert plain.has("Sync Line", "bank_transaction")
	plain.command("uninstall-app", APP, "--yes", "--no-backup")
	assert not plain.has("Sync Line")
	plain.command("set-config", "developer_mode", "0")
	assert sources() == before
	shutil.rmtree(SOURCES / APP, ignore_errors=True)  # Frappe makes a folder of the module's name


def test_without_the_key_of_its_secrets_nothing_crashes_and_the_connection_says_so(plain: Site) -> None:
	plain.command("install-app", APP)
	plain.run(
		PUT + "connection('TD-C1')\n"
		"doc = frappe.get_doc('Sync Provider', 'TD Provider'); doc.client_secret = 's'; doc.webhook_secret = 'w'; doc.save()"
	)
	plain.command("set-config", "encryption_key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	shown = plain.run(
		"""
from dokos_banksync import tasks
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
tasks.run_connection("TD-C1", "manual", "Administrator")
record = FrappeLedger().connection("TD-C1")
run = frappe.get_last_doc("Sync Run")
from frappe.desk.form.load import getdoc
getdoc("Sync Provider", "TD Provider")
getdoc("Sync Connection", "TD-C1")
answer = [record.status.value, record.status_message, run.status, len(frappe.get_list("Sync Provider")), len(frappe.get_list("Sync Connection"))]
"""
	)
	assert shown[0] in ("Error", "Action Required")
	assert "cannot be opened with this site's encryption key: enter them again" in shown[1]
	assert shown[2:] == ["Failed", 1, 1]
	plain.command("migrate", "--skip-search-index")


def test_with_the_keys_entered_again_it_goes_on(plain: Site) -> None:
	secret = plain.run(
		"""
doc = frappe.get_doc("Sync Provider", "TD Provider")
doc.update({"client_secret": "new secret", "webhook_secret": ""})
doc.save()
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
answer = FrappeLedger().subscription("TD Provider")[1].secret("client_secret").reveal()
"""
	)
	assert secret == "new secret"
