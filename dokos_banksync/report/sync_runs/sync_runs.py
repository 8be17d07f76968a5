"""The report Sync Runs."""

from __future__ import annotations

from typing import Any

from dokos_banksync.hosts.frappe import run_report


def execute(filters: dict[str, Any] | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
	"""Return the columns and the rows of the report."""
	return run_report.columns(), run_report.rows(filters or {})
