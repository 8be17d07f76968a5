"""Bank transactions that a user deletes or cancels. Hooks of the document."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.model import Reason
from dokos_banksync.core.review.journal import Before, Key, Row, Step
from dokos_banksync.hosts.frappe.ledger import FrappeLedger, cancel_restore, sql
from dokos_banksync.hosts.frappe.ledger.fields import site_fields
from dokos_banksync.hosts.storage.counted_rows import ask_again, counted_rows
from dokos_banksync.hosts.storage.journal import Journal, plain
from dokos_banksync.hosts.storage.sql import LINE, TRANSACTION


def remember(doc: Any, _event: str = "") -> None:
	"""Let the lines of a bank transaction that a user deletes or cancels remember it, so that it is not imported again."""
	if cancel_restore.is_ours():
		return
	rows = sql.rows(f"SELECT * FROM {sql.table(LINE)} WHERE bank_transaction = %s ORDER BY name", (doc.name,))
	origin = site_fields().origin
	sql.run(f"UPDATE {sql.table(TRANSACTION)} SET `{origin}` = NULL WHERE name = %s", (doc.name,))
	ledger = FrappeLedger()
	counted = [*counted_rows(ledger, [doc.name], [doc.bank_account or ""])]
	if not rows and not counted:
		return
	sql.run(
		f"UPDATE {sql.table(LINE)} SET reason = %s, deleted_transaction = bank_transaction, "
		"bank_transaction = NULL WHERE bank_transaction = %s",
		(Reason.DELETED.value, doc.name),
	)
	journal = Journal(ledger)
	asked = journal.before((one.key for one in counted), ())
	lines: dict[Key, Row] = {(row["source"], row["remote_id"]): plain(row) for row in rows}
	steps = [
		Step(key=key, action=JournalAction.DELETE, reason=Reason.DELETED.value, note="", transaction=doc.name)
		for key in lines
	]
	steps += ask_again(ledger, counted)
	journal.put("", utc_now(), steps, Before({**lines, **asked.lines}, {}), made=())


def reserve_name(doc: Any, _event: str = "") -> None:
	"""Give no other bank transaction the name of one that lines remember. Called after the deletion."""
	if cancel_restore.is_ours() or frappe.db.exists(LINE, {"deleted_transaction": doc.name}):
		cancel_restore.reserve_names([doc.name])
