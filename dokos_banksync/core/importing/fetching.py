"""Read what a provider has into the staging area, and what its pages say about rows that are not in them.

A provider may give cursor feeds, snapshots of a window, whole pending sets, ids that change at every call, removals
by id, accounts that fail alone, and data that change while they are read. `Page` describes each; this module turns
all of them into staged lines with ids that last.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dokos_banksync.core.errors import ProviderBug, SyncError
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.importing.validation import checked
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import ExistingLine, FetchRequest, Line, LineState, Page, Reason, RejectedRow
from dokos_banksync.core.provider import UNATTENDED, Access, Context, Provider
from dokos_banksync.core.records import AccountRecord

VANISHED = 5
"""The list of an account is incomplete if it had so many booked rows of a window, and now has none of them."""

Reject = Callable[[Page], None]
Count = Callable[[int], None]


def content_id(line: Line, occurrence: int) -> str:
	"""Return an id made of a line's content and of how many equal lines came before it on its day."""
	content = (line.date.isoformat(), format(line.amount.normalize(), "f"), line.currency, line.original)
	text = "\x1f".join((*content, line.reference, line.party_iban, line.state.value))
	return f"{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:20]}-{occurrence}"


@dataclass
class _AccountFetch:
	"""What the pages have said of one account so far."""

	account: AccountRecord
	cursor: str = ""
	error: SyncError | None = None
	complete_from: date | None = None
	pending_complete: bool = False
	limited_to: date | None = None
	unstable: bool = False
	given: bool = False
	"""Whether any row came."""
	removed: set[str] = field(default_factory=set)
	rejected: set[str] = field(default_factory=set)
	"""Ids of rows that could not be read: they are listed all the same. Empty for a row without an id."""
	occurrences: Counter[str] = field(default_factory=Counter)
	lasting: dict[tuple[str, str], str] = field(default_factory=dict)
	"""The ids made of content, by the provider's id and the content: one row may be given twice in a fetch."""

	def with_lasting_id(self, line: Line) -> Line:
		"""Replace an id that the provider may change by one made of content and count."""
		content = content_id(line, 0)
		row = (line.remote_id, content)
		if line.remote_id and row in self.lasting:
			return line._replace(remote_id=self.lasting[row])
		self.occurrences[content] += 1
		self.lasting[row] = content_id(line, self.occurrences[content])
		return line._replace(remote_id=self.lasting[row])

	@property
	def all_rows_known(self) -> bool:
		"""Whether the ids of the rejected rows say which known rows they are."""
		return not self.rejected or not (self.unstable or "" in self.rejected)


@dataclass(frozen=True)
class Fetched:
	"""What a fetch ended with: new cursors by source, errors and unreadable rows by the provider's id of the account."""

	cursors: Mapping[str, str]
	errors: Mapping[str, SyncError]
	unreadable: Collection[str] = frozenset()
	"""The accounts of which a row could not be read."""
	limited_to: Mapping[str, date] = field(default_factory=dict)
	"""Where the provider says so: from which day on the bank gives rows of an account."""


