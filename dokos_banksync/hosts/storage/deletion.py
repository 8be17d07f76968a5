"""Bank transactions whose line the bank removed, and the duplicates that replace such a line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dokos_banksync.core.matching.windows import is_closed
from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.review.journal import Key
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.lines import ACTIVE_LINES, IS_ACTIVE
from dokos_banksync.hosts.storage.sql import parts, placeholders


def delete_without_active_line(ledger: Base, names: Collection[str]) -> list[str]:
	"""Delete the bank transactions that have no active line any more, but for those that are reconciled or in a closed
	period. One that the host refuses to delete stays too. Return those that are gone.
	"""
	gone: list[str] = []
	for part in parts(sorted({*names})):
		going = {*part} - _with_active_line(ledger, part) - _protected(ledger, part)
		if going:
			refused = ledger.documents.remove(sorted(going))
			gone += going - refused.keys()
	return gone


def successors(ledger: Base, names: Collection[str]) -> dict[Key, str]:
	"""Return the duplicates of bank transactions that have no active line any more: one line for each."""
	found: dict[str, Key] = {}
	for part in parts(sorted({*names})):
		left = sorted({*part} - _with_active_line(ledger, part))
		rows = ledger.db.rows(
			f"""
			SELECT l.name, l.source, l.remote_id, l.deleted_transaction FROM {ACTIVE_LINES}
			WHERE l.deleted_transaction IN ({placeholders(left)}) AND l.deleted_transaction <> ''
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
		WHERE l.bank_transaction IN ({placeholders(names)}) AND {IS_ACTIVE}
	"""
	return {row["bank_transaction"] for row in ledger.db.rows(query, names)}


def _protected(ledger: Base, names: Sequence[str]) -> set[str]:
	rows = ledger.db.rows(
		f"""
		SELECT t.name, t.`date` AS day, t.bank_account, {ledger.fields.reconciled} reconciled
		FROM `tabBank Transaction` t WHERE t.name IN ({placeholders(names)})
		""",
		names,
	)
	locks = ledger.documents.lock_dates({row["bank_account"] for row in rows if row["bank_account"]})
	return {
		row["name"]
		for row in rows
		if row["reconciled"] or is_closed(ledger.codec.day(row["day"]), locks.get(row["bank_account"]))
	}
