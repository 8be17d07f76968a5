"""The form scripts will run in the Desk: what they may and may not do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.actions.form_scripts import DESK_FORM, DESK_LIST, FORM, LIST, hook
from dokos_banksync.actions.registry import METHODS
from dokos_banksync.actions.state_colors import COLORS, script
from dokos_banksync.core.message import Message, message_data
from dokos_banksync.core.model import NEXT_STEP, ConnectionStatus, NextStep
from dokos_banksync.hosts.standalone.web.rendering import ASSETS, STATIC

SCRIPTS = sorted(ASSETS.rglob("*.js"))
STAND_IN = sorted(STATIC.glob("*.js"))
TEXTS = {path.relative_to(ASSETS).as_posix(): path.read_text("utf-8") for path in SCRIPTS}

DESK = frozenset(
	[
		"provide",
		"xcall",
		"ui.form.on",
		"ui.Dialog",
		"show_alert",
		"show_progress",
		"hide_progress",
		"msgprint",
		"confirm",
		"warn",
		"utils.get_form_link",
		"model.can_read",
		"model.can_write",
		"boot",
		"realtime.on",
		"realtime.emit",
		"realtime.socket",
		"ui.FieldGroup",
		"set_route",
		"route_options",
		"new_doc",
		"datetime.str_to_user",
		"utils.escape_html",
		"utils.debounce",
		"listview_settings",
	]
)
"""The part of the Desk's API that the scripts may use; each part is in Frappe 15."""
DESK_ALONE = frozenset({"dom", "model.can_create", "meta", "sys_defaults", "defaultDatetimeFormat"})
"""The same, for scripts that the standalone site does not serve."""


_NO_SCRIPTS = {"add_category", "rename_category", "delete_category"}
"""Called by the stand-in alone: the Desk has a tree of its own."""


def used(text: str) -> set[str]:
	return set(re.findall(r"\bfrappe\.((?:ui\.form\.|ui\.|utils\.|model\.|datetime\.|realtime\.)?\w+)", text))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_only_the_desks_own_api_is_used(path: Path) -> None:
	assert used(path.read_text("utf-8")) <= (DESK | DESK_ALONE if path.name.startswith("desk_") else DESK)


@pytest.mark.parametrize("path", [*SCRIPTS, *STAND_IN, *STATIC.glob("*.css")], ids=lambda path: path.name)
def test_files_stay_small(path: Path) -> None:
	lines = path.read_text("utf-8").count("\n")
	assert lines <= (150 if path in SCRIPTS else 350)


def test_every_call_is_one_that_the_server_knows() -> None:
	called = {
		name for text in TEXTS.values() for name in re.findall(r'"(dokos_banksync\.api\.\w+\.\w+)"', text)
	}
	of_the_host = {name for name in called if name.split(".")[2] in ("takeover", "jobs")}
	assert called - of_the_host == {path for path in METHODS if path.rpartition(".")[2] not in _NO_SCRIPTS}
	assert all(
		'"dokos_banksync.api.' in line
		for text in TEXTS.values()
		for line in text.splitlines()
		if re.search(r"\bxcall\(|banksync\.call\(", line) and "xcall(method, args)" not in line
	)


@pytest.mark.parametrize("table", [hook(FORM, DESK_FORM), hook(LIST, DESK_LIST)])
def test_scripts_of_one_form_do_not_share_top_level_names(table: dict[str, list[str]]) -> None:
	"""The Desk joins the scripts of a doctype into one: a second `const` of one name would break them all."""
	for named in table.values():
		text = "".join(TEXTS[name.removeprefix("public/js/")] for name in named)
		names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
		assert [name for name, times in Counter(names).items() if times > 1] == []


def test_each_state_has_the_action_of_the_engine_and_the_colour_of_the_pages() -> None:
	text = TEXTS["shared/state_table.js"]
	assert text == script(), "run python -m dokos_banksync.actions.state_colors"
	rows = re.findall(r'^\t"?([\w ]+?)"?: \{ color: "(\w+)", action: "(\w*)" \},$', text, re.MULTILINE)
	assert {state: action for state, _, action in rows if action} == {
		status.value: step.value for status, step in NEXT_STEP.items()
	}
	assert {state: color for state, color, _ in rows} == COLORS
	assert {status.value for status in ConnectionStatus} <= COLORS.keys()
	actions = re.search(r"banksync\.ACTIONS = \{(.*?)\n\};", TEXTS["shared/states.js"], re.DOTALL)
	assert actions is not None
	assert set(re.findall(r"^\t(\w+):", actions[1], re.MULTILINE)) == {step.value for step in NextStep}


