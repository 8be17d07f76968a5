"""What a wheel must hold: every file of the package, data included."""

from __future__ import annotations

import re
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from dokos_banksync import __version__

ROOT = Path(__file__).parent.parent


def test_every_kind_of_data_file_is_in_the_manifest() -> None:
	manifest = (ROOT / "MANIFEST.in").read_text()
	[patterns] = [line.split()[2:] for line in manifest.splitlines() if line.startswith("recursive-include")]
	files = [path for path in (ROOT / "dokos_banksync").rglob("*") if path.is_file()]
	kinds = {f"*{path.suffix}" for path in files if "__pycache__" not in path.parts}
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
