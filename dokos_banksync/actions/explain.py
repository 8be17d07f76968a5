"""Why a bank transaction or a line is as it is."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk
from dokos_banksync.core.review.explain import (
	Explanation,
	HistoryEvent,
	Provenance,
	explain_line,
	explain_transaction,
)


def explain_bank_transaction(desk: Desk, given: Arguments) -> object:
	"""Where it came from, and what happened to each line that it stands on."""
	name = given.text("name")
	desk.see("Bank Transaction", name)
	return _answer(desk, name, explain_transaction(desk.site.ledger.transaction_story(name)))


def explain_sync_line(desk: Desk, given: Arguments) -> object:
	"""What became of it, and why."""
	name = given.text("name")
	desk.see("Sync Line", name)
	return _answer(desk, name, explain_line(desk.site.ledger.line_story(name)))


def _answer(desk: Desk, name: str, found: Explanation) -> dict[str, Any]:
	lines = [_line(desk, one) for one in found.provenance]
	return {"name": name, "told": desk.translations.message(found.message), "lines": lines}


def _line(desk: Desk, one: Provenance) -> dict[str, Any]:
	return {
		"line": one.line,
		"origin": desk.translations.message(one.origin),
		"remote_id": one.remote_id,
		"happenings": [_happening(desk, happening) for happening in one.happenings],
	}


def _happening(desk: Desk, one: HistoryEvent) -> dict[str, Any]:
	return {"at": desk.instant(one.at), "run": one.run, "told": desk.translations.message(one.message)}
