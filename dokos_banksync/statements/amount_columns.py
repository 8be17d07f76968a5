"""Several columns that may hold the amount: `Amount`, `Tip` and `Total`, of which the last may be what was booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import permutations

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import questions
from dokos_banksync.statements.amounts import Money
from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.currencies import in_title
from dokos_banksync.statements.flows import ZERO, Amounts, Reading
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.nouns import AMOUNTS
from dokos_banksync.statements.open_columns import is_of_another_currency
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import Role, TitleMeaning, column_option
from dokos_banksync.statements.vocabulary import key, meanings

_TAXES = frozenset(("tax", "vat", "sales tax", "gst"))
"""What a net amount and the amount that was booked differ by."""
_OF_TAX = frozenset(
	[
		"ht",
		"htva",
		"tva",
		"vat",
		"tax",
		"taxe",
		"taxes",
		"mwst",
		"ust",
		"iva",
		"btw",
		"moms",
		"excl",
		"exkl",
		"excluding",
	]
)
"""Words of amounts without a tax, or of the tax: only a sum of theirs may be what was booked."""
_MOST = 8
"""Columns of money beside the amount that are compared."""


def check_total(asker: Asker, known: Known, reading: Reading, amounts: Amounts) -> None:
	"""Raise `ReadingQuestion` where a column is the amount and a further column in each row, unless the user named one."""
	if Role.AMOUNT in known.given:
		return
	total = _total_of(reading, asker.columns, amounts)
	if total is None:
		total = _other_amount(reading, asker.columns, amounts)
	if total is not None:
		places = sorted((reading.roles[Role.AMOUNT], total))
		raise amount_question(asker, places, asker.suggested(reading.roles))


def _total_of(reading: Reading, columns: Columns, amounts: Amounts) -> int | None:
	place = reading.roles.get(Role.AMOUNT)
	if place is None:
		return None
	taken = set(reading.roles.values())
	free = [
		p for p in range(columns.width) if p not in taken and columns.are_money(p) and _may_count(columns, p)
	]
	mark = reading.marks[place]
	booked = _values(amounts, place, mark)
	values = {p: _values(amounts, p, mark) for p in free[:_MOST]}
	return next((t for t, part in permutations(values, 2) if _is_sum(values[t], booked, values[part])), None)


def _other_amount(reading: Reading, columns: Columns, amounts: Amounts) -> int | None:
	"""Return a column whose title names an amount beside words that are not known, `Captured amount`, and that differs."""
	place = reading.roles.get(Role.AMOUNT)
	if place is None:
		return None
	mark, taken = reading.marks[place], set(reading.roles.values())
	booked = _values(amounts, place, mark)
	for other in range(columns.width):
		if other in taken or _is_beside_currencies(columns, other):
			continue
		if columns.are_money(other) and _names_amount(columns.title(other)):
			values = _values(amounts, other, mark)
			if any(values) and [abs(v) for v in values] != [abs(b) for b in booked]:
				return other
	return None


def _is_beside_currencies(columns: Columns, place: int) -> bool:
	"""Whether a column of currencies stands beside another one: its amounts may be of each of them."""
	return any(
		columns.are_currencies(beside) for beside in (place - 1, place + 1) if 0 <= beside < columns.width
	)


def _names_amount(title: str) -> bool:
	words = key(title).split()
	if not _OF_TAX.isdisjoint(words):
		return False
	of_amount = any(
		meant.role is Role.AMOUNT and word in AMOUNTS for word in words for meant in meanings(word)
	)
	return of_amount and not meanings(title) and not in_title(title) and not is_of_another_currency(title)


def amount_question(asker: Asker, places: Sequence[int], suggested: Mapping[str, str]) -> InvalidData:
	"""Return the question which of some columns holds the amount."""
	options = ", ".join(column_option(Role.AMOUNT, place + 1) for place in places)
	choices = [{Role.AMOUNT: str(place + 1)} for place in places]
	return asker.ask(questions.COLUMN, options, suggested=suggested, choices=choices)


def _may_count(columns: Columns, place: int) -> bool:
	title = columns.titles[place] if place < len(columns.titles) else ""
	words = [meant for word in title.split() for meant in meanings(word)]
	if any(meant.role is Role.BALANCE for meant in words):  # `Solde avant`, beside `Solde après`
		return False
	if key(title) in _TAXES:
		return True
	return all(meant.role not in (TitleMeaning.IGNORED, Role.BALANCE, Role.FEE) for meant in meanings(title))


def _values(amounts: Amounts, place: int, mark: str) -> list[Decimal]:
	return [one.value if isinstance(one, Money) else ZERO for one in amounts.column(place, mark)]


def _is_sum(total: Sequence[Decimal], booked: Sequence[Decimal], part: Sequence[Decimal]) -> bool:
	follows = total[:-1] == part[1:] or total[1:] == part[:-1]  # the balances before and after each row
	sums = all(t == b + p for t, b, p in zip(total, booked, part, strict=True))
	return len(total) > 1 and any(part) and sums and not follows
