"""The order of day, month and year in the dates of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from dokos_banksync.statements import questions
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.days import (
	DMY,
	MDY,
	YDM,
	YMD,
	are_mixed,
	day_of_cell,
	likelier,
	looks_like_day,
	possible_orders,
	year_first_orders,
)
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import DAYS, Role, Setting
from dokos_banksync.statements.vocabulary import meanings

_MONTHS = 12
_UNSORTED = 4
"""Different days from which the sequence of days of purchase is no accident."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")


def date_order(
	rows: Sequence[Row], known: Known, options: ReadingOptions, asker: Asker, *, decimal: str = ""
) -> str:
	"""Return DMY, MDY, YMD or YDM. Raises `ReadingQuestion` where nothing decides.

	Who writes the month first writes a decimal point: a decimal comma rules it out.
	"""
	if options.dates:
		return options.dates
	orders = _possible(rows, known)
	if not orders:
		return YDM if _is_day_before_month(rows, known) else YMD
	if len(orders) == 1 and are_mixed(_texts(rows, known, Role.DATE)):
		choices = [{Setting.DATE_FORMAT: order} for order in (DMY, MDY)]
		raise asker.ask(
			questions.BOTH_ORDERS, DMY, MDY, suggested=asker.suggested(known.roles), choices=choices
		)
	if len(orders) == 1 and _is_half_converted(rows, known, orders[0]):
		raise asker.ask(
			questions.MIXED_DAYS,
			f"--date-format {orders[0]}",
			suggested=asker.suggested(known.roles),
			choices=[{Setting.DATE_FORMAT: orders[0]}],
		)
	if decimal == "," and len(orders) > 1:
		orders = tuple(order for order in orders if order != MDY)
	if len(orders) > 1:
		days, value_days = (_texts(rows, known, role, gaps=True) for role in (Role.DATE, Role.VALUE_DATE))
		orders = likelier(days, value_days, orders, _UNSORTED if _are_of_purchases(known, asker) else 1)
	said = known.said(Setting.DATE_FORMAT, "")
	if len(orders) == 1 or said in orders:
		return said if said in orders else orders[0]
	if known.day_first and YMD not in orders:
		return DMY
	choices = [{Setting.DATE_FORMAT: order} for order in orders]
	answers = " / ".join(f"--date-format {order}" for order in orders)
	raise asker.ask(questions.DAYS, answers, suggested=asker.suggested(known.roles), choices=choices)


def needs_order(rows: Sequence[Row], known: Known) -> bool:
	"""Whether any day of the table depends on the order: ISO days and months by name do not."""
	return bool(_possible(rows, known)) or _is_day_before_month(rows, known, proven=True)


def _is_day_before_month(rows: Sequence[Row], known: Known, *, proven: bool = False) -> bool:
	"""Whether days such as `2026-30-11` prove their order, or an earlier file did and no day contradicts it."""
	orders = year_first_orders(text for role in DAYS for text in set(_texts(rows, known, role)))
	said = known.said(Setting.DATE_FORMAT, "") == YDM
	return orders == (YDM,) or (said and not proven and YDM in orders)


def _possible(rows: Sequence[Row], known: Known) -> tuple[str, ...]:
	"""Return the orders that all columns of days allow; none where no day needs one."""
	orders: tuple[str, ...] = ()
	for role in DAYS:
		possible = possible_orders(_texts(rows, known, role)) if role in known.roles else ()
		orders = tuple(order for order in possible if not orders or order in orders) or orders
	return orders


def _is_half_converted(rows: Sequence[Row], known: Known, order: str) -> bool:
	"""Whether a spreadsheet that reads the month first, or the day, has turned into dates what it could.

	What it could not stays text: days after the 12th. The dates that it made have day and month exchanged, so that
	none of them has a day after the 12th.
	"""
	place = known.roles.get(Role.DATE, -1)
	cells = (row.cells[place] for row in rows if 0 <= place < len(row.cells))
	dates = {cell if isinstance(cell, date) else _iso_day(cell) for cell in cells} - {None}
	if not dates or any(cell is not None and cell.day > _MONTHS for cell in dates):
		return False
	texts = {
		text
		for text in _texts(rows, known, Role.DATE)
		if looks_like_day(text)
		and not _iso_day(text)
		and isinstance(day_of_cell(text, order, required=True), date)
	}
	return bool(texts) and order != YMD and all(possible_orders([text]) == (order,) for text in texts)


def _are_of_purchases(known: Known, asker: Asker) -> bool:
	"""Whether the days are those of the transactions, by which a statement is not sorted for certain."""
	place = known.roles.get(Role.DATE, len(asker.titles))
	meant = {title.role for title in meanings(asker.titles[place])} if place < len(asker.titles) else set()
	return Role.TRANSACTION_DATE in meant and Role.DATE not in meant


def _iso_day(cell: object) -> date | None:
	"""Return the day of a text with the year in front, as a spreadsheet writes its dates; None for any other cell."""
	if not isinstance(cell, str) or not _ISO.match(cell.strip()):
		return None
	found = day_of_cell(cell, YMD, required=True)
	return found if isinstance(found, date) else None


def _texts(rows: Sequence[Row], known: Known, role: Role, gaps: bool = False) -> list[str]:
	"""Return the texts of a column; equal ones are one object."""
	place = known.roles.get(role)
	if place is None:
		return []
	cells = (row.cells[place] if place < len(row.cells) else "" for row in rows)
	same: dict[str, str] = {}
	return [same.setdefault(cell, cell) for cell in cells if isinstance(cell, str) and (gaps or cell.strip())]
