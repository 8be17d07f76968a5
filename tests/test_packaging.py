"""What a wheel must hold: every file of the package, data included."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from dokos_banksync import __version__

ROOT = Path(__file__).parent.parent
PARTS = ("dokos_banksync", "benchmarks", "docs", "tests")
"""Folders of a source distribution; the first one alone is installed."""
BUILD = "import sys; from setuptools import build_meta as b; to = sys.argv[1]; b.build_wheel(to); b.build_sdist(to)"


def files(folder: Path) -> set[str]:
	"""Return the files of a part of the project, as paths below the project; nothing that a run left behind."""
	return {
		path.relative_to(folder.parent).as_posix()
		for path in folder.rglob("*")
		if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
	}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
	"""A folder with the wheel and the source distribution, built from a copy of the project, without a registry."""
	copy = tmp_path_factory.mktemp("copy") / "project"
	copy.mkdir()
	for part in PARTS:
		shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
	for path in [
		*ROOT.glob("*.md"),
		*(ROOT / name for name in ("setup.py", "pyproject.toml", "MANIFEST.in")),
	]:
		shutil.copy(path, copy)
	for name in ("LICENSE", "Makefile"):
		shutil.copy(ROOT / name, copy)
	dist = copy / "dist"
	command = [sys.executable, "-W", "ignore", "-c", BUILD, str(dist)]
	subprocess.run(command, cwd=copy, check=True, capture_output=True, timeout=300)
	return dist


def test_a_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
	[wheel] = built.glob("*.whl")
	held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
	assert held == files(ROOT / "dokos_banksync")
	for name in (
		"translations/fr.csv",
		"py.typed",
		"doctype/sync_run/sync_run.json",
		"doctype/bank/bank.definition.json",
		"public/js/bank/form.js",
		"hosts/standalone/templates/base.html",
		"statements/words/fr.json",
		"modules.txt",
	):
		assert f"dokos_banksync/{name}" in held, name


def test_a_source_distribution_holds_what_the_tree_has(built: Path) -> None:
	[archive] = built.glob("*.tar.gz")
	with tarfile.open(archive) as tar:
		held = {member.name.partition("/")[2] for member in tar.getmembers() if member.isfile()}
	assert {name for part in PARTS for name in files(ROOT / part)} - held == set()
	assert {"LICENSE", "Makefile", "README.md", "CHANGELOG.md", "setup.py", "pyproject.toml"} <= held
	assert {name for name in held if name.endswith((".pyc", ".db", ".key"))} == set()


def test_every_kind_of_data_file_is_in_the_manifest() -> None:
	manifest = (ROOT / "MANIFEST.in").read_text()
	[patterns] = [line.split()[2:] for line in manifest.splitlines() if line.startswith("recursive-include")]
	kinds = {f"*{Path(name).suffix or name}" for name in files(ROOT / "dokos_banksync")}
	assert kinds - {"*.py"} == set(patterns)


def standalone_floors() -> dict[str, str]:
	"""The least versions of the extra `standalone`, as setup.py has them."""
	text = (ROOT / "setup.py").read_text(encoding="utf-8")
	return dict(re.findall(r'"([\w-]+)>=([\d.]+)"', text.partition("STANDALONE = [")[2].partition("]")[0]))


def test_the_security_page_lists_the_required_versions() -> None:
	page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## Required versions")[2]
	assert dict(re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", page, re.MULTILINE)) == standalone_floors()


def test_the_tests_run_on_versions_without_known_flaws() -> None:
	floors = standalone_floors()
	assert len(floors) == 8
	for name, floor in floors.items():
		assert Version(version(name)) >= Version(floor), name


def test_the_app_requires_nothing_that_the_oldest_bench_refuses() -> None:
	oldest = {
		"cryptography": "41.0.7",
		"filelock": "3.8.2",
		"jinja2": "3.1.6",
		"pyjwt": "2.7.0",
		"requests": "2.31.0",
		"werkzeug": "2.3.8",
	}
	needed = [Requirement(line) for line in requires("dokos_banksync") or ()]
	bounds = {one.name.lower(): one.specifier for one in needed if one.marker is None}
	for name, version_there in oldest.items():
		assert version_there in bounds[name], name


def test_one_version_is_said_everywhere() -> None:
	setup = (ROOT / "setup.py").read_text(encoding="utf-8")
	assert re.findall(r'^VERSION = "(.+)"$', setup, re.MULTILINE) == [__version__]


def test_the_source_distribution_holds_all_that_a_build_and_a_test_need() -> None:
	manifest = (ROOT / "MANIFEST.in").read_text(encoding="utf-8").splitlines()
	grafted = {line.split()[1] for line in manifest if line.startswith("graft ")}
	assert grafted == {"benchmarks", "docs", "tests"}
	for name in ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md"):
		assert (ROOT / name).is_file(), name
	assert "include LICENSE Makefile *.md" in manifest
