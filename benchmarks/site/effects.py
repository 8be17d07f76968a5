"""What an import means for the site afterwards: `… effects SITE NAME`, after the measure `import`.

- `views`: the host's own list of bank transactions and its reconciliation tool, our sum of movements, and sizes on disk;
- `undo`: the import undone, and done again.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Any

import frappe

from benchmarks.site.measures import BANK, TRANSACTION, count_statements, timed
from dokos_banksync.hosts.frappe.ledger import FrappeLedger

TABLES = (TRANSACTION, "Sync Line", "Sync Journal Entry")
_SIZE = """
	SELECT data_length + index_length FROM information_schema.tables
	WHERE table_schema = DATABASE() AND table_name = %s
"""
_RAW = "SELECT SUM(LENGTH(raw)) FROM `tabSync Line`"
_PAGE = 20
_TRIES = 5


def _account() -> str:
	name: str = frappe.get_all("Bank Account", filters={"bank": BANK}, pluck="name")[0]
	return name


def _best(work: Any) -> float:
	"""Return the milliseconds of the quickest of some tries."""
	spent = []
	for _ in range(_TRIES):
		begun = perf_counter()
		work()
		spent.append(perf_counter() - begun)
	return min(spent) * 1000


def views() -> dict[str, Any]:
	"""Return milliseconds by what was asked, and bytes a row by table with its indexes."""
	account = _account()
	fields = ["name", "date", "bank_account", "description", "status"]
	order = {"order_by": "modified desc", "limit_page_length": _PAGE}
	of_account = {"bank_account": account}
	asked = {
		"the list of bank transactions": lambda: frappe.get_list(TRANSACTION, fields=fields, **order),
		"the same of one account": lambda: frappe.get_list(
			TRANSACTION, filters=of_account, fields=fields, **order
		),
		"our sum of the account's movements": lambda: FrappeLedger().movements(account),
	}
	tool = _reconciliation_tool()
	if tool:
		asked["the host's reconciliation tool, all open rows"] = lambda: tool(account)
	return {"ms": {label: _best(work) for label, work in asked.items()}, "bytes": _sizes()}


def _reconciliation_tool() -> Any:
	try:
		from erpnext.accounts.doctype.bank_reconciliation_tool import bank_reconciliation_tool
	except ImportError:
		return None
	return getattr(bank_reconciliation_tool, "get_bank_transactions", None)


def _sizes() -> dict[str, float]:
	found = {}
	for doctype in TABLES:
		frappe.db.sql(f"ANALYZE TABLE `tab{doctype}`")
		rows = frappe.db.count(doctype)
		found[doctype] = int(frappe.db.sql(_SIZE, (f"tab{doctype}",))[0][0]) / max(rows, 1)
	lines = frappe.db.count("Sync Line")
	found["of the line: the provider's answer"] = float(frappe.db.sql(_RAW)[0][0] or 0) / max(lines, 1)
	return found


def undo() -> dict[str, Any]:
	"""Return what the undo of the import took, and what it took to do it again."""
	connections = frappe.get_all("Sync Connection", filters={"bank": BANK}, pluck="name")
	run, rows = frappe.get_all(
		"Sync Run",
		{"connection": ("in", connections)},
		["name", "created"],
		order_by="created desc",
		as_list=True,
	)[0]
	ledger, done = FrappeLedger(), {}

	def undone(name: str) -> None:
		done["run"] = ledger.undo(name).run.name
		frappe.db.commit()

	first = timed(lambda: undone(run), rows)
	left = frappe.db.count(TRANSACTION, {"bank_account": _account()})
	again = timed(lambda: undone(done["run"]), rows)
	back = frappe.db.count(TRANSACTION, {"bank_account": _account()})
	return {"undo": first, "redo": again, "left": left, "back": back}


EFFECTS = {"views": views, "undo": undo}

if __name__ == "__main__":
	at, name = sys.argv[1:3]
	frappe.init(site=at)
	frappe.connect()
	frappe.set_user("Administrator")
	count_statements()
	print(json.dumps(EFFECTS[name]()))
	frappe.destroy()
