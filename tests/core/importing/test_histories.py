"""Random histories at a bank, fetched by runs that fail and are killed: the ledger ends equal to the truth."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.importing import sync
from tests.core.pretend import OPENING, FakeProvider, PretendBank
from tests.hosts.standalone.ledger.build import connected_ledger

EVENTS = st.sampled_from(
	["book"] * 6
	+ ["twin", "twin", "announce", "book_announced", "delete", "amend", "recategorise", "renumber"]
	+ ["sync", "sync", "cut", "kill", "kill late", "reconnect", "number anew"]
)


class Killed(BaseException):
	"""Stands for a process that ends at once."""


class Story:
	"""One bank, one ledger, and what happens to them."""

	def __init__(self, folder, seed):
		self.bank = PretendBank(seed)
		self.provider = FakeProvider(self.bank)
		self.ledger, self.connection = connected_ledger(folder)
		complete_connect(self.ledger, self.provider, self.connection, {})
		[account] = self.ledger.accounts(self.connection)
		connect.link(self.ledger, self.connection, [connect.Choice(account.source, "Current")])

	def sync(self):
		return sync.sync(self.ledger, self.provider, self.connection, clock=lambda: self.bank.now)

	def simulate(self, event):
		if hasattr(self.bank, event):
			getattr(self.bank, event)()
		else:
			getattr(self, event.replace(" ", "_"))()

	def cut(self):
		self.provider.fail_after = self.bank.random.randint(0, 3)
		try:
			self.sync()
		except TemporaryError:
			pass
		finally:
			self.provider.fail_after = None

	def kill(self):
		self._killed("enter")

	def kill_late(self):
		self._killed("commit")

	def reconnect(self):
		"""Read before and after: what the bank takes back in between, it tells under no id that we know."""
		self.sync()
		self.bank.replace_consent()
		complete_connect(self.ledger, self.provider, self.connection, {})
		self.sync()

	def number_anew(self):
		"""As in a reconnect: what else changes between the two is told under no id that we know."""
		self.sync()
		self.bank.renumber_in_silence()
		self.sync()

	def _killed(self, moment):
		after = self.bank.random.randint(0, 3)
		whole = self.ledger.batch

		@contextmanager
		def batch(**more):
			nonlocal after
			after -= 1
			if moment == "enter" and after < 0:
				raise Killed
			with whole(**more) as opened:
				yield opened
				if moment == "commit" and after < 0:
					raise Killed

		self.ledger.batch = batch
		try:
			self.sync()
		except Killed:
			pass
		finally:
			del self.ledger.batch

	def booked(self):
		return Counter((row.date, row.amount) for row in self.transactions())

	def transactions(self):
		return self.ledger.transactions(bank_account="Current", limit=10_000)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=40), st.integers(0, 2**32))
def test_the_ledger_ends_equal_to_the_bank(tmp_path_factory, events, seed):
	story = Story(tmp_path_factory.mktemp("story"), seed)
	with story.ledger:
		for event in events:
			story.simulate(event)
		run = story.sync()
		assert story.booked() == story.bank.truth()
		[check] = run.checks
		assert check.complete
		assert check.bank_balance == story.bank.balance()
		again = story.sync()
		assert (again.created, again.linked, again.updated, again.removed) == (0, 0, 0, 0)


def test_the_opening_balance_is_the_one_before_the_first_transaction(tmp_path):
	story = Story(tmp_path, 7)
	with story.ledger:
		for _ in range(10):
			story.bank.book()
		story.sync()
		assert story.ledger.bank_account("Current").opening_balance == OPENING


@pytest.mark.parametrize("edit", ["category", "delete"])
def test_what_a_user_did_outlives_a_reconnect(tmp_path, edit):
	story = Story(tmp_path, 3)
	with story.ledger:
		for _ in range(5):
			story.bank.book()
		story.sync()
		[first, *others] = story.transactions()
		if edit == "delete":
			story.ledger.delete_transaction(first.name)
		else:
			own = story.ledger.add_category("Mine")
			story.ledger.set_transaction_category(first.name, own)
		story.reconnect()
		story.bank.recategorise()
		run = story.sync()
		rows = story.transactions()
		assert run.created == 0
		assert len(rows) == len(others) + (edit == "category")
		if edit == "category":
			assert next(row for row in rows if row.name == first.name).category == "Mine"
