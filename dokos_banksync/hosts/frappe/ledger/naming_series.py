"""Names out of a series, many at once: the series' row is locked while a batch is stored, never while one is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import frappe
from frappe.model.naming import parse_naming_series

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.storage.sql import TRANSACTION

_ADVANCED = """
	INSERT INTO `tabSeries` (`name`, `current`) VALUES (%s, %s)
	ON DUPLICATE KEY UPDATE `current` = `current` + VALUES(`current`) RETURNING `current`
"""


def series(prefix: str, digits: int, count: int) -> list[str]:
	"""Return the next names of a series, taken when the database transaction is committed."""
	last = _advance(prefix, count)
	return [f"{prefix}{number:0{digits}d}" for number in range(last - count + 1, last + 1)]


def _advance(prefix: str, count: int) -> int:
	"""Return the last of the next `count` numbers."""
	if sql.is_recent_mariadb():
		return int(sql.value(_ADVANCED, (prefix, count)))
	current = sql.value("SELECT `current` FROM `tabSeries` WHERE `name` = %s FOR UPDATE", (prefix,))
	if current is None:
		sql.run("INSERT INTO `tabSeries` (`name`, `current`) VALUES (%s, %s)", (prefix, count))
	else:
		sql.run("UPDATE `tabSeries` SET `current` = `current` + %s WHERE `name` = %s", (count, prefix))
	return int(current or 0) + count


def pattern(template: Any) -> tuple[str, int] | None:
	"""Return prefix and digits of the series that a Bank Transaction would be named by.

	None when its name is not just a number in one series for all of its kind: the document then names itself.
	"""
	rule = frappe.get_meta(TRANSACTION).autoname or ""
	rule_text = template.get("naming_series") if rule == "naming_series:" else rule
	if (
		not rule_text
		or ":" in rule_text
		or "{" in rule_text
		or "#" not in _with_digits(rule_text)
		or _has_rules()
	):
		return None
	asked: list[tuple[str, int]] = []

	def number(prefix: str, digits: int) -> str:
		"""Record which counter Frappe asks for, instead of advancing it."""
		asked.append((prefix, digits))
		return ""

	parts: Sequence[str] = _with_digits(rule_text).split(".")
	if _of_fields(parts):
		return None
	rest = parse_naming_series(list(parts), TRANSACTION, template, number_generator=number)
	return asked[0] if len(asked) == 1 and rest == asked[0][0] else None


def _with_digits(rule_text: str) -> str:
	return rule_text if "#" in rule_text else f"{rule_text}.#####"


def _of_fields(parts: Sequence[str]) -> bool:
	"""Names that a document's own values are part of differ from row to row."""
	meta = frappe.get_meta(TRANSACTION)
	return any(meta.has_field(part) for part in parts if part)


def _has_rules() -> bool:
	rules = "Document Naming Rule"
	return bool(frappe.db.exists("DocType", rules)) and bool(
		frappe.db.exists(rules, {"document_type": TRANSACTION, "disabled": 0})
	)
