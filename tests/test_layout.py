"""The tests stand where the package has what they test."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from dokos_banksync.core import errors

PACKAGE = Path(errors.__file__).parents[1]
TESTS = Path(__file__).parent
WHOLE = frozenset({"attack", "browser", "chaos", "site"})
"""Tests of the whole: hostile input, browsers, faults, and real Frappe sites (`hosts/frappe` needs one)."""
DATA = frozenset({"example_package", "files", "formats", "profiles"})
"""Folders of what tests read."""
BELOW = ("core", "providers", "sandbox", "hosts/standalone")
"""Folders whose subfolders each have tests of their own."""
SHOWN_BY_OTHERS = frozenset({"consent_pages", "templates", "static"})
"""Folders without logic of their own."""

OVER_HTTP = frozenset({"sandbox/bridge/test_connect.py"})
"""Tests that know the folder they test by its HTTP interface alone."""


def _folders(root: Path) -> list[str]:
	return sorted(
		path.relative_to(root).as_posix()
		for path in root.rglob("*")
		if path.is_dir() and list(path.glob("*.py")) and path.name != "__pycache__"
	)


TESTED = [
	folder
	for folder in _folders(TESTS)
	if folder.split("/")[0] not in WHOLE and not DATA & set(folder.split("/"))
]
SUBFOLDERS = [
	folder
	for folder in _folders(PACKAGE)
	if folder.rpartition("/")[0] in BELOW and folder.rpartition("/")[2] not in SHOWN_BY_OTHERS
]
MODULES = sorted(
	path.relative_to(TESTS).as_posix()
	for folder in TESTED
	for path in (TESTS / folder).glob("test_*.py")
	if path.relative_to(TESTS).as_posix() not in OVER_HTTP
)


def imported(path: Path) -> set[str]:
	"""Return the modules that a test imports, and those that its helpers and fixtures among the tests import."""
	found: set[str] = set()
	waiting, done = [path], set[Path]()
	while waiting:
		file = waiting.pop()
		if file in done or not file.exists():
			continue
		done.add(file)
		names = _imports(file)
		found |= names
		waiting += [
			TESTS.parent / f"{name.replace('.', '/')}.py" for name in names if name.startswith("tests.")
		]
		waiting.append(file.parent / "conftest.py")
	return found


@cache
def _imports(path: Path) -> frozenset[str]:
	found: set[str] = set()
	for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
		if isinstance(node, ast.Import):
			found |= {one.name for one in node.names}
		elif isinstance(node, ast.ImportFrom) and node.module:
			found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
	return frozenset(found)


def uses(path: Path, folder: str) -> bool:
	"""Return whether a test uses the package's folder. The registry makes a provider, which is then known by its sandbox."""
	named = folder.replace("/", ".")
	wanted = {f"dokos_banksync.{named}", f"dokos_banksync.{named.replace('providers.', 'sandbox.')}"}
	return any(
		name in wanted or name.startswith(tuple(f"{one}." for one in wanted)) for name in imported(path)
	)


@pytest.mark.parametrize("module", MODULES)
def test_a_test_stands_in_the_folder_of_what_it_tests(module: str) -> None:
	assert uses(TESTS / module, module.rpartition("/")[0])


def test_a_test_in_another_folder_is_noticed() -> None:
	assert uses(TESTS / "core/matching/test_matching.py", "core/matching")
	assert not uses(TESTS / "core/matching/test_matching.py", "statements")


@pytest.mark.parametrize("folder", TESTED)
def test_a_folder_of_tests_is_named_as_the_folder_that_it_tests(folder: str) -> None:
	assert (PACKAGE / folder).is_dir()


@pytest.mark.parametrize("folder", SUBFOLDERS)
def test_each_subfolder_of_the_package_has_its_tests(folder: str) -> None:
	assert list((TESTS / folder).glob("test_*.py"))


def test_the_folders_are_found() -> None:
	assert {"core/matching", "providers/bridge", "hosts/standalone/ledger"} <= set(TESTED)
	assert {"core/review", "providers/plaid", "sandbox/ponto", "hosts/standalone/web"} <= set(SUBFOLDERS)
