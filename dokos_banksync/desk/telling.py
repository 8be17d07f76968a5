"""What the engine tells, as a person at a Desk reads it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import cast

from dokos_banksync.desk import formats
from dokos_banksync.desk.contract import Desk
from dokos_banksync.desk.phrases import Phrases
from dokos_banksync.engine.explain import Told
from dokos_banksync.engine.missing import ReviewedLedger
from dokos_banksync.engine.model import Reason
from dokos_banksync.errors import InvalidData
from dokos_banksync.ledgers.review import ReviewLedger


def journal(desk: Desk) -> ReviewedLedger:
	"""The ledger of a site that keeps a journal; raises `InvalidData` for one that keeps none."""
	if not has_journal(desk):
		raise InvalidData("This site keeps no journal: what happened before cannot be told")
	return cast(ReviewedLedger, desk.site.ledger)


def has_journal(desk: Desk) -> bool:
	return isinstance(desk.site.ledger, ReviewLedger)


def say(phrases: Phrases, told: Told) -> str:
	"""A sentence in the person's language, with values that are sentences themselves."""
	if not told.values:
		return phrases.retell(told.sentence)
	return phrases(told.sentence, *(value_of(phrases, value) for value in told.values))


def value_of(phrases: Phrases, value: object) -> str:
	if isinstance(value, Told):
		return say(phrases, value)
	if isinstance(value, Reason):
		return phrases(value.value)
	if isinstance(value, Decimal):
		return formats.number(value, phrases.language)
	if isinstance(value, datetime):
		return formats.moment(value, phrases.language)
	if isinstance(value, date):
		return formats.day(value, phrases.language)
	return str(value)


def why(phrases: Phrases, reason: str, note: str = "") -> str:
	"""A reason, and what more is known of it."""
	return ": ".join(filter(None, (phrases.retell(reason), phrases.retell(note))))


def trigger_of(phrases: Phrases, trigger: str) -> str:
	"""What started a run: `undo SYNC-RUN-0000007` is a word and a name."""
	word, _, name = trigger.partition(" ")
	if word == "merge" and len(names := name.split(" into ")) == 2:
		return phrases("Merge of {0} into {1}", *names)
	sentences = {
		"file": "File {0}",
		"undo": "Undoing of {0}",
		"delete": "Deletion of {0}",
		"answer": "Answer about {0}",
	}
	return phrases(sentences[word], name) if name and word in sentences else phrases.retell(trigger)
