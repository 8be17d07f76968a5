"""What is measured, each in a process of its own in the bench: `… measures SITE NAME ADDRESS ROWS`.

- `import`: connect the sandbox bank, import its history, then empty runs;
- `rows`: INSERT of what the last import left, into tables of the same columns and keys;
- `documents`: insert and submit the same bank transactions one by one;
- `plaid`: the same through the host's own Plaid code.

Everything that it makes on the site belongs to the bank "Benchmark", and is taken away at the next start.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import frappe
import requests

from dokos_banksync.actions import site as desk
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.provider import Secret
from dokos_banksync.core.subscription import Subscription
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.hosts.frappe.ledger.fields import site_fields
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET
from dokos_banksync.sandbox.user import Customer

BANK = "Benchmark"
PROVIDER = "Benchmark"
START = datetime(2026, 11, 16, 9, tzinfo=timezone.utc)
CALLBACK = "http://127.0.0.1:9/back"
TRANSACTION = "Bank Transaction"
statements = [0]


class Unlimited:
	"""Counts nothing: the provider's limits are not what is measured."""

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> None:
		"""Return None: no call waits."""


def count_statements() -> None:
	"""Count the SQL statements of this process in `statements`."""
	from frappe.database.database import Database

	plain = Database.sql

	def counted(self: Any, *args: Any, **more: Any) -> Any:
		statements[0] += 1
		return plain(self, *args, **more)

	Database.sql = counted


def clean() -> None:
	"""Remove all that an earlier measure left in the site."""
	accounts = frappe.get_all("Bank Account", filters={"bank": BANK}, pluck="name")
	connections = frappe.get_all("Sync Connection", filters={"bank": BANK}, pluck="name")
	names = f"SELECT name FROM `tab{TRANSACTION}` WHERE bank_account IN %s"
	if accounts:
		frappe.db.sql(f"DELETE FROM `tabVersion` WHERE docname IN ({names})", (accounts,))
	for doctype, field, values in (
		(TRANSACTION, "bank_account", accounts),
		("Sync Line", "bank_account", accounts),
		("Sync Journal Entry", "bank_account", accounts),
		("Sync Coverage", "bank_account", accounts),
		("Sync Remote Account", "parent", connections),
		("Sync Run", "connection", connections),
		("Sync Connection", "name", connections),
		("Bank Account", "name", accounts),
		("Sync Provider", "name", [PROVIDER]),
	):
		if values:  # an empty list would be taken for the empty value
			frappe.db.delete(doctype, {field: ("in", values)})
	if frappe.db.exists("DocType", "Account"):
		frappe.db.delete("Account", {"account_name": BANK})
	frappe.db.commit()


# -- ours ----------------------------------------------------------------------------------------------
def whole(url: str, rows: int) -> dict[str, Any]:
	"""Measure an import through the sandbox bank and the runs of the days after it."""
	clean()
	FrappeLedger.rate_limits = lambda self, provider: Unlimited()
	clock = [START]
	site = desk.Site(FrappeLedger(lambda: clock[0]), lambda: clock[0])
	connection = connect(site, url, rows)
	found = timed(lambda: site.sync(connection), rows)
	for _ in range(3):
		clock[0] += timedelta(days=1)
		requests.post(f"{url}/_sandbox/clock", json={"advance_days": 1}).raise_for_status()
		fresh = desk.Site(FrappeLedger(lambda: clock[0]), lambda: clock[0])
		found["empty"] = timed(lambda site=fresh: site.sync(connection), rows)
	return found


def connect(site: desk.Site, url: str, rows: int) -> str:
	"""Connect the sandbox bank, link its account, and return the connection's name."""
	texts, secrets = {"client_id": CLIENT_ID}, {"client_secret": Secret(CLIENT_SECRET)}
	site.ledger.add_provider("Bridge", Subscription(PROVIDER, texts, secrets, url), "Sandbox")
	link = site.begin_connect(BANK, PROVIDER, "574", CALLBACK, "me", "a@example.org")
	back = Customer(login=f"volume-{rows}", institution=574).consent(link.url)
	result = site.finish(link.state, dict(parse_qsl(urlsplit(back).query)), "me")
	site.link(link.connection, [Choice(result.accounts[0].source, BANK)])
	return link.connection


