"""The tests stand where the package has what they test."""

from __future__ import annotations

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


@pytest.mark.parametrize("folder", TESTED)
def test_a_folder_of_tests_is_named_as_the_folder_that_it_tests(folder: str) -> None:
	assert (PACKAGE / folder).is_dir()


@pytest.mark.parametrize("folder", SUBFOLDERS)
def test_each_subfolder_of_the_package_has_its_tests(folder: str) -> None:
	assert list((TESTS / folder).glob("test_*.py"))


def test_the_folders_are_found() -> None:
	assert {"core/matching", "providers/bridge", "hosts/standalone/ledger"} <= set(TESTED)
	assert {"core/review", "providers/plaid", "sandbox/ponto", "hosts/standalone/web"} <= set(SUBFOLDERS)
