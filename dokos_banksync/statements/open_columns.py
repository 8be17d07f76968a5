"""Columns under unknown titles that may hold the day or the currency of a table: the user says whether they do."""

from __future__ import annotations

import re

from dokos_banksync.statements import questions
from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.currencies import code_of
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import NO_COLUMN, Role, TitleMeaning, column_option
from dokos_banksync.statements.vocabulary import key, meanings

_FOREIGN = re.compile(
	r"\b(?:foreign|orig(?:inal|ine)?|target|cible|fremdwahrung|originalwahrung|ursprungswahrung|etrangere?|extranjer[ao]|ester[ao]"
	r"|estrangeir[ao]|vreemde|utlandsk|udenlandsk|utenlandsk|ulkomainen|obcej|obca|puvodni|povodna|eredeti|cizi)\b"
)
"""Of another currency than that of the amounts."""
_LOCAL = re.compile(
	r"\b(?:local|locale?s?|lokale?r?|currency|devises?|divisa|moneda|moeda|valuta|waluty|wahrung)\b"
)
"""Of the country of a purchase, or of some currency."""
_DAYS_OF_BOOKING = (Role.DATE, TitleMeaning.BOOKING_DATE)


def check_open_columns(asker: Asker, known: Known, columns: Columns, currency: str) -> None:
	"""Raise `ReadingQuestion` for a column that may be the day of booking, or the currency, of the rows.

	`currency` is the one of the account, in which amounts without a currency of their own are read.
	"""
	_check_same_title(asker, known, columns)
	taken = set(known.roles.values())
	free = [p for p, title in enumerate(asker.titles) if title and p not in taken and not meanings(title)]
	if _is_of_another_day(asker, known):
		_check_days(asker, known, columns, free)
	if currency and Role.CURRENCY not in known.roles and Role.CURRENCY not in known.given:
		_check_currency(asker, columns, free, currency)


def _is_of_another_day(asker: Asker, known: Known) -> bool:
	"""Whether the day of the rows comes from a title that names another day than that of booking."""
	if Role.DATE not in known.roles or Role.DATE in known.given:
		return False
	meant = {title.role for title in meanings(asker.titles[known.roles[Role.DATE]])}
	return bool(meant) and meant.isdisjoint(_DAYS_OF_BOOKING)


def _check_same_title(asker: Asker, known: Known, columns: Columns) -> None:
	"""Raise `ReadingQuestion` where another column of days has the title of the one in use."""
	used = known.roles.get(Role.DATE)
	if used is None or Role.DATE in known.given or used >= len(asker.titles) or not asker.titles[used]:
		return
	taken, title = set(known.roles.values()), key(asker.titles[used])
	same = [p for p, other in enumerate(asker.titles) if key(other) == title and p not in taken]
	_check_days(asker, known, columns, same)


def is_of_another_currency(title: str) -> bool:
	"""Whether a title says that its amounts are in another currency than those of the account."""
	return bool(_FOREIGN.search(key(title)) or _LOCAL.search(key(title)))


def _check_days(asker: Asker, known: Known, columns: Columns, free: list[int]) -> None:
	used = known.roles[Role.DATE]
	for place in free:
		if columns.are_days(place) and _may_be_booking(columns, used, place):
			titles = asker.name(used), asker.name(place)
			answers = [column_option(Role.DATE, one + 1) for one in (used, place)]
			choices = [{Role.DATE: str(one + 1)} for one in (place, used)]
			suggested = {Role.DATE: titles[1]}
			raise asker.ask(questions.DAY_COLUMN, *titles, *answers, suggested=suggested, choices=choices)


def _may_be_booking(columns: Columns, used: int, place: int) -> bool:
	"""Whether most rows have a day in a column, not the same in all of them, and some another one than that in use."""
	pairs = [(row.texts[used], row.texts[place]) for row in columns.rows if len(row.texts) > max(used, place)]
	both = [(one, other) for one, other in pairs if other]
	differ = len({other for _, other in both}) > 1 and any(one != other for one, other in both)
	return differ and len(both) * 2 > len(pairs)


def _check_currency(asker: Asker, columns: Columns, free: list[int], currency: str) -> None:
	for place in filter(columns.are_currencies, free):
		other = next((text for text in columns.texts(place) if code_of(text, currency) != currency), "")
		if other and not _FOREIGN.search(key(asker.titles[place])):
			title = asker.name(place)
			answers = [column_option(Role.CURRENCY, one) for one in (place + 1, NO_COLUMN)]
			choices = [{Role.CURRENCY: str(place + 1)}, {Role.CURRENCY: NO_COLUMN}]
			suggested = {Role.CURRENCY: title}
			raise asker.ask(
				questions.CURRENCY_COLUMN, title, other, *answers, suggested=suggested, choices=choices
			)