# -- what it is held against ------------------------------------------------------------------------------
def imported(limit: int) -> list[dict[str, Any]]:
	"""Return the stored bank transactions of the measured account, `limit` at most."""
	account = frappe.get_all("Bank Account", filters={"bank": BANK}, pluck="name")[0]
	return frappe.db.sql(
		f"SELECT * FROM `tab{TRANSACTION}` WHERE bank_account = %s LIMIT %s", (account, limit), as_dict=True
	)


def plain_rows(_url: str, rows: int) -> dict[str, Any]:
	"""Through the driver's own `executemany`, in one transaction."""
	account = frappe.get_all("Bank Account", filters={"bank": BANK}, pluck="name")[0]
	kept = {}
	for doctype in (TRANSACTION, "Sync Line"):
		kept[doctype] = frappe.db.sql(f"SELECT * FROM `tab{doctype}` WHERE bank_account = %s", (account,))
		frappe.db.sql(f"DROP TABLE IF EXISTS `banksync floor {doctype}`")
		frappe.db.sql(f"CREATE TABLE `banksync floor {doctype}` LIKE `tab{doctype}`")

	def insert() -> None:
		for doctype, values in kept.items():
			marks = ", ".join(["%s"] * len(values[0]))
			frappe.db._cursor.executemany(f"INSERT INTO `banksync floor {doctype}` VALUES ({marks})", values)
		frappe.db.commit()

	found = timed(insert, rows)
	for doctype in kept:
		frappe.db.sql(f"DROP TABLE `banksync floor {doctype}`")
	return found


def documents(_url: str, rows: int) -> dict[str, Any]:
	"""As many commits as documents, as code that stores one at a time has."""
	given = [_anew(row) for row in imported(rows)]

	def store() -> None:
		for one in given:
			doc = frappe.get_doc(one).insert()
			if doc.meta.is_submittable:
				doc.submit()
			frappe.db.commit()

	return timed(store, len(given))


def _anew(row: dict[str, Any]) -> dict[str, Any]:
	own = ("name", "docstatus", "transaction_id", "reference_number", "banksync_origin", "origin", "status")
	return {"doctype": TRANSACTION, **{k: v for k, v in row.items() if k not in own and v is not None}}


def plaid(_url: str, rows: int) -> dict[str, Any]:
	"""Measure ERPNext's own Plaid import of the same rows."""
	from erpnext.erpnext_integrations.doctype.plaid_settings.plaid_settings import new_bank_transaction

	fields, kept = site_fields(), imported(rows)
	frappe.db.set_value("Bank Account", kept[0]["bank_account"], "integration_id", "benchmark")
	given = [
		{
			"account_id": "benchmark",
			"amount": float((row[fields.outflow] or 0) - (row[fields.inflow] or 0)),
			"date": str(row["date"]),
			"transaction_id": f"benchmark {number}",
			"pending": False,
			"category": ["Food", "Coffee"],
			"category_id": "13005043",
			"iso_currency_code": row["currency"],
			"transaction_code": "purchase",
			"check_number": None,
			"payment_meta": {"payment_method": None, "reference_number": None},
			"name": row["description"],
		}
		for number, row in enumerate(kept)
	]

	def store() -> None:
		for one in given:
			new_bank_transaction(one)
			frappe.db.commit()

	return timed(store, len(given))


def timed(work: Callable[[], object], rows: int) -> dict[str, Any]:
	"""Run `work` and return its seconds, SQL statements and peak memory in MB."""
	spent, begun = statements[0], perf_counter()
	work()
	seconds = perf_counter() - begun
	peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
	return {"rows": rows, "seconds": seconds, "sql": statements[0] - spent, "peak_mb": peak}


MEASURES = {"import": whole, "rows": plain_rows, "documents": documents, "plaid": plaid}

if __name__ == "__main__":
	at, name, address, size = sys.argv[1:]
	frappe.init(site=at)
	frappe.connect()
	frappe.set_user("Administrator")
	count_statements()
	print(json.dumps(MEASURES[name](address, int(size))))
	frappe.destroy()
