"""Why a bank transaction or a line is as it is."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.core.review.explain import (
	Explanation,
	HistoryEvent,
	Provenance,
	explain_line,
	explain_transaction,
)


def explain_bank_transaction(context: RequestContext, given: Arguments) -> object:
	"""Return the sources of a bank transaction, and the history of each of its lines."""
	name = given.text("name")
	context.see("Bank Transaction", name)
	return _answer(context, name, explain_transaction(context.site.ledger.transaction_story(name)))


def explain_sync_line(context: RequestContext, given: Arguments) -> object:
	"""Return the history of a line: its bank transaction or why it has none, and each decision."""
	name = given.text("name")
	context.see("Sync Line", name)
	return _answer(context, name, explain_line(context.site.ledger.line_story(name)))


def _answer(context: RequestContext, name: str, found: Explanation) -> dict[str, Any]:
	lines = [_line(context, one) for one in found.provenance]
	return {"name": name, "message": context.translations.message(found.message), "lines": lines}


def _line(context: RequestContext, one: Provenance) -> dict[str, Any]:
	return {
		"line": one.line,
		"origin": context.translations.message(one.origin),
		"remote_id": one.remote_id,
		"events": [_event(context, event) for event in one.events],
	}


def _event(context: RequestContext, one: HistoryEvent) -> dict[str, Any]:
	return {
		"at": context.instant(one.at),
		"run": one.run,
		"message": context.translations.message(one.message),
	}
