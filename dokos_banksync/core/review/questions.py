"""Lines that may be one of several bank transactions, and bank transactions that the bank no longer lists: a user decides.

A question of the first kind closes by itself when a later run finds only one answer, for a line that is asked about is matched
again by every run of its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import groupby
from typing import NamedTuple

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.failed_runs import closed_when_failed
from dokos_banksync.core.importing.sum_notes import COUNTED_IN
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.exact import NEAR_DAYS, candidates
from dokos_banksync.core.matching.windows import around, kept_when_removed
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import (
	Action,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	LineState,
	Reason,
)
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import Candidate, LineStory, OpenLine, RunRecord, RunStatus
from dokos_banksync.core.review.counted_elsewhere import counted_elsewhere, imported_parts, still_adds_up
from dokos_banksync.core.review.other_amounts import changes_of, of_other_amount
from dokos_banksync.core.trigger import Trigger

_NEAR = timedelta(days=NEAR_DAYS)
_OPEN = (Reason.AMBIGUOUS, Reason.EXCLUDED)
_NEW, _SAME = "A user decided that it is a new one", "A user decided it"
_STAYS, _GOES = "A user decided that it stays", "A user decided that the bank has removed it"


class Question(NamedTuple):
	"""A line, and what it may be, the likeliest first. It may always be a new one too.

	A candidate that is marked `deleted` is a bank transaction that a user deleted.
	"""

	name: str
	"""Name of the line."""
	line: Line
	source: str
	bank_account: str
	candidates: Sequence[Candidate]
	unlisted: bool = False
	"""The only candidate is the line's own bank transaction, which the bank no longer lists: does it stay?"""
	imported: Sequence[Candidate] = ()
	"""Further parts of the sum that were imported before: they are removed where a candidate counts the line."""


def questions(ledger: Ledger, bank_account: str = "") -> list[Question]:
	"""Return all open questions, of one bank account or of all. Writes nothing.

	The candidates are computed again: there may be only one by now, or none.
	"""
	asked = sorted(ledger.questions(bank_account), key=lambda one: one.bank_account)
	unlisted = [one for one in asked if one.transaction]
	found: list[_Choices] = []
	for account, group in groupby((one for one in asked if not one.transaction), _account):
		found += _choices(ledger, account, list(group))
	names = {k.name for one in found for k in (*one.known, *one.imported) if not k.deleted}
	names |= {one.transaction for one in unlisted}
	shown = (
		{candidate.known.name: candidate for candidate in ledger.candidates(sorted(names))} if names else {}
	)
	return [
		*(_shown(one, shown) for one in found),
		*(_question(one, [shown[one.transaction]]) for one in unlisted if one.transaction in shown),
	]


class _Choices(NamedTuple):
	line: OpenLine
	known: list[ExistingTransaction]
	imported: Sequence[ExistingTransaction]


def _shown(one: _Choices, shown: Mapping[str, Candidate]) -> Question:
	account = one.line.bank_account
	candidates = [shown.get(k.name) or _deleted(k, account) for k in one.known]
	return _question(one.line, candidates)._replace(imported=[shown[k.name] for k in one.imported])


def _account(one: OpenLine) -> str:
	return one.bank_account


def _question(one: OpenLine, candidates: Sequence[Candidate]) -> Question:
	return Question(
		name=one.name,
		line=one.line,
		source=one.source,
		bank_account=one.bank_account,
		candidates=candidates,
		unlisted=bool(one.transaction),
	)


def _choices(ledger: Ledger, bank_account: str, asked: Sequence[OpenLine]) -> Iterator[_Choices]:
	with ledger.batch() as batch:
		known = _near(batch, bank_account, [one.line for one in asked])
		changed = of_other_amount(ledger, batch, bank_account, asked)
		elsewhere = counted_elsewhere(batch, bank_account, asked)
		imported = imported_parts(batch, bank_account, asked)
	by_amount: dict[object, list[ExistingTransaction]] = {}
	for transaction in known:
		by_amount.setdefault(transaction.amount, []).append(transaction)
	for one in asked:
		equal = candidates(one.line, by_amount.get(one.line.amount, ()), one.source)
		further = [*([changed[one.name]] if one.name in changed else []), *elsewhere.get(one.name, ())]
		choices = [*further, *(known for known in equal if known not in further)]
		yield _Choices(one, choices, imported.get(one.name, ()))


