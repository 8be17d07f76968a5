"""A bank, two providers and statement files, in histories full of faults: the ledger must end equal to the bank.

A history follows from its number alone. Killed runs are processes of their own that end at once, in the middle of
a statement's turn, without any clean-up; the database is then opened again.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import InvalidData, TemporaryError
from dokos_banksync.core.importing import sync
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import Line, LineState, RemoteAccount, RemoteConnection
from dokos_banksync.core.review.duplicates import find
from dokos_banksync.core.review.missing import Kind, look, take
from dokos_banksync.core.review.proof import prove
from dokos_banksync.hosts.standalone.ledger import SqliteLedger
from tests.core.pretend import IBAN, START, FakeProvider, PretendBank
from tests.hosts.standalone.ledger.build import connected_ledger

AT_THE_BANK = ["book"] * 8 + ["twin"] * 3 + ["late"] * 2 + ["announce", "book_announced", "recategorise"]
CHANGES = ["delete", "amend", "renumber", "number_anew", "reconnect"]
RUNS = ["sync"] * 4 + ["cut", "kill", "kill", "jump", "between", "at_once", "second"]
USERS = [
	"file",
	"file",
	"file_again",
	"edit",
	"delete_and_undo",
	"undo_and_redo",
	"undo_again",
	"merge_and_undo",
	"look",
	"take",
]
EVENTS = AT_THE_BANK + CHANGES + RUNS + USERS
ODD_DAYS = (
	*("2026-03-28T22:59:00+00:00", "2026-03-29T00:59:00+00:00", "2026-10-25T01:00:00+00:00"),
	*("2028-02-28T23:59:00+00:00", "2028-02-29T12:00:00+00:00", "2026-12-31T23:59:00+00:00"),
)
"""Daylight saving begins and ends in Europe, a leap day, the last minute of days elsewhere."""


class SecondProvider(FakeProvider):
	"""Another provider's view of the same account: its own ids, which never change."""

	def status(self, access):
		return RemoteConnection("second-item", "574", super().status(access).status)

	def accounts(self, access, context=None):
		return [RemoteAccount(self._account, "Compte", "checking", "EUR", IBAN, balance=self.bank.balance())]

	def _rows(self):
		"""One row for each true transaction: the live one where there is one."""
		latest = {}
		for row in sorted(self.bank.rows.values(), key=lambda r: (r.state is not LineState.REMOVED, r.at)):
			latest[row.true] = row
		return list(latest.values())

	@property
	def _account(self):
		return "second-account"

	def _line(self, row):
		given = super()._line(row)
		return given._replace(remote_id=f"B{row.true}", description=f"{row.label.lower()} (2)")


_LONG_AGO = START.date() - timedelta(days=200)


def _content(row):
	return row.day, row.amount, row.label


