"""Reads a few lines with one statement, as a run that finds nothing new does."""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.core.model import ExistingLine, Reason
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.lines import existing_out
from dokos_banksync.hosts.storage.sql import literals, parts, placeholders
from dokos_banksync.hosts.storage.stored_rows import line_rows


def few_lines(
	ledger: Base, source: str, remote_ids: Sequence[str], reasons: Sequence[Reason]
) -> tuple[list[ExistingLine], bool]:
	"""See `Ledger.stored_lines`. Where no line is found, whether any is held is unknown."""
	held = f"""
		SELECT 1 FROM `tabSync Line` h WHERE h.source = l.source AND h.reason <> ''
			AND h.reason IN ({literals(reason.value for reason in reasons)})
	"""
	known, any_held = [], not remote_ids
	for ids in parts(remote_ids):
		where = f"l.source = %s AND l.remote_id IN ({placeholders(ids)})"
		rows = line_rows(ledger, where, [source, *ids], f", EXISTS ({held}) any_held")
		known += [existing_out(ledger.codec, row, {}) for row in rows]
		any_held |= not rows or any(row["any_held"] for row in rows)
	return known, any_held