def _near(batch: Batch, bank_account: str, lines: Sequence[Line]) -> list[ExistingTransaction]:
	return batch.transactions(bank_account, around(lines, _NEAR))


def _deleted(known: ExistingTransaction, bank_account: str) -> Candidate:
	return Candidate(known=known, bank_account=bank_account, transaction_id="", received="", category="")


def answer(ledger: Ledger, line: str, transaction: str, clock: Clock) -> RunRecord:
	"""Store which bank transaction a line is, as a user answered; empty for a new one. The run can be undone.

	A line that a user left out may be answered for likewise, once it is booked: so it is taken after all.
	Any bank transaction of the account may be named that has the line's currency and amount, lies near its
	day and is not listed by its source already; one of its id and another amount as well, which gets the amount of the
	later export; and one that counts its money: the first row under its id, the sum of which it is a part, one of its
	parts. One that was deleted is the answer "that one, and it stays away". Where the bank no longer lists a bank transaction, its name is the answer that it stays, and an empty one
	that the bank has removed it. Raises `NotFound` for a line that does not exist, `InvalidData` for one that is not an open question
	and for a bank transaction that it cannot be.
	"""
	story = ledger.line_story(line)
	currency = ledger.bank_account(story.bank_account).currency
	if story.line.currency != currency:
		raise InvalidData("{0} cannot be imported: {1}", story.line.remote_id, Reason.CURRENCY)
	with _holding(ledger, story):
		with ledger.batch() as batch:
			_decide(ledger, batch, story, transaction)
		run = ledger.begin_run("", Trigger.ANSWER, clock(), line)
		# What was stored can be undone by the name of the run only once that has ended.
		with closed_when_failed(ledger, run, clock), ledger.batch() as batch:
			decided = _decide(ledger, batch, story, transaction)
			refused = batch.apply(run.name, decided, clock())
		_count(run, decided, len(refused))
		run.status, run.ended_at = RunStatus.PARTIAL if refused else RunStatus.SUCCESS, clock()
		ledger.save_run(run)
	return run


def _holding(ledger: Ledger, story: LineStory) -> AbstractContextManager[None]:
	"""No run of the line's own feed or file may run meanwhile."""
	return ledger.hold(story.connection or f"files of {story.bank_account}")


def _decide(ledger: Ledger, batch: Batch, story: LineStory, transaction: str) -> list[Decision]:
	"""Return the decision about a line, and those about the imported parts of the same sum."""
	made = _decide_line(ledger, batch, story, transaction)
	own = OpenLine(story.name, story.line, story.source, story.bank_account, note=story.note)
	counted = made.reason is Reason.DUPLICATE and not made.transaction
	if counted and not still_adds_up(batch, story.bank_account, own):
		raise InvalidData(
			"What the question about {0} names has changed since: fetch, then answer", story.name
		)
	parts = imported_parts(batch, story.bank_account, [own]).get(story.name, ()) if counted else ()
	return [made, *(_remove_part(ledger, story, part, transaction) for part in parts)]


def _remove_part(ledger: Ledger, story: LineStory, part: ExistingTransaction, counted_in: str) -> Decision:
	"""Return the decision about a bank transaction whose money another one counts. Raises `InvalidData` if it is protected."""
	if part.reconciled:
		raise InvalidData("{0} is reconciled: undo its reconciliation first, or keep it", part.name)
	if kept_when_removed(part, story.lock_date):
		raise InvalidData("{0} lies in a closed period: open that first, or keep it", part.name)
	[own] = ledger.transaction_story(part.name).lines
	known = ExistingLine(own.name, own.line, own.reason, part, source=own.source)
	note = Message(COUNTED_IN, counted_in)
	made = _decision(known, story, Action.REMOVE, transaction=part.name, note=note)
	return made._replace(reason=Reason.DUPLICATE)