def test_what_is_made_bold_is_escaped_first() -> None:
	"""A bank may be called `<img onerror=…>`; messages are written as HTML."""
	for path in (*SCRIPTS, *STAND_IN):
		for made in re.findall(r"([\w.()]+)\.bold\(\)", path.read_text("utf-8")):
			assert made.startswith("frappe.utils.escape_html("), f"{path.name}: {made}"


def test_no_script_builds_code_from_text() -> None:
	for path in (*SCRIPTS, *STAND_IN):
		text = path.read_text("utf-8")
		assert not re.search(r"\beval\(|new Function|setTimeout\(['\"]|\.style\b|document\.write", text), (
			path.name
		)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not there to read the scripts")
@pytest.mark.parametrize("doctype", sorted(FORM))
def test_the_joined_scripts_can_be_read_as_one_function(doctype: str) -> None:
	text = "".join(TEXTS[name] for name in FORM[doctype])
	program = f"new Function({json.dumps(text)})"
	subprocess.run(["node", "-e", program], check=True, timeout=30)


def test_no_script_decides_the_colour_of_a_state_again() -> None:
	scripts = [
		*SCRIPTS,
		*STAND_IN,
		*ASSETS.parents[1].glob("report/*/*.js"),
		*ASSETS.parents[1].glob("doctype/*/*.js"),
	]
	states = "|".join(COLORS)
	again = re.compile(rf'["\']?\b(?:{states})\b["\']?\s*: (?:\{{ color: )?"(?:green|orange|red|blue|gray)"')
	found = [path.name for path in scripts if again.search(path.read_text("utf-8"))]
	assert found == ["state_table.js"]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_form_makes_the_sentence_of_a_stored_message() -> None:
	"""`__` stands for the translation of the Desk, which knows these two templates."""
	data = message_data(Message("Row {0}: {1}", 4, Message("{0} is not an amount", "<b>{0}")))
	days = message_data(
		Message("{0}, {1}", date(2026, 11, 30), datetime(2026, 11, 30, 8, tzinfo=timezone.utc))
	)
	amounts = message_data(Message("{0} {1} {2}", Decimal("-0.125"), Decimal(0), Decimal("1234.5")))
	prepared = """
		const french = {"Row {0}: {1}": "Ligne {0} : {1}", "{0} is not an amount": "{0} n'est pas un montant"};
		globalThis.__ = (text, values) => (french[text] || text).replace(/\\{(\\d)\\}/g, (all, at) => values?.[at] ?? all);
		globalThis.banksync = {};
		globalThis.format_number = (value, format, decimals) => `<${value.toFixed(decimals)}`;
		globalThis.frappe = { provide() {}, datetime: { str_to_user: (day) => `the ${day}` }, utils: { escape_html: (text) => text.replaceAll("<", "&lt;") } };
	"""
	asked = f"""
		console.log(JSON.stringify([
			banksync.message("Row 4: x", {json.dumps(data)}),
			banksync.message("The bank is closed", ""),
			banksync.message(null, null),
			banksync.message("", {json.dumps(days)}),
			banksync.message("", {json.dumps(amounts)}),
			banksync.trigger_words({{ trigger: "merge", subject: "<A", target: "B" }}),
			banksync.trigger_words({{ trigger: "manual", subject: "" }}),
		]));
	"""
	program = prepared + TEXTS["shared/calls.js"] + asked
	done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
	assert json.loads(done.stdout) == [
		"Ligne 4 : &lt;b>{0} n'est pas un montant",
		"The bank is closed",
		"",
		"the 2026-11-30, the 2026-11-30T08:00:00+00:00",
		"&lt;-0.125 &lt;0.00 &lt;1234.50",
		"Merge of &lt;A into B",
		"A user",
	]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize(
	("state", "code", "color"),
	[
		("green", "BS-400", "orange"),
		("green", "", "blue"),
		("red", "BS-201", "red"),
		("orange", "", "orange"),
	],
)
def test_what_is_said_of_a_connection_is_never_green(state: str, code: str, color: str) -> None:
	row = {"name": "C", "message": "It failed", "code": code, "status": "Active"}
	prepared = f"""
		let form;
		globalThis.frappe = {{
			provide() {{}},
			ui: {{ form: {{ on: (_, handlers) => (form = handlers) }} }},
			utils: {{ escape_html: (text) => text }},
			xcall: async () => ({{ connections: [{json.dumps(row)}] }}),
		}};
		globalThis.banksync = {{
			listen() {{}}, newest: () => () => true, color: () => "{state}", may_act: () => false, STATES: {{ Active: {{}} }},
		}};
	"""
	asked = """
		const frm = { doc: { name: "C", bank: "B" }, is_new: () => false, set_intro: (text, color) => console.log(color) };
		form.refresh(frm);
	"""
	program = prepared + TEXTS["sync_connection/form.js"] + asked
	done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
	assert done.stdout.strip() == color
