"""What the pictures of a Bank Account show: twelve months of balances, money by month and category, days and runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dokos_banksync.actions import missing
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.actions.proof import stretch_row
from dokos_banksync.core.model import is_file
from dokos_banksync.core.records import Covered, RunRecord
from dokos_banksync.core.review import coverage, timeline

RUNS_SHOWN = 60
_ASKED = (coverage.DayState.FETCHED, coverage.DayState.EMPTY)


def picture_accounts(context: RequestContext, _given: Arguments) -> object:
	"""Return the names of the Bank Accounts that the user may see, those that a connection feeds first."""
	fed = {
		account.bank_account
		for record in context.connections()
		for account in context.site.ledger.accounts(record.name)
	}
	names = [account.name for account in context.bank_accounts("")]
	return sorted(names, key=lambda name: (name not in fed, name))


def account_pictures(context: RequestContext, given: Arguments) -> object:
	"""Return twelve months of a Bank Account, up to today; amounts are texts in the account's currency."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	ledger, last = context.site.ledger, context.site.clock().date()
	first = timeline.year_before(last)
	held, turnover = ledger.bank_account(account), ledger.turnover(account, first, last)
	covered = ledger.covered(account)
	stretches = coverage.strip(covered, {row[0]: row[3] for row in turnover}, first, last)
	return {
		"bank_account": account,
		"currency": held.currency,
		"first": first.isoformat(),
		"last": last.isoformat(),
		"balances": _balances(context, account, turnover, first=first, last=last),
		"months": [_month(one, stretches) for one in timeline.months(turnover, first, last)],
		"categories": _categories(context, account, first, last),
		"stretches": [stretch_row(context, one) for one in stretches],
		"runs": _runs(context, account, covered),
	}


def _balances(
	context: RequestContext, account: str, turnover: timeline.Turnover, first: date, last: date
) -> list[dict[str, Any]]:
	ledger = context.site.ledger
	held = ledger.bank_account(account)
	opening = held.opening_balance
	before = None if opening is None else opening + ledger.movements(account, before=first)
	at_bank = timeline.bank_balances(ledger.checks(account), first)
	points = timeline.balances(before, held.opening_date, turnover, at_bank=at_bank, last=last)
	return [
		{"day": one.day.isoformat(), "balance": _text(one.balance), "at_bank": _text(one.at_bank)}
		for one in points
	]


def _month(one: timeline.MonthSum, stretches: Sequence[coverage.Stretch]) -> dict[str, Any]:
	"""Return the sums of a month. `known` is false where it was never fetched and holds nothing: no sum is zero then."""
	after = (one.first + timedelta(days=31)).replace(day=1)
	known = one.transactions > 0 or any(
		stretch.first < after and stretch.last >= one.first and stretch.state in _ASKED
		for stretch in stretches
	)
	sums = _sums(one.money_in, one.money_out, one.transactions)
	return {"first": one.first.isoformat(), "known": known, **sums}


def _text(amount: Decimal | None) -> str | None:
	return None if amount is None else str(amount)


def _sums(money_in: Decimal, money_out: Decimal, count: int) -> dict[str, Any]:
	return {"money_in": str(money_in), "money_out": str(money_out), "count": count}


def _categories(context: RequestContext, account: str, first: date, last: date) -> list[dict[str, Any]]:
	"""Return the sums of each category, the largest turnover first."""
	ledger = context.site.ledger
	titles = {one.name: one.category_name for one in ledger.all_categories()}
	found = sorted(
		ledger.turnover_by_category(account, first, last), key=lambda row: (row[2] - row[1], row[0])
	)
	without = context.translations("Without a category")
	return [
		{"category": titles.get(name, name) or without, **_sums(money_in, money_out, count)}
		for name, money_in, money_out, count in found
	]


def _runs(context: RequestContext, account: str, covered: Sequence[Covered]) -> list[dict[str, Any]]:
	"""Return the latest runs of the connections that feed the account, and of its files, the oldest first."""
	records = missing.feeding_connections(context, account)
	found = [run for record in records for run in context.site.ledger.runs(record.name, RUNS_SHOWN)]
	files = sorted({one.run for one in covered if one.run and is_file(one.source)})
	found += context.site.ledger.runs_named(files[-RUNS_SHOWN:])  # the site's log clearing deletes old ones
	found.sort(key=lambda run: run.started_at)
	return [_run(context, run) for run in found[-RUNS_SHOWN:]]


def _run(context: RequestContext, run: RunRecord) -> dict[str, Any]:
	return {
		"name": run.name,
		"at": context.instant(run.started_at),
		"status": run.status.value,
		"started_by": trigger_of(context.translations, run.trigger, run.subject),
		"created": run.created,
		"held": run.held,
	}
