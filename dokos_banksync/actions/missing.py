"""What the bank has now and what is here; and taking what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.messages import why
from dokos_banksync.actions.undo import run_data
from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.importing.feeds import feeding
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.review.missing import TAKEN_UNASKED, AccountView, Finding, Kind, look, take

ROWS_SHOWN = 1_000
LATELY = timedelta(days=90)
"""How far back banks are asked for transactions without the user's presence."""

_ORDER = {kind: place for place, kind in enumerate(Kind)}


def feeding_connections(context: RequestContext, bank_account: str) -> list[ConnectionRecord]:
	"""Return the connections of a Bank Account that the user may see."""
	ledger = context.site.ledger
	return [
		record
		for record in context.connections(ledger.bank_account(bank_account).bank)
		if any(one.bank_account == bank_account and feeding(one) for one in ledger.accounts(record.name))
	]


def find_missing(context: RequestContext, given: Arguments) -> object:
	"""Return what is missing in a Bank Account since a day: ask each of its providers, and write nothing."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	since = given.day("since") or context.site.clock().date() - LATELY
	connections = feeding_connections(context, account)
	if not connections:
		raise NotFound("No connection feeds {0}: there is no bank to ask", account)
	views = [view for record in connections for view in _views(context, record, account, since)]
	return {"since": since.isoformat(), "accounts": [_account(context, view) for view in views]}


def _views(context: RequestContext, record: ConnectionRecord, account: str, since: date) -> list[AccountView]:
	provider = context.site.provider_of(record.provider)
	return look(
		context.site.ledger,
		provider,
		record.name,
		since=since,
		clock=context.site.clock,
		bank_account=account,
		context=context.presence,
		progress=context.step,
	)


def _account(context: RequestContext, view: AccountView) -> dict[str, Any]:
	rows = sorted(view.findings, key=lambda one: (_ORDER[one.kind], -one.line.date.toordinal()))
	counts = Counter(one.kind for one in view.findings)
	return {
		"connection": view.account.connection,
		"account_name": view.account.remote.account_name,
		"correct": view.correct,
		"refused": len(view.refused),
		"rows": [_row(context, one) for one in rows[:ROWS_SHOWN]],
		"count": len(rows),
		"unasked": sum(counts[kind] for kind in TAKEN_UNASKED),
		"counts": [
			{"kind": context.translations(kind.value), "count": counts[kind]} for kind in Kind if counts[kind]
		],
	}


def _row(context: RequestContext, one: Finding) -> dict[str, Any]:
	line = one.line
	return {
		"id": line.remote_id,
		"kind": one.kind.name.lower(),
		"label": context.translations(one.kind.value),
		"date": line.date.isoformat(),
		"amount": str(line.amount),
		"currency": line.currency,
		"description": line.description or line.original,
		"transaction": one.transaction,
		"why": why(context.translations, one.reason.value, one.note),
		"takeable": one.kind is not Kind.PENDING and one.reason is not Reason.CURRENCY,
		"chosen": one.kind in TAKEN_UNASKED,
	}


def take_missing(context: RequestContext, given: Arguments) -> object:
	"""Import the lines of the chosen ids, or with `everything` all suggested ones. They are fetched again first."""
	record, since = context.connection(given.text("connection")), given.day("since")
	account, chosen = given.text("bank_account"), _chosen(given)
	context.see("Bank Account", account)
	if since is None or record.name not in [one.name for one in feeding_connections(context, account)]:
		raise NotFound("No connection feeds {0}: there is no bank to ask", account)
	provider = context.site.provider_of(record.provider)
	run = take(
		context.site.ledger,
		provider,
		record.name,
		since=since,
		clock=context.site.clock,
		chosen=chosen,
		bank_account=account,
		progress=context.step,
	)
	return run_data(context, run)


def _chosen(given: Arguments) -> Sequence[str] | None:
	if given.flag("everything"):
		return None
	chosen = given.names("chosen")
	if not chosen:
		raise InvalidData("Nothing is chosen: tick what to import")
	return chosen
