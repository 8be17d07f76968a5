"""Which two bank transactions may be made one, alike for every ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.records import Candidate


def must_be_one(keep: str, other: str, found: Sequence[Candidate]) -> None:
	"""Check that `other` can be merged into `keep`. Raises `InvalidData` or `NotFound` if it cannot."""
	if keep == other:
		raise InvalidData("{0} is named twice: name two bank transactions", keep)
	known: Mapping[str, Candidate] = {candidate.known.name: candidate for candidate in found}
	for name in (keep, other):
		if name not in known:
			raise NotFound("There is no bank transaction {0}", name)
	one, two = known[keep], known[other]
	if two.known.reconciled:
		raise _reconciled(two)
	if _place(one) != _place(two):
		raise InvalidData("{0} and {1} differ in account, currency or amount: they are not one", keep, other)


def _place(one: Candidate) -> tuple[object, ...]:
	return one.bank_account, one.known.currency, one.known.amount


def _reconciled(one: Candidate) -> InvalidData:
	if not one.reconciled_by:
		return InvalidData(
			"{0} is reconciled: keep that one, or undo its reconciliation first", one.known.name
		)
	return InvalidData(
		"{0} is reconciled with {1}: keep that one, or undo its reconciliation first",
		one.known.name,
		message(one.reconciled_by),
	)


def message(documents: Sequence[tuple[str, str]]) -> str:
	"""Return documents that a bank transaction is reconciled with, in words."""
	return ", ".join(f"{doctype} {name}" for doctype, name in documents)
