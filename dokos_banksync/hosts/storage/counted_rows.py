"""Rows of which a user has decided that a bank transaction counts them. Where it is deleted, nothing counts them any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from dokos_banksync.core.importing.sum_notes import COUNTED_IN, counted_in
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.message import Message, message_data
from dokos_banksync.core.model import Reason
from dokos_banksync.core.review.journal import Key, Step
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.lines import note_out
from dokos_banksync.hosts.storage.sql import parts, placeholders

_DELETED = "{0}, which counted it, was deleted"


class CountedRow(NamedTuple):
	"""A line by its name and its key, and the bank transaction that counts it."""

	line: str
	key: Key
	counted_in: str


def counted_rows(ledger: Base, names: Collection[str], accounts: Collection[str]) -> Iterator[CountedRow]:
	"""Yield the rows of bank accounts that some bank transactions count, as a user answered."""
	for part in parts(sorted({*accounts} - {""}) if names else ()):
		query = f"""
			SELECT l.name, l.source, l.remote_id, l.note, l.note_data FROM `tabSync Line` l
			WHERE l.bank_account IN ({placeholders(part)}) AND COALESCE(l.bank_transaction, '') = ''
				AND l.reason = %s AND l.note_data <> ''
		"""
		for row in ledger.db.rows(query, [*part, Reason.DUPLICATE.value]):
			if (name := counted_in(note_out(ledger.codec, row))) in names:
				yield CountedRow(row["name"], (row["source"], row["remote_id"]), name)


def ask_again(ledger: Base, counted: Sequence[CountedRow]) -> list[Step]:
	"""Make questions of rows that a deleted bank transaction counted; the next run of their source looks for another one.

	Return the steps, to be recorded in the journal.
	"""
	reason = Reason.AMBIGUOUS.value
	for name in sorted({one.counted_in for one in counted}):
		_note(ledger, [one for one in counted if one.counted_in == name], reason, Message(_DELETED, name))
	return [
		Step(
			key=one.key,
			action=JournalAction.HOLD,
			reason=reason,
			note=Message(_DELETED, one.counted_in),
			transaction="",
		)
		for one in counted
	]


def count_in(ledger: Base, counted: Sequence[CountedRow], keep: str) -> None:
	"""Record that another bank transaction counts rows: the one that theirs was merged into."""
	_note(ledger, counted, Reason.DUPLICATE.value, Message(COUNTED_IN, keep))


def _note(ledger: Base, counted: Sequence[CountedRow], reason: str, note: Message) -> None:
	for part in parts(one.line for one in counted):
		query = f"UPDATE `tabSync Line` SET reason = %s, note = %s, note_data = %s WHERE name IN ({placeholders(part)})"
		ledger.db.run(query, [reason, ledger.codec.text_in(note), message_data(note), *part])
