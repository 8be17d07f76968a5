"""The shell that a bench reads: doctypes, hooks, package data."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

import dokos_banksync
from dokos_banksync.actions import form_scripts

APP = Path(dokos_banksync.__file__).parent
ROOT = APP.parent
FILES = sorted(APP.glob("doctype/*/*.json"))
HOST = {"Bank", "Bank Account", "Bank Transaction", "Bank Transaction Category"}
PASSWORDS = {"client_secret", "webhook_secret"}


@pytest.fixture(params=FILES, ids=lambda path: path.parent.name)
def definition(request):
	return json.loads(request.param.read_text(encoding="utf-8"))


def test_a_doctype_is_where_frappe_looks_for_it(definition):
	folder = definition["name"].lower().replace(" ", "_")
	own = APP / "doctype" / folder / f"{folder}.json"
	assert own.exists() is (definition["name"] not in HOST)
	assert definition["module"] == (APP / "modules.txt").read_text().strip()


def test_a_definition_is_whole(definition):
	names = [field["fieldname"] for field in definition["fields"]]
	assert definition["field_order"] == names
	assert len(set(names)) == len(names)
	for field in definition["fields"]:
		if "Break" not in field["fieldtype"]:
			assert field["label"]
		if field["fieldname"] in PASSWORDS:
			assert field["fieldtype"] == "Password"


def test_links_lead_to_doctypes_that_exist(definition):
	known = {json.loads(path.read_text(encoding="utf-8"))["name"] for path in FILES}
	linked = {f["options"] for f in definition["fields"] if f["fieldtype"] in ("Link", "Table")}
	assert linked <= known


def test_a_doctype_has_a_controller_of_its_name(definition):
	folder = APP / "doctype" / definition["name"].lower().replace(" ", "_")
	controller = folder / f"{folder.name}.py"
	base = "NestedSet" if definition.get("is_tree") else "Document"
	assert f"class {definition['name'].replace(' ', '')}({base})" in controller.read_text()


def test_the_app_folder_answers_to_the_modules_name():
	alias = importlib.import_module("dokos_banksync.dokos_banksync")
	assert alias is dokos_banksync is sys.modules["dokos_banksync"]
	assert not (APP / "dokos_banksync").exists()


def test_no_code_imports_a_controller():
	pattern = re.compile(r"(from|import) dokos_banksync(\.dokos_banksync)?\.doctype")
	assert [path for path in APP.rglob("*.py") if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_form_scripts_that_are_named_exist_and_none_is_forgotten():
	tables = (form_scripts.FORM, form_scripts.LIST, form_scripts.DESK_FORM, form_scripts.DESK_LIST)
	named = {name for table in tables for names in table.values() for name in names}
	folder = APP / "public" / "js"
	assert named == {path.relative_to(folder).as_posix() for path in folder.rglob("*.js")}


def test_one_version():
	assert f'VERSION = "{dokos_banksync.__version__}"' in (ROOT / "setup.py").read_text()


def test_every_picture_is_shown_by_a_document():
	pages = [ROOT / "README.md", *ROOT.glob("docs/*.md")]
	shown = {name for page in pages for name in re.findall(r"images/([\w-]+\.png)", page.read_text("utf-8"))}
	assert {path.name for path in ROOT.glob("docs/images/*")} == shown


def test_no_picture_is_large():
	assert [path.name for path in ROOT.glob("docs/images/*") if path.stat().st_size > 100_000] == []


def test_documents_link_to_what_exists():
	for page in [ROOT / "README.md", *ROOT.glob("docs/*.md")]:
		for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
			assert (page.parent / target).exists(), f"{page.name} links to {target}"
