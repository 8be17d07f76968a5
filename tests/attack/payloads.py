"""Markup in every text that a provider, a file or a user controls, and every page that may show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import requests

from dokos_banksync.hosts.standalone.ledger import schema
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer
from tests.attack.figures import Figure

PAYLOAD = "<img src=x onerror=alert(1)>\"'{{7*7}}"
MARKUP = re.compile(r"<img src=x|\"'\{\{7\*7|>49<")
"""What a page holds that shows the payload as markup, as the end of an attribute, or as a template's value."""
_KEPT = {"name", "creation", "modified", "parent", "parenttype", "parentfield", "doctype", "owner"}
_LISTS = (
	*("/bank", "/bank-account", "/bank-transaction", "/bank-transaction-category", "/sync-connection"),
	*("/sync-run", "/sync-certificate", "/sync-provider", "/new/sync-provider", "/new/bank-account"),
)
_FORMS = {
	"bank": "/bank/",
	"bank_account": "/bank-account/",
	"bank_transaction": "/bank-transaction/",
	"bank_transaction_category": "/bank-transaction-category/",
	"sync_connection": "/sync-connection/",
	"sync_line": "/sync-line/",
	"sync_run": "/sync-run/",
	"sync_provider": "/sync-provider/",
}


def attack(site: Site, server: WebServer) -> Iterator[Figure]:
	"""Put the payload into each field and walk the pages; yield the figures of fields and pages."""
	fields = list(_fill(site))
	failures = []
	paths = list(_pages(site))
	with requests.Session() as browser:
		browser.trust_env = False
		browser.get(server.new_entry(), timeout=30)
		for path in paths:
			answer = browser.get(server.url + path, timeout=30)
			if answer.status_code >= 500 or MARKUP.search(answer.text):
				failures.append(f"{path}: {answer.status_code}")
	yield Figure("fields with a payload", len(fields))
	yield Figure("pages walked with them", len(paths), failures)


def _fill(site: Site) -> Iterator[str]:
	"""Write the payload into each free text of each table that has rows, past every check."""
	for doctype, definition in schema.doctypes().items():
		for field in definition["fields"]:
			free = (
				field["fieldtype"] in ("Data", "Small Text", "Text", "Long Text")
				and field["fieldname"] not in _KEPT
			)
			if free and _write(site, schema.table(doctype), field["fieldname"]):
				yield f"{doctype}.{field['fieldname']}"


def _write(site: Site, table: str, column: str) -> bool:
	"""Return whether the column took the payload: some hold only what a rule of the table allows."""
	before = site.ledger.db.rows(f"SELECT name, {column} FROM {table}")
	if not before or column not in schema_columns(site, table):
		return False
	texts = [row[column] for row in before]
	if any(isinstance(text, str) and text[:1] in "{[" and text for text in texts):
		return False  # JSON of the program itself
	try:
		with site.ledger.db.write():
			site.ledger.db.run(f"UPDATE {table} SET {column} = ? || name", (PAYLOAD,))
	except Exception:  # noqa: BLE001 - a rule of the table refuses it: that is an answer as well
		return False
	if _is_broken(site):
		with site.ledger.db.write():
			site.ledger.db.run_many(
				f"UPDATE {table} SET {column} = ? WHERE name = ?", [(row[1], row[0]) for row in before]
			)
		return False
	return True


def schema_columns(site: Site, table: str) -> set[str]:
	return {row[1] for row in site.ledger.db.rows(f"PRAGMA table_info({table})")}


def _is_broken(site: Site) -> bool:
	"""Return whether the program can no longer read its own values: no user or provider writes those."""
	try:
		site.ledger.connections()
		site.ledger.runs("", 5)
		for line in site.ledger.lines("", held=False, limit=5):
			site.ledger.line_story(line.name)
		for row in site.ledger.transactions(limit=5):
			site.ledger.transaction_story(row.name)
		for record in site.ledger.connections():
			site.ledger.accounts(record.name)
	except Exception:  # noqa: BLE001 - a value of the program's own, such as a state
		return True
	return False


def _pages(site: Site) -> Iterator[str]:
	yield from _LISTS
	for table, prefix in _FORMS.items():
		for row in site.ledger.db.rows(f"SELECT name FROM {table} LIMIT 3"):
			yield prefix + quote(str(row["name"]), safe="")
