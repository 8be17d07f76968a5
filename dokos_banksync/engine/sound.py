"""Which lines can be kept: a row that a ledger could not hold is refused before anything is decided."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from dokos_banksync.engine.model import Line, Page, Refusal

DECIMALS = 4
"""No currency of ISO 4217 has more."""

LARGEST = Decimal(10) ** 11
"""More than any one transaction; ledgers count in 64 bits."""


def checked(page: Page) -> Page:
	"""The page with lines that cannot be kept moved to its refusals."""
	unfit = [(line, why) for line in page.lines if (why := _unfit(line.amount))]
	if not unfit:
		return page
	refused = {id(line) for line, _ in unfit}
	return replace(
		page,
		lines=[line for line in page.lines if id(line) not in refused],
		refused=[*page.refused, *(_refusal(line, why) for line, why in unfit)],
	)


def _unfit(amount: Decimal) -> str:
	if not amount.is_finite():
		return "The amount is no number."
	if abs(amount) >= LARGEST:
		return "The amount is larger than any that can be kept."
	exponent = amount.as_tuple().exponent
	if isinstance(exponent, int) and exponent < -DECIMALS and amount != round(amount, DECIMALS):
		return "The amount has more decimals than its currency."
	return ""


def _refusal(line: Line, why: str) -> Refusal:
	return Refusal(line.remote_account, line.remote_id, why, line.raw)
