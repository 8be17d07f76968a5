"""Rules of form that no linter has: how calls are written, how long functions and files are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dokos_banksync.core import errors

PACKAGE = Path(errors.__file__).parents[1]
FILES = sorted(PACKAGE.rglob("*.py"))
TESTS = Path(__file__).parent
TEST_FILES = sorted(TESTS.rglob("*.py"))
MOST_POSITIONAL = 4
LONGEST_FUNCTION = 40
LONGEST_FILE = 349
VARIADIC = frozenset(
	{name for name, made in vars(errors).items() if isinstance(made, type) and issubclass(made, Exception)}
	| {"Message", "t", "_", "translations", "fill", "_done", "_from_prompt"}
	| {"_short", "debug", "info", "warning", "TypeVar", "eval", "datetime", "Monthly"}
)
"""Functions that take a template and any number of values, values that have no names, or the rows of a table."""


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
	return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
	return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def starred_tuples(tree: ast.AST) -> list[int]:
	"""Return the lines of calls such as `f(*(a, b))`."""
	return [
		call.lineno
		for call in _calls(tree)
		for given in call.args
		if isinstance(given, ast.Starred) and isinstance(given.value, ast.Tuple | ast.List)
	]


def crowded_calls(tree: ast.AST) -> list[int]:
	"""Return the lines of calls with more positional arguments than anybody tells apart."""
	return [
		call.lineno
		for call in _calls(tree)
		if len(call.args) > MOST_POSITIONAL and _name(call) not in VARIADIC
	]


def long_functions(tree: ast.AST) -> list[str]:
	"""Return the names of functions that do not fit the eye."""
	return [
		node.name
		for node in ast.walk(tree)
		if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
		and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
	]


def undocumented(tree: ast.AST) -> list[str]:
	"""Return the names of public functions and classes, nested ones included, that have no docstring."""
	return [
		node.name
		for node in ast.walk(tree)
		if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
		and not node.name.startswith("_")
		and not ast.get_docstring(node)
	]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_calls_name_their_arguments_and_functions_and_files_are_short(path: Path) -> None:
	text = path.read_text("utf-8")
	tree = ast.parse(text)
	assert len(text.splitlines()) <= LONGEST_FILE
	assert starred_tuples(tree) == []
	assert crowded_calls(tree) == []
	assert long_functions(tree) == []
	assert undocumented(tree) == []


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_calls_in_tests_name_their_arguments(path: Path) -> None:
	assert starred_tuples(ast.parse(path.read_text("utf-8"))) == []


def test_each_rule_finds_what_it_forbids() -> None:
	assert starred_tuples(ast.parse("f(*(a, b), c)\nf(*given)")) == [1]
	assert crowded_calls(ast.parse("f(1, 2, 3, 4)\nf(1, 2, 3, 4, 5)\nInvalidData('', 1, 2, 3, 4)")) == [2]
	assert long_functions(ast.parse("def f():\n" + "\tx = 1\n" * 40)) == ["f"]
	assert long_functions(ast.parse("def f():\n" + "\tx = 1\n" * 39)) == []
	assert undocumented(ast.parse("def f():\n\tdef g():\n\t\t'Return 1.'\ndef _h(): ...")) == ["f"]


NO_VERB = frozenset({"A", "All", "An", "Each", "Every", "How", "The", "Those", "What"})
HELP = frozenset({"banksync", "main"})
"""Commands, whose docstring is their help."""


def noun_docstrings(tree: ast.AST) -> list[str]:
	"""Return the public functions whose docstring begins with a noun instead of what they do."""
	return [
		node.name
		for node in ast.walk(tree)
		if isinstance(node, ast.FunctionDef)
		and not node.name.startswith("_")
		and node.name not in HELP
		and (ast.get_docstring(node) or "Return").split()[0] in NO_VERB
	]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_docstrings_of_public_functions_are_imperative(file: Path) -> None:
	assert noun_docstrings(ast.parse(file.read_text(encoding="utf-8"))) == []


def test_a_docstring_that_begins_with_a_noun_is_noticed() -> None:
	wrong = 'def rows():\n\t"""The rows."""\n\ndef more():\n\t"""Return more."""\n'
	assert noun_docstrings(ast.parse(wrong)) == ["rows"]
