"""The tables of the standalone ledger, made from the definitions of the doctypes.

One table per doctype, columns named like the fields. Money is an INTEGER in ten-thousandths of the currency's
unit, so that sums are exact and amounts can be indexed; days and UTC instants are ISO text. Passwords have no
column: they are in the vault.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import RunStatus
from dokos_banksync.hosts.standalone.ledger import movement_totals

DEFINITIONS = Path(__file__).parents[3] / "doctype"

VERSION = 20
"""Raised with every change of the tables; see `migrations`."""

_COLUMN = {
	"Check": "INTEGER NOT NULL DEFAULT {default}",
	"Int": "INTEGER NOT NULL DEFAULT 0",
	"Currency": "INTEGER",
	"Date": "TEXT",
	"Datetime": "TEXT",
}
_STRICT = " STRICT" if sqlite3.sqlite_version_info >= (3, 37) else ""
"""Where SQLite can, it refuses a value of another kind than the column's: no binary fraction among the money."""

_TEXT = "TEXT NOT NULL DEFAULT ''"
_NO_COLUMN = ("Section Break", "Column Break", "Table", "Password", "HTML")
_RECORDS = ("Sync Journal Entry", "Sync Coverage", "Sync Separate Pair")
"""Tables of numbered rows that outlive what they name: their links are plain text."""
_ON_DELETE = {("Sync Line", "bank_transaction"): "SET NULL", ("Bank Transaction", "category"): "SET NULL"}

_MORE_COLUMNS = {
	"Sync Remote Account": {
		"parent": "TEXT NOT NULL REFERENCES sync_connection (name) ON DELETE CASCADE",
		"idx": "INTEGER NOT NULL DEFAULT 0",
	},
	"Bank Transaction": {"amount": "INTEGER GENERATED ALWAYS AS (deposit - withdrawal) VIRTUAL"},
}
_KEYS = f"""
CREATE UNIQUE INDEX IF NOT EXISTS one_line ON sync_line (source, remote_id);
CREATE UNIQUE INDEX IF NOT EXISTS one_line_per_source ON sync_line (bank_transaction, source)
	WHERE bank_transaction IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS one_transaction ON bank_transaction (origin) WHERE origin <> '';
CREATE UNIQUE INDEX IF NOT EXISTS one_account ON sync_remote_account (parent, remote_id);
CREATE UNIQUE INDEX IF NOT EXISTS one_category ON bank_transaction_category (provider_type, remote_id)
	WHERE remote_id <> '';
CREATE INDEX IF NOT EXISTS transaction_match ON bank_transaction (bank_account, amount, date, name);
CREATE INDEX IF NOT EXISTS transaction_page ON bank_transaction (date, name);
CREATE INDEX IF NOT EXISTS transaction_account_page ON bank_transaction (bank_account, date, name);
CREATE INDEX IF NOT EXISTS transaction_category ON bank_transaction (category, date, name)
	WHERE category IS NOT NULL;
CREATE INDEX IF NOT EXISTS transaction_unmade ON bank_transaction (bank_account, transaction_id)
	WHERE (origin IS NULL OR origin = '');
CREATE INDEX IF NOT EXISTS line_deleted ON sync_line (bank_account, amount, date)
	WHERE deleted_transaction <> '';
CREATE INDEX IF NOT EXISTS line_deleted_transaction ON sync_line (deleted_transaction) WHERE deleted_transaction <> '';
CREATE INDEX IF NOT EXISTS line_unassigned ON sync_line (bank_account, date)
	WHERE coalesce(bank_transaction, '') = '';
CREATE INDEX IF NOT EXISTS line_reason ON sync_line (source, reason) WHERE reason <> '';
CREATE INDEX IF NOT EXISTS line_asked ON sync_line (date) WHERE reason = '{Reason.AMBIGUOUS.value}';
CREATE INDEX IF NOT EXISTS line_unlisted ON sync_line (bank_account, date) WHERE reason = '{Reason.UNLISTED.value}';
CREATE INDEX IF NOT EXISTS line_refused ON sync_line (run, bank_account) WHERE reason = '{Reason.REFUSED.value}';
CREATE INDEX IF NOT EXISTS line_connection ON sync_line (connection) WHERE connection IS NOT NULL;
CREATE INDEX IF NOT EXISTS run_latest ON sync_run (connection, started_at);
CREATE INDEX IF NOT EXISTS run_page ON sync_run (started_at, name);
CREATE INDEX IF NOT EXISTS run_ended ON sync_run (ended_at);
CREATE INDEX IF NOT EXISTS run_open ON sync_run (connection) WHERE status = '{RunStatus.RUNNING.value}';
CREATE INDEX IF NOT EXISTS journal_run_account ON sync_journal_entry (run, bank_account);
CREATE INDEX IF NOT EXISTS journal_line ON sync_journal_entry (source, remote_id);
CREATE INDEX IF NOT EXISTS journal_transaction ON sync_journal_entry (bank_transaction)
	WHERE bank_transaction <> '';
CREATE INDEX IF NOT EXISTS coverage_account ON sync_coverage (bank_account, first_day);
CREATE INDEX IF NOT EXISTS coverage_source ON sync_coverage (source, bank_account, complete, last_day);
CREATE INDEX IF NOT EXISTS coverage_run ON sync_coverage (run);
CREATE INDEX IF NOT EXISTS coverage_undo ON sync_coverage (changed_by_undo) WHERE changed_by_undo <> '';
CREATE INDEX IF NOT EXISTS certificate_account ON sync_certificate (bank_account, name);
CREATE INDEX IF NOT EXISTS remote_account_feeds ON sync_remote_account (bank_account);
CREATE UNIQUE INDEX IF NOT EXISTS one_pair ON sync_separate_pair (one, other);
"""
_OWN_TABLES = """
CREATE TABLE IF NOT EXISTS vault (
	owner TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (owner, field)
);
CREATE TABLE IF NOT EXISTS provider_secret (
	provider TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at TEXT NOT NULL,
	PRIMARY KEY (provider, key)
);
CREATE TABLE IF NOT EXISTS mark (key TEXT PRIMARY KEY, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS provider_call (provider TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS provider_call_key ON provider_call (provider, key, at);
CREATE TABLE IF NOT EXISTS provider_limit (
	provider TEXT NOT NULL, key TEXT NOT NULL, calls INTEGER NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (provider, key)
);
CREATE TABLE IF NOT EXISTS statement_mapping (
	bank TEXT NOT NULL REFERENCES bank (name), signature TEXT NOT NULL, mapping TEXT NOT NULL,
	PRIMARY KEY (bank, signature)
);
CREATE TABLE IF NOT EXISTS series (name TEXT PRIMARY KEY, current INTEGER NOT NULL);
"""


