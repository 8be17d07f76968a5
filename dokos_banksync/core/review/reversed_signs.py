"""Bank transactions that another tool stored with the sign reversed: found, and corrected where a user asks for it.

Dokos's own Plaid code stored money in as debit and money out as credit. The lines of such rows are questions (see
`core.importing.earlier_rows`). A correction gives the bank transaction the bank's amount and links its line: one run,
which can be undone. What is reconciled or in a closed period stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.errors import InvalidData, PlanChanged
from dokos_banksync.core.importing.earlier_rows import SIGN_REVERSED, pair_by_id, pair_reversed
from dokos_banksync.core.importing.failed_runs import closed_when_failed
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.windows import around, is_closed
from dokos_banksync.core.model import Action, Decision, ExistingTransaction
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import BankAccountRecord, OpenLine, RunRecord, RunStatus
from dokos_banksync.core.trigger import Trigger


class ReversedRow(NamedTuple):
	"""A line, and the bank transaction that has the opposite amount."""

	line: OpenLine
	transaction: ExistingTransaction
	why_not_reversed: str
	"""Why it is not corrected; empty where it can be."""


class Corrected(NamedTuple):
	"""The run of a correction, and what it left as it is."""

	run: RunRecord
	not_reversed: Sequence[ReversedRow]


def reversed_rows(ledger: Ledger, bank_account: str) -> list[ReversedRow]:
	"""Return the rows of a Bank Account that are stored with the sign reversed, the oldest first. Write nothing."""
	target = ledger.bank_account(bank_account)
	asked = ledger.questions(bank_account)
	if not asked:
		return []
	with ledger.batch() as batch:
		return _find(batch, target, asked)


def correctable_key(rows: Sequence[ReversedRow]) -> str:
	"""Return a text that is equal for the same corrections: the same lines, bank transactions and amounts."""
	chosen = sorted(
		(one.line.name, one.transaction.name, str(one.line.line.amount))
		for one in rows
		if not one.why_not_reversed
	)
	return sha256(json.dumps(chosen).encode()).hexdigest()


def correct(ledger: Ledger, bank_account: str, clock: Clock, approved: str = "") -> Corrected:
	"""Give the rows the bank's sign and link their lines, in one run.

	Raises `InvalidData` where there is none, `PlanChanged` where they are not those of the `approved` key.
	"""
	found = [one for one in reversed_rows(ledger, bank_account) if not one.why_not_reversed]
	if not found:
		raise InvalidData("No bank transaction of {0} can be corrected", bank_account)
	_hold_to(approved, found)
	with ExitStack() as held:
		for connection in sorted({ledger.line_story(one.line.name).connection for one in found}):
			held.enter_context(ledger.hold(connection or f"files of {bank_account}"))
		run = ledger.begin_run("", Trigger.SIGN, clock(), bank_account)
		with closed_when_failed(ledger, run, clock), ledger.batch() as batch:
			again = _find(batch, ledger.bank_account(bank_account), ledger.questions(bank_account))
			_hold_to(approved, again)
			made = [_correction(one) for one in again if not one.why_not_reversed]
			batch.apply(run.name, made, clock())
		run.fetched = run.linked = len(made)
		run.status, run.ended_at = RunStatus.SUCCESS, clock()
		ledger.save_run(run)
	return Corrected(run, [one for one in again if one.why_not_reversed])


def _hold_to(approved: str, rows: Sequence[ReversedRow]) -> None:
	if approved and approved != correctable_key(rows):
		raise PlanChanged("Other rows than those shown would be corrected now: look at them again")


def _find(batch: Batch, target: BankAccountRecord, asked: Sequence[OpenLine]) -> list[ReversedRow]:
	lines = {one.line.remote_id: one for one in asked if not one.transaction}
	own = [one.line for one in lines.values()]
	by_id = pair_by_id(own, batch.earlier(target.name, list(lines)))
	found = {line.remote_id: known for line, known in by_id if known.amount == -line.amount}
	windows = around([line._replace(amount=-line.amount) for line in own], timedelta(0))
	rest = [line for line in own if line.remote_id not in found]
	taken = {known.name for known in found.values()}
	free = [known for known in batch.transactions(target.name, windows) if known.name not in taken]
	found |= pair_reversed(rest, free)
	rows = [ReversedRow(lines[one], known, _why_not_reversed(target, known)) for one, known in found.items()]
	return sorted(rows, key=lambda row: (row.transaction.date, row.transaction.name))


def _why_not_reversed(target: BankAccountRecord, known: ExistingTransaction) -> str:
	if known.reconciled:
		return "It is reconciled"
	return "Its period is closed" if is_closed(known.date, target.lock_date) else ""


def _correction(row: ReversedRow) -> Decision:
	line = row.line
	return Decision(
		action=Action.LINK,
		line=line.line,
		source=line.source,
		bank_account=line.bank_account,
		transaction=row.transaction.name,
		changes={"amount": line.line.amount},
		known=line.name,
		note=SIGN_REVERSED,
	)
