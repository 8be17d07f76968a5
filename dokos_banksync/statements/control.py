"""Control values of a statement, and whether its rows agree with them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.message import Message
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.statements.contract import Balance, Evidence, Totals
from dokos_banksync.statements.part_lines import PartLines, Sums

BALANCES = "The opening balance {0} and the rows ({1}) make {2}, and the closing balance is {3}"
CREDITS = "The file states {0} of credits, and its rows make {1}"
DEBITS = "The file states {0} of debits, and its rows make {1}"
TURNOVER = "The file states {0} as the sum of all amounts without signs, and its rows make {1}"
NET = "The file states {0} as the sum of all amounts, and its rows make {1}"
COUNT = "The file states {0} rows, and holds {1}"
GAP = "A statement opens with {0}, and the one before it closed with {1}: one is missing between them"
CUT_OFF = "The statement has no closing balance: the file may be cut off"
CUT_OFF_ROW = "The file ends in the middle of this row: download it again"


class ControlResult(NamedTuple):
	"""What the control values prove, and each one that the rows contradict, in a sentence."""

	evidence: Evidence
	mismatches: tuple[str, ...] = ()


def check_balances(
	lines: PartLines, currency: str, opening: Balance | None, closing: Balance | None
) -> ControlResult:
	"""Return whether opening balance + booked lines = closing balance; None when one is missing."""
	if opening is None or closing is None:
		return ControlResult(Evidence.NONE)
	moved = lines.moved_in(currency)
	if opening.amount + moved == closing.amount:
		return ControlResult(Evidence.OPENING_AND_CLOSING)
	made = opening.amount + moved
	return ControlResult(Evidence.NONE, (Message(BALANCES, opening.amount, moved, made, closing.amount),))


def check_totals(lines: PartLines, unread: int, totals: Totals | None) -> ControlResult:
	"""Return whether the sums and the number of the lines are those that the file states.

	`unread` counts the rows of the statement that are no line. Banks differ in whether pending rows belong to the
	totals; both readings are tried.
	"""
	if totals is None or totals == Totals():
		return ControlResult(Evidence.NONE)
	found = _contradictions(lines.all, unread, totals)
	if found and lines.booked.rows < len(lines):
		found = _contradictions(lines.booked, unread, totals) and found
	money = totals.credits is not None or totals.debits is not None
	return ControlResult(Evidence.TOTALS if money and not found else Evidence.NONE, found)


def check_sums(lines: PartLines, turnover: Decimal | None, net: Decimal | None) -> tuple[str, ...]:
	"""Return a sentence for the sum without signs, and the one with them, that neither all lines nor the booked ones have."""
	sums = (lines.all, lines.booked)
	figures = (
		(TURNOVER, turnover, [one.credits - one.debits for one in sums]),
		(NET, net, [one.credits + one.debits for one in sums]),
	)
	return tuple(
		Message(text, stated, made[0])
		for text, stated, made in figures
		if stated is not None and stated not in made
	)


def _contradictions(sums: Sums, unread: int, totals: Totals) -> tuple[str, ...]:
	stated = (
		(CREDITS, totals.credits, sums.credits),
		(DEBITS, totals.debits, sums.debits),
		(COUNT, totals.rows, sums.rows + unread),
	)
	return tuple(
		Message(text, stated, made) for text, stated, made in stated if stated is not None and stated != made
	)


def opening_day(stated: date, lines: PackedLines) -> date:
	"""Return the day at whose end the opening balance held.

	Banks date it with the last day of the period before, or with the first day of this one.
	"""
	days = lines.booked_days
	return min(stated, days[0] - timedelta(days=1)) if days else stated


def closing_day(stated: date, lines: PackedLines) -> date:
	"""Return the day at whose end a closing balance held that counts all lines: some are booked on a later day than its own."""
	days = lines.booked_days
	return max(stated, days[1]) if days else stated
