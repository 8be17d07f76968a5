"""A ledger and statement files, for tests of what an import makes of them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from dokos_banksync.core.importing.file_import import FileRows, import_rows, source_of
from dokos_banksync.core.model import Line
from tests.hosts.standalone.ledger.build import connected_ledger

FIRST = date(2026, 1, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=timezone.utc)


def file_of(rows, *, name, first=FIRST, refused=(), balance=None):
	"""Return a file of rows of (day from the first one on, amount, label, and perhaps reference)."""
	seen, lines = Counter(), []
	for day, amount, label, *reference in rows:
		seen[day, amount, label] += 1
		key = f"{day} {amount} {label} {seen[day, amount, label]}"
		on = first + timedelta(day)
		lines.append(Line("", key, on, Decimal(amount), "EUR", label.title(), label))
		lines[-1] = lines[-1]._replace(reference="".join(reference))
	amount, day = balance or (None, None)
	return FileRows(
		name=name,
		source=source_of(repr((rows, name)).encode()),
		lines=lines,
		refused=refused,
		balance=amount and Decimal(amount),
		balance_day=day,
	)


class Books:
	"""A ledger with one Bank Account, and files as a bank would export them."""

	def __init__(self, folder):
		self.ledger, self.connection = connected_ledger(folder)
		self.ledger.add_bank_account("Current", "Banque du Port", "EUR")

	def take(self, *rows, name="a.csv", account="Current", refused=(), balance=None, **more):
		"""Import rows of (day from the first of January, amount, label)."""
		file = file_of(rows, name=name, refused=refused, balance=balance)
		return import_rows(self.ledger, account, file, clock=lambda: NOW, **more)

	def held(self):
		rows = self.ledger.transactions(bank_account="Current", limit=10_000)
		return Counter((row.date, row.amount) for row in rows)


def amounts(books):
	found = {}
	for (_, amount), count in books.held().items():
		key = f"{amount:.0f}"
		found[key] = found.get(key, 0) + count
	return found