class Fetch:
	"""One fetch of some accounts of a connection into a staging area."""

	def __init__(
		self,
		ledger: Ledger,
		staging: Staging,
		accounts: Mapping[str, AccountRecord],
		reject: Reject,
		count: Count,
	) -> None:
		self._ledger, self._staging = ledger, staging
		self._fetches = {remote_id: _AccountFetch(account) for remote_id, account in accounts.items()}
		self._reject, self._count = reject, count

	def read(
		self,
		provider: Provider,
		access: Access,
		requests: Sequence[FetchRequest],
		context: Context = UNATTENDED,
	) -> Fetched:
		"""Stage every page, then what the provider no longer lists as removed lines."""
		fetched = 0
		for raw in provider.changes(access, requests, context):
			fetched += len(raw.lines)
			self._take(checked(raw))
			self._count(fetched)
			del raw  # frees the page while the next one is read
		for one in self._fetches.values():
			self._finish(one)
		return Fetched(
			{
				one.account.source: one.cursor
				for one in self._fetches.values()
				if one.cursor and not one.error
			},
			{remote_id: one.error for remote_id, one in self._fetches.items() if one.error},
			frozenset(remote_id for remote_id, one in self._fetches.items() if one.rejected),
			{
				remote_id: one.limited_to
				for remote_id, one in self._fetches.items()
				if one.limited_to and not one.error
			},
		)

	def _take(self, page: Page) -> None:
		for remote_id in page.restart:
			self._restart(remote_id)
		for remote_id, one in self._fetches.items():
			self._declare(one, unstable=remote_id in page.unstable_ids)
			one.pending_complete |= remote_id in page.pending_complete
			one.complete_from = page.complete_from.get(remote_id, one.complete_from)
			one.limited_to = page.limited_to.get(remote_id, one.limited_to)
			one.error = page.errors.get(remote_id, one.error)
			one.cursor = page.cursors.get(remote_id, one.cursor)
		self._stage(page.lines)
		for remote_id, line_id in page.removed:
			if remote_id in self._fetches:
				self._fetches[remote_id].removed.add(line_id)
		for row in page.rejected:
			if row.remote_account in self._fetches:
				self._fetches[row.remote_account].rejected.add(row.remote_id)
		self._reject(page)

	@staticmethod
	def _declare(one: _AccountFetch, *, unstable: bool) -> None:
		if unstable and one.given and not one.unstable:
			# Rows staged under ids that change would be new again tomorrow.
			raise ProviderBug(
				"The provider declared the ids of {0} unstable after it had given rows. Nothing was imported: "
				"report this to the authors of the provider",
				one.account.remote.account_name,
			)
		one.unstable |= unstable

	def _restart(self, remote_id: str) -> None:
		if one := self._fetches.get(remote_id):
			self._staging.forget(one.account.source)
			self._fetches[remote_id] = _AccountFetch(one.account)

	def _stage(self, lines: Iterable[Line]) -> None:
		staged = []
		for line in lines:
			one = self._fetches.get(line.remote_account)
			if one is None:
				continue
			one.given = True
			one.removed.discard(line.remote_id)
			staged.append((one.account.source, one.with_lasting_id(line) if one.unstable else line))
		self._staging.put(staged)

	def _finish(self, one: _AccountFetch) -> None:
		source = one.account.source
		if one.error:
			if one.unstable:
				# A day that was read in part has other counts than the whole day.
				self._staging.forget(source)
			return
		gone = [*self._removed_by_id(one), *self._unlisted_pending(one), *self._unlisted_booked(one)]
		if one.error:
			# Rows beside a list that is taken for incomplete could be the same rows under new ids.
			self._staging.forget(source)
			return
		self._staging.put((source, known.line._replace(state=LineState.REMOVED)) for known in gone)

	def _removed_by_id(self, one: _AccountFetch) -> list[ExistingLine]:
		if not one.removed:
			return []
		self._staging.remove(one.account.source, one.removed)
		with self._ledger.batch() as batch:
			return batch.lines(one.account.source, sorted(one.removed))

	def _unlisted_pending(self, one: _AccountFetch) -> list[ExistingLine]:
		if not one.pending_complete or not one.all_rows_known:
			return []
		pending = self._ledger.held(one.account.source, (Reason.PENDING, Reason.FUTURE))
		return self._unlisted(one, pending)

	def _unlisted_booked(self, one: _AccountFetch) -> list[ExistingLine]:
		if one.complete_from is None or not one.all_rows_known:
			return []
		lines = self._ledger.lines_since(one.account.source, one.complete_from)
		booked = [known for known in lines if known.line.state is LineState.BOOKED]
		unlisted = self._unlisted(one, booked)
		if len(unlisted) == len(booked) >= VANISHED and not self._lists_any(one, booked):
			one.error = ProviderBug(
				"The bank lists none of the {0} transactions of {1} that it listed before. Nothing was removed: "
				"fetch again later",
				len(booked),
				one.account.remote.account_name,
			)
			return []
		return unlisted

	def _unlisted(self, one: _AccountFetch, known: Sequence[ExistingLine]) -> list[ExistingLine]:
		listed = self._staging.holds(one.account.source, [each.line.remote_id for each in known])
		return [each for each in known if each.line.remote_id not in listed | one.rejected]

	def _lists_any(self, one: _AccountFetch, known: Sequence[ExistingLine]) -> bool:
		"""Whether a known row is still listed under another id: a booked row of the same day and amount."""
		return self._staging.repeats_any(
			one.account.source, ((each.line.date, each.line.amount) for each in known)
		)


def rejected_of(page: Page, remote_account: str) -> list[RejectedRow]:
	"""Return the rejected rows of one account of a page."""
	return [row for row in page.rejected if row.remote_account == remote_account]
