"""Histories with files in every format, and a feed whose ids change at every fetch, among the other events."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.model import Line, LineState, Page, RemoteAccount, RemoteConnection
from dokos_banksync.statements.contract import ReadingOptions
from tests.chaos.chaos import EVENTS, Chaos, SecondProvider
from tests.chaos.written_files import FORMATS, Statement
from tests.core.pretend import IBAN, OPENING, Row

FILES = ["written_file"] * 4 + ["written_again"]


class UnstableProvider(SecondProvider):
	"""A provider that gives each fetch ids of its own, and every row since a day."""

	fetches = 0

	def status(self, access):
		return RemoteConnection("unstable-item", "575", super().status(access).status)

	def accounts(self, access, context=None):
		return [RemoteAccount(self._account, "Konto", "checking", "EUR", IBAN, balance=self.bank.balance())]

	def changes(self, access, asks, context=None):
		self.fetches += 1
		account = frozenset({self._account})
		lines = [self._line(row) for row in self._rows() if row.state is LineState.BOOKED]
		self.bank.random.shuffle(lines)
		yield Page(lines[::2], unstable_ids=account)
		if self.fail_after is not None:
			raise TemporaryError("The line was cut")
		yield Page(
			lines[1::2],
			cursors={self._account: str(self.fetches)},
			unstable_ids=account,
			complete_from={self._account: date(2000, 1, 1)},
		)

	@property
	def _account(self):
		return "unstable-account"

	def _line(self, row: Row) -> Line:
		# Of two equal rows in any order nobody can say which has which category.
		own = f"U{self.fetches}-{row.true}"
		return super()._line(row)._replace(remote_id=own, category="", updated_at=None)


class EverySource(Chaos):
	"""One history with a feed, up to two further ones, and files of all formats."""

	events = (*EVENTS, *FILES, "unstable")

	def __init__(self, folder, number):
		super().__init__(folder, number)
		self.written: list[tuple[str, bytes]] = []
		self.closed = date.min
		self._put, self.bank._put = self.bank._put, self._put_later

	def _put_later(self, state, day, amount, label, category="79", true=0):
		"""A bank books nothing new into days whose balance it has printed."""
		if not true and day <= self.closed:
			day = self.closed + timedelta(days=1)
		self._put(state, day, amount, label, category, true)

	def written_file(self):
		"""A statement of closed days, read from the bytes of one of the formats."""
		message = self._printed()
		if message:
			name = self.random.choice(sorted(FORMATS))
			self.done[-1] = f"written_file:{name}"
			self.written.append((name, FORMATS[name](message)))
			self._read(*self.written[-1])

	def written_again(self):
		if self.written:
			assert self._read(*self.random.choice(self.written)).created == 0

	def _printed(self) -> Statement | None:
		"""The books are up to date before, so that the balance of the file is held against all rows."""
		self._all()
		today = self.bank.now.date()
		days = sorted({row.day for row in self._live() if row.day < today})
		if not days:
			return None
		first, last = sorted((self.random.choice(days), self.random.choice(days)))
		rows = sorted((r for r in self._live() if first <= r.day <= last), key=lambda r: (r.day, r.true))
		self.bank.settled.update(row.true for row in self._live() if row.day <= last)
		self.closed = max(self.closed, last)
		before = sum((row.amount for row in self._live() if row.day < first), Decimal(0))
		return Statement(rows, first, last, OPENING + before)

	def _read(self, name, content):
		reading = ReadingOptions(
			dates="DMY" if name == "qif" else "", sign="normal" if name in ("csv", "xlsx") else ""
		)
		return take(
			self.ledger,
			prepare(self.ledger, self.account, name, content, ImportOptions(reading)),
			clock=self.clock,
		)

	def amend(self):
		"""Where ids change, an amended amount is another transaction: the feeds that know better come first."""
		self._all()
		self._without_twins(self.bank.amend)
		for name in sorted(self.feeds, key=lambda one: isinstance(self.feeds[one], UnstableProvider)):
			self._sync(name)

	def unstable(self):
		"""A provider whose ids change at every fetch is connected to the same account."""
		if not any(isinstance(feed, UnstableProvider) for feed in self.feeds.values()):
			self._all()
			record = self.ledger.add_connection("Banque Libre", "bridge")
			self.feeds[record.name] = UnstableProvider(self.bank)
			complete_connect(self.ledger, self.feeds[record.name], record.name, {})
			self._link(record.name)
			self._sync(record.name)
