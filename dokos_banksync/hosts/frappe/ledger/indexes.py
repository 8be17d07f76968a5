"""Keys that no definition of a doctype can state, made after every migration."""

from __future__ import annotations

from collections.abc import Iterator

import frappe

from dokos_banksync.hosts.frappe.ledger.fields import OURS, site_fields
from dokos_banksync.hosts.storage.dialect import Server
from dokos_banksync.hosts.storage.sql import (
	COVERAGE,
	JOURNAL,
	JOURNAL_BY_LINE,
	JOURNAL_BY_TRANSACTION,
	LINE,
	REMOTE,
	RUN,
	TRANSACTION,
	UNMADE,
)

_EXACT = (
	*((LINE, "source"), (LINE, "remote_id"), (REMOTE, "remote_id")),
	*((JOURNAL, "source"), (JOURNAL, "remote_id"), (COVERAGE, "source")),
)
"""Ids of providers: upper and lower case are two ids, whatever the language of the site."""


_EXACTLY = "utf8mb4_nopad_bin"
"""Letter by letter, spaces at the end included."""


_REPLACED = (
	(LINE, "banksync_stands_for"),
	(JOURNAL, "banksync_journal_run"),
	(COVERAGE, "banksync_coverage_source"),
)
"""Indexes of earlier versions that have another name now, or other columns."""


def ensure() -> None:
	"""Make what is missing. May be called again and again."""
	_make_exact()
	for doctype, name in _REPLACED:
		if _has_index(doctype, name):
			_drop(doctype, name)
	for doctype, columns, name in _unique():
		if not _has_index(doctype, name):
			frappe.db.add_unique(doctype, columns, name)
	for doctype, columns, name in _plain():
		if not _has_index(doctype, name):
			frappe.db.add_index(doctype, columns, name)


def drop_from_host() -> None:
	"""Drop our indexes of the host's table. Our own doctypes are gone by then, so no definition is asked."""
	for name in _names_on_host():
		_drop(TRANSACTION, name)


def _drop(doctype: str, name: str) -> None:
	if frappe.db.db_type == Server.MARIADB:
		frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` DROP INDEX `{name}`")
	else:
		frappe.db.sql_ddl(f'DROP INDEX IF EXISTS "{name}"')


def _names_on_host() -> list[str]:
	if frappe.db.db_type == Server.MARIADB:
		catalogue = (
			"SELECT DISTINCT index_name FROM information_schema.statistics "
			"WHERE table_schema = DATABASE() AND table_name = %s"
		)
	else:
		catalogue = "SELECT indexname FROM pg_indexes WHERE tablename = %s"
	found = frappe.db.sql(catalogue, (f"tab{TRANSACTION}",), pluck=True)
	return [name for name in found if name.startswith(OURS)]


def _unique() -> Iterator[tuple[str, list[str], str]]:
	yield LINE, ["source", "remote_id"], "banksync_one_line"
	yield REMOTE, ["parent", "remote_id"], "banksync_one_account"


def _plain() -> Iterator[tuple[str, list[str], str]]:
	fields = site_fields()
	yield TRANSACTION, ["bank_account", fields.origin, fields.remote_id], UNMADE
	for column in fields.money_columns:
		yield TRANSACTION, ["bank_account", column, "date"], f"banksync_{column}"
	yield TRANSACTION, ["bank_account", "date"], "banksync_day"
	yield LINE, ["bank_account", "amount", "date"], "banksync_content"
	yield LINE, ["source", "reason"], "banksync_reason"
	yield LINE, ["reason", "bank_account"], "banksync_waits"
	yield LINE, ["deleted_transaction"], "banksync_deleted_transaction"
	yield JOURNAL, ["run", "bank_account"], "banksync_journal_run_account"
	yield JOURNAL, ["source", "remote_id"], JOURNAL_BY_LINE
	yield JOURNAL, ["bank_transaction"], JOURNAL_BY_TRANSACTION
	yield COVERAGE, ["bank_account", "first_day"], "banksync_coverage"
	yield COVERAGE, ["source", "bank_account", "complete", "last_day"], "banksync_source_coverage"
	yield COVERAGE, ["run"], "banksync_coverage_run"
	yield COVERAGE, ["changed_by_undo"], "banksync_coverage_undo"
	yield RUN, ["ended_at"], "banksync_run_ended"
	yield RUN, ["status", "connection"], "banksync_run_open"
	yield REMOTE, ["bank_account"], "banksync_feeds"
	if frappe.db.db_type == Server.POSTGRES:
		yield from _crowded_out()


def _crowded_out() -> Iterator[tuple[str, list[str], str]]:
	"""Frappe names an index by its column, and Postgres has one of a name in a site: the first table gets it."""
	for column in ("bank_transaction", "connection", "run"):
		yield LINE, [column], f"banksync_line_{column}"
	yield RUN, ["connection"], "banksync_run_connection"


def _make_exact() -> None:
	"""Only MariaDB compares without case by itself."""
	if frappe.db.db_type != Server.MARIADB:
		return
	exact = [*_EXACT, (TRANSACTION, site_fields().origin)]
	for doctype, column in exact:
		found = frappe.db.sql(
			"""
			SELECT column_type, collation_name FROM information_schema.columns
			WHERE table_schema = DATABASE() AND table_name = %s AND column_name = %s
			""",
			(f"tab{doctype}", column),
		)
		if found and found[0][1] != _EXACTLY:
			frappe.db.sql_ddl(
				f"ALTER TABLE `tab{doctype}` MODIFY `{column}` {found[0][0]} "
				f"CHARACTER SET utf8mb4 COLLATE {_EXACTLY}"
			)


def _has_index(doctype: str, name: str) -> bool:
	if frappe.db.db_type == Server.MARIADB:
		return bool(frappe.db.sql(f"SHOW INDEX FROM `tab{doctype}` WHERE Key_name = %s", (name,)))
	return bool(frappe.db.sql("SELECT 1 FROM pg_indexes WHERE indexname = %s", (name,)))
