"""Ambiguous lines: list them, and apply the user's answers."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.duplicates import side
from dokos_banksync.actions.undo import run_data
from dokos_banksync.core.review.questions import Question, answer, questions

QUESTIONS_SHOWN = 50


def open_questions(context: RequestContext, given: Arguments) -> object:
	"""Return the questions of a Bank Account, the oldest first, each with its present candidates."""
	account = given.text("bank_account")
	context.see("Bank Account", account)
	found = questions(context.site.ledger, account)
	return {"questions": [_row(one) for one in found[:QUESTIONS_SHOWN]], "count": len(found)}


def _row(one: Question) -> dict[str, Any]:
	line = one.line
	return {
		"line": one.name,
		"date": line.date.isoformat(),
		"amount": str(line.amount),
		"currency": line.currency,
		"description": line.description or line.original,
		"original": line.original,
		"unlisted": one.unlisted,
		"candidates": [side(candidate) for candidate in one.candidates],
		"imported": [side(part) for part in one.imported],
	}


def answer_question(context: RequestContext, given: Arguments) -> object:
	"""Apply the answer to a question; see `core.review.questions.answer`."""
	line = given.text("line")
	context.see("Sync Line", line)
	# It is of the line's own account, or refused; one that was deleted is not a document any more.
	return run_data(
		context, answer(context.site.ledger, line, given.optional("transaction"), context.site.clock)
	)
