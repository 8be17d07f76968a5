"""What the columns of a table hold, by their titles and by what stands below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dokos_banksync.statements.vocabulary import Title, is_day_first, key, meanings

__all__ = ["ROLES", "Found", "guess", "is_enough", "key", "known_titles"]

ROLES = (
	*("date", "value_date", "transaction_date", "amount", "debit", "credit", "fee", "direction"),
	*("label", "details", "details_2", "details_3", "party", "party_iban", "kind", "reference", "id"),
	*("balance", "currency", "account", "state"),
)
"""What a column may hold, as a user names it."""

NO_COLUMN = "-"
"""For a user to say that no column holds something, whatever its title says."""

_TIERS = {
	"date": ("booking_date", "date", "transaction_date", "value_date"),
	"value_date": ("value_date",),
	"transaction_date": ("transaction_date",),
	"amount": ("net_amount", "account_amount", "amount", "gross_amount"),
	"currency": ("account_currency", "currency"),
}
"""Roles that several kinds of columns can fill, the best first."""
_ORDER = (
	*(
		"date",
		"value_date",
		"transaction_date",
		"state",
		"direction",
		"amount",
		"debit",
		"credit",
		"fee",
		"balance",
	),
	*("currency", "party", "party_iban", "account", "label", "details", "kind", "reference", "id"),
)
_TEXTS = ("details", "details_2", "details_3")

Fits = Callable[[int, str], bool]
"""Whether what stands in a column may be what a role means."""


@dataclass(frozen=True)
class Found:
	"""Positions of columns by role, and further positions that the titles allow as well."""

	roles: Mapping[str, int]
	others: Mapping[str, tuple[int, ...]]
	day_first: bool
	"""Whether the titles are in a language whose banks write the day before the month."""


def _anything(_: int, __: str) -> bool:
	return True


def guess(titles: Sequence[str], fits: Fits = _anything) -> Found:
	"""Return the columns by role, as far as their titles are known."""
	meant = [meanings(title) for title in titles]
	roles: dict[str, int] = {}
	others: dict[str, tuple[int, ...]] = {}
	for role in _ORDER:
		ranked = _ranked(role, meant, set(roles.values()), fits)
		if ranked:
			roles[role] = ranked[0][1]
			others[role] = tuple(place for rank, place in ranked[1:] if rank == ranked[0][0])
	if _is_of_other_amount(roles, meant):
		del roles["currency"]
	_add_texts(roles, meant, fits)
	return Found(roles, others, _day_first(titles, roles))


def _is_of_other_amount(roles: Mapping[str, int], meant: Sequence[Sequence[Title]]) -> bool:
	"""Whether a currency is that of the original amount, which stands beside the one in the account's currency."""
	if "amount" not in roles or "currency" not in roles:
		return False
	amount, currency = ({t.role for t in meant[roles[role]]} for role in ("amount", "currency"))
	others = (titles for place, titles in enumerate(meant) if place != roles["amount"])
	return (
		"account_amount" in amount
		and "account_currency" not in currency
		and any(title.role == "amount" for titles in others for title in titles)
	)


def _ranked(
	role: str, meant: Sequence[Sequence[Title]], taken: set[int], fits: Fits
) -> list[tuple[tuple[int, int], int]]:
	"""The columns that may hold something, best title first."""
	ranked, tiers = [], _TIERS.get(role, (role,))
	for place, titles in enumerate(meant):
		ranks = [(tiers.index(t.role), t.rank) for t in titles if t.role in tiers]
		if ranks and place not in taken and fits(place, role):
			ranked.append((min(ranks), place))
	return sorted(ranked)


def _add_texts(roles: dict[str, int], meant: Sequence[Sequence[Title]], fits: Fits) -> None:
	"""Further columns of text join the label: those whose titles are known for labels or details."""
	left = [
		place
		for place, titles in enumerate(meant)
		if place not in roles.values()
		and any(t.role in ("label", "details") for t in titles)
		and fits(place, "details")
	]
	for role in _TEXTS:
		if role not in roles and left:
			roles[role] = left.pop(0)


def known_titles(titles: Sequence[str]) -> int:
	"""Return how many of the titles are known in any language."""
	return sum(bool(meanings(title)) for title in titles if title)


def is_enough(roles: Mapping[str, object]) -> bool:
	"""Whether there is a day, and money in one column or two."""
	return "date" in roles and bool({"amount", "debit", "credit"} & roles.keys())


def _day_first(titles: Sequence[str], roles: Mapping[str, int]) -> bool:
	"""Whether a title is known in another language than English; English ones do not tell."""
	for place in roles.values():
		spoken = {title.language for title in meanings(titles[place])} if place < len(titles) else set()
		if spoken and "en" not in spoken and all(is_day_first(language) for language in spoken):
			return True
	return False
