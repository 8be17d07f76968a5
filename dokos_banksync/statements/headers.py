"""What the columns of a table hold, by their titles and by what stands below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dokos_banksync.statements.currencies import in_title
from dokos_banksync.statements.roles import DAYS, DETAILS, FLOWS, MONEY, Places, Role, TitleMeaning
from dokos_banksync.statements.vocabulary import Title, is_day_first, meanings

_TIERS: Mapping[Role, tuple[Role | TitleMeaning, ...]] = {
	Role.DATE: (TitleMeaning.BOOKING_DATE, Role.DATE, Role.TRANSACTION_DATE, Role.VALUE_DATE),
	Role.AMOUNT: (
		TitleMeaning.NET_AMOUNT,
		TitleMeaning.ACCOUNT_AMOUNT,
		Role.AMOUNT,
		TitleMeaning.GROSS_AMOUNT,
	),
	Role.CURRENCY: (TitleMeaning.ACCOUNT_CURRENCY, Role.CURRENCY),
}
"""Roles that several kinds of columns can fill, the best first."""
_ORDER = (
	*(*DAYS, Role.STATE, Role.DIRECTION, *MONEY, Role.CURRENCY, Role.PARTY, Role.PARTY_IBAN, Role.ACCOUNT),
	*(Role.LABEL, Role.DETAILS, Role.KIND, Role.REFERENCE, Role.ID),
)
"""A column that could fill several roles gets the first one."""

Ranked: TypeAlias = tuple[tuple[int, int], int]
"""How likely a column is by its title, the lowest first, and its position."""
_SIDES = (Role.DEBIT, Role.CREDIT)
Fits = Callable[[int, Role], bool]
"""Whether what stands in a column may be what a role means."""


@dataclass(frozen=True)
class Found:
	"""Positions of columns by role, and further positions that the titles allow as well."""

	roles: Places
	others: Mapping[Role, tuple[int, ...]]
	day_first: bool
	"""Whether the titles are in a language whose banks write the day before the month."""


def _anything(_: int, __: Role) -> bool:
	return True


def guess(titles: Sequence[str], fits: Fits = _anything) -> Found:
	"""Return the columns by role, as far as their titles are known."""
	meant = [meanings(title) for title in titles]
	roles: dict[Role, int] = {}
	others: dict[Role, tuple[int, ...]] = {}
	for role in _ORDER:
		ranked = _ranked(role, meant, set(roles.values()), fits)
		if role is Role.AMOUNT:
			ranked = _in_named_currency(ranked, titles, meant)
		if ranked:
			roles[role] = ranked[0][1]
			others[role] = tuple(place for rank, place in ranked[1:] if rank == ranked[0][0])
	if _is_of_other_amount(roles, meant) or _follows_other_amount(roles, titles, fits):
		if roles[Role.CURRENCY] - 1 in (roles.get(Role.DEBIT), roles.get(Role.CREDIT)):
			roles.pop(Role.DEBIT, None)
			roles.pop(Role.CREDIT, None)
		del roles[Role.CURRENCY]
	_add_texts(roles, meant, fits)
	return Found(roles, others, _day_first(titles, roles))


def _is_of_other_amount(roles: Places, meant: Sequence[Sequence[Title]]) -> bool:
	"""Whether a currency is that of the original amount, which stands beside the one in the account's currency."""
	if Role.AMOUNT not in roles or Role.CURRENCY not in roles:
		return False
	amount, currency = ({t.role for t in meant[roles[role]]} for role in (Role.AMOUNT, Role.CURRENCY))
	others = (titles for place, titles in enumerate(meant) if place != roles[Role.AMOUNT])
	return (
		TitleMeaning.ACCOUNT_AMOUNT in amount
		and TitleMeaning.ACCOUNT_CURRENCY not in currency
		and any(title.role == Role.AMOUNT for titles in others for title in titles)
	)


def _follows_other_amount(roles: Places, titles: Sequence[str], fits: Fits) -> bool:
	"""Whether the title of the amount names its currency (`Amount EUR`), and the column of currencies is beside another amount."""
	if Role.AMOUNT not in roles or Role.CURRENCY not in roles:
		return False
	before = roles[Role.CURRENCY] - 1
	other = before >= 0 and not any(before == place for role, place in roles.items() if role not in _SIDES)
	return other and bool(in_title(titles[roles[Role.AMOUNT]])) and fits(before, Role.AMOUNT)


def _in_named_currency(
	ranked: list[Ranked], titles: Sequence[str], meant: Sequence[Sequence[Title]]
) -> list[Ranked]:
	"""Return the columns of amounts; of equal ones, that whose title names its currency, beside a column of currencies."""
	best, rest = [[one for one in ranked if (one[0] == ranked[0][0]) is first] for first in (True, False)]
	named = [one for one in best if in_title(titles[one[1]])]
	of_currencies = any(title.role == Role.CURRENCY for found in meant for title in found)
	return named + rest if len(named) == 1 and of_currencies else ranked


def _ranked(role: Role, meant: Sequence[Sequence[Title]], taken: set[int], fits: Fits) -> list[Ranked]:
	"""The columns that may hold something, best title first."""
	ranked, tiers = [], _TIERS.get(role, (role,))
	for place, titles in enumerate(meant):
		ranks = [(tiers.index(t.role), t.rank) for t in titles if t.role in tiers]
		if ranks and place not in taken and fits(place, role):
			ranked.append((min(ranks), place))
	return sorted(ranked)


def _add_texts(roles: dict[Role, int], meant: Sequence[Sequence[Title]], fits: Fits) -> None:
	"""Further columns of text join the label: those whose titles are known for labels or details."""
	left = [
		place
		for place, titles in enumerate(meant)
		if place not in roles.values()
		and any(t.role in (Role.LABEL, Role.DETAILS) for t in titles)
		and fits(place, Role.DETAILS)
	]
	for role in DETAILS:
		if role not in roles and left:
			roles[role] = left.pop(0)


def known_titles(titles: Sequence[str]) -> int:
	"""Return how many of the titles are known in any language."""
	return sum(bool(meanings(title)) for title in titles if title)


def is_enough(roles: Mapping[Role, object]) -> bool:
	"""Whether there is a day, and money in one column or two."""
	return Role.DATE in roles and not roles.keys().isdisjoint(FLOWS)


def _day_first(titles: Sequence[str], roles: Places) -> bool:
	"""Whether a title is known in another language than English; English ones do not tell."""
	for place in roles.values():
		spoken = {title.language for title in meanings(titles[place])} if place < len(titles) else set()
		if spoken and "en" not in spoken and all(is_day_first(language) for language in spoken):
			return True
	return False
