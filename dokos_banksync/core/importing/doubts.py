"""Matches by content that what is known of the days of the sources makes questions."""

from __future__ import annotations

from collections.abc import Container, Sequence

from dokos_banksync.core.importing.feed import Feed
from dokos_banksync.core.matching.chains import ask_about_chains
from dokos_banksync.core.matching.exact import Matched
from dokos_banksync.core.matching.shared_borders import ask_on_shared_borders
from dokos_banksync.core.matching.unlisted_days import ask_before_first_day
from dokos_banksync.core.model import ExistingTransaction, Line


def with_doubts(
	feed: Feed,
	found: Matched,
	lines: Sequence[Line],
	known: Sequence[ExistingTransaction],
	*,
	released: Container[str],
) -> Matched:
	"""Return the matches of lines of a feed; those that the days of the sources do not prove are proposals."""
	found = ask_before_first_day(found, feed.first_listed, released)
	found = ask_on_shared_borders(found, feed.known_days, feed.own_days, feed.source)
	return ask_about_chains(
		found,
		lines,
		known,
		source=feed.source,
		released=released,
		known_days=feed.known_days,
		own_days=feed.own_days,
	)
