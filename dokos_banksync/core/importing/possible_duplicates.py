"""The hint of a dry run that a new row may be there already, under another label or on another day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal

from dokos_banksync.core.matching.labels import alike
from dokos_banksync.core.matching.windows import may_be_listed
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Action, Decision, ExistingTransaction, MatchEvidence

MAY_BE = "It may be {0} of {1}, under another label or on another day"


def with_hints(
	decisions: Sequence[Decision], known: Iterable[ExistingTransaction], source: str
) -> list[Decision]:
	"""Return the decisions; those about new rows name the nearest bank transaction of another source, of the same amount,
	that no other row is linked to. Each bank transaction is named once.
	"""
	wanted = {made.line.amount for made in decisions if made.action is Action.NEW}
	known = [one for one in known if one.amount in wanted]
	if not known:
		return list(decisions)
	taken = {made.transaction for made in decisions if made.transaction}
	free: dict[tuple[Decimal, str], list[ExistingTransaction]] = {}
	for one in sorted(known, key=lambda row: (row.date, row.name)):
		if not one.deleted and source not in one.sources and one.name not in taken:
			free.setdefault((one.amount, one.currency), []).append(one)
	return [_with_hint(made, free.get((made.line.amount, made.line.currency), [])) for made in decisions]


def _with_hint(made: Decision, free: list[ExistingTransaction]) -> Decision:
	if made.action is not Action.NEW or made.evidence is MatchEvidence.BALANCE_PROVEN or not free:
		return made
	day = made.line.date
	place = bisect_left(free, day, key=lambda one: one.date)
	near = [one for one in free[max(place - 1, 0) : place + 1] if _is_near(made, one)]
	if not near:
		return made
	found = min(near, key=lambda one: abs((one.date - day).days))
	free.remove(found)
	return made._replace(note=Message(MAY_BE, found.name, found.date))


def _is_near(made: Decision, one: ExistingTransaction) -> bool:
	line = made.line
	label = max(alike(line.original, one.original), alike(line.description, one.description))
	days = abs((one.date - line.date).days)
	return may_be_listed(days, label)


def is_hint(note: str) -> bool:
	"""Return whether the note of a new row is such a hint."""
	return isinstance(note, Message) and note.template == MAY_BE
