"""Labels that a source cuts off in the midst of a number: `FACTURE 10` may be `FACTURE 10234`, or another invoice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.matching.labels import cuts_number
from dokos_banksync.core.model import Action, Decision, ExistingTransaction, Line, Reason

CUT_NUMBER = "The label of one source ends in the midst of a number of the other"

_Place = tuple[date, Decimal, str]


def ask_about_cut_numbers(
	feed: Feed, decisions: Sequence[Decision], known: Iterable[ExistingTransaction]
) -> list[Decision]:
	"""Return the decisions; a new row is a question where a bank transaction of its day and amount, which no row of its source
	is, has a label of which one is the other one, cut off in a number.
	"""
	wanted = {_place(made.line) for made in decisions if made.action is Action.NEW}
	taken = {made.transaction or made.proposed for made in decisions}
	free: dict[_Place, list[ExistingTransaction]] = {}
	for one in known if wanted else ():
		given = one.sources and feed.source not in one.sources and not one.deleted
		if given and _place(one) in wanted and one.name not in taken:
			free.setdefault(_place(one), []).append(one)
	return [_asked(made, free) for made in decisions] if free else list(decisions)


def _place(row: Line | ExistingTransaction) -> _Place:
	return row.date, row.amount, row.currency


def _asked(made: Decision, free: dict[_Place, list[ExistingTransaction]]) -> Decision:
	if made.action is not Action.NEW:
		return made
	rows = free.get(_place(made.line), [])
	cut = next((one for one in rows if cuts_number(made.line.original, one.original)), None)
	if cut is None:
		return made
	rows.remove(cut)
	return made._replace(action=Action.HOLD, reason=Reason.AMBIGUOUS, note=CUT_NUMBER, proposed=cut.name)
