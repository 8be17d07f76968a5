"""The words of statements in twenty-two languages, from the data files in `words/`: titles, sides, states, balances.

Each file is one language. Words are written as `key` returns them: small letters without accents and signs.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from dokos_banksync.core.model import LineState
from dokos_banksync.statements.control_words import names_total, unabbreviated
from dokos_banksync.statements.named_days import month_names
from dokos_banksync.statements.roles import LABELS, Role, TitleMeaning

_LETTERS = str.maketrans(
	{"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ß": "ss", "đ": "d", "œ": "oe"}
)
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_NOT_A_LETTER = re.compile(r"[\W_]+")
_OTHER_LETTERS = re.compile(r"[\u0370-\u1fff\u3040-\ud7ff]")
"""Letters of other alphabets than the Latin one."""
_CURRENCY = re.compile(
	r"\b(?:(?:en|in|em|i|w) )?(?:eur|euros?|usd|gbp|chf|pln|sek|dkk|nok|cad|aud|inr|sgd|czk|huf|ron|bgn|isk"
	r"|jpy|nzd|hkd|brl|mxn|zar|ils|thb|krw|idr|myr|aed|sar|uah|rsd)\b"
)
_TAIL = re.compile(
	r"(?:\s+(?:au|am|at|on|vom|per|al|a|op|the|as|of|le|du|zum|na|dzien|den|pr|em|til|until|to|from|in"
	r"|de|del|eur|usd|gbp|chf|pln|sek|dkk|\d[\d ]*"
	r"|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre))*$"
)
"""A date and a currency behind the name of a balance."""
_SIGNED_BALANCE = re.compile(
	r" (?:crediteur|debiteur|acreedor|deudor|creditore|debitore|credor|devedor|kreditor(?:isch)?|debitorisch)\b"
)
"""Which side of zero a balance is on, behind its name: `Ancien solde créditeur au 31/10`."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_OVERDRAWN = re.compile(r"\b(?:debiteur|debitrice|deudor|debitore|devedor|debitor(?:isch)?|overdrawn)\b")
SHOPS = frozenset(("new balance", "suma", "summa", "summe", "gesamt", "soma"))
"""Names of balances and totals that are names of shops as well."""
_TURNOVERS = frozenset(
	(
		*("turnover", "apyvarta", "apgrozijums", "kaive", "rulaj", "obrat", "gesamtumsatz", "umsatzsumme"),
		*(
			"totals",
			"totaux",
			"totali",
			"totales",
			"totais",
			"celkem",
			"celkom",
			"osszesen",
			"razem",
			"lacznie",
		),
	)
)
_BALANCE_NOUNS = frozenset(("solde", "saldo", "balance", "balans", "kontostand"))
_BESIDE_BALANCES = frozenset(
	(
		*(
			"votre",
			"vos",
			"your",
			"ihr",
			"uw",
			"su",
			"from",
			"as",
			"eur",
			"euro",
			"mois",
			"month",
			"monat",
			"zum",
		),
		*("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
	)
)
"""Words that the names of balances may have beside those of the lists."""
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_IN_SYMBOL = re.compile(r"\s+(?:en|in|em|i|w)\s+\W+$")
"""A currency behind a title, as a sign: `Montant en €`."""
_UNNUMBERED = re.compile(r"\s*\d$")
"""`Description 1` is a description."""
_UNIT = re.compile(
	r"\b(?:cents?|centimes?|centesimi|centimos|centavos|pence|ore|grosz[ey]?|minor units?|in minor|tausend|thousands?|milliers"
	r"|miles|migliaia|k|tsd|teur|mio|millions?|millionen|p|cts?|rp|rappen|gr|sen|paise|fils)\b"
)
"""Parts or multiples of a currency: an amount under such a title is not one of the currency."""
_OTHER_CURRENCY = re.compile(
	r"\b(?:foreign|original|orig|fremdwahrung|originalwahrung|etrangere?|valuta estera"
	r"|devises?(?! (?:du |de |de reference du )?compte)|divisa(?! (?:de la |de |del )?(?:cuenta|conto))"
	r"|moeda estrangeira|vreemde|utlandsk|udenlandsk|utenlandsk|ulkomainen|obca)\b"
)
"""Of another currency than the account's: an amount under such a title is not the one that was booked."""
_SHORTEST_SPACED = 4
"""Letters of a word that is written with blanks between them."""
_LONGEST = 60
"""Characters of a title or a word of these lists at most."""


_MEANINGS: Mapping[str, Role | TitleMeaning] = {one.value: one for one in (*Role, *TitleMeaning)}


_NET_OR_GROSS = (TitleMeaning.NET_AMOUNT, TitleMeaning.GROSS_AMOUNT)
"""What brackets behind a title may say of it: `Auszahlung (netto)` is an amount with its sign."""


class Title(NamedTuple):
	"""What a title may mean: `rank` is its place in its language's list, the likeliest first."""

	role: Role | TitleMeaning
	rank: int
	language: str


class Control(str, Enum):
	"""What kind of control value a row is."""

	OPENING = "opening"
	CLOSING = "closing"
	TOTAL = "totals"


@dataclass(frozen=True)
class _Words:
	titles: Mapping[str, tuple[Title, ...]]
	sides: Mapping[str, int]
	states: Mapping[str, LineState | None]
	controls: Mapping[str, Control]
	opening_words: frozenset[str]
	closing_words: frozenset[str]
	pending: re.Pattern[str]
	label_in: re.Pattern[str]
	label_out: re.Pattern[str]
	day_first: frozenset[str]


@lru_cache(maxsize=4096)
def key(title: str) -> str:
	"""Return a title without case, accents, signs and currencies: `debit` for `Débit (€)` and `DEBIT EUROS`."""
	letters = unicodedata.normalize("NFKD", title.translate(_LETTERS))
	if _OTHER_LETTERS.search(letters):
		bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
		text = _NOT_A_LETTER.sub(" ", bare.lower()).strip()
	else:
		text = _NOT_A_WORD.sub(" ", letters.encode("ascii", "ignore").decode().lower()).strip()
	return " ".join(_CURRENCY.sub(" ", text).split()) or text


@lru_cache(maxsize=4096)
def meanings(title: str) -> tuple[Title, ...]:
	"""Return what a title may mean in the known languages; empty for an unknown one."""
	titles = _words().titles
	in_brackets = " ".join(_BRACKETS.findall(title))
	if net := [one for one in titles.get(key(in_brackets), ()) if one.role in _NET_OR_GROSS]:
		return tuple(net)
	telling = _UNIT.search(key(in_brackets)) or _OTHER_CURRENCY.search(key(in_brackets))
	without_brackets = title if telling else _BRACKETS.sub(" ", title)
	for text in (
		title,
		without_brackets,
		_camel(title),
		_UNNUMBERED.sub("", title),
		_IN_SYMBOL.sub("", title),
	):
		if found := titles.get(key(text)):
			return found
	return _common_meanings(title.split("/"))


def _common_meanings(parts: Sequence[str]) -> tuple[Title, ...]:
	"""Return what the parts of a title such as `Memo/Description` mean, where all of them name a text."""
	found = [meanings(part) for part in parts] if len(parts) > 1 else []
	texts = all(any(title.role in LABELS for title in titles) for titles in found)
	return tuple(title for title in found[-1] if title.role in LABELS) if found and texts else ()


def _camel(title: str) -> str:
	return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", title)


@lru_cache(maxsize=4096)
def side(text: str) -> int | None:
	"""Return 1 for a word that says money in, -1 for money out, 0 for no text, None for any other text."""
	bare = text.strip()
	if bare in ("+", "-", "−"):
		return 1 if bare == "+" else -1
	return _words().sides.get(key(bare)) if bare else 0


REJECTED = "rejected"


@lru_cache(maxsize=4096)
def state(text: str) -> LineState | str | None:
	"""Return the state that a word says: `BOOKED`, `PENDING`, `REJECTED` for money that did not move; None if unknown."""
	found = _words().states.get(key(text), "")
	return REJECTED if found is None else found or None


@lru_cache(maxsize=4096)
def control(text: str) -> Control | None:
	"""Return which control value a cell names, `Solde au 30/11/2026`; None for other texts, such as an operation's."""
	if not text or len(text) > _LONGEST:
		return None
	words, controls = _unspaced(key(text)), _words().controls
	undated, full = _without_month(words), unabbreviated(words)
	named = (
		words,
		_TAIL.sub("", undated),
		full,
		_TAIL.sub("", _SIGNED_BALANCE.sub("", unabbreviated(undated))),
	)
	found = next((found for name in named if (found := controls.get(name))), None)
	return found or _other_balance(named[3]) or (Control.TOTAL if names_total(named[3]) else None)


def is_unit(title: str) -> bool:
	"""Whether a title names parts or multiples of a currency: `Centimes`."""
	return bool(_UNIT.search(key(title)))


def is_overdrawn(text: str) -> bool:
	"""Whether the name of a balance says that it is below zero: `Solde débiteur au 30/11/2026`."""
	return bool(_OVERDRAWN.search(key(text)))


def is_shop(text: str) -> bool:
	"""Whether a text is the name of a shop as well as that of a balance, a number behind it left out."""
	return _TAIL.sub("", key(text)) in SHOPS


def _unspaced(words: str) -> str:
	"""`s a l d o` is `saldo`."""
	letters = words.split()
	spaced = len(letters) >= _SHORTEST_SPACED and all(len(letter) == 1 for letter in letters)
	return "".join(letters) if spaced else words


def _without_month(words: str) -> str:
	"""Return a name without the month of a day with its year: `saldo per 30 2026` for `saldo per 30 november 2026`."""
	return " ".join(w for w in words.split() if w not in month_names()) if _YEAR.search(words) else words


def _other_balance(words: str) -> Control | None:
	"""Return the kind of a balance whose name is made of the words of other names: `Solde en début de période`."""
	said = {word for word in words.split() if not word.isdigit()}
	opening, closing = _words().opening_words, _words().closing_words
	if not said & _BALANCE_NOUNS or not said <= opening | closing | _BESIDE_BALANCES:
		return None
	return Control.OPENING if said & (opening - closing) else Control.CLOSING


def is_phrase(text: str) -> bool:
	"""Whether the name of a control value has several words, besides a date, a currency or a number behind it."""
	return " " in _TAIL.sub("", key(text))


def is_turnover(text: str) -> bool:
	"""Whether a text names a total of the period by a word that no shop has for a name."""
	return key(text) in _TURNOVERS


def names_pending(text: str) -> bool:
	"""Whether a text above rows, such as `Opérations en attente`, says that they are not booked."""
	return len(text) <= _LONGEST and bool(_words().pending.search(key(text)))


def label_side(text: str) -> int:
	"""Return 1 or -1 where a label's words say that money came in or went out, else 0. Weak evidence."""
	words = key(text)
	in_, out = _words().label_in.search(words), _words().label_out.search(words)
	if in_ and out and len(in_[0]) != len(out[0]) and (in_[0] in out[0] or out[0] in in_[0]):
		return 1 if len(in_[0]) > len(out[0]) else -1
	return bool(in_) - bool(out)


def is_day_first(language: str) -> bool:
	"""Whether banks that write this language put the day before the month, all over the world."""
	return language in _words().day_first


def languages() -> Iterator[tuple[str, Mapping[str, Any]]]:
	"""Yield each language's code and its data file."""
	folder = files(__package__) / "words"
	for file in sorted(folder.iterdir(), key=lambda f: f.name):
		if file.name.endswith(".json"):
			yield file.name.removesuffix(".json"), json.loads(file.read_text("utf-8"))


@cache
def _words() -> _Words:
	titles: dict[str, list[Title]] = {}
	sides: dict[str, int] = {}
	states: dict[str, LineState | None] = {}
	controls: dict[str, Control] = {}
	patterns: dict[str, list[str]] = {"label_in": [], "label_out": []}
	day_first: set[str] = set()
	for language, data in languages():
		day_first.update({language} if data["day_first"] else ())
		for name, words in data["titles"].items():
			role = _MEANINGS[name]
			for rank, word in enumerate(words):
				titles.setdefault(word, []).append(Title(role, rank, language))
		sides.update({**dict.fromkeys(data["out"], -1), **dict.fromkeys(data["in"], 1)})
		for name, meant in (("booked", LineState.BOOKED), ("pending", LineState.PENDING), ("rejected", None)):
			states.update(dict.fromkeys(data[name], meant))
		for kind in Control:
			controls.update({word: kind for word in data[kind.value] if word not in controls})
		for name, known in patterns.items():
			known += data[name]
	fixed = {word: tuple(meant) for word, meant in titles.items()}
	return _Words(
		titles=fixed,
		sides=sides,
		states=states,
		controls=controls,
		opening_words=_single_words(controls, Control.OPENING),
		closing_words=_single_words(controls, Control.CLOSING),
		pending=_pattern(
			[word for word, meant in states.items() if meant is LineState.PENDING], "(?:e[nrsm]?|s|es)?"
		),
		label_in=_pattern(patterns["label_in"]),
		label_out=_pattern(patterns["label_out"]),
		day_first=frozenset(day_first),
	)


def _single_words(controls: Mapping[str, Control], kind: Control) -> frozenset[str]:
	return frozenset(word for name, named in controls.items() if named is kind for word in name.split())


def _pattern(words: list[str], ending: str = "") -> re.Pattern[str]:
	"""Return a pattern of whole words, each with one of the endings of its inflected forms."""
	return re.compile(r"\b(?:" + "|".join(sorted(set(words), key=len, reverse=True)) + rf"){ending}\b")
