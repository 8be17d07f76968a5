"""From lines to decisions: what becomes of each line, and why. Nothing is read or written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dokos_banksync.core.importing.doubts import with_doubts
from dokos_banksync.core.importing.feed import Feed
from dokos_banksync.core.importing.sum_notes import noted
from dokos_banksync.core.matching.exact import NEAR_DAYS, Match, match
from dokos_banksync.core.matching.windows import is_closed, kept_when_removed, reason_not_imported
from dokos_banksync.core.model import (
	NO_CHANGES,
	SUPPRESSED,
	Action,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	LineState,
	MatchEvidence,
	Reason,
)

__all__ = [
	"NEAR_DAYS",
	"Feed",
	"IdMatches",
	"plan_by_content",
	"plan_by_id",
	"plan_merged",
	"still_ambiguous",
]

_WAITING = {LineState.PENDING: Reason.PENDING, LineState.FUTURE: Reason.FUTURE}
_CONTENT = ("date", "amount", "description", "category")
_FIRST_OF_METADATA = Line._fields.index("updated_at")
"""Fields of a line before these are what the bank says; the last two are when it said it, and the row as it came."""


@dataclass
class IdMatches:
	"""Lines sorted by what is known of their ids.

	`fresh` lines are to be matched by content; `released` ones were undone by the bank and leave their bank
	transaction free for a line that is the same under another id.
	"""

	decisions: list[Decision] = field(default_factory=list)
	fresh: list[Line] = field(default_factory=list)
	released: list[tuple[Line, str]] = field(default_factory=list)


def plan_by_id(feed: Feed, lines: Iterable[Line], known: Mapping[str, ExistingLine]) -> IdMatches:
	"""Decide what the ids decide; `known` holds the lines of the feed by remote id."""
	out = IdMatches()
	for line in lines:
		held = known.get(line.remote_id)
		if held is None:
			_decide_unknown(feed, line, out)
		else:
			_decide_known(feed, line, held, out)
	return out


def _decide_unknown(feed: Feed, line: Line, out: IdMatches) -> None:
	"""Hold or pass on a line whose id is unknown; the removal of an unknown line is ignored."""
	if line.state is LineState.REMOVED:
		return
	if reason := _reason(feed, line):
		out.decisions.append(_hold(feed, line, reason))
	else:
		out.fresh.append(line)


def _decide_known(feed: Feed, line: Line, held: ExistingLine, out: IdMatches) -> None:
	transaction = held.transaction
	if held.reason in SUPPRESSED:
		out.decisions.append(_suppressed(feed, line, held))
	elif line.state is not LineState.BOOKED and transaction:
		gone = held.line._replace(state=line.state, updated_at=line.updated_at)
		out.released.append((gone, transaction.name))
	elif transaction:
		out.decisions.append(_changed(feed, line, held, transaction))
	elif line.state is LineState.REMOVED:
		out.decisions.append(_unlinked_removal(feed, line, held))
	else:
		_decide_unlinked(feed, line, held, out)


def _decide_unlinked(feed: Feed, line: Line, held: ExistingLine, out: IdMatches) -> None:
	"""Decide a stored line without a bank transaction again: its reason may no longer apply."""
	reason = _reason(feed, line)
	if not reason:
		out.fresh.append(line)
	elif reason is held.reason and _same(line, held.line):
		out.decisions.append(_decide(Action.SAME, feed, line, reason=reason, known=held.name))
	else:
		out.decisions.append(_hold(feed, line, reason, known=held.name))


def _changed(feed: Feed, line: Line, held: ExistingLine, transaction: ExistingTransaction) -> Decision:
	if _same(line, held.line):
		return _decide(Action.SAME, feed, line, transaction=transaction.name, known=held.name)
	changes = _changes(feed, line, held.line, transaction)
	note = ""
	if changes.keys() & {"amount", "date"} and _is_protected(feed, line, transaction):
		note = "Changed at the bank after it was reconciled or its period was closed; kept as it was"
		changes = _allowed_when_protected(changes)
	return _decide(
		Action.UPDATE, feed, line, transaction=transaction.name, known=held.name, changes=changes, note=note
	)


def _changes(feed: Feed, line: Line, before: Line, transaction: ExistingTransaction) -> dict[str, object]:
	"""Return what the bank changed and no user did: a value is replaced only while it is what the bank gave."""
	current = {
		"date": before.date == transaction.date,
		"amount": before.amount == transaction.amount,
		"description": before.description == transaction.description,
		"category": feed.categories.get(before.category, "") == transaction.category,
	}
	return {
		name: getattr(line, name)
		for name in _CONTENT
		if current[name] and getattr(line, name) != getattr(before, name)
	}


def _is_protected(feed: Feed, line: Line, transaction: ExistingTransaction) -> bool:
	return transaction.reconciled or is_closed(min(line.date, transaction.date), feed.lock_date)


def _allowed_when_protected(changes: Mapping[str, object]) -> dict[str, object]:
	"""Return what may change on a bank transaction that is reconciled or in a closed period."""
	return {name: value for name, value in changes.items() if name == "category"}


def _unlinked_removal(feed: Feed, line: Line, held: ExistingLine) -> Decision:
	if held.line.state is LineState.REMOVED:
		return _decide(Action.SAME, feed, line, reason=Reason.REMOVED, known=held.name)
	gone = held.line._replace(state=LineState.REMOVED, updated_at=line.updated_at)
	return _decide(Action.REMOVE, feed, gone, reason=Reason.REMOVED, known=held.name)


def _suppressed(feed: Feed, line: Line, held: ExistingLine) -> Decision:
	"""What a user deleted stays deleted, even if the bank changes it. A removal keeps what the line was."""
	if line.state is LineState.REMOVED:
		line = held.line._replace(state=LineState.REMOVED, updated_at=line.updated_at)
	action = Action.SAME if _same(line, held.line) else Action.HOLD
	name = held.transaction.name if held.transaction else ""
	return _decide(action, feed, line, reason=held.reason, transaction=name, known=held.name)


def plan_by_content(
	feed: Feed, fresh: Sequence[Line], released: Mapping[str, Line], known: Iterable[ExistingTransaction]
) -> list[Decision]:
	"""Decide what content decides: lines of equal amounts, with the bank transactions of those amounts.

	`released` has the removed lines by their bank transaction. A fresh line with the same content takes the bank
	transaction over, so that a user's changes to it are preserved. The removals come last.
	"""
	known = _without_released(known, released, feed.source)
	decisions = _plan_fresh(feed, fresh, known, released)
	if not released:
		return decisions
	kept = {one.name: kept_when_removed(one, feed.lock_date) for one in known if one.name in released}
	decisions += [
		_decide(
			Action.REMOVE,
			feed,
			line,
			reason=_WAITING.get(line.state, Reason.REMOVED),
			transaction=name,
			note=kept.get(name, ""),
		)
		for name, line in released.items()
	]
	return decisions


def _without_released(
	known: Iterable[ExistingTransaction], released: Mapping[str, Line], source: str
) -> list[ExistingTransaction]:
	"""Return the bank transactions, those that the source's removed lines leave as free for it."""
	known = list(known)
	if not released:
		return known
	live = {one.name for one in known if not one.deleted}
	return [
		# A duplicate that was merged into it has its name too, and is not what the bank gives again.
		one._replace(sources=one.sources - {source})
		if one.name in released and not (one.deleted and one.name in live)
		else one
		for one in known
	]


