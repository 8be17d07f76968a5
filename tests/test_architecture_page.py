"""What `docs/architecture.md` names exists: each file, and each function, class, method or constant of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dokos_banksync"
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+/(?:[\w]+\.(?:py|js))?)(?::([\w.]+))?`", PAGE)))


def names_of(file: Path) -> set[str]:
	"""Return the functions, classes and constants of a module, and the methods as `Class.method`."""
	found = set()
	for node in ast.parse(file.read_text(encoding="utf-8")).body:
		if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
			found.add(node.name)
		if isinstance(node, ast.ClassDef):
			found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
		targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
		found |= {target.id for target in targets if isinstance(target, ast.Name)}
	return found


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_what_the_page_names_exists(path: str, name: str) -> None:
	assert (PACKAGE / path).exists() or (ROOT / path).exists()
	if name:
		assert name in names_of(PACKAGE / path)


def test_the_page_answers_where_things_are() -> None:
	section = PAGE.split("## Where is …?")[1]
	questions = re.findall(r"^\| (Wh[^|]+\?) \| ([^|]+) \|$", section, re.M)
	assert len(questions) >= 12
	assert all(re.search(r"`[\w/]+\.py:[\w.]+`", answer) for _, answer in questions)


def test_every_folder_of_the_package_is_on_the_map() -> None:
	folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
	beside = {"patches", "report", "print_format", "workspace", "number_card", "dashboard_chart"}
	assert {name for name in folders - beside if f"`{name}/" not in PAGE} == set()


@pytest.mark.parametrize(
	"page", sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]), ids=lambda p: p.name
)
def test_links_lead_somewhere(page: Path) -> None:
	for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
		assert link.startswith(("http://", "https://")) or (page.parent / link).exists(), link
