"""Lines and bank transactions between their rows and the neutral model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dokos_banksync.core.model import (
	SUPPRESSED,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	LineState,
	Reason,
)
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.dialect import LINE, Dialect
from dokos_banksync.hosts.frappe.ledger.values import (
	amount_out,
	clip,
	day_out,
	money_in,
	text_in,
	text_out,
	utc_out,
	utc_stamp,
)

RECONCILED = ("Reconciled", "Settled", "Closed")
"""States in which a person, or the host, has dealt with a bank transaction."""

SPEAKS = """(
	COALESCE(l.connection, '') = ''
	OR (a.bank_account = l.bank_account AND a.gone = 0 AND c.status <> 'Disconnected')
)"""
"""Lines of accounts that no longer feed the bank account speak for nothing: nobody would take them back. Those of
files, which have no connection, speak for good. Of a line `l`, its remote account `a` and its connection `c`."""

_ORIGIN_LENGTH = 140


def is_reconciled(row: Any) -> bool:
	"""Of a whole row of a bank transaction."""
	return row["status"] in RECONCILED or bool(row["allocated_amount"])


def transaction_columns(dialect: Dialect) -> str:
	"""SQL of what a `KnownTransaction` is made of, of `t`; sources and labels come with `Ties`."""
	states = ", ".join(f"'{state}'" for state in RECONCILED)
	reference, party_iban = (
		f"t.`{column}`" if column else "''" for column in (dialect.reference, dialect.party_iban)
	)
	return f"""
		t.name t_name, t.`date` t_date, {dialect.amount} t_amount, t.currency t_currency,
		t.description t_description, t.`{dialect.category}` t_category,
		CASE WHEN t.status IN ({states}) OR COALESCE(t.allocated_amount, 0) <> 0 THEN 1 ELSE 0 END t_reconciled,
		{reference} t_reference, {party_iban} t_party_iban
	"""


class Assignment(NamedTuple):
	"""A live line that is tied to a bank transaction."""

	source: str
	original: str


def ties_of(transactions: Iterable[str]) -> Mapping[str, list[Assignment]]:
	"""The live lines of bank transactions."""
	found: dict[str, list[Assignment]] = {}
	for names in sql.parts(sorted(set(transactions))):
		for row in sql.rows(
			f"SELECT bank_transaction, source, original FROM {sql.table(LINE)} "
			f"WHERE bank_transaction IN ({sql.marks(names)})",
			names,
		):
			tie = Assignment(row["source"], text_out(row["original"]))
			found.setdefault(row["bank_transaction"], []).append(tie)
	return found


def transaction_out(row: Any, ties: Sequence[Assignment]) -> ExistingTransaction:
	description = row["t_description"] or ""
	return ExistingTransaction(
		row["t_name"],
		day_out(row["t_date"]),
		amount_out(row["t_amount"]),
		row["t_currency"] or "",
		description,
		min((tie.original for tie in ties), default="") or description,
		row["t_category"] or "",
		bool(row["t_reconciled"]),
		deleted=False,
		sources=frozenset(tie.source for tie in ties),
		reference=row["t_reference"] or "",
		party_iban=row["t_party_iban"] or "",
	)


def deleted_out(rows: Sequence[Any]) -> ExistingTransaction:
	"""A bank transaction that a person deleted, as its lines remember it."""
	first = min(rows, key=lambda row: (row["date"], row["original"] or ""))
	return ExistingTransaction(
		*(first["deleted_transaction"], day_out(first["date"]), amount_out(first["amount"])),
		*(first["currency"] or "", text_out(first["description"]), text_out(first["original"]), ""),
		reconciled=False,
		deleted=True,
		sources=frozenset(row["source"] for row in rows if row["state"] != LineState.REMOVED.value),
	)


def line_out(row: Any) -> Line:
	return Line(
		row["remote_account"],
		row["remote_id"],
		day_out(row["date"]),
		amount_out(row["amount"]),
		row["currency"] or "",
		text_out(row["description"]),
		text_out(row["original"]),
		LineState(row["state"]),
		day_out(row["value_date"]),
		day_out(row["transaction_date"]),
		*(text_out(row[name]) for name in ("category", "kind", "party_name", "party_iban", "reference")),
		utc_out(row["remote_updated_at"]),
		row["raw"] or "",
	)


def known_out(row: Any, ties: Mapping[str, list[Assignment]]) -> ExistingLine:
	"""A line with its bank transaction; for one deleted by a person, with what the line remembers."""
	transaction = None
	if row["t_name"]:
		transaction = transaction_out(row, ties.get(row["t_name"], []))
	elif row["deleted_transaction"]:
		transaction = deleted_out([row])
	return ExistingLine(row["name"], line_out(row), Reason(row["reason"] or ""), transaction)


LINE_COLUMNS = (
	*(
		"name",
		"source",
		"remote_id",
		"connection",
		"bank_account",
		"date",
		"amount",
		"currency",
		"description",
	),
	*("original", "state", "reason", "note", "bank_transaction", "deleted_transaction", "value_date"),
	*(
		"transaction_date",
		"category",
		"kind",
		"party_name",
		"party_iban",
		"reference",
		"remote_updated_at",
		"raw",
	),
)
_KEPT = ("name", "source", "remote_id")
CHANGED = ("modified", "modified_by", "run", *(name for name in LINE_COLUMNS if name not in _KEPT))


def note_told() -> str:
	"""SQL of the note of a line that is there already: how it was recognised is not forgotten when the bank changes
	its label."""
	note, reason = f"{sql.table(LINE)}.`note`", f"COALESCE({sql.table(LINE)}.`reason`, '')"
	told = sql.incoming("note")
	return f"CASE WHEN {told} = '' AND {sql.incoming('reason')} = {reason} THEN {note} ELSE {told} END"


def line_stamps(run: str, now: str | None, user: str) -> dict[str, object]:
	"""What all lines of a batch have in common."""
	made = {"creation": now, "modified": now, "owner": user, "modified_by": user}
	return {**made, "docstatus": 0, "idx": 0, "run": run}


def line_in(made: Decision, connection: str | None, linked: str | None) -> tuple[object, ...]:
	"""Values of `LINE_COLUMNS`. `tied` is the bank transaction that the line belongs to from now on."""
	line = made.line
	deleted = made.transaction if made.reason in SUPPRESSED else ""
	return (
		*(sql.new_name(), made.source, line.remote_id, connection, made.bank_account, line.date),
		*(money_in(line.amount), line.currency, text_in(line.description), text_in(line.original)),
		*(line.state.value, made.reason.value, text_in(made.note), linked, deleted),
		*(line.value_date, line.transaction_date),
		*map(text_in, (clip(line.category), line.kind, line.party_name, line.party_iban, line.reference)),
		*(utc_stamp(line.updated_at), line.raw),
	)


def origin(source: str, remote_id: str) -> str:
	"""What a bank transaction was made of; unique, so that one line never makes two."""
	told = f"{source}/{remote_id}"
	return told if len(told) <= _ORIGIN_LENGTH else f"{source}/{hashlib.sha256(told.encode()).hexdigest()}"
