"""A provider gives old rows new ids and tells nothing of the old ones, or a true twin arrives late: which is it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.importing import sync
from dokos_banksync.core.model import Action
from tests.core.build import line
from tests.core.importing.test_hostile_rows import put
from tests.core.importing.test_known_importer_faults import from_file


@pytest.fixture
def asked(story):
	"""How often the provider was asked for lines, and from when."""
	calls = []
	whole = story.provider.changes

	def pages(access, asks, context=None):
		calls.append(asks)
		return whole(access, asks)

	story.provider.changes = pages
	return calls


def renumber(story, row):
	del story.bank.rows[row.id]
	return put(story.bank, str(row.amount), row.label, row.day)


def test_the_peers_failure_new_ids_for_old_rows_double_the_history(story):
	"""Peers key a row by its id alone, and have everything twice after the provider's migration."""
	rows = [put(story.bank, f"-{n}.00", f"CB SHOP {n}") for n in range(20)]
	story.sync()
	was = story.transactions()
	for row in rows:
		renumber(story, row)
	run = story.sync()
	assert (run.created, run.linked, run.removed) == (0, 20, 20)
	assert [row.name for row in story.transactions()] == [row.name for row in was]
	assert story.sync().created == 0


def test_what_a_user_did_outlives_it(story):
	row = put(story.bank)
	story.sync()
	mine = story.ledger.add_category("Mine")
	story.ledger.set_transaction_category(story.transactions()[0].name, mine)
	renumber(story, row)
	story.sync()
	assert [one.category for one in story.transactions()] == ["Mine"]


def test_the_peers_failure_a_true_twin_is_dropped(story, asked):
	"""Peers that compare content alone drop the second coffee. The provider still lists the first: two."""
	row = put(story.bank)
	put(story.bank, "7")
	story.sync()
	put(story.bank, day=row.day)
	run = story.sync()
	assert run.created == 1
	assert len(story.transactions()) == 3
	assert [ask.first_day for [ask] in asked[1:]] == [None, row.day]


def test_one_renumbered_and_one_true_twin(story):
	row = put(story.bank)
	story.sync()
	renumber(story, row)
	put(story.bank, day=row.day)
	run = story.sync()
	assert (run.created, run.linked) == (1, 1)
	assert len(story.transactions()) == 2


@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_three_twins_one_is_numbered_anew(story, place):
	rows = [put(story.bank)]
	rows += [put(story.bank, day=rows[0].day) for _ in range(2)]
	story.sync()
	renumber(story, rows[place])
	run = story.sync()
	assert (run.created, run.linked, len(story.transactions())) == (0, 1, 3)


def test_nobody_is_asked_again_where_nothing_looks_alike(story, asked):
	put(story.bank)
	story.sync()
	put(story.bank, "7")
	story.sync()
	assert len(asked) == 2


def test_nobody_is_asked_again_when_both_came_now(story, asked):
	row = put(story.bank)
	story.sync()
	story.bank.rows[row.id] = replace(row, category="90", at=story.bank._tick())
	put(story.bank, day=row.day)
	story.sync()
	assert len(asked) == 2


def test_an_answer_that_does_not_even_hold_the_new_row_proves_nothing(story):
	row = put(story.bank)
	story.sync()
	renumber(story, row)
	whole = story.provider.changes
	story.provider.changes = lambda access, asks, context=None: (
		iter(()) if asks[0].first_day else whole(access, asks)
	)
	assert story.sync().created == 1


def test_a_failure_of_the_second_look_loses_nothing(story):
	row = put(story.bank)
	story.sync()
	renumber(story, row)
	put(story.bank, "7")
	whole = story.provider.changes

	def cut(access, asks, context=None):
		if asks[0].first_day:
			raise TemporaryError("The line was cut")
		return whole(access, asks)

	story.provider.changes = cut
	with pytest.raises(TemporaryError):
		story.sync()
	story.provider.changes = whole
	story.sync()
	assert story.booked() == story.bank.truth()


def test_a_dry_run_says_the_same(story):
	row = put(story.bank)
	story.sync()
	new = renumber(story, row)
	seen = []
	sync.sync(
		story.ledger, story.provider, story.connection, clock=lambda: story.bank.now, preview=seen.append
	)
	assert {(d.action, d.line.remote_id) for d in seen} == {
		(Action.LINK, new.id),
		(Action.REMOVE, row.id),
	}


def test_what_waits_for_the_balance_is_not_offered_to_a_repeat(story):
	"""The file's transaction two days later is the second payment, which waits for the balance, and not the repeat too."""
	day = story.bank.now.date()
	later = day + timedelta(days=2)
	put(story.bank, label="VIR MARTIN LOYER", day=day)
	put(story.bank, "7")
	story.sync()
	others = [line(str(n), "-9", "OTHER", date=day + timedelta(days=n)) for n in (-3, 4)]
	from_file(story, line("X", "-3.20", "VIR JEAN MARTIN", date=later), *others)
	put(story.bank, label="VIR MARTIN LOYER", day=day)
	put(story.bank, label="VIR JEAN MARTIN", day=day)
	run = story.sync()
	assert (run.created, run.linked, run.held) == (1, 1, 0)


def test_two_lines_of_one_source_never_become_one_bank_transaction(story):
	"""Of four equal payments the file holds two: one of the feed's, and one that waits for the balance."""
	day = story.bank.now.date()
	put(story.bank, label="MARTIN", day=day)
	put(story.bank, "7")
	story.sync()
	others = [line(str(n), "-9", "OTHER", date=day + timedelta(days=n)) for n in (-3, 4)]
	ours = (
		line("X", "-3.20", "VIR MARTIN", date=day),
		line("Y", "-3.20", "MARTIN", date=day + timedelta(days=2)),
	)
	from_file(story, *ours, *others)
	put(story.bank, label="MARTIN", day=day)
	put(story.bank, label="MARTIN", day=day + timedelta(days=1))
	run = story.sync()
	assert (run.created, run.linked, run.held) == (1, 1, 0)
