"""Bank transactions that another tool imported: they have a provider's id and belong to no line.

ERPNext's and Dokos's Plaid, ALYF Banking, the GoCardless app and importers of files store the id that the bank or the
provider gave. The same id with the same amount is the same transaction, whatever its label. The same id with the
opposite amount is the same transaction too, stored with the sign reversed: the line is held as a question, as a new bank
transaction would double it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.plan import Feed, link_by_id
from dokos_banksync.core.matching.exact import label_key
from dokos_banksync.core.matching.shared_ids import NEAR_ID_DAYS, identifies
from dokos_banksync.core.model import Action, Decision, ExistingTransaction, Line, Reason

SIGN_REVERSED = "The books hold it with the sign reversed"
OTHER_AMOUNT = "The books hold its id with another amount"

Near = Callable[[Batch, Feed, Sequence[Line]], Sequence[ExistingTransaction]]
"""Returns the bank transactions that lines may be: equal amounts, a few days around."""


@dataclass
class EarlierRows:
	"""The bank transactions of other tools, in one run. Accounts without any cost one query."""

	_any: dict[str, bool] = field(default_factory=dict)

	def by_id(self, batch: Batch, feed: Feed, fresh: Sequence[Line]) -> dict[str, Decision]:
		"""Decide the lines whose id a bank transaction of another tool has; by id."""
		lines = [line for line in fresh if identifies(line.remote_id)]
		if not lines or not self.exist(batch, feed.bank_account):
			return {}
		held = batch.earlier(feed.bank_account, [line.remote_id for line in lines])
		return decide_by_id(feed, lines, held)

	def ask_about_signs(
		self, batch: Batch, feed: Feed, decisions: list[Decision], near: Near
	) -> list[Decision]:
		"""Turn new lines into questions where another tool stored the same row, under another id, with the sign reversed."""
		fresh = [d.line for d in decisions if d.action is Action.NEW]
		if not fresh or not self.exist(batch, feed.bank_account):
			return decisions
		held = near(batch, feed, [_negated(line) for line in fresh])
		reversed_rows = pair_reversed(fresh, held)
		return [
			question(feed, d.line, found, SIGN_REVERSED, known=d.known)
			if d.action is Action.NEW and (found := reversed_rows.get(d.line.remote_id))
			else d
			for d in decisions
		]

	def exist(self, batch: Batch, bank_account: str) -> bool:
		"""Return whether a bank account has any; asked once in a run."""
		if bank_account not in self._any:
			self._any[bank_account] = batch.has_earlier(bank_account)
		return self._any[bank_account]


def decide_by_id(
	feed: Feed, lines: Iterable[Line], held: Mapping[str, Sequence[ExistingTransaction]]
) -> dict[str, Decision]:
	"""Return the decisions about lines whose id is stored, by id.

	The id of a day more than `NEAR_ID_DAYS` away is another tool's number and says nothing.
	"""
	return {line.remote_id: _decide(feed, line, found) for line, found in pair_by_id(lines, held)}


def pair_by_id(
	lines: Iterable[Line], held: Mapping[str, Sequence[ExistingTransaction]]
) -> list[tuple[Line, ExistingTransaction]]:
	"""Pair lines one to one with the bank transactions that have their id; the same amount comes first."""
	pairs: list[tuple[Line, ExistingTransaction]] = []
	taken: set[str] = set()
	for line in lines:
		near = [one for one in held.get(line.remote_id, ()) if one.name not in taken and _near(line, one)]
		if not near:
			continue
		found = min(near, key=lambda one: (one.amount != line.amount, one.amount != -line.amount, one.name))
		taken.add(found.name)
		pairs.append((line, found))
	return pairs


def _decide(feed: Feed, line: Line, found: ExistingTransaction) -> Decision:
	if found.amount == line.amount:
		return link_by_id(feed, line, found)
	note = SIGN_REVERSED if found.amount == -line.amount else OTHER_AMOUNT
	return question(feed, line, found, note)


def question(feed: Feed, line: Line, found: ExistingTransaction, note: str, *, known: str = "") -> Decision:
	"""Return the decision to hold a line as a question, with the bank transaction that it most likely is."""
	return Decision(
		action=Action.HOLD,
		line=line,
		source=feed.source,
		bank_account=feed.bank_account,
		reason=Reason.AMBIGUOUS,
		known=known,
		note=note,
		proposed=found.name,
	)


def pair_reversed(
	lines: Sequence[Line], held: Iterable[ExistingTransaction]
) -> dict[str, ExistingTransaction]:
	"""Pair lines one to one with rows of other tools of the same day and label and the opposite amount; by id."""
	free: dict[tuple[object, ...], list[ExistingTransaction]] = {}
	for one in sorted(held, key=lambda known: known.name, reverse=True):
		if one.remote_id and not one.sources and not one.deleted:
			free.setdefault((one.date, -one.amount, one.currency, label_key(one.original)), []).append(one)
	found: dict[str, ExistingTransaction] = {}
	for line in sorted(lines, key=lambda one: one.remote_id):
		for label in (line.original, line.description):
			rows = free.get((line.date, line.amount, line.currency, label_key(label)))
			if rows:
				found[line.remote_id] = rows.pop()
				break
	return found


def _negated(line: Line) -> Line:
	return line._replace(amount=-line.amount)


def _near(line: Line, known: ExistingTransaction) -> bool:
	return line.currency == known.currency and abs((line.date - known.date).days) <= NEAR_ID_DAYS
