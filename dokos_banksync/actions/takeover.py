"""Sentences and tables about a takeover and its way back, for the form scripts."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.formats import count
from dokos_banksync.core.connection.takeover import AccountForecast, Forecast
from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.records import ConnectionRecord, NotUndone, RunRecord
from dokos_banksync.core.trigger import Trigger

ROWS_SHOWN = 100
_RUNS_READ = 100_000
_COUNTS = (
	("linked_by_id", "{0} linked by their id"),
	("linked_by_content", "{0} linked by day, amount and label"),
	("new", "{0} will be imported"),
	("question", "{0} questions"),
	("sign_reversed", "{0} stored with the sign reversed"),
	("not_imported", "{0} will not be imported (pending, before the start date, in a closed period)"),
)


def forecast_data(context: RequestContext, made: Forecast) -> dict[str, Any]:
	"""Return what a takeover would do, account by account."""
	return {
		"message": context.translations.message(made.remote.message),
		"accounts": [_account(context, one) for one in made.accounts],
		"possible": any(one.pairing.remote for one in made.accounts),
	}


def _account(context: RequestContext, one: AccountForecast) -> dict[str, Any]:
	_, pairing = context.translations, one.pairing
	messages = [
		_(words, count(one.counts[kind], _.language)) for kind, words in _COUNTS if one.counts.get(kind)
	]
	if one.unmatched:
		number = count(len(one.unmatched), _.language)
		messages.append(_("{0} in the books that the bank does not list: they stay", number))
	return {
		"bank_account": pairing.earlier.bank_account,
		"account_name": pairing.remote.account_name if pairing.remote else "",
		"by_mask": pairing.by_mask,
		"start_date": pairing.start_date.isoformat() if pairing.start_date else None,
		"counts": {**one.counts, "unmatched": len(one.unmatched)},
		"messages": messages,
		"reversed": [
			{
				"name": row.known.name,
				"date": row.known.date.isoformat(),
				"amount": str(row.known.amount),
				"currency": row.known.currency,
				"description": row.known.description,
				"reconciled": row.known.reconciled,
			}
			for row in one.reversed_rows[:ROWS_SHOWN]
		],
		"unmatched": [
			{
				"name": row.name,
				"date": row.day.isoformat(),
				"amount": str(-row.amount),
				"currency": pairing.remote.currency if pairing.remote else "",
				"description": row.label,
			}
			for row in one.unmatched[:ROWS_SHOWN]
		],
	}


def runs_to_undo(context: RequestContext, record: ConnectionRecord) -> list[str]:
	"""Return the runs that changed what the connection imported, the latest first: fetches, answers, corrected signs."""
	ledger = context.site.ledger
	accounts = ledger.accounts(record.name)
	sources = {one.source for one in accounts}
	fed = {one.bank_account for one in accounts if one.bank_account}

	def touched(run: RunRecord) -> bool:
		"""Return whether the run changed bank transactions of the connection."""
		if run.connection == record.name:
			return True
		if run.trigger is Trigger.SIGN:
			return run.subject in fed
		return run.trigger is Trigger.ANSWER and _source_of_line(context, run.subject) in sources

	return [run.name for run in ledger.runs("", _RUNS_READ) if touched(run)]


def _source_of_line(context: RequestContext, line: str) -> str:
	"""Return the source of a line; empty for one that is gone, as a cleared log or a removed connection leaves it."""
	try:
		return context.site.ledger.line_story(line).source
	except NotFound:
		return ""


def given_back_data(context: RequestContext, not_undone: list[NotUndone]) -> dict[str, Any]:
	"""Return what was given back, and which bank transactions stay as they are."""
	_ = context.translations
	message = _(
		"Everything is as it was before. The site's own Plaid synchronisation reads the accounts again."
	)
	if not_undone:
		message = _(
			"{0} bank transactions stay as they are, since they are reconciled or were changed. The site's own Plaid "
			"synchronisation reads the accounts again.",
			count(len(not_undone), _.language),
		)
	return {
		"message": message,
		"indicator": "orange" if not_undone else "green",
		"kept": [
			{"transaction": one.transaction, "remote_id": one.remote_id, "why": _.message(one.why)}
			for one in not_undone[:ROWS_SHOWN]
		],
		"kept_count": len(not_undone),
	}
