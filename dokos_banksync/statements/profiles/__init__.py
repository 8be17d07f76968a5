"""Exports of well-known banks, one data file each, from which a table is understood without a question.

A file `NAME.json` holds:

- `name`: the bank and its export;
- `columns`: for each role (see `roles.Role`) the title of a column, `#3` in a file without titles, or `-` for none;
- `states`: words of the state's column: `booked`, `pending`, or `rejected` for money that did not move;
- `funding`: a column that names what paid a row, and the texts that mean this account; other rows moved none of its
  money;
- `sides`: words of the column `kind` that say the side: `in` or `out`; they decide the meaning of the sign unless the
  amounts contradict them;
- `also`: further titles that must be there, to tell two exports apart;
- `cells`: for a file without titles, a regular expression for each cell of its first row;
- `skip`: with `cells`, whether that first row is not a transaction;
- `section`: a regular expression for the text above the table, where a file holds several tables;
- `date_format`, `decimal`, `sign`: as the options of the same names.

The rows decide: a profile whose columns do not hold days and amounts, or whose amounts contradict the balances, is
not followed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.roles import NO_COLUMN, Role, Setting
from dokos_banksync.statements.vocabulary import key

_SIDES = {"in": 1, "out": -1}


@dataclass(frozen=True)
class Funding:
	"""The title of the column that names what paid a row, and its texts for the account itself."""

	column: str
	own: tuple[str, ...]

	def is_own(self, text: str) -> bool:
		"""Whether the account itself paid."""
		return key(text) in map(key, self.own)


@dataclass(frozen=True)
class Profile:
	"""One export of one bank."""

	name: str
	columns: Mapping[Role, str]
	also: tuple[str, ...] = ()
	cells: tuple[str, ...] = ()
	skip: bool = False
	section: str = ""
	said: Mapping[Setting, str] = field(default_factory=dict)
	"""The options that the profile decides."""
	states: Mapping[str, str] = field(default_factory=dict)
	sides: Mapping[str, str] = field(default_factory=dict)
	funding: Funding | None = None

	def side(self, kind: str) -> int:
		"""Return 1 for a kind of row that is money in, -1 for money out, 0 where the profile does not say it."""
		return _SIDES.get(self.sides.get(key(kind), ""), 0)

	def fits_titles(self, titles: Sequence[str]) -> bool:
		"""Whether all titles of the profile are there, each once."""
		keys = [key(title) for title in titles]
		return not self.cells and all(keys.count(key(title)) == 1 for title in self.titles)

	@property
	def titles(self) -> tuple[str, ...]:
		"""Return the titles that the profile names."""
		return (
			*(title for title in self.columns.values() if title != NO_COLUMN),
			*self.also,
			*([self.funding.column] if self.funding else []),
		)

	def fits_row(self, row: Row) -> bool:
		"""Whether the first row of a file without titles is the profile's."""
		texts = row.texts
		return len(texts) == len(self.cells) > 0 and all(
			re.fullmatch(pattern, text, re.IGNORECASE)
			for pattern, text in zip(self.cells, texts, strict=True)
		)

	def names(self, section: str) -> bool:
		"""Whether the text above a table is that of the table to read, where a file holds several."""
		return bool(self.section) and re.search(self.section, section, re.IGNORECASE) is not None

	def places(self, titles: Sequence[str]) -> dict[Role, int]:
		"""Return the positions of the profile's columns."""
		keys = [key(title) for title in titles]
		return {
			role: int(column[1:]) - 1 if self.cells else keys.index(key(column))
			for role, column in self.columns.items()
			if column != NO_COLUMN
		}


def for_titles(titles: Sequence[str]) -> Profile | None:
	"""Return the profile of a table with these titles: the one that names the most of them."""
	fitting = [profile for profile in profiles() if profile.fits_titles(titles)]
	return max(fitting, key=lambda profile: len(set(profile.titles)), default=None)


def for_first_row(row: Row) -> Profile | None:
	"""Return the profile of a table without titles that begins with this row."""
	return next((profile for profile in profiles() if profile.fits_row(row)), None)


@cache
def profiles() -> tuple[Profile, ...]:
	"""Return all profiles, by the names of their files."""
	return tuple(_profile(data) for data in _data())


def _data() -> Iterator[Mapping[str, object]]:
	for file in sorted(files(__package__).iterdir(), key=lambda f: f.name):
		if file.name.endswith(".json"):
			yield json.loads(file.read_text("utf-8"))


def _profile(data: Mapping[str, object]) -> Profile:
	said = {name: data[name] for name in Setting if name in data}
	rest = {
		name: data[name] for name in ("name", "columns", "skip", "section", "states", "sides") if name in data
	}
	lists: dict[str, object] = {name: tuple(data[name]) for name in ("also", "cells") if name in data}  # type: ignore[arg-type]
	funding: Any = data.get("funding")
	paid_by = Funding(funding["column"], tuple(funding["own"])) if funding else None
	return Profile(**rest, **lists, said=said, funding=paid_by)  # type: ignore[arg-type]
