"""A bank transaction, and a line of the bank: what each page shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.actions.operation_kind import shown_kind
from dokos_banksync.core.review.explain import explain_line, explain_transaction
from dokos_banksync.hosts.standalone.web.lists import category_options
from dokos_banksync.hosts.standalone.web.request_context import Call, PageScripts
from dokos_banksync.statements.ids import is_made

_TRANSACTIONS = "/bank-transaction"


def transaction(call: Call, name: str) -> Response:
	"""Show a transaction with all that is known of it. Raise `NotFound`."""
	ledger, translations = call.site.ledger, call.translations
	story = ledger.transaction_story(name)
	row = ledger.transaction(name)
	return call.page(
		"transaction.html",
		name,
		_TRANSACTIONS,
		PageScripts("form", "Bank Transaction", doc={"name": name}),
		parent=(_TRANSACTIONS, translations("Bank Transactions")),
		row=row,
		known=story.transaction,
		kind=shown_kind(translations, row.transaction_type),
		own_id="" if is_made(row.transaction_id) else row.transaction_id,
		value_date=_first_day(one.line.value_date for one in story.lines),
		transaction_date=_first_day(one.line.transaction_date for one in story.lines),
		provenance=explain_transaction(story).provenance,
		categories=[("", translations("None")), *category_options(ledger.all_categories())],
		chosen=_category_of(call, name),
	)


def _first_day(days: Iterable[date | None]) -> date | None:
	return next(filter(None, days), None)


def _category_of(call: Call, name: str) -> str:
	value = call.site.ledger.db.value("SELECT category FROM bank_transaction WHERE name = ?", (name,))
	return str(value or "")


def set_category(call: Call, name: str) -> Response:
	"""Set a transaction's category."""
	call.site.ledger.set_transaction_category(name, call.request.form.get("category", ""))
	return call.go(f"{_TRANSACTIONS}/{quote(name, safe='')}")


def line(call: Call, name: str) -> Response:
	"""Show a row of the bank and what became of it."""
	story = call.site.ledger.line_story(name)
	return call.page(
		"line.html",
		name,
		_TRANSACTIONS,
		PageScripts("form", "Sync Line", doc={"name": name}),
		parent=(_TRANSACTIONS, call.translations("Bank Transactions")),
		story=story,
		kind=shown_kind(call.translations, story.line.kind),
		own_id="" if is_made(story.line.remote_id) else story.line.remote_id,
		provenance=explain_line(story).provenance,
	)
