"""The rows of a dry run, as a user reviews them before they are applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.messages import why
from dokos_banksync.core.review.dry_run import Plan, PlanKind, Planned

ROWS_SHOWN = 2_000

_ORDER = {
	kind: place
	for place, kind in enumerate(
		(
			*(PlanKind.QUESTION, PlanKind.NEW, PlanKind.LOOK_ALIKE, PlanKind.CHANGED, PlanKind.REMOVED),
			*(PlanKind.LOCKED, PlanKind.OUTSIDE_DATES, PlanKind.OTHER, PlanKind.PENDING),
			PlanKind.ALREADY_THERE,
		)
	)
}
"""Rows that the user must review come first."""


def plan_data(context: RequestContext, plan: Plan, accounts: Mapping[str, str]) -> dict[str, Any]:
	"""Return the rows, as many as are shown, and how many of each kind there are. `accounts` are Bank Accounts by source."""
	rows = sorted(plan.rows, key=lambda row: (_ORDER[row.kind], -row.line.date.toordinal()))
	kinds = plan.kinds
	return {
		"key": plan.key,
		"rows": [_row(context, row, accounts.get(row.source, "")) for row in rows[:ROWS_SHOWN]],
		"count": len(rows),
		"unchanged": plan.run.unchanged,
		"refused": plan.run.refused,
		"kinds": [
			{"kind": kind.name.lower(), "label": context.translations(kind.value), "count": kinds[kind]}
			for kind in _ORDER
			if kinds[kind]
		],
	}


def _row(context: RequestContext, row: Planned, account: str) -> dict[str, Any]:
	line = row.line
	return {
		"id": row.id,
		"kind": row.kind.name.lower(),
		"label": context.translations(row.kind.value),
		"date": line.date.isoformat(),
		"amount": str(line.amount),
		"currency": line.currency,
		"description": line.description or line.original,
		"transaction": row.transaction,
		"bank_account": account,
		"why": why(context.translations, row.reason.value, row.note),
		"takeable": row.may_be_left_out,
	}
