"""Explanations in sentences: where a bank transaction came from, why a line has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import Entry, LineStory, TransactionStory


class HistoryEvent(NamedTuple):
	"""Something that was decided, when and in which run (empty where a user did it without one)."""

	at: datetime
	run: str
	message: Message


class Provenance(NamedTuple):
	"""A line of a bank transaction: from where, and what happened to it, the oldest first."""

	line: str
	origin: Message
	remote_id: str
	events: Sequence[HistoryEvent]


class Explanation(NamedTuple):
	"""In a sentence, and then from the beginning."""

	message: Message
	provenance: Sequence[Provenance]


FIELDS = {
	"amount": "Amount",
	"date": "Date",
	"description": "Label",
	"category": "Category",
	"bank_party_name": "Name of the counter-party",
	"bank_party_iban": "Counter-party's IBAN",
	"transaction_id": "Id at the provider",
}

_ACTIONS = {
	JournalAction.NEW: Message("Imported as new: no bank transaction of the account was similar"),
	JournalAction.REMOVE: Message("Removed by the bank"),
	JournalAction.DELETE: Message("Its bank transaction was deleted by a user"),
	JournalAction.UNDO: Message("Put back as it was before"),
}
_SEEN = Message("Seen for the first time")
_BEGUN = Message("Decisions are recorded from here on")
_REASONS = {
	Reason.PENDING: Message("Pending at the bank: it becomes a bank transaction when the bank books it"),
	Reason.FUTURE: Message("Announced by the bank: it becomes a bank transaction when the bank books it"),
	Reason.REMOVED: Message("The bank removed it"),
	Reason.UNDONE: Message("The run that imported it was undone by a user"),
	Reason.CURRENCY: Message("It is in another currency than the bank account"),
	Reason.EXCLUDED: Message(
		"A user left it out of an import: it is not imported automatically, and Find missing can import it"
	),
	Reason.AMBIGUOUS: Message("It could be one of several bank transactions: a user must choose"),
}


def explain_transaction(story: TransactionStory) -> Explanation:
	"""Return the sources of a bank transaction. One without lines was entered by hand, or imported by another program."""
	sources = len({line.source for line in story.lines})
	if not story.lines:
		message = Message(
			"No line of a bank or a file belongs to it: it was entered by hand or by another program"
		)
	elif sources == 1:
		message = Message("It came from {0}", _origin(story.lines[0]))
	else:
		message = Message(
			"It came from {0}, and {1} more sources have it", _origin(story.lines[0]), sources - 1
		)
	return Explanation(message, [_provenance(line) for line in story.lines])


def explain_deleted(name: str, stories: Sequence[LineStory]) -> Explanation:
	"""Explain a bank transaction that is no longer there by what its lines became."""
	message = Message("{0} is no longer there. Its lines say what became of it", name)
	return Explanation(message, [_provenance(story) for story in stories])


def explain_line(story: LineStory) -> Explanation:
	"""Return the history of a line: its bank transaction, or why it has none."""
	return Explanation(_outcome(story), [_provenance(story)])


def _outcome(story: LineStory) -> Message:
	if story.transaction and story.reason is Reason.UNLISTED:
		return Message(
			"It is the bank transaction {0}, which the bank no longer lists: a user must decide whether it stays",
			story.transaction,
		)
	if story.transaction:
		return Message("It is the bank transaction {0}", story.transaction)
	if story.reason in _REASONS:
		return _REASONS[story.reason]
	return _detailed(story)


def _detailed(story: LineStory) -> Message:
	"""Return the explanation of a reason that names something."""
	reason = story.reason
	if reason is Reason.BEFORE_START:
		return Message("Its day lies before {0}, from which the account is imported", story.start_date or "?")
	if reason is Reason.LOCKED:
		return Message("The books are closed up to {0}", story.lock_date or "?")
	if reason is Reason.DUPLICATE and not story.suppressed_transaction:
		return Message("Other bank transactions count it: {0}", story.note)
	if reason is Reason.DUPLICATE:
		return Message("A user merged it into {0} as a duplicate", story.suppressed_transaction)
	if reason is Reason.DELETED:
		return Message(
			"A user deleted its bank transaction {0}: it is not imported again", story.suppressed_transaction
		)
	if reason is Reason.REFUSED:
		return Message("It could not be read: {0}", story.note)
	if reason is Reason.NONE:
		return Message("It has no bank transaction any more: the one it belonged to is gone")
	return Message("{0}: {1}", reason, story.note)


def _origin(story: LineStory) -> Message:
	if story.connection:
		return Message(
			"{0}, account {1} of {2}",
			story.provider or "?",
			story.account_name or story.source,
			story.bank or story.connection,
		)
	return Message("File {0}", story.file or story.source)


def _provenance(story: LineStory) -> Provenance:
	happened = [
		HistoryEvent(entry.at, entry.run, message) for entry in story.entries for message in _messages(entry)
	]
	if story.first_seen_at and (story.journal_since or not happened):
		happened = [HistoryEvent(story.first_seen_at, "", _SEEN), *_begun(story), *happened]
	return Provenance(story.name, _origin(story), story.line.remote_id, happened)


def _begun(story: LineStory) -> Iterator[HistoryEvent]:
	if story.journal_since:
		yield HistoryEvent(story.journal_since, "", _BEGUN)


def _messages(entry: Entry) -> Iterator[Message]:
	"""An entry may be several sentences: what was decided, and each value that it changed."""
	if entry.action in _ACTIONS:
		yield _ACTIONS[entry.action]
	elif entry.action is JournalAction.LINK:
		yield Message("Matched to {0}: {1}", entry.transaction, entry.note)
	elif entry.action is JournalAction.MERGE:
		yield Message("Marked by a user as the same as {0}", entry.note)
	elif entry.action is JournalAction.HOLD:
		yield Message("Stored without a bank transaction: {0}", entry.reason)
	elif entry.note:
		yield entry.note
	for field, (old, new) in entry.changes.items():
		if field in FIELDS:
			yield Message("{0} changed from {1} to {2}", Message(FIELDS[field]), _shown(old), _shown(new))


def _shown(value: object) -> object:
	return "–" if value in (None, "") else value
