"""Functions that Frappe, a form or the queue calls by a dotted name exist: no import would find a wrong one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import dokos_banksync

APP = Path(dokos_banksync.__file__).parent
NAME = re.compile(r"""["'](dokos_banksync\.[a-zA-Z_][\w.]*\w)["']""")
READ = (".py", ".js", ".json")
PLACES = sorted(path for path in APP.rglob("*") if path.suffix in READ and NAME.search(path.read_text()))
NOT_CODE = {"dokos_banksync.dokos_banksync", "dokos_banksync.json", "dokos_banksync.providers"}
"""The module's name for Frappe, a file of settings, and the group of entry points."""


@cache
def defined(module: Path) -> frozenset[str]:
	"""The names that a module defines or imports at its top level."""
	names: set[str] = set()
	for node in ast.parse(module.read_text()).body:
		if isinstance(node, ast.FunctionDef | ast.ClassDef):
			names.add(node.name)
		elif isinstance(node, ast.Assign):
			names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
		elif isinstance(node, ast.ImportFrom):
			names |= {alias.asname or alias.name for alias in node.names}
	return frozenset(names)


def exists(dotted: str) -> bool:
	*folders, last = dotted.split(".")[1:]
	parent = APP.joinpath(*folders)
	if (parent / f"{last}.py").is_file() or (parent / last / "__init__.py").is_file():
		return True
	module = parent.with_suffix(".py") if parent.with_suffix(".py").is_file() else parent / "__init__.py"
	return module.is_file() and last in defined(module)


@pytest.mark.parametrize("place", PLACES, ids=lambda path: str(path.relative_to(APP)))
def test_a_dotted_name_leads_to_what_exists(place):
	assert [
		name for name in NAME.findall(place.read_text()) if name not in NOT_CODE and not exists(name)
	] == []


def test_hooks_are_among_the_places():
	assert APP / "hooks.py" in PLACES


def test_patches_exist():
	patches = re.findall(r"^dokos_banksync\S+", (APP / "patches.txt").read_text(), re.MULTILINE)
	assert patches
	assert [
		patch for patch in patches if "execute" not in defined(APP.parent / f"{patch.replace('.', '/')}.py")
	] == []
