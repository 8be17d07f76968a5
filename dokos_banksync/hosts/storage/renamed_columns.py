"""Columns that had another name in an earlier version, for the migration of each host."""

from __future__ import annotations

from typing import Final

RENAMED_COLUMNS: Final = (
	("Sync Run", "adopted", "linked"),
	("Sync Journal Entry", "verdict", "action"),
)
"""Doctype, old name, present name."""