class Chaos:
	"""One history. `run` goes through it and says what is wrong at its end; nothing is an empty list."""

	events: Sequence[str] = EVENTS
	account = "Current"
	"""What the host calls the Bank Account of that name."""

	def __init__(self, folder: Path, number: int) -> None:
		self.folder, self.number = folder, number
		self.random = random.Random(number)
		self.bank = PretendBank(number)
		self.ahead = timedelta()
		self.files: list[FileRows] = []
		self.done: list[str] = []
		first = FakeProvider(self.bank)
		self.ledger, name = connected_ledger(folder)
		self.ledger.clock = self.clock
		self.feeds = {name: first}
		complete_connect(self.ledger, first, name, {})
		self._link(name)

	def clock(self):
		"""Ours, which may be wrong by days."""
		return self.bank.now + self.ahead

	def run(self) -> list[str]:
		try:
			for _ in range(self.random.randint(4, 24)):
				event = self.random.choice(self.events)
				self.done.append(event)
				getattr(self if hasattr(self, event) else self.bank, event)()
			return self._wrong()
		finally:
			self.ledger.close()

	def _wrong(self) -> list[str]:
		runs = [*map(self._sync, self.feeds), *map(self._sync, self.feeds)]
		message = []
		if self._booked() != self.bank.truth():
			message.append(
				f"more {self._booked() - self.bank.truth()}, less {self.bank.truth() - self._booked()}"
			)
		if not all(check.complete for run in runs[-len(self.feeds) :] for check in run.checks):
			message.append("the proof is not complete")
		if not prove(self.ledger, self.account).complete:
			message.append("the proof is not green")
		if any(one.kind is not Kind.PENDING for name in self.feeds for one in self._look(name)):
			message.append("something is missing")
		if any(
			run.created or run.removed or run.updated or run.linked for run in map(self._sync, self.feeds)
		):
			message.append("a run with nothing new changed something")
		return message

	def _booked(self):
		return Counter(
			(r.date, r.amount) for r in self.ledger.transactions(bank_account=self.account, limit=-1)
		)

	# -- runs ------------------------------------------------------------------------------------------
	def _sync(self, name):
		return sync.sync(self.ledger, self.feeds[name], name, clock=self.clock)

	def _all(self):
		for name in self.random.sample(list(self.feeds), len(self.feeds)):
			self._sync(name)

	def _some(self):
		return self.random.choice(list(self.feeds))

	def sync(self):
		self._sync(self._some())

	def cut(self):
		"""The line is cut in the middle of the pages."""
		name = self._some()
		self.feeds[name].fail_after = self.random.randint(0, 3)
		with suppress(TemporaryError):
			self._sync(name)
		self.feeds[name].fail_after = None

	def kill(self):
		"""A process of its own that ends at one of its statements, as if the power went."""
		name, statements = self._some(), self.random.randint(1, 90)
		self.ledger.close()
		child = os.fork()
		if child == 0:
			try:
				self._open()
				self._doom(statements)
				self._sync(name)
			finally:
				os._exit(0)
		os.waitpid(child, 0)
		self._open()

	def at_once(self):
		"""A file goes in while a run goes on, in two processes that know nothing of each other."""
		rows = self._statement(self.random)
		if rows is None:
			return
		name = self._some()
		self.ledger.close()
		child = os.fork()
		if child == 0:
			try:
				self._open()
				self._import(rows)
			finally:
				os._exit(0)
		self._open()
		self._sync(name)
		os.waitpid(child, 0)

	def _open(self):
		self.ledger = SqliteLedger(self.folder / "banksync.db", self.folder / "key", clock=self.clock)

	def _doom(self, statements):
		db = self.ledger.db
		whole = {"run": db.run, "run_many": db.run_many}

		def counted(what):
			def call(*given):
				nonlocal statements
				statements -= 1
				if statements < 0:
					os._exit(9)
				return whole[what](*given)

			return call

		db.run, db.run_many = counted("run"), counted("run_many")

	def jump(self):
		"""Our clock is set wrong, or right again."""
		self.ahead = timedelta(hours=self.random.choice((0, 0, -30, 30, 24 * 400)))

	def between(self):
		"""Something else is stored while a run is between two of its batches."""
		after, whole = self.random.randint(0, 4), self.ledger.batch

		@contextmanager
		def batch(**more):
			nonlocal after
			after -= 1
			if after == -1:
				self.ledger.batch = whole
				self._file(self.random)
			with whole(**more) as opened:
				yield opened

		self.ledger.batch = batch
		try:
			self.sync()
		finally:
			self.ledger.batch = whole

	def second(self):
		"""Another provider is connected to the same account; or the first one is left for it."""
		if len(self.feeds) == 1 and "second" not in self.done[:-1]:
			self._all()
			record = self.ledger.add_connection("Banque du Port", "bridge")
			self.feeds[record.name] = SecondProvider(self.bank)
			complete_connect(self.ledger, self.feeds[record.name], record.name, {})
			self._link(record.name)
			self._sync(record.name)

	def _link(self, name):
		[account] = [a for a in self.ledger.accounts(name) if not a.gone]
		if self.account not in [held.name for held in self.ledger.bank_accounts()]:
			connect.link(self.ledger, name, [connect.Choice(account.source, "Current")])
		else:
			self.ledger.link(account.source, self.account, None)

	# -- what happens at the bank ------------------------------------------------------------------------
	def late(self):
		"""An old day, and one that is odd in some calendar."""
		day = datetime.fromisoformat(self.random.choice(ODD_DAYS)).date()
		self.bank._put(LineState.BOOKED, min(day, self.bank.now.date()), "-9.90", "CB DE NUIT")

	def _known_to_all(self, change):
		"""Before and after such a change everybody reads: under no id that we know it is told in between."""
		self._all()
		change()
		self._all()

	def delete(self):
		self._of_no_twins(self.bank.delete)

	def amend(self):
		self._of_no_twins(self.bank.amend)

	def _of_no_twins(self, change):
		self._known_to_all(lambda: self._without_twins(change))

	def _without_twins(self, change):
		"""Where several sources tell of equal twins, nobody can say which of theirs is whose."""
		settled = set(self.bank.settled)
		if len(self.feeds) > 1 or self.files:
			alike = Counter(map(_content, self._live()))
			self.bank.settled |= {row.true for row in self._live() if alike[_content(row)] > 1}
		change()
		self.bank.settled = settled

	def _live(self):
		return [row for row in self.bank.rows.values() if row.state is LineState.BOOKED]

	def renumber(self):
		self._known_to_all(self.bank.renumber)

	def number_anew(self):
		self._known_to_all(self.bank.renumber_in_silence)

	def reconnect(self):
		self._known_to_all(self._replace_consent)

	def _replace_consent(self):
		name = next(iter(self.feeds))
		self.bank.replace_consent()
		complete_connect(self.ledger, self.feeds[name], name, {})

	# -- what users do ----------------------------------------------------------------------------------
	def file(self):
		self._file(self.random)

	def _file(self, chance):
		rows = self._statement(chance)
		if rows is not None:
			self._import(rows)

	def _statement(self, chance):
		"""A statement of some days; what is printed the bank changes no more."""
		booked = self._live()
		days = sorted({row.day for row in booked})
		if not days:
			return None
		first, last = sorted((chance.choice(days), chance.choice(days)))
		rows = sorted((row for row in booked if first <= row.day <= last), key=lambda row: row.true)
		self.bank.settled.update(row.true for row in rows)
		key = f"file:{len(self.files):016d}"
		lines = [Line(key, f"{row.true}", row.day, row.amount, "EUR", row.label, row.label) for row in rows]
		self.files.append(FileRows(f"{len(self.files)}.csv", key, lines))
		return self.files[-1]

	def _import(self, rows):
		return import_rows(self.ledger, self.account, rows, clock=self.clock)

	def file_again(self):
		if self.files:
			assert self._import(self.random.choice(self.files)).created == 0

	def _any_transaction(self):
		rows = self.ledger.transactions(bank_account=self.account, limit=-1)
		return self.random.choice(rows).name if rows else None

	def edit(self):
		if name := self._any_transaction():
			own = next((c.name for c in self.ledger.all_categories() if c.category_name == "Mine"), "")
			self.ledger.set_transaction_category(name, own or self.ledger.add_category("Mine"))

	def delete_and_undo(self):
		"""Other things may happen before the user thinks better of it."""
		if name := self._any_transaction():
			run = self.ledger.remove(name)
			if self.random.random() < 0.5:
				self._all()
			try:
				self.ledger.undo(run.name)
			except InvalidData:
				self._take_held()

	def _take_held(self):
		"""The row came back under another id, and was held: the user takes it."""
		self._all()
		for name in self.feeds:
			held = [one.line.remote_id for one in self._look(name) if one.kind is Kind.HELD]
			if held:
				take(self.ledger, self.feeds[name], name, _LONG_AGO, self.clock, held)

	def undo_and_redo(self):
		latest = next((run for run in self.ledger.runs(limit=5) if self.ledger.undoable(run.name)), None)
		if latest:
			with suppress(InvalidData):
				self.ledger.undo(self.ledger.undo(latest.name, again=False).run.name)

	def undo_again(self):
		"""A feed's run is undone and forgotten: the next one reads everything anew."""
		latest = next(
			(r for r in self.ledger.runs(limit=9) if r.connection and self.ledger.undoable(r.name)), None
		)
		if latest:
			with suppress(InvalidData):
				self.ledger.undo(latest.name, again=True)
				# Until then the books are behind on purpose, and a file would be held against old amounts.
				self._all()

	def merge_and_undo(self):
		"""Of what all sources have told: a wrong merge that meets new rows leaves a pair for the user to find."""
		self._all()
		pairs = find(self.ledger, everything=True)
		if pairs:
			pair = self.random.choice(pairs)
			run = self.ledger.merge(pair.first.known.name, pair.second.known.name)
			if self.random.random() < 0.5:
				self._all()
			with suppress(InvalidData):
				self.ledger.undo(run.name)

	def _look(self, name):
		[view] = look(self.ledger, self.feeds[name], name, _LONG_AGO, self.clock)
		return view.findings

	def look(self):
		self._look(self._some())

	def take(self):
		name = self._some()
		take(self.ledger, self.feeds[name], name, _LONG_AGO, self.clock)
