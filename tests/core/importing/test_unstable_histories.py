"""Random histories of a bank whose ids mean nothing, read through a window: the ledger equals the bank."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.model import Page
from tests.core.scripted import DAY, NOW, Scene, row

EVENTS = st.sampled_from(["book", "book", "twin", "delete", "relabel", "amend", "next day", "sync", "cut"])
LABELS = ("CB CAFE DU PORT", "PRLV ENERGIE BLEUE", "VIR CLIENT MARTIN")
AMOUNTS = ("-3.20", "-3.20", "-45", "1200")
WINDOW = 6
"""Days back that the bank lists."""


class WindowBank:
	"""Rows as (day, amount, label). The last days are listed in any order, under numbers of the moment."""

	def __init__(self, seed: int) -> None:
		self.random = random.Random(seed)
		self.today = 10
		self.rows = [(self.today, "-0.01", "FRAIS")]

	def simulate(self, event: str) -> None:
		open_rows = [n for n, (day, _, _) in enumerate(self.rows) if n and day > self.today - WINDOW]
		if event == "book":
			day = self.today - self.random.choice((0, 0, 1, 3))
			self.rows.append((day, self.random.choice(AMOUNTS), self.random.choice(LABELS)))
		elif event == "next day":
			self.today += 1
			self.rows.append((self.today, "-0.01", "FRAIS"))
		elif open_rows:
			self._change(event, self.random.choice(open_rows))

	def _change(self, event: str, number: int) -> None:
		day, amount, label = self.rows[number]
		if event == "twin":
			self.rows.append(self.rows[number])
		elif event == "delete":
			del self.rows[number]
		elif event == "relabel":
			self.rows[number] = (day, amount, f"{label} {self.random.randint(1, 99)}")
		else:
			self.rows[number] = (day, f"{self.random.randint(1, 99)}.50", label)

	def pages(self) -> list[Page]:
		since = self.today - WINDOW
		listed = [one for one in self.rows if one[0] >= since]
		self.random.shuffle(listed)
		lines = [row(str(n), amount, label, day) for n, (day, amount, label) in enumerate(listed)]
		whole = {"a": DAY + timedelta(days=since)}
		return [
			*(Page(lines[n : n + 3], unstable_ids=frozenset("a")) for n in range(0, len(lines), 3)),
			Page([], complete_from=whole, unstable_ids=frozenset("a"), cursors={"a": str(self.today)}),
		]

	def truth(self) -> Counter[tuple[object, ...]]:
		plain = (row("", amount, label, day) for day, amount, label in self.rows)
		return Counter((one.date, one.amount, one.description) for one in plain)


@settings(max_examples=80, deadline=None)
@given(st.lists(EVENTS, max_size=30), st.integers(0, 2**32))
def test_the_ledger_equals_the_bank_after_each_sync(tmp_path_factory, events, seed):
	bank, scene = WindowBank(seed), Scene(tmp_path_factory.mktemp("window"))
	with scene.ledger:
		for event in [*events, "sync", "sync"]:
			scene.now = NOW + timedelta(days=bank.today)
			if event == "sync":
				assert scene.sync(*bank.pages()).status == "Success"
				assert Counter(scene.booked()) == bank.truth()
			elif event == "cut":
				before = scene.booked()
				scene.sync(*bank.pages()[:1], Page([], errors={"a": TemporaryError("later")}))
				assert scene.booked() == before
			else:
				bank.simulate(event)
				if event == "next day":  # no day leaves the window unread
					scene.sync(*bank.pages())
