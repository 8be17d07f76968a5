"""Doing exactly what a person agreed to, or nothing at all.

The run is rehearsed first, and each of its decisions held against the plan. What is stored then goes into one
database transaction, in which it is rehearsed once more: what changes meanwhile is told, and takes all of it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from dokos_banksync.engine.agreement import Agreed, PlanKind, hold_to, planned
from dokos_banksync.engine.model import Decision, Refusal
from dokos_banksync.engine.plan import Feed
from dokos_banksync.engine.settle import COUNTED, Relook, Settling
from dokos_banksync.engine.spool import Spool
from dokos_banksync.errors import Change, InvalidData, PlanChanged
from dokos_banksync.ledgers.contract import RunRecord

Refused = tuple[str, str, Sequence[Refusal]]
"""Source, bank account, and rows of it that could not be read."""


def settle_as_agreed(
	settling: Settling, spool: Spool, feeds: Mapping[str, Feed], agreed: Agreed, refused: Sequence[Refused]
) -> None:
	"""Store what was agreed to. Raises `PlanChanged`, and then nothing is stored."""
	if settling.relook:
		# The provider is asked before anything is locked, and once.
		settling.relook = _remembered(settling.relook)
	_rehearse(settling, spool, feeds, agreed)
	try:
		with settling.ledger.batch() as settling.whole:
			rehearsed = _rehearse(settling, spool, feeds, agreed)
			for source, bank_account, rows in refused:
				settling.refuse(source, bank_account, rows)
			settling.leave_out, settling.decided = agreed.leave_out, []
			settling.settle(spool, feeds)
			_hold_to_rehearsal(rehearsed, settling.decided)
	except BaseException:
		_forget_counts(settling.run)
		raise
	finally:
		settling.whole = None


def _forget_counts(run: RunRecord) -> None:
	for name in {*COUNTED.values(), "refused"}:
		setattr(run, name, 0)


def must_be_of(agreed: Agreed, scope: str) -> None:
	"""Raises `InvalidData` for the plan of something else."""
	if agreed.scope != scope:
		raise InvalidData("The plan {0} is one of something else: look again", agreed.key)


def _remembered(relook: Relook) -> Relook:
	@cache
	def ask(source: str, since: date) -> frozenset[str]:
		return relook(source, since)

	return ask


def _rehearse(settling: Settling, spool: Spool, feeds: Mapping[str, Feed], agreed: Agreed) -> list[Decision]:
	decisions: list[Decision] = []
	rehearsal = Settling(
		settling.ledger,
		replace(settling.run),
		settling.clock,
		preview=decisions.append,
		relook=settling.relook,
		whole=settling.whole,
	)
	with spool.copy() as copy:
		rehearsal.settle(copy, feeds)
	hold_to(agreed, planned(decisions))
	return decisions


def _hold_to_rehearsal(rehearsed: Sequence[Decision], decided: Sequence[Decision]) -> None:
	"""That storing the first rows has not turned what was foreseen for the later ones."""
	foreseen = {row.id: row for row in planned(rehearsed)}
	now = {row.id: row for row in planned(decided)}
	nothing = PlanKind.ALREADY_THERE.value
	changes = [
		Change(
			*(one, (now.get(one) or foreseen[one]).line.remote_id),
			*(foreseen[one].kind.value if one in foreseen else nothing,),
			*(now[one].kind.value if one in now else nothing,),
		)
		for one in {**foreseen, **now}
		if one not in now or one not in foreseen or now[one].verdict is not foreseen[one].verdict
	]
	if changes:
		raise PlanChanged(
			"{0} rows are not as they were shown, nothing was stored: look again",
			*(len(changes),),
			changes=changes,
		)
