"""Sums of balances under a list of accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple


class BalanceTotal(NamedTuple):
	"""The sum of the balances in one currency that are known."""

	currency: str
	total: Decimal
	known: int
	"""How many balances the sum holds."""
	accounts: int
	"""How many accounts of the list have this currency."""


def balance_totals(balances: Iterable[tuple[str, Decimal | None]]) -> Sequence[BalanceTotal]:
	"""Return a total for each currency of `(currency, balance)`, by name of the currency.

	A currency with one account needs none, one without any known balance has none.
	"""
	by_currency: dict[str, list[Decimal | None]] = {}
	for currency, balance in balances:
		by_currency.setdefault(currency, []).append(balance)
	totals = []
	for currency, found in sorted(by_currency.items()):
		known = [one for one in found if one is not None]
		if known and len(found) > 1:
			totals.append(BalanceTotal(currency, sum(known, Decimal()), len(known), len(found)))
	return totals
