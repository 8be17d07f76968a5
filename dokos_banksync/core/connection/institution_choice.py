"""One list of banks from several providers: which reach the same bank, and which of them is suggested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from dokos_banksync.core.model import Institution
from dokos_banksync.core.provider import Capabilities, PriceClass
from dokos_banksync.core.subscription import SANDBOX

_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Offer:
	"""One provider that reaches a bank."""

	provider: str
	environment: str
	capabilities: Capabilities
	institution: Institution


class Reason(str, Enum):
	"""Why one provider is suggested. The value is English, and translatable."""

	HEALTH = "the others do not answer well at the moment"
	REAL = "the others are test environments"
	RELEASED = "the others are in beta for this bank"
	HISTORY = "longest history"
	CONSENT = "longest consent"
	FETCHES = "most fetches a day"
	PRICE = "lowest price class"


@dataclass(frozen=True)
class ListedBank:
	"""A bank with the providers that reach it, the suggested one first.

	`reason` is why the first is before the second; None for a single one, and for equal ones, which stand by name.
	"""

	offers: Sequence[Offer]
	reason: Reason | None = None

	@property
	def institution(self) -> Institution:
		"""Return the bank as the suggested provider lists it."""
		return self.offers[0].institution


def normalized(words: str) -> str:
	"""Return words in lower case, without accents, with single blanks instead of everything but letters and digits."""
	plain = unicodedata.normalize("NFKD", words)
	bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
	return _SEPARATORS.sub(" ", bare.casefold()).strip()


def group(offers: Iterable[Offer]) -> list[ListedBank]:
	"""Return one entry for each bank, in the order in which the banks first occur.

	Offers of different providers are the same bank where name and country are equal, accents, case and punctuation
	aside. A provider that lists such a bank twice (a bank's private and business access) has two entries.
	"""
	banks: dict[tuple[str, str, int], list[Offer]] = {}
	occurrences: dict[tuple[str, str, str], int] = {}
	for offer in offers:
		name, country = normalized(offer.institution.name), offer.institution.country
		seen = occurrences[offer.provider, name, country] = (
			occurrences.get((offer.provider, name, country), -1) + 1
		)
		banks.setdefault((name, country, seen), []).append(offer)
	return [_ranked(found) for found in banks.values()]


def _ranked(offers: list[Offer]) -> ListedBank:
	ranked = sorted(offers, key=_order)
	return ListedBank(ranked, _reason(*ranked[:2]) if len(ranked) > 1 else None)


def _reason(first: Offer, second: Offer) -> Reason | None:
	"""Return the first merit of one offer over another; only what both providers declare is compared."""
	for reason, score in _CRITERIA.items():
		mine, other = score(first), score(second)
		if mine is not None and other is not None and mine > other:
			return reason
	return None


def _order(offer: Offer) -> tuple[Sequence[float], str]:
	"""Order by merit; what is not declared is least."""
	scores = [score(offer) for score in _CRITERIA.values()]
	return [1 if score is None else -score for score in scores], offer.provider


_CHEAPEST_LAST = (PriceClass.CONTRACT, PriceClass.PER_ACCOUNT, PriceClass.FREE)


def _price(offer: Offer) -> float | None:
	price = offer.capabilities.price
	return None if price is None else _CHEAPEST_LAST.index(price)


def _days(length: timedelta | None) -> float | None:
	return length.days if length else None


_CRITERIA: dict[Reason, Callable[[Offer], float | None]] = {
	Reason.HEALTH: lambda offer: offer.institution.healthy is not False,
	Reason.REAL: lambda offer: offer.environment != SANDBOX,
	Reason.RELEASED: lambda offer: not offer.institution.beta,
	Reason.HISTORY: lambda offer: _days(offer.capabilities.history),
	Reason.CONSENT: lambda offer: _days(offer.capabilities.consent),
	Reason.FETCHES: lambda offer: offer.capabilities.daily_fetches,
	Reason.PRICE: _price,
}
"""The merits of an offer in the order of their weight; more is better, and None is not declared."""
