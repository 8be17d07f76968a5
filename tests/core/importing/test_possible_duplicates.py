"""A new row that may be there already is never silent: the dry run names the bank transaction, the list has the pair."""

from __future__ import annotations

from datetime import date

import pytest

from dokos_banksync.core.importing.possible_duplicates import is_hint
from dokos_banksync.core.model import Action
from dokos_banksync.core.review.duplicates import find


def hints(books, *rows, name="b.csv"):
	seen = []
	books.take(*rows, name=name, preview=seen.append)
	return [str(made.note) for made in seen if made.action is Action.NEW and is_hint(made.note)]


def test_a_row_of_the_day_and_amount_of_another_one_is_named(books):
	books.take((4, "100", "VIR X"), name="a.csv")
	[name] = [row.name for row in books.ledger.transactions(bank_account="Current")]
	assert hints(books, (4, "100", "ABC HOLDING")) == [
		f"It may be {name} of 2026-01-05, under another label or on another day"
	]
	books.take((4, "100", "ABC HOLDING"), name="b.csv")
	assert len(find(books.ledger, "Current")) == 1


@pytest.mark.parametrize(
	("day", "label", "count"), [(8, "CB LIDL 4411", 1), (8, "CB AUTRE", 0), (9, "CB LIDL 4411", 0)]
)
def test_a_purchase_booked_after_the_days_of_the_other_source_is_listed(books, day, label, count):
	"""The first source has the purchase on the third day, its last one; the second one has the booking."""
	books.take((2, "-20.15", "CB LIDL 4411"), name="a.csv")
	assert len(hints(books, (day, "-20.15", label))) == count
	books.take((day, "-20.15", label), name="b.csv")
	assert len(find(books.ledger, "Current", date(2026, 1, 1))) == count


def test_each_bank_transaction_is_named_once(books):
	books.take((4, "100", "VIR X"), name="a.csv")
	assert len(hints(books, (4, "100", "ABC HOLDING"), (4, "100", "DEF HOLDING"))) == 1


def test_what_is_linked_is_not_named(books):
	books.take((4, "100", "VIR X"), name="a.csv")
	assert hints(books, (4, "100", "Vir X"), (4, "100", "ABC HOLDING")) == []


def test_another_amount_is_not_named(books):
	books.take((4, "100", "VIR X"), name="a.csv")
	assert hints(books, (4, "-100", "VIR X"), (4, "100.01", "VIR X")) == []
