"""Lines that may be the same as lines that the provider listed before, under another id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dokos_banksync.core.matching.exact import same
from dokos_banksync.core.model import (
	Action,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	LineState,
	Reason,
)


class Renumbered(NamedTuple):
	"""Lines that the provider no longer lists beside their equals."""

	released: Mapping[str, Line]
	"""By the bank transaction that they release."""
	merged: Mapping[str, ExistingLine]
	"""Those that a user merged into another one, by the id of the new line."""


def equals(lines: Sequence[Line], known: Iterable[ExistingLine]) -> dict[str, ExistingLine]:
	"""Return the booked lines of the same day and amount as one of the lines, by id."""
	places = {(line.date, line.amount) for line in lines}
	return {
		one.line.remote_id: one
		for one in known
		if (one.line.date, one.line.amount) in places and one.line.state is LineState.BOOKED
	}


def find_renumbered(lines: Sequence[Line], gone: Sequence[ExistingLine], source: str) -> Renumbered:
	"""Match new lines with those that are no longer listed: first with bank transactions, then with merged lines."""
	single = {k.transaction.name: k for k in gone if k.transaction and k.reason is not Reason.DUPLICATE}
	double = {k.name: k for k in gone if k.transaction and k.reason is Reason.DUPLICATE}
	found = same(lines, [_free(known, name) for name, known in single.items()], source)
	released = {one.name: single[one.name].line._replace(state=LineState.REMOVED) for _, one in found}
	taken = {line.remote_id for line, _ in found}
	rest = [line for line in lines if line.remote_id not in taken]
	merged = same(rest, [_free(known, name) for name, known in double.items()], source)
	return Renumbered(released, {line.remote_id: double[one.name] for line, one in merged})


def possible_repeats(
	source: str,
	decisions: Iterable[Decision],
	released: Mapping[str, Line],
	known: Iterable[ExistingTransaction],
) -> list[Line]:
	"""Return new lines of the day, amount and label of a bank transaction that their own source gave before.

	Each is a second transaction, or the same one under a new id where the provider does not report the old one as removed.
	"""
	held = [
		k._replace(sources=k.sources - {source}, deleted=False)
		for k in known
		if source in k.sources and k.name not in released
	]
	if not held:
		return []
	return [line for line, _ in same([d.line for d in decisions if d.action is Action.NEW], held, source)]


def _free(known: ExistingLine, name: str) -> ExistingTransaction:
	"""Return the bank transaction of a line under a name, as if no source held it."""
	assert known.transaction is not None  # noqa: S101
	return known.transaction._replace(name=name, sources=frozenset())
