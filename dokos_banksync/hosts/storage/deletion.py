"""Bank transactions whose line the bank removed, and the duplicates that replace such a line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.review.journal import Key
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.lines import ACTIVE_LINES, IS_ACTIVE
from dokos_banksync.hosts.storage.sql import marks, parts


def delete_unassigned(ledger: Base, names: Collection[str]) -> None:
	"""Delete the bank transactions that have no active line any more and are not reconciled.

	One that the host refuses to delete stays, as a reconciled one does.
	"""
	for part in parts(sorted({*names})):
		going = {*part} - _with_active_line(ledger, part) - _reconciled(ledger, part)
		if going:
			ledger.documents.remove(sorted(going))


def successors(ledger: Base, names: Collection[str]) -> dict[Key, str]:
	"""Return the duplicates of bank transactions that have no active line any more: one line for each."""
	found: dict[str, Key] = {}
	for part in parts(sorted({*names})):
		left = sorted({*part} - _with_active_line(ledger, part))
		rows = ledger.db.rows(
			f"""
			SELECT l.name, l.source, l.remote_id, l.deleted_transaction FROM {ACTIVE_LINES}
			WHERE l.deleted_transaction IN ({marks(left)}) AND l.deleted_transaction <> ''
				AND l.reason = %s AND l.state = %s AND {IS_ACTIVE} ORDER BY l.name
			""",
			[*left, Reason.DUPLICATE.value, LineState.BOOKED.value],
		)
		for row in rows:
			found.setdefault(row["deleted_transaction"], (row["source"], row["remote_id"]))
	return {key: name for name, key in found.items()}


def _with_active_line(ledger: Base, names: Sequence[str]) -> set[str]:
	query = f"""
		SELECT DISTINCT l.bank_transaction FROM {ACTIVE_LINES}
		WHERE l.bank_transaction IN ({marks(names)}) AND {IS_ACTIVE}
	"""
	return {row["bank_transaction"] for row in ledger.db.rows(query, names)}


def _reconciled(ledger: Base, names: Sequence[str]) -> set[str]:
	query = f"""
		SELECT t.name FROM `tabBank Transaction` t WHERE t.name IN ({marks(names)}) AND {ledger.fields.reconciled} = 1
	"""
	return {row["name"] for row in ledger.db.rows(query, names)}
