"""Rows of a file whose id another file of the same Bank Account has given already (see `matching.shared_ids`)."""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.earlier_rows import OTHER_AMOUNT, question
from dokos_banksync.core.importing.plan import Feed, link_by_id
from dokos_banksync.core.matching.known_days import KnownDays, Span
from dokos_banksync.core.matching.shared_ids import (
	NEAR_ID_DAYS,
	changed_by_id,
	identifies,
	known_by_id,
	without_shifted_ids,
)
from dokos_banksync.core.model import Decision, ExistingLine, ExistingTransaction, Line, is_file


def known_by_shared_id(batch: Batch, feed: Feed, fresh: Sequence[Line]) -> dict[str, Decision]:
	"""Return the decisions about lines whose id (FITID) another file gives on a near day: it is the same row, or a question
	where the amounts differ. By id.
	"""
	lines = [line for line in fresh if identifies(line.remote_id)] if is_file(feed.source) else []
	if not lines:
		return {}
	held = _held(batch, feed.source, lines, feed.known_days)
	found = without_shifted_ids(known_by_id(lines, held, feed.source), fresh)
	decided = {line.remote_id: link_by_id(feed, line, transaction) for line, transaction in found}
	left = [line for line in lines if line.remote_id not in decided]
	for line, transaction in changed_by_id(left, held, feed.source) if left and held else ():
		decided[line.remote_id] = question(feed, line, transaction, OTHER_AMOUNT)
	return decided


def changed_in_files(
	batch: Batch, source: str, lines: Sequence[Line], known_days: KnownDays
) -> list[tuple[Line, ExistingTransaction]]:
	"""Return the lines of a file whose id and label another file gives on a near day, with another amount."""
	wanted = [line for line in lines if identifies(line.remote_id)]
	held = _held(batch, source, wanted, known_days) if wanted else []
	return changed_by_id(wanted, held, source)


def _held(
	batch: Batch, source: str, lines: Sequence[Line], known_days: KnownDays | None
) -> list[ExistingLine]:
	"""Return the lines of other files that have the id of one of the lines."""
	days = [line.date.toordinal() for line in lines]
	ids = [line.remote_id for line in lines]
	near = _near_files(source, known_days, Span(min(days), max(days)))
	return [one for other in near for one in batch.lines(other, ids)]


def near_files(feed: Feed, days: Span) -> list[str]:
	"""Return the other files of the Bank Account of a file that cover the days, or near ones. None for another source."""
	return _near_files(feed.source, feed.known_days, days)


def _near_files(source: str, known_days: KnownDays | None, days: Span) -> list[str]:
	if not is_file(source) or known_days is None:
		return []
	near = known_days.sources_near(days.first - NEAR_ID_DAYS, days.last + NEAR_ID_DAYS)
	return [other for other in near if is_file(other) and other != source]
