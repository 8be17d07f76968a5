"""A statement file, sent by a browser: how it is read, what would come of it, and importing exactly that."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.file_import import (
	ContradictedBalances,
	ImportOptions,
	PreparedImport,
	prepare,
	take,
)
from dokos_banksync.actions.plan_rows import plan_data
from dokos_banksync.actions.reading_questions import BELOW, ROLE_LABELS, sentence_above_choices
from dokos_banksync.actions.undo import run_data
from dokos_banksync.core.errors import InvalidData, NotFound, SyncError
from dokos_banksync.core.review.dry_run import approve, plan_rows
from dokos_banksync.statements.amounts import MARKS
from dokos_banksync.statements.contract import (
	ALL_SIGNS,
	TOO_MANY,
	ReadingOptions,
	ReadingQuestion,
	Refused,
)
from dokos_banksync.statements.days import ALL_ORDERS
from dokos_banksync.statements.registry import read, table
from dokos_banksync.statements.roles import Setting, by_role

LARGEST = 5 * 2**20
"""Bytes of a file: what hosts take in one call, with room for its wrapping. The command line takes larger ones."""

MOST = 20_000
"""Rows of a file that can be previewed and stored within one call of a browser."""

REFUSED_SHOWN = 100
REMARKS_SHOWN = 20
ACCOUNTS_SHOWN = 100
EXAMPLES, EXAMPLE = 3, 80


def preview_file(context: RequestContext, given: Arguments) -> object:
	"""Return how the file is read, and what its import would do. Only the plan is stored.

	A table that cannot be understood, or a file of several accounts, is not a failure here: the user is shown
	what was found, and chooses.
	"""
	account, content = given.text("bank_account"), _content(given)
	context.see("Bank Account", account)
	try:
		prepared = _prepare(context, given, content)
	except (InvalidData, NotFound) as error:
		return _question(context, given, content, error)
	_check(context, account, prepared)
	ledger, clock = context.site.ledger, context.site.clock
	plan = plan_rows(ledger, account, prepared.rows, clock=clock, progress=context.step)
	understood = _understood(context, prepared, table(content, given.optional("sheet")))
	sheets = {"sheet": given.optional("sheet"), "sheets": _sheets(given, content)}
	return {**understood, **sheets, **_choices(context), "plan": plan_data(context, plan, {})}


def _question(
	context: RequestContext, given: Arguments, content: bytes, error: InvalidData | NotFound
) -> dict[str, Any]:
	"""Return what a user is asked before the file can be read. Raises the error where no answer would help."""
	if error.sentence == TOO_MANY:
		raise error
	sheets = _sheets(given, content, error)
	open_sheet = bool(sheets) and not given.optional("sheet")
	columns = [] if open_sheet else table(content, given.optional("sheet"))
	accounts = [] if open_sheet else _accounts(context, given, content)
	mismatches = error.mismatches if isinstance(error, ContradictedBalances) else ()
	answered = error.sentence in BELOW
	if not (columns or accounts or sheets or mismatches or answered):
		raise error
	return {
		"problem": sentence_above_choices(context.translations, error),
		"columns": _columns(columns),
		"mapping": error.suggested if isinstance(error, ReadingQuestion) else {},
		"accounts": accounts,
		"sheets": sheets,
		"mismatches": [context.translations(text) for text in mismatches[:REMARKS_SHOWN]],
		**{name: given.optional(name) for name in ("account", "dates", "decimal", "sign", "sheet")},
		**_choices(context),
	}


def _sheets(given: Arguments, content: bytes, error: SyncError | None = None) -> list[str]:
	"""Return the sheets or tables among which the user must choose, or has chosen; empty where there is no choice."""
	if given.optional("sheet"):
		try:
			read(content, ReadingOptions("EUR", most=MOST))
		except InvalidData as question:
			error = question
	choices = error.choices if isinstance(error, ReadingQuestion) else ()
	return [choice["sheet"] for choice in choices if "sheet" in choice]


def import_file(context: RequestContext, given: Arguments) -> object:
	"""Import what was shown, without the rows that were left out. Raises `PlanChanged` where it has become something else."""
	account, content = given.text("bank_account"), _content(given)
	context.see("Bank Account", account)
	prepared = _prepare(context, given, content)
	_check(context, account, prepared)
	approved = approve(context.site.ledger, given.text("key"), given.names("leave_out"))
	ledger, clock = context.site.ledger, context.site.clock
	return run_data(context, take(ledger, prepared, clock=clock, progress=context.step, plan=approved))


def _content(given: Arguments) -> bytes:
	text = given.optional("content")
	if len(text) > LARGEST * 4 // 3 + 4:
		raise InvalidData("The file is larger than {0} MB: export fewer months at a time", LARGEST // 2**20)
	try:
		return base64.b64decode(text, validate=True)
	except (binascii.Error, ValueError) as error:
		raise InvalidData("The file did not arrive whole: choose it again") from error


def _accounts(context: RequestContext, given: Arguments, content: bytes) -> list[str]:
	"""Return the numbers of the accounts of a file that can be read."""
	held = context.site.ledger.bank_account(given.text("bank_account"))
	try:
		statement = read(content, replace(_reading_options(given), currency=held.currency))
	except InvalidData:
		return []
	return [account.number for account in statement.accounts if account.number][:ACCOUNTS_SHOWN]


def _reading_options(given: Arguments) -> ReadingOptions:
	return ReadingOptions(
		columns=given.texts("columns"),
		dates=given.optional("dates"),
		decimal=given.optional("decimal"),
		most=MOST,
		sign=given.optional("sign"),
		sheet=given.optional("sheet"),
	)


def _prepare(context: RequestContext, given: Arguments, content: bytes) -> PreparedImport:
	options = ImportOptions(
		reading=_reading_options(given),
		account=given.optional("account"),
		accept_mismatches=given.flag("accept_mismatches"),
	)
	return prepare(
		context.site.ledger,
		given.text("bank_account"),
		given.text("file_name"),
		content=content,
		options=options,
		today=context.site.clock().date(),
	)


def _check(context: RequestContext, account: str, prepared: PreparedImport) -> None:
	"""Refuse a file with too many rows. For a file imported into an account that the user may not see, omit its name."""
	if len(prepared.rows.lines) + len(prepared.rows.refused) > MOST:
		raise InvalidData(TOO_MANY, MOST)
	before = context.site.ledger.file_account(prepared.rows.source)
	if not before or before == account:
		return
	try:
		context.see("Bank Account", before)
	except NotFound as error:
		raise InvalidData(
			"{0} was imported into another account already: a file belongs to one account", prepared.rows.name
		) from error


def _understood(
	context: RequestContext, prepared: PreparedImport, columns: Sequence[Sequence[str]]
) -> dict[str, Any]:
	mapping = prepared.statement.mapping
	refused = prepared.account.refused
	balance = prepared.account.balance
	return {
		"problem": "",
		"format": prepared.statement.format,
		"columns": _columns(columns),
		"mapping": {role.value: column for role, column in by_role(mapping).items()},
		"dates": mapping.get(Setting.DATE_FORMAT, ""),
		"decimal": mapping.get(Setting.DECIMAL, ""),
		"sign": mapping.get(Setting.SIGN, ""),
		"mismatches": [context.translations(text) for text in prepared.account.mismatches[:REMARKS_SHOWN]],
		"account": prepared.account.number,
		"accounts": [one.number for one in prepared.statement.accounts][:ACCOUNTS_SHOWN],
		"remarks": [
			context.translations.message(remark) for remark in prepared.statement.remarks[:REMARKS_SHOWN]
		],
		"refused": [_refused(context, row) for row in refused[:REFUSED_SHOWN]],
		"refused_count": len(refused),
		"balance": str(balance.amount) if balance else None,
		"balance_day": balance.day.isoformat() if balance else None,
		"currency": prepared.target.currency,
	}


def _refused(context: RequestContext, row: Refused) -> dict[str, Any]:
	return {"row": row.row, "reason": context.translations.message(row.reason), "text": row.text}


def _choices(context: RequestContext) -> dict[str, Any]:
	"""Return what a column may hold, and how days and amounts may be written."""
	roles = [{"role": role, "label": context.translations(label)} for role, label in ROLE_LABELS.items()]
	return {"roles": roles, "orders": list(ALL_ORDERS), "marks": list(MARKS), "signs": list(ALL_SIGNS)}


def _columns(columns: Sequence[Sequence[str]]) -> list[Mapping[str, object]]:
	"""Return the name of each column, with examples from its first rows."""
	return [
		{"name": title or f"#{number}", "examples": [_cut(text) for text in below if text][:EXAMPLES]}
		for number, (title, *below) in enumerate(columns, 1)
	]


def _cut(text: str) -> str:
	return text if len(text) <= EXAMPLE else text[: EXAMPLE - 1] + "…"
