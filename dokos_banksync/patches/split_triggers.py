"""Split what started a run, once a text such as `file NAME` or `merge ONE into OTHER`, into its fields."""

from __future__ import annotations

import frappe

from dokos_banksync.core.model import Trigger

_WORDS = ("file", "undo", "delete", "answer")


def execute() -> None:
	"""Rewrite the triggers of stored runs. Triggers that are fields already stay."""
	known = [trigger.value for trigger in Trigger]
	rows = frappe.get_all("Sync Run", filters={"trigger": ["not in", known]}, fields=["name", "trigger"])
	for row in rows:
		trigger, subject, target = split(row.trigger or "")
		values = {"trigger": trigger.value, "subject": subject, "target": target}
		frappe.db.set_value("Sync Run", row.name, values, update_modified=False)


def split(text: str) -> tuple[Trigger, str, str]:
	"""Return trigger, subject and target of a text; a text that nothing is known of is a run by hand."""
	word, _, rest = text.partition(" ")
	if word == "merge" and " into " in rest:
		subject, _, target = rest.partition(" into ")
		return Trigger.MERGE, subject, target
	if word in _WORDS and rest:
		return Trigger(word), rest, ""
	return Trigger.MANUAL, "", ""
