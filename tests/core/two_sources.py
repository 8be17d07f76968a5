"""A Bank Account that a feed and statement files give, or two feeds: for tests of what two sources make of one account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.importing import sync
from dokos_banksync.core.importing.file_import import import_rows
from dokos_banksync.core.model import ConnectionStatus, Page
from dokos_banksync.core.review.questions import answer, questions
from tests.core.books import file_of
from tests.core.scripted import DAY, NOW, Scene, ScriptedProvider, row

BY_HAND = """
	INSERT INTO `tabBank Transaction` (name, bank_account, currency, `date`, deposit, withdrawal, description, status)
	VALUES (%s, 'A', 'EUR', %s, %s, %s, %s, 'Unreconciled')
"""


class TwoSources(Scene):
	"""Rows are tuples of (day from DAY on, amount, label); the feed gives each an id of its own. No balance is known."""

	def __init__(self, folder, balance=None):
		super().__init__(folder, "a")
		self.balance = balance
		self._number = 0
		self._watch(self.provider)

	def _watch(self, provider):
		plain = provider.accounts
		provider.accounts = lambda access, context=None: [
			replace(one, balance=None if self.balance is None else Decimal(self.balance))
			for one in plain(access, context)
		]

	def lines(self, *rows):
		"""Return lines of a feed with new ids."""
		made = []
		for day, amount, label, *more in rows:
			self._number += 1
			made.append(row(f"id-{self._number}", amount, label, day, **dict(*more)))
		return made

	def fetch(self, *rows, lines=(), **more):
		"""Let the feed give rows, and fetch."""
		return self.sync(Page([*lines, *self.lines(*rows)]), **more)

	def take(self, *rows, name="a.csv", balance=None, **more):
		"""Import a file."""
		file = file_of(rows, name=name, first=DAY, balance=balance)
		return import_rows(self.ledger, "A", file, clock=lambda: self.now, **more)

	def second_feed(self):
		"""Return what fetches rows over a second connection of the same Bank Account."""
		record = self.ledger.add_connection("Banque du Port", "bridge")
		self.ledger.save_connection(
			replace(record, status=ConnectionStatus.ACTIVE, remote_user="user-2", remote_id="item-2")
		)
		provider = ScriptedProvider()
		provider.names = ("b",)
		self._watch(provider)
		complete_connect(self.ledger, provider, record.name, {})
		[account] = self.ledger.accounts(record.name)
		start = DAY - timedelta(days=90)
		connect.link(self.ledger, record.name, [connect.Choice(account.source, "A", start_date=start)])

		def fetch(*rows, lines=()):
			given = [one._replace(remote_account="b") for one in (*lines, *self.lines(*rows))]
			provider.pages = [Page(given)]
			return sync.sync(self.ledger, provider, record.name, clock=lambda: self.now)

		return fetch

	def next_day(self):
		"""Let a day pass."""
		self.now += timedelta(days=1)

	def asked(self):
		"""Return the open questions, with the amounts of the candidates of each."""
		return {
			str(one.line.amount): sorted(str(choice.known.amount) for choice in one.candidates)
			for one in questions(self.ledger)
		}

	def answer_all(self):
		"""Answer each open question with its first candidate, one after the other; return the runs."""
		runs = []
		while asked := questions(self.ledger):
			runs.append(answer(self.ledger, asked[0].name, asked[0].candidates[0].known.name, lambda: NOW))
		return runs

	def enter(self, *rows):
		"""Store rows as a user enters them by hand."""
		with self.ledger.db.write():
			for number, (day, amount, label) in enumerate(rows):
				money = int(Decimal(amount).scaleb(4))
				on = (DAY + timedelta(day)).isoformat()
				self.ledger.db.run(BY_HAND, (f"HAND-{number}", on, max(money, 0), max(-money, 0), label))

	def answer(self, amount, choice=""):
		"""Answer the question about a row of an amount with the candidate of another amount, or as new."""
		[asked] = [one for one in questions(self.ledger) if str(one.line.amount) == amount]
		names = {str(one.known.amount): one.known.name for one in asked.candidates}
		return answer(self.ledger, asked.name, names[choice] if choice else "", lambda: NOW)
