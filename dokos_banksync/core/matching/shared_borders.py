"""Days of which every source may have a part only: the last one of each source, or the first one.

On a day that a source covers as a whole, the only row of an amount is the only row of that amount of any other source. On a
border it may be another one, which the other source gives later: labels with other words are no proof there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dokos_banksync.core.matching.exact import Matched
from dokos_banksync.core.matching.known_days import KnownDays, Span
from dokos_banksync.core.matching.labels import ALIKE, label_of
from dokos_banksync.core.model import ExistingTransaction, Line, MatchEvidence, is_file


def is_half_known(known_days: KnownDays | None, own_days: Span, source: str, day: date) -> bool:
	"""Return whether a day is a border of all sources that cover it. Of a feed, its earlier runs are among them."""
	is_border = day.toordinal() in own_days or not is_file(source)
	return is_border and known_days is not None and known_days.ends_on(day)


def ask_on_shared_borders(
	found: Matched, known_days: KnownDays | None, own_days: Span, source: str
) -> Matched:
	"""Return the matches; one by a similar label on such a day is a proposal where each label has words that the other lacks."""
	asked = [
		one
		for one in found.matches
		if one.evidence is MatchEvidence.SAME_DAY_SIMILAR_LABEL
		and not one.transaction.deleted
		and is_half_known(known_days, own_days, source, one.line.date)
		and _have_other_words(one.line, one.transaction)
	]
	if not asked:
		return found
	ids = {one.line.remote_id for one in asked}
	left = [one for one in found.matches if one.line.remote_id not in ids]
	return replace(found, matches=left, proposals=[*found.proposals, *asked])


def _have_other_words(line: Line, known: ExistingTransaction) -> bool:
	labels = [
		(label_of(line.original), label_of(known.original)),
		(label_of(line.description), label_of(known.description)),
	]
	return all(
		(one.name - other.name and other.name - one.name and not one.cuts(other))
		or one.closeness(other) < ALIKE
		for one, other in labels
	)
