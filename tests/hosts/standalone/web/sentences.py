"""Every sentence that a user may read, found in the sources: what `translations/fr.csv` must hold."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click

from dokos_banksync.actions import operation_kind, reading_questions
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.providers import choice_label
from dokos_banksync.actions.quotas import SCOPES
from dokos_banksync.actions.run_counts import LABELS
from dokos_banksync.actions.state_colors import COLORS
from dokos_banksync.core import errors
from dokos_banksync.core.connection import institution_choice
from dokos_banksync.core.message import SYSTEM_REASONS
from dokos_banksync.core.model import Reason
from dokos_banksync.core.provider import PriceClass
from dokos_banksync.core.review.dry_run import PlanKind
from dokos_banksync.core.singular import SINGULARS
from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.hosts.standalone.cli.connect import TO_DO
from dokos_banksync.hosts.standalone.cli.session import EXIT_CODES
from dokos_banksync.hosts.standalone.cli.status import BALANCES
from dokos_banksync.hosts.standalone.cli.terminal import STAGES
from dokos_banksync.providers.registry import provider_class, provider_types
from dokos_banksync.statements.delimited import DELIMITERS

PACKAGE = Path(errors.__file__).parents[1]
TRANSLATORS = frozenset({"_", "t", "told", "translations", "spoken", "message", "Message", "Column"})
"""Functions and methods whose first argument is translated before a user reads it."""

SENTENCES = ("actions", "core", "hosts", "providers", "statements")
"""Folders in which a constant that reads like a sentence is one that a user may get to see."""

INDIRECT = frozenset(
	{
		"Interrupted: the program was ended before the run was",
		"No bank is called like that. Try a shorter name",
		"No bank is listed there",
		"There is no provider yet: add one with banksync provider add",
		"Nothing would change",
		"There was no run yet",
	}
)
"""Said by way of a variable, or stored by SQL: no search finds these."""

CLICKS_OWN = frozenset(
	{
		"Show this message and exit.",
		"Show the version and exit.",
		*("Usage:", "Options", "Commands", "required", "default: {default}", "Aborted!"),
		*("Error: {message}", "Try '{command} {option}' for help."),
		*("Missing command.", "Missing argument", "Missing option"),
		*("Invalid value: {message}", "Invalid value for {param_hint}: {message}"),
		*("No such option {name!r}.", "No such command {name!r}."),
		*("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
		*("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
		*("Option {name!r} does not take a value.", "Option {name!r} requires an argument."),
		*("{value!r} is not one of {choices}.", "{value} is not in the range {range}."),
		"{value!r} is not a valid {number_type}.",
		*("{name} {filename!r} does not exist.", "{name} {filename!r} is a directory."),
		*("{name} {filename!r} is a file.", "{name} {filename!r} is not readable."),
		*("{name} {filename!r} is not writable.", "file", "directory", "path"),
	}
)
"""What click writes of itself when our commands are called; `test_language` shows that they are the ones."""

_JS = re.compile(r'__\(\s*"((?:[^"\\]|\\.)*)"')
_TEMPLATE = re.compile(r'\b_\("([^"]*)"')
_SENTENCE = re.compile(r"(?!.*%[sd])(?:A |[A-Z][a-z']|\{)[^<>\n_=]* [^<>\n_=]*")
_NOT_SAID = frozenset(
	{
		*("SyncError | None", "Accounting Journal", "Mode of Payment", "Payment Entry"),
		*("Application Support", "Column Break", "Section Break", "Accounts Settings", "Assignment Rule"),
		*("Auto Repeat", "DocType Event", "Document Naming Rule", "Energy Point Rule", "Milestone Tracker"),
		*(
			"Accounts Manager",
			"Accounts User",
			"Custom DocPerm",
			"Custom Field",
			"Dokos Banksync",
			"Email Account",
		),
		*(
			"Has Role",
			"Logs To Clear",
			"Scheduled Job Type",
			"Sync Connection-company",
			"System Manager",
			"System User",
		),
		*("Period Closing Voucher", "Server Script", "Deleted Document", "Document Follow", "Tag Link"),
		*(
			"Bank account pictures",
			"Bank Account Balance",
			"Custom HTML Block",
			"Desktop Icon",
			"Workspace Sidebar",
		),
		*("Deleted by a person", "Left out by a person"),
	}
)
"""Reads like a sentence and is the name of something technical, or a reason as it was stored by an earlier version."""


def in_scripts() -> set[str]:
	folders = ("public/js/*", "hosts/standalone/static", "doctype/*", "report/*")
	paths = [path for folder in folders for path in PACKAGE.glob(f"{folder}/*.js")]
	return {found for path in paths for found in _JS.findall(path.read_text("utf-8"))}


def in_templates() -> set[str]:
	pages = [path.read_text("utf-8") for path in PACKAGE.glob("hosts/standalone/templates/*.html")]
	pages += [json.loads(path.read_text("utf-8"))["html"] for path in PACKAGE.glob("print_format/*/*.json")]
	return {text for page in pages for text in _TEMPLATE.findall(page)}


def in_python() -> set[str]:
	found: set[str] = set()
	for path in PACKAGE.rglob("*.py"):
		place = path.relative_to(PACKAGE).parts[0]
		if place == "sandbox" or path.name == "renamed_reasons.py":  # names that only old rows have
			continue
		tree = ast.parse(path.read_text("utf-8"))
		found.update(_translated(tree))
		if place in SENTENCES:
			found.update(_sentences(tree))
	return found


def _translated(tree: ast.AST) -> Iterator[str]:
	for node in ast.walk(tree):
		if isinstance(node, ast.Call) and node.args and _called(node.func):
			first = node.args[0]
			if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
				yield first.value


def _called(function: ast.expr) -> bool:
	name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
	kind = getattr(errors, name, None)
	return name in TRANSLATORS or (isinstance(kind, type) and issubclass(kind, errors.SyncError))


def _sentences(tree: ast.AST) -> Iterator[str]:
	skipped = {id(node) for node in _not_for_people(tree)}
	for node in ast.walk(tree):
		text = node.value if isinstance(node, ast.Constant) else None
		if isinstance(text, str) and id(node) not in skipped and _SENTENCE.fullmatch(text):
			yield text


def _not_for_people(tree: ast.AST) -> Iterator[ast.AST]:
	"""Docstrings, annotations, parts of f-strings, and what goes to a log."""
	for node in ast.walk(tree):
		if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
			yield node.value
		elif isinstance(node, ast.JoinedStr) or (
			isinstance(node, ast.Call) and getattr(getattr(node.func, "value", None), "id", "") == "_log"
		):
			yield from ast.walk(node)


def in_commands(group: click.Group = banksync) -> set[str]:
	"""The help of commands and options, the meanings of exit codes, the stages of a progress bar, what to do about a connection, how balances compare."""
	found = {
		group.help or "",
		"Exit codes",
		*EXIT_CODES.values(),
		*STAGES.values(),
		*TO_DO.values(),
		*BALANCES,
	}
	for command in group.commands.values():
		found |= in_commands(command) if isinstance(command, click.Group) else {command.help or ""}
		found |= {option.help or "" for option in command.params if isinstance(option, click.Option)}
	return found - {""}


def in_doctypes() -> set[str]:
	found: set[str] = set()
	for path in (PACKAGE / "doctype").glob("*/*.json"):
		definition = json.loads(path.read_text("utf-8"))
		found.add(definition["name"])
		for field in definition["fields"]:
			found |= {field.get("label") or "", field.get("description") or ""}
			if field["fieldtype"] == "Select":
				found.update(field["options"].split("\n"))
	return found - {""}


def in_workspace() -> set[str]:
	"""Names and labels of pages, cards, charts and reports."""
	found: set[str] = set()
	for folder in ("workspace", "number_card", "dashboard_chart", "report"):
		for path in (PACKAGE / folder).glob("*/*.json"):
			record = json.loads(path.read_text("utf-8"))
			found.add(record["name"])
			for row in (*record.get("links", ()), *record.get("shortcuts", ())):
				found |= {row["label"], row.get("format") or ""}
	return found - {""}


def of_credentials() -> set[str]:
	"""The labels, hints and choices of the credentials that providers declare, as forms show them."""
	fields = [field for kind in provider_types() for field in provider_class(kind).credential_fields]
	choices = {choice_label(one, Translations("en")) for field in fields for one in field.choices}
	return choices | {said for field in fields for said in (field.label, field.help) if said}


def all_of_them() -> set[str]:
	states = set(COLORS) | {reason.value for reason in Reason if reason.value}
	states |= set(LABELS.values()) | {
		one.value for values in (PlanKind, PriceClass, institution_choice.Reason) for one in values
	}
	states |= set(operation_kind.LABELS.values()) | set(DELIMITERS.values())
	states |= {one for values in reading_questions.MEANINGS.values() for one in values.values()}
	states |= set(reading_questions.ROLE_LABELS.values()) | set(reading_questions.SETTING_LABELS.values())
	states |= {*SYSTEM_REASONS, "name"}
	said = in_scripts() | in_templates() | in_python() | in_commands() | in_doctypes() | in_workspace()
	singulars = {singular for _, singular in SINGULARS.values()}
	return (
		said | singulars | states | of_credentials() | set(SCOPES.values()) | INDIRECT | CLICKS_OWN
	) - _NOT_SAID