def plan_merged(feed: Feed, lines: Iterable[Line], merged: Mapping[str, ExistingLine]) -> list[Decision]:
	"""Decide lines that were merged into another bank transaction and have new ids: the new lines replace the old ones.

	`merged` has the old lines by the id of the new one.
	"""
	decisions = []
	for line in lines:
		if old := merged.get(line.remote_id):
			name = old.transaction.name if old.transaction else ""
			gone = old.line._replace(state=LineState.REMOVED)
			decisions.append(_hold(feed, line, old.reason, transaction=name))
			decisions.append(_hold(feed, gone, old.reason, transaction=name, known=old.name))
	return decisions


def still_ambiguous(made: Decision, held: ExistingLine | None) -> Decision:
	"""Return the decision, or `SAME` for a question about a line that says what it said when it was asked about. A question that
	names other bank transactions than before is stored again.
	"""
	if made.reason is not Reason.AMBIGUOUS or held is None or held.reason is not Reason.AMBIGUOUS:
		return made
	if (names := noted(made.note)) and names != noted(held.note):
		return made._replace(known=held.name)
	return made._replace(action=Action.SAME, known=held.name) if _same(made.line, held.line) else made


def _plan_fresh(
	feed: Feed, lines: Sequence[Line], known: list[ExistingTransaction], released: Mapping[str, Line]
) -> list[Decision]:
	found = match(lines, known, feed.source, released, known_days=feed.known_days, own_days=feed.own_days)
	found = with_doubts(feed, found, lines, known, released=released)
	decided = {m.line.remote_id: _link(feed, m, released) for m in found.matches}
	asked = {m.line.remote_id: _propose(feed, m) for m in found.proposals}
	decided |= asked | {line.remote_id: _ask(feed, line) for line in found.ambiguous}
	return [decided.get(line.remote_id) or _decide(Action.NEW, feed, line) for line in lines]


