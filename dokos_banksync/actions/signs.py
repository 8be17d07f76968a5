"""Bank transactions that another tool stored with the sign reversed: shown, and corrected when a user asks."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.undo import run_data
from dokos_banksync.core.review.reversed_signs import ReversedRow, correct, correctable_key, reversed_rows

ROWS_SHOWN = 200


def reversed_signs(context: RequestContext, given: Arguments) -> object:
	"""Return the rows of a Bank Account, the oldest first, how many of them can be corrected, and the key of those."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	found = reversed_rows(context.site.ledger, account)
	return {
		"rows": [_row(context, one) for one in found[:ROWS_SHOWN]],
		"count": len(found),
		"correctable": sum(not one.why_not_reversed for one in found),
		"key": correctable_key(found),
	}


def correct_signs(context: RequestContext, given: Arguments) -> object:
	"""Give the rows the bank's sign in one run, which can be undone; return its outcome and what stays."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	done = correct(context.site.ledger, account, context.site.clock, given.optional("key"))
	return {
		**run_data(context, done.run),
		"kept": [_row(context, one) for one in done.not_reversed[:ROWS_SHOWN]],
	}


def _row(context: RequestContext, one: ReversedRow) -> dict[str, Any]:
	line, stored = one.line.line, one.transaction
	return {
		"transaction": stored.name,
		"date": stored.date.isoformat(),
		"description": stored.description,
		"amount": str(stored.amount),
		"bank_amount": str(line.amount),
		"currency": stored.currency,
		"why": context.translations(one.why_not_reversed) if one.why_not_reversed else "",
	}
