"""Bank transactions of another tool that have the bank's id of a row whose own id is made of its content.

At some banks these ids change, so they are not the key of a line. Where content does not contradict it, such an id still
decides which bank transaction a row is: of the same amount and currency, a few days apart, under any label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dokos_banksync.core.importing.plan import Feed, link_by_id
from dokos_banksync.core.matching.exact import label_key
from dokos_banksync.core.matching.shared_ids import identifies
from dokos_banksync.core.model import Decision, ExistingTransaction, Line

_Content = tuple[object, ...]


class ByGivenId(NamedTuple):
	"""What the ids decided, and what is left for the comparison by content."""

	decisions: list[Decision]
	fresh: list[Line]
	known: list[ExistingTransaction]


def link_by_given_id(feed: Feed, fresh: Sequence[Line], known: Sequence[ExistingTransaction]) -> ByGivenId:
	"""Link the lines whose id one bank transaction of another tool has; `known` are of equal amounts and near days.

	An id that two lines or two bank transactions have decides nothing. Nor does one whose line has the day and label of
	another bank transaction, or whose bank transaction has those of another line.
	"""
	pairs = dict(_pairs(fresh, known))
	if not pairs:
		return ByGivenId([], [*fresh], [*known])
	lines, rows = Counter(map(_of_line, fresh)), Counter(map(_of_row, known))
	linked = {
		line.remote_id: row
		for line, row in pairs.items()
		if _of_line(line) == _of_row(row) or not (rows[_of_line(line)] or lines[_of_row(row)])
	}
	taken = {row.name for row in linked.values()}
	return ByGivenId(
		[link_by_id(feed, line, linked[line.remote_id]) for line in fresh if line.remote_id in linked],
		[line for line in fresh if line.remote_id not in linked],
		[row for row in known if row.name not in taken],
	)


def _pairs(
	fresh: Sequence[Line], known: Iterable[ExistingTransaction]
) -> Iterable[tuple[Line, ExistingTransaction]]:
	times = Counter(line.given_id for line in fresh)
	by_id: dict[str, list[ExistingTransaction]] = {}
	for row in known:
		if row.remote_id and not row.sources and not row.deleted:
			by_id.setdefault(row.remote_id, []).append(row)
	for line in fresh:
		rows = by_id.get(line.given_id, ())
		if identifies(line.given_id) and times[line.given_id] == len(rows) == 1:
			[row] = rows
			if (row.amount, row.currency) == (line.amount, line.currency):
				yield line, row


def _of_line(line: Line) -> _Content:
	return line.date, line.amount, line.currency, label_key(line.original)


def _of_row(row: ExistingTransaction) -> _Content:
	return row.date, row.amount, row.currency, label_key(row.original)
