"""The column that is the label of a table, or completes it, where no title says so."""

from __future__ import annotations

from dataclasses import replace

from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.roles import LABELS, Role
from dokos_banksync.statements.vocabulary import meanings


def with_label(known: Known, columns: Columns) -> tuple[Known, int | None]:
	"""Return what the columns hold, and the column that was added for the label, None for none.

	A column of different texts is the label where no title is known for one; under an unknown title it completes the
	label where that is empty in some rows.
	"""
	if not known.given.isdisjoint(LABELS) or not _lacks_labels(known, columns):
		return known, None
	taken = set(known.roles.values())
	free = [p for p in range(columns.width) if p not in taken and columns.are_texts(p)]
	if not known.roles.keys().isdisjoint(LABELS):
		free = [place for place in free if not meanings(columns.title(place))]
	if not free:
		return known, None
	role = next((role for role in LABELS if role not in known.roles), Role.LABEL)
	return replace(known, roles={**known.roles, role: free[0]}), free[0]


def _lacks_labels(known: Known, columns: Columns) -> bool:
	"""Whether no text of a label stands in some rows, or no column is known for one."""
	places = [known.roles[role] for role in LABELS if role in known.roles]
	return any(not any(row.texts[p] for p in places if p < len(row.cells)) for row in columns.rows)
