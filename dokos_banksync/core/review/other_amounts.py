"""Bank transactions that have the id of a line and another amount: a tip that was added, a hold that was booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.earlier_rows import pair_by_id
from dokos_banksync.core.importing.shared_ids_of_files import changed_in_files
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.known_days import KnownDays
from dokos_banksync.core.matching.shared_ids import identifies
from dokos_banksync.core.matching.windows import is_closed
from dokos_banksync.core.model import ExistingTransaction, Line, is_file
from dokos_banksync.core.records import Covered, LineStory, OpenLine


def of_other_amount(
	ledger: Ledger, batch: Batch, bank_account: str, asked: Iterable[OpenLine]
) -> dict[str, ExistingTransaction]:
	"""Return the bank transaction that has the id of each line, on its side and with another amount; by line."""
	lines = {one.name: one for one in asked if identifies(one.line.remote_id)}
	if not lines:
		return {}
	days = KnownDays(ledger.covered(bank_account))
	found: dict[str, ExistingTransaction] = {}
	for source in {one.source for one in lines.values()}:
		own = {one.line.remote_id: one for one in lines.values() if one.source == source}
		asked_of = [one.line for one in own.values()]
		for line, known in _pairs(batch, bank_account, source, lines=asked_of, days=days):
			found[own[line.remote_id].name] = known
	return found


def _pairs(
	batch: Batch, bank_account: str, source: str, lines: Sequence[Line], days: KnownDays
) -> list[tuple[Line, ExistingTransaction]]:
	found = changed_in_files(batch, source, lines, days) if is_file(source) else []
	earlier = batch.earlier(bank_account, [line.remote_id for line in lines])
	return [*((line, known) for line, known in pair_by_id(lines, earlier) if _differs(line, known)), *found]


def _differs(line: Line, known: ExistingTransaction) -> bool:
	"""Whether the amounts differ, on one side: the opposite amount is corrected as a reversed sign."""
	return line.amount != known.amount and line.amount * known.amount > 0


def changes_of(ledger: Ledger, story: LineStory, known: ExistingTransaction) -> Mapping[str, object]:
	"""Return what the bank transaction gets where a user says that a line of another amount is the same one.

	It is the line's amount, but where the file of the line ends before another source that has the bank transaction: an
	older export, made before the bank changed the amount. Raises `InvalidData` where the amount must not change.
	"""
	if _is_older(ledger.covered(story.bank_account), story.source, known):
		return {}
	if known.reconciled:
		raise InvalidData(
			"{0} is reconciled, and its amount would change: undo its reconciliation first", known.name
		)
	if is_closed(known.date, story.lock_date):
		raise InvalidData(
			"{0} lies in a closed period, and its amount would change: open that first", known.name
		)
	return {"amount": story.line.amount}


def _is_older(covered: Sequence[Covered], source: str, known: ExistingTransaction) -> bool:
	own = [one.last for one in covered if one.source == source]
	others = [one.last for one in covered if one.source in known.sources]
	return bool(own and others) and max(own) < max(others)
