"""Sums among the rows of a feed. Unlike a file it gives the parts of a batch in several runs, and no person is there.

The last part completes the sum: it is a question, and the parts that were imported before are named in it. A question stays
while the money may be counted twice, and ends when the feed gives the row of the other source too.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.importing.sum_notes import Noted, counted_in, note_of
from dokos_banksync.core.matching.sums import Sum
from dokos_banksync.core.model import ExistingLine, ExistingTransaction, Line

OWN = "\0imported"
"""The remote account of a bank transaction that is compared like a row of its feed."""


class Known(NamedTuple):
	"""What is stored near the rows that wait."""

	others: Sequence[ExistingTransaction]
	"""Bank transactions that other sources alone give."""
	own: Sequence[ExistingTransaction]
	"""Those that the feed alone gives."""
	answered: Sequence[ExistingLine]
	"""Rows of the feed of which a user, or the balance, has decided that they are counted already."""


def as_row(one: ExistingTransaction) -> Line:
	"""Return a bank transaction as a row of its feed."""
	return Line(
		remote_account=OWN,
		remote_id=one.name,
		date=one.date,
		amount=one.amount,
		currency=one.currency,
		description=one.description,
		original=one.original,
	)


def still_asked(lines: Iterable[Line], asked: Mapping[str, Noted], known: Known) -> dict[str, Noted]:
	"""Return the questions that stay, by the id of the row: all named bank transactions exist, the feed still lacks them, and
	the rows, those that were answered for and those that were imported still have their sum. Where one of the rows was answered
	for, the others stay in any case: that they are new contradicts it. So do rows of which one repeats another: they may be the
	same under new ids.
	"""
	groups: dict[tuple[str, ...], list[Line]] = {}
	for line in lines:
		if found := asked.get(line.remote_id):
			groups.setdefault(found.counted_in, []).append(line)
	stay: dict[str, Noted] = {}
	for names, group in groups.items():
		if _is_sum(names, group, asked, known):
			stay |= {line.remote_id: asked[line.remote_id] for line in group}
	return stay


def _is_sum(names: Sequence[str], group: Sequence[Line], asked: Mapping[str, Noted], known: Known) -> bool:
	theirs = [one.amount for one in known.others if one.name in names]
	imported = {name for line in group for name in asked[line.remote_id].imported}
	amounts = [line.amount for line in group]
	amounts += [one.amount for one in known.own if one.name in imported]
	answered = [one.line.amount for one in known.answered if counted_in(one.note) in names]
	equal = sum([*amounts, *answered], Decimal()) == sum(theirs, Decimal())
	repeated = len({_content(line) for line in group}) < len(group)
	return len(theirs) == len(names) and (equal or bool(answered) or repeated)


def repeats(
	lines: Iterable[Line], asked: Container[str], stay: Mapping[str, Noted], known: Known
) -> dict[str, Noted]:
	"""Return what is asked, by the id of the row, about new rows that say what a row in question, or one that was answered
	for, says: a feed may give the same row under another id.
	"""
	lines = list(lines)
	names = {one.name for one in known.others}
	found = {
		_content(one.line): Noted((name,))
		for one in known.answered
		if (name := counted_in(one.note)) in names
	}
	found |= {_content(line): stay[line.remote_id] for line in lines if line.remote_id in stay}
	return {
		line.remote_id: found[_content(line)]
		for line in lines
		if line.remote_id not in asked and _content(line) in found
	}


def _content(line: Line) -> tuple[object, ...]:
	return line.date, line.amount, line.currency, line.original


def ended(lines: Iterable[Line], asked: Mapping[str, Noted], known: Known) -> list[str]:
	"""Return the ids of the rows whose question has ended though all that it names exists. Where a named bank transaction
	has another name by now, or another one took its place, the row is compared again.
	"""
	names = {one.name for one in (*known.others, *known.own)}
	found = {line.remote_id: asked[line.remote_id] for line in lines if line.remote_id in asked}
	return [row for row, one in found.items() if names.issuperset((*one.counted_in, *one.imported))]


def without_counted(known: Known, stay: Mapping[str, Noted]) -> Known:
	"""Return what is free for further sums: neither asked about nor answered for."""
	taken = {name for one in stay.values() for name in (*one.counted_in, *one.imported)}
	taken |= {counted_in(one.note) for one in known.answered}
	return known._replace(
		others=[one for one in known.others if one.name not in taken],
		own=[one for one in known.own if one.name not in taken],
	)


def notes(sums: Iterable[Sum]) -> Iterator[tuple[str, str]]:
	"""Yield the id of each row that is in a sum, with its note."""
	for same in sums:
		imported = [line.remote_id for line in same.lines if line.remote_account == OWN]
		rows = [line for line in same.lines if line.remote_account != OWN]
		note = note_of((one.name for one in same.transactions), imported, is_sum=len(same.lines) == 1)
		yield from ((line.remote_id, note) for line in rows)
