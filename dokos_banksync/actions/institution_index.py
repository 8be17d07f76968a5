"""A search over the names of many banks that tolerates accents, word order, unfinished words and typing errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from dokos_banksync.core.connection.institution_choice import ListedBank, normalized

_MIDDLE, _LONG = 4, 8


class InstitutionIndex:
	"""The banks of one moment. Searching does not change it, so threads may share it."""

	def __init__(self, banks: Sequence[ListedBank]) -> None:
		named = sorted(
			((normalized(bank.institution.name), bank) for bank in banks), key=lambda pair: pair[0]
		)
		self._names = [name for name, _ in named]
		self._banks = [bank for _, bank in named]
		self._joined = [name.replace(" ", "") for name in self._names]
		self._places: dict[str, set[int]] = {}
		for place, bank in enumerate(self._banks):
			for word in _words(bank):
				self._places.setdefault(word, set()).add(place)
		self._vocabulary = list(self._places)

	def search(self, query: str, country: str = "") -> list[ListedBank]:
		"""Return the banks that hold every word of the query, the best first; all of them for an empty query.

		Where none does, words with typing errors count: one in four letters or more, two in eight or more (optimal
		string alignment distance). A bank of no stated country is in every country.
		"""
		asked = normalized(query)
		if not asked:
			places: Sequence[int] = range(len(self._banks))
		else:
			found = self._of_words(asked, misspelt=False) or self._of_words(asked, misspelt=True)
			places = sorted(found, key=lambda place: self._rank(place, asked))
		return [self._banks[place] for place in places if self._is_in(place, country.upper())]

	def _of_words(self, asked: str, *, misspelt: bool) -> set[int]:
		"""Return the places of the banks that hold every word, or something like it."""
		return set.intersection(*(self._of_word(word, misspelt=misspelt) for word in asked.split()))

	def _of_word(self, asked: str, *, misspelt: bool) -> set[int]:
		found = {place for place, name in enumerate(self._joined) if asked in name}
		words = {word for word in self._vocabulary if asked in word}
		if misspelt:
			words.update(self._like(asked))
		return found.union(*(self._places[word] for word in words))

	def _like(self, asked: str) -> Iterator[str]:
		"""Yield the words that are, or begin, within a few errors of what was typed."""
		errors = (len(asked) >= _MIDDLE) + (len(asked) >= _LONG)
		if not errors:
			return
		beginnings = [word[: len(asked)] for word in self._vocabulary]
		for choices in (self._vocabulary, beginnings):
			close = extract(asked, choices, scorer=OSA.distance, score_cutoff=errors, limit=None)
			yield from (self._vocabulary[place] for _, _, place in close)

	def _is_in(self, place: int, country: str) -> bool:
		return not country or self._banks[place].institution.country in ("", country)

	def _rank(self, place: int, asked: str) -> tuple[int, int, int]:
		"""Order by where the query begins: the name, one of its words, or elsewhere; then by length and name."""
		name = self._names[place]
		begins = 0 if name.startswith(asked) else 1 if f" {asked}" in name else 2
		return begins, len(name), place


def _words(bank: ListedBank) -> list[str]:
	"""Return the words by which a bank is found."""
	listed = [offer.institution for offer in bank.offers]
	return normalized(" ".join(f"{one.name} {one.group} {one.keywords}" for one in listed)).split()
