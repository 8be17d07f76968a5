"""The same app on sites that are out of the ordinary: developer mode, no key for the secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dokos_banksync
from tests.site.bench import APP, Bench, Site
from tests.site.records import PUT

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


def test_without_the_key_of_its_secrets_nothing_crashes_and_the_connection_says_so(plain: Site) -> None:
	plain.command("install-app", APP)
	plain.run(
		PUT + "connection('TD-C1')\n"
		"doc = frappe.get_doc('Sync Provider', 'TD Provider'); doc.client_secret = 's'; doc.webhook_secret = 'w'; doc.save()"
	)
	plain.command("set-config", "encryption_key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	said = plain.run(
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
	assert said[0] in ("Error", "Action Required")
	assert "cannot be opened with this site's encryption key: enter them again" in said[1]
	assert said[2:] == ["Failed", 1, 1]
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