def _decide_line(ledger: Ledger, batch: Batch, story: LineStory, transaction: str) -> Decision:
	known = next(iter(batch.lines(story.source, [story.line.remote_id])), None)
	if known and known.reason is Reason.UNLISTED and known.transaction:
		return _stays_or_goes(known, story, known.transaction, transaction)
	if known is None or known.reason not in _OPEN or known.line.state is not LineState.BOOKED:
		raise InvalidData("{0} is not an open question (any more)", story.name)
	if not transaction:
		return _decision(known, story, Action.NEW, transaction="", note=_NEW)
	if further := _of_another_row(ledger, batch, story, known=known, name=transaction):
		return further
	chosen = _chosen(_near(batch, story.bank_account, [known.line]), known.line, story.source, transaction)
	if chosen.deleted:
		return _decision(
			known, story, Action.HOLD, transaction=transaction, note=_SAME, reason=Reason.DELETED
		)
	return _decision(known, story, Action.LINK, transaction=transaction, note=_SAME)


def _of_another_row(
	ledger: Ledger, batch: Batch, story: LineStory, known: ExistingLine, name: str
) -> Decision | None:
	"""Return the decision where the chosen bank transaction has another amount, or a row of the same source."""
	own = OpenLine(story.name, known.line, story.source, story.bank_account, note=story.note)
	changed = of_other_amount(ledger, batch, story.bank_account, [own]).get(story.name)
	if changed and changed.name == name:
		made = _decision(known, story, Action.LINK, transaction=name, note=_SAME)
		return made._replace(changes=changes_of(ledger, story, changed))
	elsewhere = counted_elsewhere(batch, story.bank_account, [own]).get(story.name, ())
	chosen = next((one for one in elsewhere if one.name == name), None)
	if chosen is None:
		return None
	same = chosen.amount == known.line.amount
	return _decision(
		known,
		story,
		Action.HOLD,
		transaction=name if same else "",
		note=_SAME if same else Message(COUNTED_IN, name),
		reason=Reason.DUPLICATE,
	)


def _stays_or_goes(known: ExistingLine, story: LineStory, own: ExistingTransaction, chosen: str) -> Decision:
	if chosen == own.name:
		return _decision(known, story, Action.UPDATE, transaction=own.name, note=_STAYS, reason=Reason.KEPT)
	if chosen:
		raise InvalidData("The question is whether {0} stays: name it, or none to remove it", own.name)
	if own.reconciled:
		raise InvalidData("{0} is reconciled: undo its reconciliation first, or keep it", own.name)
	if kept_when_removed(own, story.lock_date):
		raise InvalidData("{0} lies in a closed period: open that first, or keep it", own.name)
	gone = known._replace(line=known.line._replace(state=LineState.REMOVED))
	return _decision(gone, story, Action.REMOVE, transaction=own.name, note=_GOES, reason=Reason.REMOVED)


def _chosen(near: Iterable[ExistingTransaction], line: Line, source: str, name: str) -> ExistingTransaction:
	for one in near:
		if one.name == name and one.currency == line.currency and source not in one.sources:
			return one
	raise InvalidData(
		"The row cannot be {0}: another account, currency or amount, a day too far away, or matched by its source already",
		name,
	)


def _decision(
	known: ExistingLine,
	story: LineStory,
	action: Action,
	transaction: str,
	note: str,
	reason: Reason = Reason.NONE,
) -> Decision:
	return Decision(
		action=action,
		line=known.line,
		source=story.source,
		bank_account=story.bank_account,
		reason=reason,
		transaction=transaction,
		known=known.name,
		note=note,
	)


def _count(run: RunRecord, decided: Sequence[Decision], refused: int) -> None:
	made = decided[0]
	run.fetched = 1
	run.refused = refused
	run.created = int(made.action is Action.NEW) - refused
	run.linked = int(made.action is Action.LINK)
	run.held = int(made.action is Action.HOLD)
	run.updated = int(made.action is Action.UPDATE)
	run.removed = sum(one.action is Action.REMOVE for one in decided)
