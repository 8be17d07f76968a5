"""Comparison of bank labels: words without case, accents and punctuation, abbreviations, and identifying numbers.

Two labels of one transaction differ from source to source: one cuts them, one abbreviates, one writes a date otherwise.
What must not differ are numbers that identify: an invoice, a card, a reference. Years and amounts identify nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from dokos_banksync.core.matching.abbreviations import CANONICAL, KINDS, MAX_PHRASE

ALIKE = 0.5
"""Jaccard similarity from which on two labels may be of one transaction."""

CONTAINED = 0.75
"""Or this share of the words of the shorter label, if it has two words or more."""

NUMBERED = frozenset(
	(
		"facture",
		"fact",
		"fac",
		"rechnung",
		"invoice",
		"factuur",
		"factura",
		"fattura",
		"reference",
		"numero",
		"no",
		"nr",
	)
)
"""Words that precede a number of one transaction."""

_NOT_A_WORD = re.compile(r"[\W_]+")
_AMOUNT = re.compile(
	r"(?<![\w.,/-])\d{1,3}(?:[ .,]?\d{3})*[.,]\d{2}(?![\w/-]|[.,]\d)\s*(?:eur|usd|chf|gbp|€|\$|£)?", re.I
)
_DAY = re.compile(
	r"(?<!\d)(?:(?P<y>(?:19|20)\d\d)[-/.](?P<ym>\d\d)[-/.](?P<yd>\d\d)"
	r"|(?P<d>\d\d?)[-/.](?P<m>\d\d?)(?:[-/.](?:(?:19|20)?\d\d))?\.?)(?!\d)"
)
SHORTEST_CUT = 4
"""Characters that a cut label has at least."""
_SHORTEST_CUT_IN_NUMBER = 12
"""Characters of a label that may be cut off in the midst of a number: no export cuts so early."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_DDMM = re.compile(r"(\d\d)(\d\d)(?:(?:19|20)?\d\d)?")


class Token(NamedTuple):
	"""An identifying number of a label: the word before it, its text, and `mmdd` where it can be read as a day."""

	before: str
	text: str
	day: str = ""

	def same(self, other: Token) -> bool:
		"""Return whether two tokens say the same: equal texts, or the same day in two notations."""
		return self.text == other.text or (bool(self.day) and self.day == other.day)

	def contradicts(self, other: Token) -> bool:
		"""Whether both say the same kind of thing."""
		if bool(self.day) != bool(other.day):
			return False
		return self.before == other.before or len(self.text) == len(other.text)


class Label(NamedTuple):
	"""`CB Café 12/03` has the key `cb cafe 12 03`, the text `carte cafe 0312` and those three words."""

	key: str
	text: str
	words: frozenset[str]
	tokens: frozenset[Token]

	def similarity(self, other: Label) -> float:
		"""Return the Jaccard similarity of the words, from 0 to 1."""
		common = len(self.words & other.words)
		return common / max(len(self.words) + len(other.words) - common, 1)

	def closeness(self, other: Label) -> float:
		"""Return the similarity, with 1 for a label that is the other one cut off, and at least `ALIKE` where most
		words of the shorter one are in the other, or the longer one only adds the kind of the transaction.
		"""
		if self.text == other.text or self.cuts(other):
			return 1.0
		similar = self.similarity(other)
		least = min(len(self.words), len(other.words))
		if similar < ALIKE and least > 1 and len(self.words & other.words) >= CONTAINED * least:
			return ALIKE
		return max(similar, ALIKE) if self._adds_kinds_to(other) or other._adds_kinds_to(self) else similar

	@property
	def name(self) -> frozenset[str]:
		"""Return the words that do not say the kind of the transaction."""
		return self.words - KINDS

	def _adds_kinds_to(self, other: Label) -> bool:
		"""Whether this label is the other one with words for the kind of the transaction: `PRLV SEPA EDF` beside `EDF`."""
		return other.words <= self.words and bool(other.name) and self.name == other.name

	def cuts(self, other: Label) -> bool:
		"""Return whether one of the two is the beginning of the other one."""
		short, long = sorted((self, other), key=lambda one: len(one.key))
		if len(short.key) < SHORTEST_CUT or not long.key.startswith(short.key):
			return False
		rest = long.key[len(short.key) :]
		# `facture 10` is not `facture 101` cut off, unless more words follow.
		return rest.startswith(" ") or " " in rest or not short.key[-1].isdigit()

	def names_one(self) -> bool:
		"""Return whether the label distinguishes the transaction from others of the same kind, by a day or the number of
		an invoice. The number of a card or a shop does not: it is the same every day.
		"""
		return any(token.day or token.before in NUMBERED for token in self.tokens)

	def conflicts(self, other: Label) -> bool:
		"""Return whether the two have different identifying numbers of the same kind."""
		if not self.tokens or not other.tokens or self.cuts(other):
			return False
		ours = [t for t in self.tokens if not any(t.same(o) for o in other.tokens)]
		theirs = [t for t in other.tokens if not any(t.same(o) for o in self.tokens)]
		return any(one.contradicts(other) for one in ours for other in theirs)


