"""The app comes to a site, is brought up to date, and leaves it as it was. On copies: what is tested here is rough."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.site.bench import APP, Site

pytestmark = pytest.mark.slow

HOST = ["Bank", "Bank Account", "Bank Transaction", "Bank Transaction Category"]
OWN = [
	*("Sync Certificate", "Sync Connection", "Sync Coverage", "Sync Separate Pair", "Sync Journal Entry"),
	*("Sync Line", "Sync Plan", "Sync Provider", "Sync Remote Account", "Sync Run"),
]
LOOK = """
def rows(sql):
	return [list(map(str, row)) for row in frappe.db.sql(sql)]
if frappe.db.db_type == "postgres":
	schema, kind = "'public'", "data_type"
	indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes"
else:
	schema, kind = "DATABASE()", "column_type"
	indexes = f"SELECT table_name, index_name, column_name FROM information_schema.statistics WHERE table_schema = {schema}"
columns = f"SELECT table_name, column_name, {kind} FROM information_schema.columns WHERE table_schema = {schema}"
answer = {
	"columns": rows(f"{columns} ORDER BY 1, 2"),
	"indexes": rows(f"{indexes} ORDER BY 1, 2, 3"),
	"defaults": rows("SELECT defkey, parent FROM `tabDefaultValue` WHERE defkey LIKE 'banksync%' ORDER BY 1"),
	"secrets": rows("SELECT doctype, name, fieldname FROM `__Auth` WHERE doctype <> 'User' ORDER BY 1, 2, 3"),
	"logs": rows("SELECT ref_doctype, days FROM `tabLogs To Clear` ORDER BY 1"),
	"jobs": rows("SELECT method, frequency FROM `tabScheduled Job Type` ORDER BY 1"),
	"rules": rows("SELECT parent, role, `read`, `write`, `create`, `delete` FROM `tabDocPerm` ORDER BY 1, 2, 3, 4, 5, 6"),
	"own rules": rows("SELECT parent, role, `read`, `write`, `create`, `delete` FROM `tabCustom DocPerm` ORDER BY 1, 2, 3"),
}
for kind in ("DocType", "Custom Field", "Property Setter", "Role", "Workspace", "Report", "Number Card", "Dashboard Chart",
	"Module Def", "Client Script"):
	answer[kind] = rows(f"SELECT name FROM `tab{kind}` ORDER BY 1")
