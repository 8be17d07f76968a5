"""Lines and bank transactions between their rows and the neutral model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dokos_banksync.core.message import Message, message_data, stored_message
from dokos_banksync.core.model import (
	SUPPRESSED,
	Action,
	ConnectionStatus,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	LineState,
	Reason,
)
from dokos_banksync.hosts.storage.database import Codec, Database
from dokos_banksync.hosts.storage.sql import parts, placeholders

IS_ACTIVE = f"""(
	COALESCE(l.connection, '') = ''
	OR (a.bank_account = l.bank_account AND a.gone = 0 AND c.status <> '{ConnectionStatus.DISCONNECTED.value}')
)"""
"""SQL condition: the line `l` is of a statement file, or of a remote account `a` and connection `c` that are still linked
to its bank account. The bank can no longer remove other lines, so they do not protect a bank transaction."""

ACTIVE_LINES = """
	`tabSync Line` l
	LEFT JOIN `tabSync Remote Account` a ON a.name = l.source
	LEFT JOIN `tabSync Connection` c ON c.name = a.parent
"""
"""The tables of `IS_ACTIVE`."""

LINES_OF_ACCOUNTS = """
	SELECT l.*, COALESCE(a.remote_id, l.source) remote_account FROM `tabSync Line` l
	LEFT JOIN `tabSync Remote Account` a ON a.name = l.source
"""
"""Lines as `line_out` reads them."""

WITHOUT_TRANSACTION = "COALESCE(l.bank_transaction, '') = ''"

IS_UNLISTED = f"""
	l.reason = '{Reason.UNLISTED.value}' AND l.bank_transaction <> '' AND NOT EXISTS (
		SELECT 1 FROM `tabSync Line` o
		WHERE o.bank_transaction = l.bank_transaction AND COALESCE(o.reason, '') <> '{Reason.UNLISTED.value}'
	)