def _ask(feed: Feed, line: Line) -> Decision:
	return _hold(feed, line, Reason.AMBIGUOUS)


def _propose(feed: Feed, found: Match) -> Decision:
	"""Transactions that a user deleted are not proposed: the user is asked."""
	proposed = "" if found.transaction.deleted else found.transaction.name
	return _ask(feed, found.line)._replace(proposed=proposed)


def link_by_id(feed: Feed, line: Line, transaction: ExistingTransaction) -> Decision:
	"""Decide for a line whose id the bank gave to an existing bank transaction in another file."""
	return _link(feed, Match(line, transaction, MatchEvidence.EXACT_ID), {})


def link_of_day(feed: Feed, line: Line, transaction: str, evidence: MatchEvidence) -> Decision:
	"""Decide for a line of which an existing bank transaction has the day and amount, and the label or the reference."""
	return _decide(Action.LINK, feed, line, transaction=transaction, note=evidence.value, evidence=evidence)


def _link(feed: Feed, found: Match, released: Mapping[str, Line]) -> Decision:
	"""A line that takes over from one of its own source brings what the bank changed with the id."""
	line, transaction, evidence = found
	if transaction.deleted:
		reason = Reason.EXCLUDED if transaction.left_out else Reason.DELETED
		return _decide(
			Action.HOLD,
			feed,
			line,
			reason=reason,
			transaction=transaction.name,
			note=evidence.value,
			evidence=evidence,
		)
	before = released.get(transaction.name)
	changes = _changes(feed, line, before, transaction) if before else {}
	if _is_protected(feed, line, transaction):
		changes = _allowed_when_protected(changes)
	return _decide(
		Action.LINK,
		feed,
		line,
		transaction=transaction.name,
		changes=changes,
		note=evidence.value,
		evidence=evidence,
	)


def _reason(feed: Feed, line: Line) -> Reason:
	waiting = _WAITING.get(line.state)
	return waiting or reason_not_imported(line, feed.start_date, feed.lock_date, feed.currency)


def _hold(
	feed: Feed, line: Line, reason: Reason, transaction: str = "", known: str = "", note: str = ""
) -> Decision:
	return _decide(Action.HOLD, feed, line, reason=reason, transaction=transaction, known=known, note=note)


def _decide(
	action: Action,
	feed: Feed,
	line: Line,
	*,
	reason: Reason = Reason.NONE,
	transaction: str = "",
	known: str = "",
	changes: Mapping[str, object] | None = None,
	note: str = "",
	evidence: MatchEvidence = MatchEvidence.NONE,
) -> Decision:
	return Decision(
		action=action,
		line=line,
		source=feed.source,
		bank_account=feed.bank_account,
		reason=reason,
		transaction=transaction,
		changes=changes or NO_CHANGES,
		known=known,
		note=note,
		evidence=evidence,
	)


def _same(line: Line, before: Line) -> bool:
	"""Whether the bank says the same; when it said it and how it wrote it down do not matter."""
	return line[:_FIRST_OF_METADATA] == before[:_FIRST_OF_METADATA]
