"""The balance proof: balances, the causes of a difference, and the days that were fetched."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dokos_banksync.actions import formats
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.actions.missing import feeding_connections
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.records import BankAccountRecord, PastCheck, UnmatchedItem
from dokos_banksync.core.review.accepting import accept
from dokos_banksync.core.review.coverage import DayState, Stretch, strip
from dokos_banksync.core.review.projected_balance import ProjectedBalance, projected_balances
from dokos_banksync.core.review.proof import Cause, Proof, prove

ITEMS_SHOWN = 20
DAYS_SHOWN = 60
SHOWN_DAYS = timedelta(days=180)
LONGEST = timedelta(days=366 * 5)
GAPS = (DayState.FAILED, DayState.NEVER)


def account_proof(context: RequestContext, given: Arguments) -> object:
	"""Return balances of a Bank Account, and the days from `since` to today."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	ledger = context.site.ledger
	held = ledger.bank_account(account)
	moved, found = ledger.movements(account), prove(ledger, account)
	return {
		**_render(context, found),
		"since": _since(found, held, moved),
		"currency": held.currency,
		"opening": _text(held.opening_balance),
		"opening_date": held.opening_date.isoformat() if held.opening_date else None,
		"movements": str(moved),
		"balance": _text(None if held.opening_balance is None else held.opening_balance + moved),
		"to_come": _to_come(projected_balances(ledger, account)),
		"coverage": _coverage(context, account, given.day("since")),
	}


def _to_come(found: ProjectedBalance) -> dict[str, Any] | None:
	"""Return each day for which something is announced, and the balance at its end; None without one."""
	if not found.days:
		return None
	balance, days = found.balance, []
	for due in found.days[:DAYS_SHOWN]:
		balance = None if balance is None else balance + due.amount
		days.append(
			{
				"date": due.day.isoformat(),
				"rows": due.rows,
				"amount": str(due.amount),
				"balance": _text(balance),
			}
		)
	return {"days": days, "count": len(found.days), "balance": _text(found.balance_to_come)}


def _text(amount: Decimal | None) -> str | None:
	return None if amount is None else str(amount)


def _since(found: Proof, held: BankAccountRecord, moved: Decimal) -> str | None:
	"""Return what was added to the books since the last balance check, which does not cover it."""
	if found.checked is None or held.opening_balance is None:
		return None
	check = found.checked.check
	came = held.opening_balance + moved - check.opening - check.movements
	return str(came) if came else None


def _render(context: RequestContext, found: Proof) -> dict[str, Any]:
	return {
		"bank_account": found.bank_account,
		"state": "unchecked" if found.checked is None else "complete" if found.complete else "differs",
		"checked": _checked(context, found.checked) if found.checked else None,
		"proven_at": context.instant(found.proven_at),
		"first_day": found.first_day.isoformat() if found.first_day else None,
		"causes": [_cause(context, one) for one in found.causes],
	}


def _checked(context: RequestContext, one: PastCheck) -> dict[str, Any]:
	check = one.check
	return {
		"at": context.instant(one.at),
		"run": one.run,
		"opening": str(check.opening),
		"movements": str(check.movements),
		"bank_balance": str(check.bank_balance),
		"difference": str(check.difference),
	}


def _cause(context: RequestContext, cause: Cause) -> dict[str, Any]:
	return {
		"message": context.translations(cause.sentence),
		"reason": _named(context, cause),
		"amount": str(cause.amount),
		"exact": cause.exact,
		"count": len(cause.items),
		"items": [unmatched_row(context, item) for item in cause.items[:ITEMS_SHOWN]],
	}


def _named(context: RequestContext, cause: Cause) -> str:
	if cause.origin:
		return trigger_of(context.translations, cause.origin.trigger, cause.origin.subject)
	return context.translations(cause.reason.value) if cause.reason.value else ""


def unmatched_row(context: RequestContext, item: UnmatchedItem) -> dict[str, Any]:
	"""Return an unmatched item as a row for the browser."""
	return {
		"name": item.name,
		"date": item.day.isoformat(),
		"amount": str(item.amount),
		"description": item.label,
		"why": context.translations(item.reason.value) if item.reason.value else "",
	}


def accept_difference(context: RequestContext, given: Arguments) -> object:
	"""Add the difference to the opening balance, which a user knows to be wrong."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	ledger = context.site.ledger
	accept(ledger, account, given.amount("difference"))
	held = ledger.bank_account(account)
	opening = formats.money(held.opening_balance, held.currency, context.translations.language)
	message = context.translations(
		"The opening balance of {0} is {1} now; the next sync proves it", account, opening
	)
	return {"message": message, "indicator": "green"}


def _coverage(context: RequestContext, account: str, since: date | None) -> dict[str, Any]:
	today = context.site.clock().date()
	first = since or today - SHOWN_DAYS
	if first > today:
		raise InvalidData("{0} is after {1}: the first day comes first", first, today)
	first = max(first, today - LONGEST)
	ledger = context.site.ledger
	counts = {row[0]: row[3] for row in ledger.turnover(account, first, today)}
	stretches = strip(ledger.covered(account), counts, first, today)
	return {
		"first": first.isoformat(),
		"last": today.isoformat(),
		"days": (today - first).days + 1,
		"fetched": bool(feeding_connections(context, account)),
		"stretches": [stretch_row(context, one) for one in stretches],
	}


def stretch_row(context: RequestContext, one: Stretch) -> dict[str, Any]:
	"""Return days of one coverage state as a row for the browser."""
	return {
		"first": one.first.isoformat(),
		"last": one.last.isoformat(),
		"days": one.days,
		"state": one.state.name.lower(),
		"label": context.translations(one.state.value),
		"transactions": one.transactions,
		"gap": one.state in GAPS,
	}
