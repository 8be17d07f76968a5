"""Control values of a statement, and whether its rows agree with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.statements.contract import Balance, Evidence, Totals

BALANCES = "The opening balance {0} and the rows ({1}) make {2}, and the closing balance is {3}"
CREDITS = "The file states {0} of credits, and its rows make {1}"
DEBITS = "The file states {0} of debits, and its rows make {1}"
COUNT = "The file states {0} rows, and holds {1}"
GAP = "A statement opens with {0}, and the one before it closed with {1}: one is missing between them"
CUT_OFF = "The statement has no closing balance: the file may be cut off"
CUT_OFF_ROW = "The file ends in the middle of this row: download it again"
ZERO = Decimal(0)


class ControlResult(NamedTuple):
	"""What the control values prove, and each one that the rows contradict, in a sentence."""

	evidence: Evidence
	mismatches: tuple[str, ...] = ()


def booked_sum(lines: Sequence[Line], currency: str) -> Decimal:
	"""Return the sum of the booked lines in this currency; all currencies when it is empty."""
	return sum(
		(line.amount for line in lines if _booked(line) and currency in ("", line.currency)), start=ZERO
	)


def _booked(line: Line) -> bool:
	return line.state == LineState.BOOKED


def check_balances(
	lines: Sequence[Line], currency: str, opening: Balance | None, closing: Balance | None
) -> ControlResult:
	"""Return whether opening balance + booked lines = closing balance; no verdict when one is missing."""
	if opening is None or closing is None:
		return ControlResult(Evidence.NONE)
	moved = booked_sum(lines, currency)
	if opening.amount + moved == closing.amount:
		return ControlResult(Evidence.OPENING_AND_CLOSING)
	made = opening.amount + moved
	return ControlResult(Evidence.NONE, (Message(BALANCES, opening.amount, moved, made, closing.amount),))


def check_totals(lines: Sequence[Line], unread: int, totals: Totals | None) -> ControlResult:
	"""Return whether the sums and the number of the lines are those that the file states.

	`unread` counts the rows of the statement that are no line. Banks differ in whether pending rows belong to the
	totals; both readings are tried.
	"""
	if totals is None or totals == Totals():
		return ControlResult(Evidence.NONE)
	found = _contradictions(lines, unread, totals)
	booked = [line for line in lines if _booked(line)]
	if found and len(booked) < len(lines):
		found = _contradictions(booked, unread, totals) and found
	money = totals.credits is not None or totals.debits is not None
	return ControlResult(Evidence.TOTALS if money and not found else Evidence.NONE, found)


def _contradictions(lines: Sequence[Line], unread: int, totals: Totals) -> tuple[str, ...]:
	credit = sum((line.amount for line in lines if line.amount > 0), start=ZERO)
	debit = sum((line.amount for line in lines if line.amount < 0), start=ZERO)
	rows = len(lines) + unread
	stated = ((CREDITS, totals.credits, credit), (DEBITS, totals.debits, debit), (COUNT, totals.rows, rows))
	return tuple(
		Message(text, stated, made) for text, stated, made in stated if stated is not None and stated != made
	)


def opening_day(stated: date, lines: Sequence[Line]) -> date:
	"""Return the day at whose end the opening balance held.

	Banks date it with the last day of the period before, or with the first day of this one.
	"""
	first = min((line.date for line in lines if _booked(line)), default=None)
	return min(stated, first - timedelta(days=1)) if first else stated