"""
"""SQL condition: of the line `l` a user is asked whether its bank transaction stays. The question ends when the bank
lists it after all."""


class Assignment(NamedTuple):
	"""A live line of a bank transaction, as far as matching asks for it."""

	source: str
	original: str


def assignments(db: Database, codec: Codec, transactions: Iterable[str]) -> Mapping[str, list[Assignment]]:
	"""Return the live lines of bank transactions, by name."""
	found: dict[str, list[Assignment]] = {}
	for names in parts(sorted({*transactions})):
		query = f"SELECT bank_transaction, source, original FROM `tabSync Line` WHERE bank_transaction IN ({placeholders(names)})"
		for row in db.rows(query, names):
			one = Assignment(row["source"], codec.text_out(row["original"]))
			found.setdefault(row["bank_transaction"], []).append(one)
	return found


def transaction_out(codec: Codec, row: Any, lines: Sequence[Assignment]) -> ExistingTransaction:
	"""Return the bank transaction of a row with `HostFields.columns`."""
	description = row["t_description"] or ""
	if len(lines) == 1:  # nearly all, and this runs for each candidate of an import
		[line] = lines
		original, sources = line.original, frozenset((line.source,))
	else:
		original = min((line.original for line in lines), default="")
		sources = frozenset(line.source for line in lines)
	return ExistingTransaction(
		name=row["t_name"],
		date=codec.day(row["t_date"]),
		amount=codec.amount_out(row["t_amount"]),
		currency=row["t_currency"] or "",
		description=description,
		original=original or description,
		category=row["t_category"] or "",
		reconciled=bool(row["t_reconciled"]),
		deleted=False,
		sources=sources,
		reference=row["t_reference"] or "",
		party_iban=row["t_party_iban"] or "",
		remote_id=row["t_remote_id"] or "",
	)


def deleted_out(codec: Codec, rows: Sequence[Any]) -> ExistingTransaction:
	"""Return a bank transaction that a user deleted, as its lines remember it."""
	first = min(rows, key=lambda row: (row["date"], row["original"] or ""))
	return ExistingTransaction(
		name=first["deleted_transaction"],
		date=codec.day(first["date"]),
		amount=codec.amount_out(first["amount"]),
		currency=first["currency"] or "",
		description=codec.text_out(first["description"]),
		original=codec.text_out(first["original"]),
		category="",
		reconciled=False,
		deleted=True,
		sources=frozenset(row["source"] for row in rows if row["state"] != LineState.REMOVED.value),
		left_out=any(row["reason"] == Reason.EXCLUDED.value for row in rows),
	)


_LINE_TEXTS = (*("description", "original", "category", "kind", "party_name", "party_iban", "reference"),)


def line_out(codec: Codec, row: Any) -> Line:
	"""Return the line of a row of `LINES_OF_ACCOUNTS`."""
	texts: dict[str, Any] = {name: codec.text_out(row[name]) for name in _LINE_TEXTS}
	return Line(
		remote_account=row["remote_account"],
		remote_id=row["remote_id"],
		date=codec.day(row["date"]),
		amount=codec.amount_out(row["amount"]),
		currency=row["currency"] or "",
		state=LineState(row["state"]),
		value_date=codec.day_out(row["value_date"]),
		transaction_date=codec.day_out(row["transaction_date"]),
		updated_at=codec.utc_out(row["remote_updated_at"]),
		raw=row["raw"] or "",
		**texts,
	)


def existing_out(codec: Codec, row: Any, lines: Mapping[str, Sequence[Assignment]]) -> ExistingLine:
	"""Return a line with its bank transaction; where a user deleted that, with what the line remembers of it."""
	transaction = None
	if row["t_name"]:
		transaction = transaction_out(codec, row, lines.get(row["t_name"], ()))
	elif row["deleted_transaction"]:
		transaction = deleted_out(codec, [row])
	reason = Reason(row["reason"] or "")
	return ExistingLine(
		name=row["name"],
		line=line_out(codec, row),
		reason=reason,
		transaction=transaction,
		source=row["source"],
		note=note_out(codec, row) if reason is not Reason.NONE else "",
	)


COLUMNS = (
	*("name", "source", "remote_id", "connection", "bank_account", "date", "amount", "currency"),
	*("description", "original", "state", "reason", "note", "note_data"),
	*("bank_transaction", "deleted_transaction"),
	*("value_date", "transaction_date", "category", "kind", "party_name", "party_iban", "reference"),
	*("remote_updated_at", "raw"),
)
_KEY_COLUMNS = ("name", "source", "remote_id")


def upsert(db: Database) -> str:
	"""Return the clause that lets a known line take its new values.

	A note stays when the reason stays and there is no new one: how a line was recognised is remembered when the bank
	changes its label.
	"""
	reason = "COALESCE(`tabSync Line`.`reason`, '')"
	stays = f"{db.dialect.incoming('note')} = '' AND {db.dialect.incoming('reason')} = {reason}"
	expressions = {
		name: f"CASE WHEN {stays} THEN `tabSync Line`.`{name}` ELSE {db.dialect.incoming(name)} END"
		for name in ("note_data", "note")
	}
	changed = [name for name in COLUMNS if name not in _KEY_COLUMNS]
	return db.dialect.on_conflict(["source", "remote_id"], ("modified", "run", *changed), expressions)


def line_in(
	codec: Codec, name: str, made: Decision, connection: str | None, transaction: str | None
) -> tuple[object, ...]:
	"""Return the values of `COLUMNS`. `transaction` is the bank transaction that the line belongs to from now on."""
	line, text, day = made.line, codec.text_in, codec.day_in
	return (
		name,
		made.source,
		line.remote_id,
		connection,
		made.bank_account,
		day(line.date),
		codec.money_in(line.amount),
		line.currency,
		text(line.description),
		text(line.original),
		line.state.value,
		made.reason.value,
		text(made.note),
		message_data(made.note) if made.note else "",
		transaction,
		made.transaction if made.reason in SUPPRESSED and made.action is not Action.REMOVE else "",
		day(line.value_date),
		day(line.transaction_date),
		text(codec.clip(line.category)),
		text(line.kind),
		text(line.party_name),
		text(line.party_iban),
		text(line.reference),
		codec.utc_in(line.updated_at),
		line.raw,
	)


def note_out(codec: Codec, row: Any) -> Message:
	"""Return the note of a row of lines or of the journal."""
	return stored_message(codec.text_out(row["note"]), row["note_data"])


def origin(source: str, remote_id: str, length: int = 140) -> str:
	"""Return the key of the line that a bank transaction was made of. It is unique: one line never makes two."""
	whole = f"{source}/{remote_id}"
	return whole if len(whole) <= length else f"{source}/{hashlib.sha256(whole.encode()).hexdigest()}"
