"""The order of the rows of a table, by the balances and by the days."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dokos_banksync.statements.evidence import BalanceProof, Chain


def in_order_of_days(chain: Chain, booked: Sequence[int]) -> Chain:
	"""Return proven balances in the order of the days of the rows: `booked`, as ordinal numbers.

	Where the balances follow in both orders, the first and the last day decide; if these are equal, neither is
	proven. Where they follow in one order and all days run the other way, a balance may follow by chance: the balances
	in the order of the days, which contradict the amounts, are returned.
	"""
	other = chain.reverse
	if chain.proof is not BalanceProof.PROVEN or other is None or not booked:
		return chain
	follows_too = other.proof is BalanceProof.PROVEN
	if booked[0] == booked[-1]:
		return Chain(BalanceProof.SILENT) if follows_too else chain
	newest_first = booked[0] > booked[-1]
	if chain.newest_first == newest_first or not (follows_too or _is_sorted(booked, newest_first)):
		return chain
	return other


def _is_sorted(days: Sequence[int], newest_first: bool) -> bool:
	return all(one >= other if newest_first else one <= other for one, other in pairwise(days))
