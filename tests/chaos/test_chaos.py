"""A small share of the histories that `make chaos` goes through."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from dokos_banksync.core.matching.exact import Matched
from dokos_banksync.core.model import Line
from dokos_banksync.providers.bridge import transactions
from tests.chaos.__main__ import history
from tests.chaos.every_source import EverySource
from tests.chaos.providers import PROVIDERS, SHOWN, ProviderChaos

FOUND = (
	12,
	50,
	356,
	498,
	683,
	755,
	1084,
	1086,
	1270,
	1347,
	3017,
	5817,
	6253,
	20_013,
	20_050,
	50_199,
	60_404,
	60_733,
	60_942,
	100_977,
)
"""Histories that went wrong once."""
FOUND_WITH_EVERY_SOURCE = (2, 9, 13, 87)


@pytest.mark.parametrize("number", [*FOUND, *range(20_000, 20_060)])
def test_the_ledger_ends_equal_to_the_bank(number: int) -> None:
	_, wrong, done = history(number)
	assert wrong == [], " ".join(done)


@pytest.mark.parametrize("number", [*FOUND_WITH_EVERY_SOURCE, *range(30_000, 30_010)])
def test_files_of_all_formats_and_ids_that_change_lose_and_double_nothing(number: int) -> None:
	_, wrong, done = history(number, EverySource)
	assert wrong == [], " ".join(done)


def _shown(done: list[str]) -> list[str]:
	return [one for one in done if one.startswith(SHOWN)]


@pytest.mark.parametrize(
	("provider", "number"),
	[*((provider, number) for provider in sorted(PROVIDERS) for number in (0, 1)), ("enable-banking", 139)],
)
def test_with_each_provider_the_books_end_equal_to_its_bank(provider: str, number: int) -> None:
	_, wrong, done = history(number, partial(ProviderChaos, provider=provider))
	assert (wrong, _shown(done)) == ([], []), " ".join(done)


def test_a_provider_that_reverses_a_sign_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
	right = transactions._line

	def reverse_first_week(row: Any, *given: Any, **named: Any) -> Line | str:
		line = right(row, *given, **named)
		return line._replace(amount=-line.amount) if isinstance(line, Line) and line.date.day < 8 else line

	monkeypatch.setattr(transactions, "_line", reverse_first_week)
	_, wrong, done = history(1, partial(ProviderChaos, provider="bridge"))
	assert [*wrong, *_shown(done)]


def test_a_history_follows_from_its_number() -> None:
	assert history(7)[2] == history(7)[2] != history(8)[2]


def test_the_bench_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
	"""Identity by id alone, as peers have it, doubles and drops: the bench must say so, and not just break."""
	monkeypatch.setattr("dokos_banksync.core.importing.plan.match", lambda *_, **__: Matched())
	wrong = [sentence for number in range(20) for sentence in history(number)[1]]
	assert wrong
	assert not [sentence for sentence in wrong if "Traceback" in sentence]
