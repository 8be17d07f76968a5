"""What a dry run would have stored by now: later lines of the same run are matched with that too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from dokos_banksync.core.importing.approved_plan import row_id
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.matching.windows import kept_when_removed
from dokos_banksync.core.model import Action, Decision, ExistingTransaction, Line, LineState, Window


class DryRunOverlay:
	"""Bank transactions as they would be after the decisions so far."""

	def __init__(self) -> None:
		self._new: dict[tuple[str, Decimal], list[Decision]] = defaultdict(list)
		self._linked: dict[str, set[str]] = defaultdict(set)
		self._unlinked: dict[str, set[str]] = defaultdict(set)
		self.moved: list[tuple[str, date, Decimal]] = []
		"""Bank account, day and amount of what would be added; empty where the run itself stores."""

	def add(self, made: Decision) -> None:
		"""Take a decision into account, as if it had been applied."""
		if made.action is Action.NEW:
			self._new[made.bank_account, made.line.amount].append(made)
			self.moved.append((made.bank_account, made.line.date, made.line.amount))
		elif made.action is Action.LINK:
			self._linked[made.transaction].add(made.source)
		elif made.action is Action.REMOVE:
			self._unlinked[made.transaction].add(made.source)
		elif made.transaction and made.line.state is LineState.REMOVED:
			# What a user deleted is free for the same row under another id.
			self._unlinked[made.transaction].add(made.source)

	def leaves(self, bank_account: str, name: str, amount: Decimal) -> bool:
		"""Return whether nothing here concerns a bank transaction of an amount, or could be one of that amount."""
		return not self._unlinked and name not in self._linked and (bank_account, amount) not in self._new

	def over(
		self,
		known: Iterable[ExistingTransaction],
		feed: Feed,
		windows: Iterable[Window],
	) -> list[ExistingTransaction]:
		"""Return what the ledger knows of an account, with what would have become of it."""
		new = [
			_new_transaction(made)
			for amount, first, last in windows
			for made in self._new.get((feed.bank_account, amount), ())
			if first <= made.line.date <= last
		]
		if not (self._linked or self._unlinked):
			return [*known, *new]
		return [changed for one in (*known, *new) if (changed := self._changed(one, feed))]

	def _changed(self, one: ExistingTransaction, feed: Feed) -> ExistingTransaction | None:
		"""None where nothing would be left of it."""
		linked, unlinked = self._linked.get(one.name), self._unlinked.get(one.name)
		if not linked and not unlinked:
			return one
		linked, unlinked = linked or set(), unlinked or set()
		sources = (one.sources - unlinked) | linked
		if unlinked and not sources and not one.deleted and not kept_when_removed(one, feed.lock_date):
			return None
		return one._replace(sources=sources)


def _new_transaction(made: Decision) -> ExistingTransaction:
	"""Made only where another line is near: most new rows have no such neighbour."""
	return as_transaction(made.line, name=row_id(made.source, made.line.remote_id), source=made.source)


def as_transaction(line: Line, *, name: str, source: str) -> ExistingTransaction:
	"""Return the bank transaction that a line would become, linked to this line alone."""
	return ExistingTransaction(
		name=name,
		date=line.date,
		amount=line.amount,
		currency=line.currency,
		description=line.description,
		original=line.original,
		category="",
		reconciled=False,
		deleted=False,
		sources=frozenset({source}),
	)
