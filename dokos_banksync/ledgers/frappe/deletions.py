"""Bank transactions that go: taken back by the bank, or deleted by a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import frappe

from dokos_banksync.engine.model import Reason
from dokos_banksync.errors import InvalidData, NotFound
from dokos_banksync.ledgers.frappe import sql
from dokos_banksync.ledgers.frappe.base import REFUSALS, Base, refusal
from dokos_banksync.ledgers.frappe.dialect import CONNECTION, LINE, REMOTE, TRANSACTION, Dialect
from dokos_banksync.ledgers.frappe.lines import RECONCILED

_OURS = "banksync_deletes"


def delete_untied(names: Sequence[str]) -> None:
	"""Delete those that no line speaks for any more and that nobody has reconciled.

	One that the host will not delete stays, as a reconciled one does.

	Lines of accounts that no longer feed the bank account speak for nothing: nobody would take them back. Those
	of files, which have no connection, speak for good.
	"""
	for part in sql.parts(names):
		for name in sorted({*part} - _spoken_for(part) - _reconciled(part)):
			_delete(name)


def _spoken_for(names: Sequence[str]) -> set[str]:
	found = sql.rows(
		f"""
		SELECT DISTINCT l.bank_transaction FROM {sql.table(LINE)} l
		LEFT JOIN {sql.table(REMOTE)} a ON a.name = l.source
		LEFT JOIN {sql.table(CONNECTION)} c ON c.name = a.parent
		WHERE l.bank_transaction IN ({sql.marks(names)}) AND (
			COALESCE(l.connection, '') = ''
			OR (a.bank_account = l.bank_account AND a.gone = 0 AND c.status <> 'Disconnected')
		)
		""",
		names,
	)
	return {row["bank_transaction"] for row in found}


def _reconciled(names: Sequence[str]) -> set[str]:
	found = sql.rows(
		f"SELECT name FROM {sql.table(TRANSACTION)} WHERE name IN ({sql.marks(names)}) "
		f"AND (status IN ({sql.marks(RECONCILED)}) OR COALESCE(allocated_amount, 0) <> 0)",
		[*names, *RECONCILED],
	)
	return {row["name"] for row in found}


def _delete(name: str) -> str:
	"""Why the host would not delete it, or empty."""
	if not frappe.db.exists(TRANSACTION, name):
		return ""
	frappe.flags[_OURS] = True
	try:
		with sql.undone_on_error():
			_cancel_and_delete(name)
	except REFUSALS as error:
		return refusal(error)
	finally:
		frappe.flags[_OURS] = False
	return ""


def _cancel_and_delete(name: str) -> None:
	doc = frappe.get_doc(TRANSACTION, name)
	doc.flags.ignore_permissions = True
	if doc.docstatus == 1:
		doc.cancel()
	frappe.delete_doc(TRANSACTION, name, ignore_permissions=True, force=True)


def remember(doc: Any, _event: str = "") -> None:
	"""A person deletes or cancels a bank transaction: its lines remember it, so that it does not come back by
	itself. A hook of the document.
	"""
	if frappe.flags.get(_OURS):
		return
	sql.run(
		f"UPDATE {sql.table(LINE)} SET reason = %s, deleted_transaction = bank_transaction, "
		"bank_transaction = NULL WHERE bank_transaction = %s",
		(Reason.DELETED.value, doc.name),
	)
	origin = Dialect.of_site().origin
	sql.run(f"UPDATE {sql.table(TRANSACTION)} SET `{origin}` = NULL WHERE name = %s", (doc.name,))


class Deletions(Base):
	"""What a person does with one bank transaction."""

	def delete_transaction(self, name: str) -> None:
		"""Its lines remember it. Raises `InvalidData` for a reconciled one."""
		if not frappe.db.exists(TRANSACTION, name):
			raise NotFound("There is no bank transaction {0}", name)
		if _reconciled([name]):
			raise InvalidData("{0} is reconciled: undo that first", name)
		remember(frappe.get_doc(TRANSACTION, name))
		if why := _delete(name):
			frappe.db.rollback()
			raise InvalidData("{0} was refused: {1}", name, why)
		sql.commit()
