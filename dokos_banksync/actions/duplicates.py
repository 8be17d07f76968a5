"""Possible duplicates: find them, show them side by side, and apply the user's decision."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.undo import run_data
from dokos_banksync.core.records import Candidate
from dokos_banksync.core.review.duplicates import Pair, find

PAIRS_SHOWN = 50


def find_duplicates(context: RequestContext, given: Arguments) -> object:
	"""Return the most similar pairs of a Bank Account, and how many there are."""
	account, since = given.text("bank_account"), given.day("since")
	context.see("Bank Account", account)
	everything = given.flag("everything")
	found = find(context.site.ledger, account, since, everything=everything, progress=context.step)
	return {"pairs": [_pair(context, pair) for pair in found[:PAIRS_SHOWN]], "count": len(found)}


def _pair(context: RequestContext, pair: Pair) -> dict[str, Any]:
	return {
		"likeness": round(pair.similarity, 3),
		"why": context.translations(pair.why),
		"first": side(pair.first),
		"second": side(pair.second),
	}


def side(one: Candidate) -> dict[str, Any]:
	"""Return a bank transaction as it is shown beside another one."""
	known = one.known
	return {
		"name": known.name,
		"date": known.date.isoformat(),
		"amount": str(known.amount),
		"currency": known.currency,
		"description": known.description,
		"original": known.original,
		"category": one.category,
		"transaction_id": one.transaction_id,
		"reconciled": known.reconciled,
		"deleted": known.deleted,
		"reconciled_by": [" ".join(by) for by in one.reconciled_by],
		"sources": len(known.sources),
	}


def merge_transactions(context: RequestContext, given: Arguments) -> object:
	"""Merge the second bank transaction into the first, which gets its lines and the values that it lacks."""
	keep, other = _two(context, given, "keep", "other")
	return run_data(context, context.site.ledger.merge(keep, other))


def keep_both(context: RequestContext, given: Arguments) -> object:
	"""Mark two bank transactions as distinct; with `again`, remove that mark."""
	one, other = _two(context, given, "one", "other")
	context.site.ledger.mark_distinct(one, other, not given.flag("again"))
	return None


def delete_transaction(context: RequestContext, given: Arguments) -> object:
	"""Delete a bank transaction, which is not imported again automatically."""
	name = given.text("name")
	context.see("Bank Transaction", name)
	return run_data(context, context.site.ledger.remove(name))


def _two(context: RequestContext, given: Arguments, *roles: str) -> tuple[str, str]:
	one, other = (given.text(role) for role in roles)
	context.see("Bank Transaction", one)
	context.see("Bank Transaction", other)
	return one, other