def table(doctype: str) -> str:
	"""Return the table of a doctype: that of `Sync Line` is `sync_line`."""
	return doctype.lower().replace(" ", "_")


@lru_cache(maxsize=1)
def doctypes() -> Mapping[str, Mapping[str, Any]]:
	"""Return the definitions by name of doctype."""
	found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(DEFINITIONS.glob("*/*.json")))
	return {one["name"]: one for one in found}


@lru_cache(maxsize=64)
def columns(doctype: str) -> dict[str, str]:
	"""Return the declarations of the columns of a doctype's table, by name."""
	numbered = doctypes()[doctype].get("autoname") == "autoincrement"
	declared = {
		"name": "INTEGER PRIMARY KEY" if numbered else "TEXT PRIMARY KEY",
		"creation": "TEXT",
		"modified": "TEXT",
	}
	for field in doctypes()[doctype]["fields"]:
		if field["fieldtype"] not in _NO_COLUMN:
			declared[field["fieldname"]] = _declare(doctype, field)
	return {**declared, **_MORE_COLUMNS.get(doctype, {})}


def links_to(doctype: str) -> Iterator[tuple[str, str]]:
	"""Yield table and column of each link to a doctype."""
	for name, definition in doctypes().items():
		for field in definition["fields"]:
			if field["fieldtype"] == "Link" and field.get("options") == doctype:
				yield table(name), field["fieldname"]


def _declare(doctype: str, field: Mapping[str, Any]) -> str:
	kind = field["fieldtype"]
	if kind == "Link" and doctype not in _RECORDS:
		action = _ON_DELETE.get((doctype, field["fieldname"]))
		return f"TEXT REFERENCES {table(field['options'])} (name)" + (
			f" ON DELETE {action}" if action else ""
		)
	return _COLUMN.get(kind, _TEXT).format(default=field.get("default", "0"))


def statements() -> Iterator[str]:
	"""Yield what makes an empty database ours; harmless when it is made already."""
	for doctype in doctypes():
		declared = ", ".join(f'"{name}" {kind}' for name, kind in columns(doctype).items())
		yield f"CREATE TABLE IF NOT EXISTS {table(doctype)} ({declared}){_STRICT}"
	for script in (_OWN_TABLES, _KEYS):
		yield from (one for one in script.split(";") if one.strip())
	yield movement_totals.TABLE
	yield from movement_totals.TRIGGERS
