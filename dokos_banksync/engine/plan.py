"""From lines to decisions: what becomes of each line, and why. Nothing is read or written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from dokos_banksync.engine.identity import NEAR_DAYS, Match, match, same
from dokos_banksync.engine.model import (
	LEFT_OUT,
	STAYS_AWAY,
	Decision,
	KnownLine,
	KnownTransaction,
	Line,
	LineState,
	Reason,
	Verdict,
	is_file,
)
from dokos_banksync.engine.windows import held_back

__all__ = ["NEAR_DAYS", "Feed", "Sorted", "plan_known", "plan_merged", "plan_new", "still_asked", "suspects"]

_WAITING = {LineState.PENDING: Reason.PENDING, LineState.FUTURE: Reason.FUTURE}
_CONTENT = ("date", "amount", "description", "category")


class Feed(NamedTuple):
	"""A remote account that feeds a bank account, and the bounds of that."""

	source: str
	bank_account: str
	currency: str
	start_date: date | None
	lock_date: date | None
	categories: Mapping[str, str]
	"""The host's category by the provider's id."""
	last_day: date | None = None
	"""The last day that the source tells of: of a file, the day of its last row."""


@dataclass
class Sorted:
	"""Lines sorted by what is known of their ids.

	`fresh` lines are to be matched by content; `freed` ones were taken back by the bank and leave their bank
	transaction free for a line that is the same under another id.
	"""

	decisions: list[Decision] = field(default_factory=list)
	fresh: list[Line] = field(default_factory=list)
	freed: list[tuple[Line, str]] = field(default_factory=list)


def plan_known(feed: Feed, lines: Iterable[Line], known: Mapping[str, KnownLine]) -> Sorted:
	"""Decide what the ids decide; `known` holds the lines of the feed by remote id."""
	out = Sorted()
	for line in lines:
		held = known.get(line.remote_id)
		if held is None:
			_sort_unknown(feed, line, out)
		else:
			_sort_known(feed, line, held, out)
	return out


def _sort_unknown(feed: Feed, line: Line, out: Sorted) -> None:
	"""A removal of a line never seen says nothing."""
	if line.state is LineState.REMOVED:
		return
	reason = _reason(feed, line)
	if reason:
		out.decisions.append(_hold(feed, line, reason))
	else:
		out.fresh.append(line)


def _sort_known(feed: Feed, line: Line, held: KnownLine, out: Sorted) -> None:
	transaction = held.transaction
	if held.reason in STAYS_AWAY:
		out.decisions.append(_deleted(feed, line, held))
	elif line.state is not LineState.BOOKED and transaction:
		gone = held.line._replace(state=line.state, updated_at=line.updated_at)
		out.freed.append((gone, transaction.name))
	elif transaction:
		out.decisions.append(_changed(feed, line, held, transaction))
	elif line.state is LineState.REMOVED:
		out.decisions.append(_untied_removal(feed, line, held))
	else:
		_sort_untied(feed, line, held, out)


def _sort_untied(feed: Feed, line: Line, held: KnownLine, out: Sorted) -> None:
	"""A line kept without a bank transaction: perhaps its reason is gone."""
	reason = _reason(feed, line)
	if not reason:
		out.fresh.append(line)
	elif reason is held.reason and _same(line, held.line):
		out.decisions.append(_decide(Verdict.SAME, feed, line, reason=reason, known=held.name))
	else:
		out.decisions.append(_hold(feed, line, reason, known=held.name))


def _changed(feed: Feed, line: Line, held: KnownLine, transaction: KnownTransaction) -> Decision:
	if _same(line, held.line):
		return _decide(Verdict.SAME, feed, line, transaction=transaction.name, known=held.name)
	changes = _changes(feed, line, held.line, transaction)
	note = ""
	if changes.keys() & {"amount", "date"} and _closed(feed, line, transaction):
		note = "Changed at the bank after it was reconciled or its period was closed; kept as it was"
		changes = _harmless(changes)
	return _decide(
		Verdict.UPDATE, feed, line, transaction=transaction.name, known=held.name, changes=changes, note=note
	)


def _changes(feed: Feed, line: Line, before: Line, transaction: KnownTransaction) -> dict[str, object]:
	"""What the bank changed and no person did: a value is replaced only while it is what the bank gave."""
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


def _closed(feed: Feed, line: Line, transaction: KnownTransaction) -> bool:
	locked = feed.lock_date and min(line.date, transaction.date) <= feed.lock_date
	return transaction.reconciled or bool(locked)


def _harmless(changes: Mapping[str, object]) -> dict[str, object]:
	"""What may change on a bank transaction that is reconciled or in a closed period."""
	return {name: value for name, value in changes.items() if name == "category"}


def _untied_removal(feed: Feed, line: Line, held: KnownLine) -> Decision:
	if held.line.state is LineState.REMOVED:
		return _decide(Verdict.SAME, feed, line, reason=Reason.REMOVED, known=held.name)
	gone = held.line._replace(state=LineState.REMOVED, updated_at=line.updated_at)
	return _decide(Verdict.REMOVE, feed, gone, reason=Reason.REMOVED, known=held.name)


def _deleted(feed: Feed, line: Line, held: KnownLine) -> Decision:
	"""What a person deleted stays deleted, whatever the bank changes about it.

	A removal seldom repeats what the line was, by which it would be known under another id.
	"""
	if line.state is LineState.REMOVED:
		line = held.line._replace(state=LineState.REMOVED, updated_at=line.updated_at)
	verdict = Verdict.SAME if _same(line, held.line) else Verdict.HOLD
	name = held.transaction.name if held.transaction else ""
	return _decide(verdict, feed, line, reason=held.reason, transaction=name, known=held.name)


def plan_new(
	feed: Feed, fresh: Sequence[Line], freed: Mapping[str, Line], known: Iterable[KnownTransaction]
) -> list[Decision]:
	"""Decide what content decides: lines of equal amounts, with the bank transactions of those amounts.

	`freed` holds removed lines by the bank transaction they leave; a fresh line that is the same takes it
	over, so that what a person did with it is kept. The removals come last.
	"""
	by_amount: dict[object, list[KnownTransaction]] = {}
	known = list(known)
	live = {transaction.name for transaction in known if not transaction.deleted}
	for transaction in known:
		if _beyond(feed, transaction):
			continue
		# A duplicate that was merged into it bears its name too, and is not what the bank gives back.
		if transaction.name in freed and not (transaction.deleted and transaction.name in live):
			transaction = transaction._replace(sources=transaction.sources - {feed.source})
		by_amount.setdefault(transaction.amount, []).append(transaction)
	lines: dict[object, list[Line]] = {}
	for line in fresh:
		lines.setdefault(line.amount, []).append(line)
	decisions = []
	for amount, group in lines.items():
		decisions += _plan_amount(feed, group, by_amount.get(amount, []), freed)
	reconciled = {k.name for group in by_amount.values() for k in group if k.reconciled}
	decisions += [
		_decide(
			Verdict.REMOVE,
			feed,
			line,
			reason=_WAITING.get(line.state, Reason.REMOVED),
			transaction=name,
			note=_kept(name, reconciled),
		)
		for name, line in freed.items()
	]
	return decisions


def plan_merged(feed: Feed, lines: Iterable[Line], merged: Mapping[str, KnownLine]) -> list[Decision]:
	"""Lines that were merged into another bank transaction bear new ids: the new ones stand for it now.

	`merged` holds the old lines by the id of the new one.
	"""
	decisions = []
	for line in lines:
		if old := merged.get(line.remote_id):
			name = old.transaction.name if old.transaction else ""
			gone = old.line._replace(state=LineState.REMOVED)
			decisions.append(_hold(feed, line, old.reason, transaction=name))
			decisions.append(_hold(feed, gone, old.reason, transaction=name, known=old.name))
	return decisions


def still_asked(made: Decision, held: KnownLine | None) -> Decision:
	"""The decision, or `SAME` for a question about a line that says what it said when it was asked about."""
	if made.reason is not Reason.AMBIGUOUS or held is None or held.reason is not Reason.AMBIGUOUS:
		return made
	return replace(made, verdict=Verdict.SAME, known=held.name) if _same(made.line, held.line) else made


def suspects(
	source: str, decisions: Iterable[Decision], freed: Mapping[str, Line], known: Iterable[KnownTransaction]
) -> list[Line]:
	"""New lines that repeat, word for word, a bank transaction that their own source gave before.

	One may be a twin; or the same, numbered anew by a provider that tells nothing of the old number.
	"""
	held = [
		k._replace(sources=k.sources - {source}, deleted=False)
		for k in known
		if source in k.sources and k.name not in freed
	]
	if not held:
		return []
	return [line for line, _ in same([d.line for d in decisions if d.verdict is Verdict.NEW], held, source)]


def _beyond(feed: Feed, transaction: KnownTransaction) -> bool:
	"""Whether the days on which a transaction is told of do not meet the feed's days.

	Files that follow one another, and a feed that starts after a file, have no day in common: the coffee of
	the 31st in the one is never the coffee of the 1st in the other, however alike.
	"""
	before = feed.start_date is not None and transaction.date < feed.start_date
	after = feed.last_day is not None and transaction.date > feed.last_day
	files_only = bool(transaction.sources) and all(is_file(source) for source in transaction.sources)
	return (before or after) and files_only


def _kept(name: str, reconciled: set[str]) -> str:
	return "Its bank transaction is reconciled and was kept" if name in reconciled else ""


def _plan_amount(
	feed: Feed, lines: list[Line], known: list[KnownTransaction], freed: Mapping[str, Line]
) -> list[Decision]:
	found = match(lines, known, feed.source, freed)
	matches = {m.line.remote_id: m for m in found.matches}
	doubtful = {line.remote_id for line in found.doubtful}
	return [
		_adopt(feed, matches[line.remote_id], freed)
		if line.remote_id in matches
		else _hold(feed, line, Reason.AMBIGUOUS)
		if line.remote_id in doubtful
		else _decide(Verdict.NEW, feed, line)
		for line in lines
	]


def _adopt(feed: Feed, found: Match, freed: Mapping[str, Line]) -> Decision:
	"""A line that takes over from one of its own source brings what the bank changed with the id."""
	line, transaction, note = found
	if transaction.deleted:
		reason = Reason.EXCLUDED if transaction.name.startswith(LEFT_OUT) else Reason.DELETED
		return _hold(feed, line, reason, transaction=transaction.name, note=note)
	before = freed.get(transaction.name)
	changes = _changes(feed, line, before, transaction) if before else {}
	if _closed(feed, line, transaction):
		changes = _harmless(changes)
	return _decide(Verdict.ADOPT, feed, line, transaction=transaction.name, changes=changes, note=note)


def _reason(feed: Feed, line: Line) -> Reason:
	waiting = _WAITING.get(line.state)
	return waiting or held_back(line, feed.start_date, feed.lock_date, feed.currency)


def _hold(
	feed: Feed, line: Line, reason: Reason, transaction: str = "", known: str = "", note: str = ""
) -> Decision:
	return _decide(Verdict.HOLD, feed, line, reason=reason, transaction=transaction, known=known, note=note)


def _decide(
	verdict: Verdict,
	feed: Feed,
	line: Line,
	*,
	reason: Reason = Reason.NONE,
	transaction: str = "",
	known: str = "",
	changes: Mapping[str, object] | None = None,
	note: str = "",
) -> Decision:
	return Decision(
		verdict, line, feed.source, feed.bank_account, reason, transaction, changes or {}, known, note
	)


def _same(line: Line, before: Line) -> bool:
	"""Whether the bank says the same; when it said it and how it wrote it down do not matter."""
	return line._replace(updated_at=None, raw="") == before._replace(updated_at=None, raw="")
