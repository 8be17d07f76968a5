"""Which days the sources of a bank account cover: the absence of a row says something on these days only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from dokos_banksync.core.records import Covered


class Span(NamedTuple):
	"""Days as ordinals, both included."""

	first: int
	last: int

	def holds(self, day: int) -> bool:
		"""Return whether the day, as an ordinal, lies in this span."""
		return self.first <= day <= self.last


ALWAYS = Span(0, 10**7)


class KnownDays:
	"""The days covered by each source, as spans without gaps."""

	def __init__(self, covered: Iterable[Covered]) -> None:
		days: dict[str, list[Span]] = defaultdict(list)
		for one in covered:
			if one.complete:
				days[one.source].append(Span(one.first.toordinal(), one.last.toordinal()))
		self._spans = {source: _merged(spans) for source, spans in days.items()}

	def span(self, sources: Iterable[str], day: int) -> Span | None:
		"""Return the widest span around a day of any of the sources; None where none of them covers it."""
		found = [span for source in sources for span in self._spans.get(source, ()) if span.holds(day)]
		return Span(min(s.first for s in found), max(s.last for s in found)) if found else None

	def ends_on(self, day: date) -> bool:
		"""Return whether a day is the first or the last one of each source that covers it, and one does."""
		number = day.toordinal()
		found = [span for spans in self._spans.values() for span in spans if span.holds(number)]
		return bool(found) and all(number in (span.first, span.last) for span in found)

	def borders_near(self, first: int, last: int) -> set[int]:
		"""Return the first and the last day of the spans that have one of the days."""
		near = [s for spans in self._spans.values() for s in spans if s.first <= last and first <= s.last]
		return {day for span in near for day in span}

	def sources_near(self, first: int, last: int) -> list[str]:
		"""Return the sources that cover one of the days, in their order."""
		return sorted(
			source
			for source, spans in self._spans.items()
			if any(span.first <= last and first <= span.last for span in spans)
		)


class AllDays(KnownDays):
	"""Every source covers every day: for callers that know of no coverage."""

	def __init__(self) -> None:
		super().__init__(())

	def span(self, sources: Iterable[str], day: int) -> Span | None:  # noqa: ARG002
		"""Return one span of all days: every source knows every day."""
		return ALWAYS


def _merged(spans: Iterable[Span]) -> list[Span]:
	"""Spans that overlap or touch become one."""
	out: list[Span] = []
	for span in sorted(spans):
		if out and span.first <= out[-1].last + 1:
			out[-1] = Span(out[-1].first, max(out[-1].last, span.last))
		else:
			out.append(span)
	return out
