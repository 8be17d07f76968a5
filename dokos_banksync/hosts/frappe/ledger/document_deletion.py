"""Bank transactions that go: taken back by the bank, or deleted by a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import frappe

from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.review.journal import Before, Key, Step
from dokos_banksync.hosts.frappe.ledger import cancel_restore, sql
from dokos_banksync.hosts.frappe.ledger.dialect import CONNECTION, LINE, REMOTE, TRANSACTION, Dialect
from dokos_banksync.hosts.frappe.ledger.journal import Journal, plain
from dokos_banksync.hosts.frappe.ledger.lines import RECONCILED, SPEAKS

_SPEAKING = f"""
	{sql.table(LINE)} l
	LEFT JOIN {sql.table(REMOTE)} a ON a.name = l.source
	LEFT JOIN {sql.table(CONNECTION)} c ON c.name = a.parent
"""


def delete_untied(names: Sequence[str]) -> None:
	"""Delete those that no line speaks for any more and that nobody has reconciled.

	One that the host will not delete stays, as a reconciled one does.
	"""
	for part in sql.parts(names):
		cancel_restore.remove(sorted({*part} - _spoken_for(part) - reconciled(part)))


def successors_of(names: Sequence[str]) -> dict[Key, str]:
	"""Lines that stand for one of these, as its duplicates, where no other speaks for it any more: one for each."""
	found: dict[str, Key] = {}
	for part in sql.parts(names):
		left = sorted({*part} - _spoken_for(part))
		rows = sql.rows(
			f"SELECT l.name, l.source, l.remote_id, l.deleted_transaction FROM {_SPEAKING} "
			f"WHERE l.deleted_transaction IN ({sql.marks(left)}) AND l.reason = %s AND l.state = %s AND {SPEAKS} "
			"ORDER BY l.name",
			[*left, Reason.DUPLICATE.value, LineState.BOOKED.value],
		)
		for row in rows:
			found.setdefault(row["deleted_transaction"], (row["source"], row["remote_id"]))
	return {key: name for name, key in found.items()}


def _spoken_for(names: Sequence[str]) -> set[str]:
	found = sql.rows(
		f"SELECT DISTINCT l.bank_transaction FROM {_SPEAKING} "
		f"WHERE l.bank_transaction IN ({sql.marks(names)}) AND {SPEAKS}",
		names,
	)
	return {row["bank_transaction"] for row in found}


def reconciled(names: Sequence[str]) -> set[str]:
	found = sql.rows(
		f"SELECT name FROM {sql.table(TRANSACTION)} WHERE name IN ({sql.marks(names)}) "
		f"AND (status IN ({sql.marks(RECONCILED)}) OR COALESCE(allocated_amount, 0) <> 0)",
		[*names, *RECONCILED],
	)
	return {row["name"] for row in found}


def remember(doc: Any, _event: str = "") -> None:
	"""A person deletes or cancels a bank transaction: its lines remember it, so that it does not come back by
	itself. A hook of the document.
	"""
	if cancel_restore.is_ours():
		return
	rows = sql.rows(f"SELECT * FROM {sql.table(LINE)} WHERE bank_transaction = %s ORDER BY name", (doc.name,))
	origin = Dialect.of_site().origin
	sql.run(f"UPDATE {sql.table(TRANSACTION)} SET `{origin}` = NULL WHERE name = %s", (doc.name,))
	if not rows:
		return
	sql.run(
		f"UPDATE {sql.table(LINE)} SET reason = %s, deleted_transaction = bank_transaction, "
		"bank_transaction = NULL WHERE bank_transaction = %s",
		(Reason.DELETED.value, doc.name),
	)
	lines: dict[Key, Any] = {(row["source"], row["remote_id"]): plain(row) for row in rows}
	steps = [Step(key, "Delete", Reason.DELETED.value, "", doc.name) for key in lines]
	Journal().put("", datetime.now(timezone.utc), steps, Before(lines, {}), {}, ())


def keep_name(doc: Any, _event: str = "") -> None:
	"""No other bank transaction gets the name of one that lines stand for. A hook of the document, after it is gone."""
	if cancel_restore.is_ours() or frappe.db.exists(LINE, {"deleted_transaction": doc.name}):
		cancel_restore.keep_names([doc.name])