@lru_cache(maxsize=65536)
def label_of(text: str) -> Label:
	"""Return a label normalised for comparison: no accents, case or punctuation; words and numbers separated."""
	plain = unicodedata.normalize("NFKD", text.casefold())
	plain = "".join(c for c in plain if not unicodedata.combining(c))
	key = _NOT_A_WORD.sub(" ", plain).strip()
	if not any(c.isdigit() for c in key):
		words = _canonical(key.split())
		return Label(key, " ".join(words), frozenset(words), frozenset())
	plain = _DAY.sub(_day_word, _AMOUNT.sub(" ", plain))
	words = _canonical(_NOT_A_WORD.sub(" ", plain).split())
	return Label(key, " ".join(words), frozenset(words), frozenset(_tokens(words)))


def _day_word(found: re.Match[str]) -> str:
	"""Return a day in any format as `mmdd`, followed by a mark that distinguishes it from other numbers."""
	day, month = (found["yd"], found["ym"]) if found["y"] else (found["d"], found["m"])
	if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
		return found.group()
	return f" {int(month):02d}{int(day):02d}d "


def _canonical(words: list[str]) -> list[str]:
	"""Replace each form of `CANONICAL` with its word, the longest form first."""
	out: list[str] = []
	index = 0
	while index < len(words):
		for size in range(min(MAX_PHRASE, len(words) - index), 0, -1):
			word = CANONICAL.get(tuple(words[index : index + size]))
			if word:
				out.append(word)
				index += size
				break
		else:
			out.append(words[index])
			index += 1
	return out


def _tokens(words: list[str]) -> list[Token]:
	found = []
	for before, word in zip(["", *words], words, strict=False):
		digits = sum(c.isdigit() for c in word)
		if digits == 0 or _YEAR.fullmatch(word):
			continue
		found.append(Token(before, word.lstrip("0") or word, _as_day(word)))
	return found


def _as_day(word: str) -> str:
	if len(word) == 5 and word.endswith("d") and word[:4].isdigit():
		return word[:4]
	bare = _DDMM.fullmatch(word)
	if bare and 1 <= int(bare[1]) <= 31 and 1 <= int(bare[2]) <= 12:
		return bare[2] + bare[1]
	return ""


def cuts_number(one: str, other: str) -> bool:
	"""Return whether one of two labels is the other one, cut off in the midst of a number."""
	short, long = sorted((label_of(one).key, label_of(other).key), key=len)
	rest = long[len(short) :]
	return (
		len(short) >= _SHORTEST_CUT_IN_NUMBER
		and long.startswith(short)
		and short[-1].isdigit()
		and rest[:1].isdigit()
	)


def label_key(text: str) -> str:
	"""Return the normalised text of a label."""
	return label_of(text).key


def alike(one: str, other: str) -> float:
	"""Return the Jaccard similarity of two labels, 0 to 1."""
	return label_of(one).similarity(label_of(other))
