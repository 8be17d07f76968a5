"""The histories of `tests.chaos`, with a site for a ledger. Runs in a process of the bench: see `test_chaos`."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import frappe

from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.hosts.frappe.ledger import FrappeLedger, sql
from dokos_banksync.hosts.frappe.ledger.fields import site_fields
from dokos_banksync.hosts.frappe.ledger.values import amount_out
from dokos_banksync.hosts.storage.sql import TRANSACTION
from tests.chaos.chaos import EVENTS, Chaos
from tests.core.pretend import FakeProvider, PretendBank


class Killed(BaseException):
	"""The process ends here: nothing of it cleans up but what the database does by itself."""


class SiteChaos(Chaos):
	events = (*EVENTS, "delete_in_the_desk", "delete_in_the_desk")

	def __init__(self, number, account):
		self.number, self.account = number, account
		self.random = random.Random(number)
		self.bank = PretendBank(number)
		self.ahead = timedelta()
		self.files, self.done = [], []
		first = FakeProvider(self.bank)
		self._open()
		self.ledger.add_provider(
			"Bridge", Subscription("bridge", {"client_id": "id"}, {"client_secret": Secret("secret")})
		)
		record = self.ledger.add_connection("Banque du Port", "bridge")
		active = {"status": ConnectionStatus.ACTIVE, "remote_user": "user-1", "remote_id": "item-1"}
		self.ledger.save_connection(replace(record, **active))
		self.feeds = {record.name: first}
		complete_connect(self.ledger, first, record.name, {})
		self._link(record.name)

	def _open(self):
		self.ledger = FrappeLedger(clock=self.clock)
		self.ledger.close = lambda: None

	def _rows(self):
		words = site_fields()
		return sql.rows(
			f"SELECT t.name, t.`date`, {words.amount} amount FROM {sql.table(TRANSACTION)} t "
			"WHERE t.bank_account = %s AND t.docstatus < 2 ORDER BY t.name",
			(self.account,),
		)

	def _booked(self):
		return Counter((row["date"], amount_out(row["amount"])) for row in self._rows())

	def _any_transaction(self):
		rows = self._rows()
		return self.random.choice(rows).name if rows else None

	def edit(self):
		if name := self._any_transaction():
			column = site_fields().category
			frappe.db.set_value(TRANSACTION, name, column, None)
			frappe.db.commit()

	def delete_in_the_desk(self):
		"""The host's own way; the user takes the line again. An opening balance founded in between would stand on
		the deletion.
		"""
		self._all()
		if name := self._any_transaction():
			doc = frappe.get_doc(TRANSACTION, name)
			if doc.docstatus == 1:
				doc.cancel()
			frappe.delete_doc(TRANSACTION, name)
			frappe.db.commit()
			self._take_held()

	def kill(self):
		name, left = self._some(), self.random.randint(1, 220)
		with self._doomed(left):
			self._sync(name)
		frappe.db.rollback()
		frappe.local.banksync_held = set()
		self._open()

	@contextmanager
	def _doomed(self, left):
		database = frappe.local.db.__class__
		plain = database.sql

		def counted(db, *args, **more):
			nonlocal left
			left -= 1
			if left < 0:
				frappe.db._conn.rollback()
				raise Killed
			return plain(db, *args, **more)

		database.sql = counted
		try:
			yield
		except Killed:
			pass
		finally:
			database.sql = plain

	def at_once(self):
		self.file()
		self.sync()


def history(number, account="Current"):
	"""What is wrong at the end of a history, and what happened in it."""
	story = SiteChaos(number, account)
	return story.run(), story.done
