"""Mutated statement files, by the parser that reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import cast

from dokos_banksync.statements.contract import Format
from dokos_banksync.statements.registry import FORMATS
from tests.attack.figures import Figure
from tests.statements import fuzz


def attack(count: int, seed: int) -> Iterator[Figure]:
	"""Read `count` mutated files, as many of each golden file; yield a figure for each parser."""
	seeds = fuzz.seeds()
	each = max(1, count // len(seeds))
	failures: dict[str, list[str]] = defaultdict(list)
	read: dict[str, int] = defaultdict(int)
	for name, content in seeds.items():
		parser = parser_of(content)
		read[parser] += each
		failures[parser] += fuzz.run(name, content, each, seed)
	for parser in sorted(read):
		yield Figure(f"inputs fuzzed, {parser}", read[parser], failures[parser])


def parser_of(content: bytes) -> str:
	"""Return the name of the parser that takes a file."""
	found = (module.__name__ for module in FORMATS if cast(Format, module).knows(content))
	return next(found, "none").rpartition(".")[2]
