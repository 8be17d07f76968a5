"""Lines and bank transactions between their rows and the neutral model."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date

from dokos_banksync.core.model import (
	SUPPRESSED,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	LineState,
	Reason,
)
from dokos_banksync.hosts.standalone.ledger.values import (
	amount_out,
	day_in,
	day_out,
	instant_in,
	instant_out,
	money_in,
)

RECONCILED = "Reconciled"
_BETWEEN = "\x1f"

SPEAKS = """(
	{line}.connection IS NULL
	OR EXISTS (
		SELECT 1 FROM sync_remote_account a JOIN sync_connection c ON c.name = a.parent
		WHERE a.name = {line}.source AND a.bank_account = {line}.bank_account AND NOT a.gone
			AND c.status <> 'Disconnected'
	)
)"""
"""Lines of accounts that no longer feed the bank account speak for nothing: nobody would take them back. Those of
files, which have no connection, speak for good."""

TRANSACTION = f"""
	t.name t_name, t.date t_date, t.amount t_amount, t.currency t_currency, t.description t_description,
	coalesce(t.category, '') t_category, t.status = '{RECONCILED}' t_reconciled,
	(SELECT group_concat(live.source, char(31)) FROM sync_line live WHERE live.bank_transaction = t.name) sources,
	(SELECT min(live.original) FROM sync_line live WHERE live.bank_transaction = t.name) t_original,
	t.reference_number t_reference, t.bank_party_iban t_party_iban
"""
"""Columns of a `KnownTransaction`; only live lines are tied to a bank transaction."""


KNOWN = f"""
	SELECT l.*, coalesce(a.remote_id, l.source) remote_account, {TRANSACTION}
	FROM {{}} sync_line l
	LEFT JOIN sync_remote_account a ON a.name = l.source
	LEFT JOIN bank_transaction t ON t.name = l.bank_transaction
	WHERE l.source = ? AND {{}}
"""
"""Lines of one source with their bank transactions; to be filled with more tables, and with a condition."""


def transaction_out(row: sqlite3.Row) -> ExistingTransaction:
	return ExistingTransaction(
		row["t_name"],
		date.fromisoformat(row["t_date"]),
		amount_out(row["t_amount"]),
		row["t_currency"],
		row["t_description"],
		row["t_original"] or row["t_description"],
		row["t_category"],
		bool(row["t_reconciled"]),
		deleted=False,
		sources=frozenset(row["sources"].split(_BETWEEN)) if row["sources"] else frozenset(),
		reference=row["t_reference"],
		party_iban=row["t_party_iban"],
	)


def deleted_out(row: sqlite3.Row) -> ExistingTransaction:
	"""A bank transaction that a person deleted, as its lines remember it."""
	return ExistingTransaction(
		row["deleted_transaction"],
		date.fromisoformat(row["date"]),
		amount_out(row["amount"]),
		row["currency"],
		row["description"],
		row["original"],
		"",
		reconciled=False,
		deleted=True,
		sources=frozenset(row["sources"].split(_BETWEEN)) if row["sources"] else frozenset(),
	)


def line_out(row: sqlite3.Row, remote_account: str) -> Line:
	return Line(
		remote_account,
		row["remote_id"],
		date.fromisoformat(row["date"]),
		amount_out(row["amount"]),
		row["currency"],
		row["description"],
		row["original"],
		LineState(row["state"]),
		day_out(row["value_date"]),
		day_out(row["transaction_date"]),
		row["category"],
		row["kind"],
		row["party_name"],
		row["party_iban"],
		row["reference"],
		instant_out(row["remote_updated_at"]),
		row["raw"],
	)


def known_out(row: sqlite3.Row) -> ExistingLine:
	"""A line with its bank transaction; for one deleted by a person, with what the line remembers."""
	line = line_out(row, row["remote_account"])
	transaction = None
	if row["t_name"]:
		transaction = transaction_out(row)
	elif row["deleted_transaction"]:
		transaction = ExistingTransaction(
			*(row["deleted_transaction"], line.date, line.amount, line.currency),
			*(line.description, line.original, ""),
			reconciled=False,
			deleted=True,
			sources=frozenset({row["source"]}),
		)
	return ExistingLine(row["name"], line, Reason(row["reason"]), transaction)


LINE_COLUMNS = (
	*("name", "creation", "modified", "source", "remote_id", "connection", "bank_account", "date", "amount"),
	*("currency", "description", "original", "state", "reason", "note", "bank_transaction"),
	*("deleted_transaction", "value_date", "transaction_date", "category", "kind", "party_name"),
	*("party_iban", "reference", "remote_updated_at", "run", "raw"),
)
_KEPT = ("name", "creation", "source", "remote_id", "note")
PUT_LINE = f"""
	INSERT INTO sync_line ({", ".join(LINE_COLUMNS)}) VALUES ({", ".join("?" * len(LINE_COLUMNS))})
	ON CONFLICT (source, remote_id) DO UPDATE SET
	{", ".join(f"{name} = excluded.{name}" for name in LINE_COLUMNS if name not in _KEPT)},
	note = CASE WHEN excluded.note = '' AND excluded.reason = reason THEN note ELSE excluded.note END
"""
"""How a line was recognised is not forgotten when the bank changes its label."""


def line_in(
	name: str, made: Decision, connection: str | None, linked: str | None, run: str, stamp: str | None
) -> tuple[object, ...]:
	"""Values of `PUT_LINE`. `tied` is the bank transaction that the line belongs to from now on."""
	line = made.line
	deleted = made.transaction if made.reason in SUPPRESSED else ""
	return (
		*(name, stamp, stamp, made.source, line.remote_id, connection, made.bank_account),
		*(line.date.isoformat(), money_in(line.amount), line.currency, line.description, line.original),
		*(line.state.value, made.reason.value, made.note, linked, deleted),
		*(day_in(line.value_date), day_in(line.transaction_date), line.category, line.kind),
		*(line.party_name, line.party_iban, line.reference, instant_in(line.updated_at), run, line.raw),
	)


TRANSACTION_COLUMNS = (
	*("name", "creation", "modified", "date", "bank_account", "deposit", "withdrawal", "currency"),
	*("description", "category", "transaction_id", "origin", "reference_number", "transaction_type"),
	*("bank_party_name", "bank_party_iban", "status", "allocated_amount", "unallocated_amount"),
)
PUT_TRANSACTION = f"""
	INSERT INTO bank_transaction ({", ".join(TRANSACTION_COLUMNS)})
	VALUES ({", ".join("?" * len(TRANSACTION_COLUMNS))})
"""


def transaction_in(
	name: str, made: Decision, categories: Mapping[str, str], stamp: str | None
) -> tuple[object, ...]:
	"""Values of `PUT_TRANSACTION`. `categories` gives the host's category for the provider's id."""
	line = made.line
	amount = money_in(line.amount) or 0
	return (
		*(name, stamp, stamp, line.date.isoformat(), made.bank_account, max(amount, 0), max(-amount, 0)),
		*(line.currency, line.description, categories.get(line.category), line.remote_id),
		*(origin(made.source, line.remote_id), line.reference, line.kind, line.party_name, line.party_iban),
		*("Unreconciled", 0, abs(amount)),
	)


def origin(source: str, remote_id: str) -> str:
	"""What a bank transaction was made of; unique, so that one line never makes two."""
	return f"{source}/{remote_id}"