answer["changed"] = rows(
	"SELECT name, modified FROM `tabDocType` WHERE name LIKE 'Sync %%' OR name LIKE 'Bank%%' ORDER BY 1"
) + rows("SELECT name, modified FROM `tabCustom Field` WHERE module = 'Dokos Banksync' ORDER BY 1")
"""


def look(site: Site) -> dict[str, Any]:
	"""What a site consists of, as far as an app may touch it."""
	return site.run(LOOK)


def differences(before: dict[str, Any], after: dict[str, Any], *leave_out: str) -> dict[str, Any]:
	found = {}
	for kind in before.keys() - set(leave_out):
		old, new = ({json.dumps(row) for row in side[kind]} for side in (before, after))
		if old != new:
			found[kind] = {"gone": sorted(old - new), "new": sorted(new - old)}
	return found


@pytest.fixture(scope="module")
def spare(site: Site) -> Iterator[Site]:
	"""A copy of each site, restored from a backup, without the app."""
	copy = site.bench.copy_of(site, "banksync-spare.localhost")
	copy.command("uninstall-app", APP, "--yes", "--no-backup")
	copy.run(
		"frappe.get_doc('Log Settings').save()"
	)  # whoever does it first adds what Frappe itself has in mind
	yield copy
	copy.drop()


@pytest.fixture(scope="module")
def before(spare: Site) -> dict[str, Any]:
	return look(spare)


def test_nothing_of_an_app_that_was_uninstalled_is_left(before: dict[str, Any]) -> None:
	names = json.dumps({kind: rows for kind, rows in before.items() if kind != "changed"})
	assert "banksync" not in names.lower()
	assert "Bank Sync Manager" not in names
	assert not [doctype for doctype in OWN if f'"{doctype}"' in names or f'"tab{doctype}"' in names]


def test_it_is_installed_beside_the_hosts_doctypes_or_brings_them(
	spare: Site, before: dict[str, Any]
) -> None:
	had = {row[0] for row in before["DocType"]}
	spare.command("install-app", APP)
	after = look(spare)
	assert {row[0] for row in after["DocType"]} - had == set(OWN) | (set(HOST) - had)
	gone = {
		kind: found["gone"] for kind, found in differences(before, after, "changed").items() if found["gone"]
	}
	assert gone == {}
	foreign = [field for field in after["Custom Field"] if field not in before["Custom Field"]]
	assert all("-banksync_" in name or name == "Sync Connection-company" for (name,) in foreign)
	made = spare.run(
		"answer = frappe.get_all('DocType', filters={'name': ('in', d)}, fields=['name', 'module', 'custom'])",
		d=HOST,
	)
	for doctype in made:
		assert (doctype["module"] == "Dokos Banksync") is (doctype["name"] not in had)
		assert not doctype["custom"]


def test_every_field_of_ours_has_our_module(spare: Site) -> None:
	modules = spare.run(
		"answer = frappe.get_all('Custom Field', or_filters={'fieldname': ('like', 'banksync%'), 'dt': ('in', own)}, pluck='module')",
		own=OWN,
	)
	assert set(modules) <= {"Dokos Banksync"}


def test_the_flat_layout_is_where_frappe_looks_for_it(spare: Site) -> None:
	paths = spare.run(
		"answer = [frappe.get_module_path('Dokos Banksync'), frappe.get_app_path('dokos_banksync')]"
	)
	assert paths[0] == paths[1]


def test_migrating_twice_changes_nothing(spare: Site) -> None:
	spare.command("migrate", "--skip-search-index")
	once = look(spare)
	output = spare.command("migrate", "--skip-search-index")
	assert differences(once, look(spare)) == {}
	assert "rphaned" not in output


def test_a_customised_site_keeps_its_changes(spare: Site) -> None:
	"""A user's property setters and log settings outlive a migration."""
	spare.run(
		"frappe.make_property_setter({'doctype': 'Sync Line', 'fieldname': 'note', 'property': 'label', 'value': 'Remark'})\n"
		"s = frappe.get_doc('Log Settings')\n"
		"s.logs_to_clear = [row for row in s.logs_to_clear if row.ref_doctype != 'Sync Line']\ns.save()"
	)
	spare.command("migrate", "--skip-search-index")
	label, logs = spare.run(
		"answer = [frappe.get_meta('Sync Line').get_label('note'), frappe.get_all('Logs To Clear', pluck='ref_doctype')]"
	)
	assert label == "Remark"
	assert "Sync Line" not in logs
	assert "Sync Run" in logs


def test_a_dry_run_of_the_uninstaller_takes_nothing(spare: Site) -> None:
	full = look(spare)
	spare.command("uninstall-app", APP, "--yes", "--dry-run")
	assert differences(full, look(spare)) == {}


def test_uninstalled_it_leaves_the_site_as_it_was(spare: Site, before: dict[str, Any]) -> None:
	bank = spare.run(FILL)
	spare.command("uninstall-app", APP, "--yes", "--no-backup")
	after = look(spare)
	assert differences(before, after, "changed") == {}
	assert spare.run("answer = frappe.get_installed_apps()") == [
		app for app in spare.bench.apps if app in spare.run("answer = frappe.get_installed_apps()")
	]
	if bank:
		assert spare.run("answer = frappe.db.exists('Bank', b)", b=bank) == bank


FILL = """
from frappe.utils.password import set_encrypted_password
frappe.get_doc({"doctype": "Bank", "bank_name": "Banque du Reste"}).insert()
provider = {"doctype": "Sync Provider", "provider_name": "Left", "provider_type": "Bridge", "client_id": "i", "client_secret": "s"}
frappe.get_doc(provider).insert()
set_encrypted_password("Sync Provider", "Left", "token", "memory:token")
connection = frappe.get_doc({"doctype": "Sync Connection", "bank": "Banque du Reste", "provider": "Left"}).insert()
connection.add_comment("Comment", "seen")
ours = frappe.db.get_value("DocType", "Bank", "module") == "Dokos Banksync"
answer = "" if ours else "Banque du Reste"
"""
