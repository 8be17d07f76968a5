"""Lines that a join decides are decided as by comparing all candidates: the same decisions, in the same order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dokos_banksync.core.importing import importer, sole_matches
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import Action, Line, MatchEvidence
from tests.core.books import FIRST, NOW, Books

LABELS = ["CB CAFE", "cb café", "CB CAFE", "VIR LOYER 17", "VIR LOYER 18"]
ROWS = st.lists(
	st.tuples(
		st.integers(0, 7),
		st.sampled_from(["-3.20", "-4.50", "0.07"]),
		st.sampled_from(LABELS),
		st.sampled_from(["", "", "FR7699999000010000000001764", "DE89370400440532013000"]),
	),
	max_size=9,
)
BY_HAND = """
	INSERT INTO bank_transaction (name, creation, modified, date, bank_account, deposit, withdrawal, currency, description,
		transaction_id, status, unallocated_amount)
	VALUES (?, '2026-01-01', '2026-01-01', ?, 'Current', ?, ?, 'EUR', ?, ?, 'Unreconciled', 0)
"""


def _lines(rows, given_id=""):
	return [
		Line(
			"",
			f"id-{number}",
			FIRST + timedelta(day),
			Decimal(amount),
			"EUR",
			label.title(),
			label,
			party_iban=iban,
			reference=f"REFER{number % 2}" if day > 3 else "",
			given_id=given_id if number == 0 else "",
		)
		for number, (day, amount, label, iban) in enumerate(rows)
	]


def _file(source, rows, given_id=""):
	return FileRows(f"{source}.csv", f"file:{source}", _lines(rows, given_id))


def _by_hand(ledger, rows):
	for number, (day, amount, label, _iban) in enumerate(rows):
		money = int(Decimal(amount).scaleb(4))
		on = (FIRST + timedelta(day)).isoformat()
		tool_id = f"other tool {number}" if number % 2 else ""
		ledger.db.run(BY_HAND, (f"HAND-{number}", on, max(money, 0), max(-money, 0), label, tool_id))


def _story(folder, stored, by_hand, deleted, new, given_id):
	"""Import files, enter and delete rows, import the file again in part, and return what a further file becomes."""
	books = Books(folder)
	with books.ledger as ledger:
		for number, rows in enumerate(stored):
			import_rows(ledger, "Current", _file(number, rows), clock=lambda: NOW)
		_by_hand(ledger, by_hand)
		names = [row["name"] for row in ledger.db.rows("SELECT name FROM bank_transaction ORDER BY name")]
		for place in deleted:
			if place < len(names):
				ledger.delete_transaction(names[place])
		shown = []
		file = _file("new", new, given_id)
		import_rows(ledger, "Current", file, clock=lambda: NOW, preview=shown.append)
		import_rows(ledger, "Current", _file("new", new[::2]), clock=lambda: NOW)
		import_rows(ledger, "Current", file, clock=lambda: NOW)
		lines = ledger.db.rows(
			"SELECT source, remote_id, bank_transaction, deleted_transaction, reason, note FROM sync_line ORDER BY 1, 2"
		)
		return shown, [tuple(row) for row in lines]


@settings(max_examples=30, deadline=None)
@given(
	stored=st.lists(ROWS, min_size=1, max_size=2),
	by_hand=ROWS,
	deleted=st.sets(st.integers(0, 6), max_size=2),
	new=ROWS,
	given_id=st.sampled_from(["", "", "other tool 1"]),
)
@example(
	stored=[[(day, "-3.20", "CB CAFE", "") for day in (0, 0, 0, 1, 4)]],
	by_hand=[],
	deleted=set(),
	new=[(1, "-3.20", "CB CAFE", ""), (4, "-3.20", "CB CAFE", "")],
	given_id="",
)
def test_a_join_decides_as_comparing_all_candidates_does(
	tmp_path_factory, stored, by_hand, deleted, new, given_id
):
	found = {}
	for many in (0, 10**9):
		with pytest.MonkeyPatch.context() as patch:
			patch.setattr(sole_matches, "MANY", many)
			folder = tmp_path_factory.mktemp("books")
			found[many] = _story(folder, stored, by_hand, sorted(deleted), new, given_id)
	assert found[0] == found[10**9]


@pytest.fixture
def books(tmp_path, monkeypatch):
	monkeypatch.setattr(sole_matches, "MANY", 1)
	made = Books(tmp_path)
	with made.ledger:
		yield made


@pytest.fixture
def compared(monkeypatch):
	"""Return the lines that are left to the comparison with all candidates."""
	seen = []
	plan = importer.plan_by_content
	monkeypatch.setattr(
		importer, "plan_by_content", lambda feed, fresh, *more: seen.extend(fresh) or plan(feed, fresh, *more)
	)
	return seen


def test_only_lines_that_are_not_sole_are_compared_with_candidates(books, compared):
	books.take((1, "-3.20", "CB CAFE"), (6, "-3.20", "CB CAFE"), (6, "-3.20", "CB BAR"), (9, "5", "VIR A"))
	del compared[:]
	shown = []
	rows = ((1, "-3.20", "cb cafe"), (6, "-3.20", "cb cafe"), (9, "5", "VIR B"), (30, "1", "VIR C"))
	books.take(*rows, name="b", preview=shown.append)
	assert [line.original for line in compared] == ["cb cafe", "VIR C", "VIR B"]
	[first] = [made for made in shown if made.line.date == FIRST + timedelta(1)]
	assert (first.action, first.evidence) == (Action.LINK, MatchEvidence.SAME_DAY_SAME_LABEL)


def test_a_sole_line_near_one_that_is_left_is_compared_too(books, compared):
	books.take((1, "-3.20", "CB CAFE"), (5, "-3.20", "CB CAFE"))
	del compared[:]
	books.take((1, "-3.20", "cb cafe"), (4, "-3.20", "cb cafe"), (9, "-3.20", "cb cafe"), name="b")
	assert [line.date for line in compared if line.date <= FIRST + timedelta(4)] == [
		FIRST + timedelta(1),
		FIRST + timedelta(4),
	]


def test_a_linked_bank_transaction_is_not_free_for_a_line_of_the_next_day(books):
	books.take((1, "-3.20", "CB CAFE"), (5, "7", "CB BAR"))
	shown = []
	books.take(
		(1, "-3.20", "cb cafe"), (2, "-3.20", "cb cafe"), (5, "7", "x"), name="b", preview=shown.append
	)
	found = {made.line.date.day: made.action for made in shown if made.line.amount < 0}
	assert found == {2: Action.LINK, 3: Action.NEW}


def test_a_sole_bank_transaction_with_another_reference_is_not_linked(books):
	one = Line("", "one", FIRST, Decimal("-3.20"), "EUR", "Cb Cafe", "CB CAFE", reference="REFER1")
	other = one._replace(remote_id="other", reference="REFER2")
	for name, line in (("a", one), ("b", other), ("c", one._replace(remote_id="again"))):
		import_rows(books.ledger, "Current", FileRows(name, f"file:{name}", [line]), clock=lambda: NOW)
	assert sum(books.held().values()) == 2


def test_a_line_whose_source_has_the_bank_transaction_is_compared(books, compared):
	books.take((1, "-3.20", "CB CAFE"), (5, "7", "CB BAR"))
	again = [Line("", "other id", FIRST + timedelta(1), Decimal("-3.20"), "EUR", "Cb Cafe", "CB CAFE")]
	source = books.ledger.db.value("SELECT source FROM sync_line LIMIT 1")
	del compared[:]
	run = import_rows(books.ledger, "Current", FileRows("a.csv", source, again), clock=lambda: NOW)
	assert (run.created, run.linked, len(compared)) == (1, 0, 1)


def test_a_few_lines_cost_no_statement_more(books, monkeypatch):
	books.take((1, "-3.20", "CB CAFE"), (5, "7", "CB BAR"))
	calls = {}
	for many in (3, 2):
		monkeypatch.setattr(sole_matches, "MANY", many)
		before = books.ledger.db.calls
		books.take((1, "-3.20", "cb cafe"), (5, "8", "CB BAR"), name="b", preview=lambda _: None)
		calls[many] = books.ledger.db.calls - before
	assert calls[2] == calls[3] + 1


def _decided(books, lines, name):
	shown = []
	file = FileRows(f"{name}.csv", f"file:{name}", lines)
	import_rows(books.ledger, "Current", file, clock=lambda: NOW, preview=shown.append)
	run = import_rows(books.ledger, "Current", file, clock=lambda: NOW)
	assert sum(made.action is Action.NEW for made in shown) == run.created
	return {made.line.remote_id: (made.action, made.evidence) for made in shown}


def _line(remote_id, label, *, day=1, given_id=""):
	on = FIRST + timedelta(day)
	return Line("", remote_id, on, Decimal("-3.20"), "EUR", label.title(), label, given_id=given_id)


def test_a_bank_transaction_that_an_id_links_is_not_linked_by_its_label_too(books):
	ids = [f"{number}20260102ABC1234567" for number in range(2)]
	_decided(books, [_line(ids[0], "CB CAFE"), _line(ids[1], "CB OTHER", day=9)], "a")
	found = _decided(books, [_line(ids[0], "RENAMED"), _line("own", "CB CAFE 2")], "b")
	assert found[ids[0]][0] is Action.LINK
	assert found["own"][0] is Action.NEW


def test_an_id_that_moved_to_another_row_does_not_link_it(books):
	"""The bank numbered the rows of the day anew: the label is that of another row now."""
	ids = [f"{number}20260102ABC1234567" for number in range(2)]
	_decided(books, [_line(ids[0], "CB CAFE"), _line(ids[1], "CB OTHER", day=9)], "a")
	found = _decided(books, [_line(ids[0], "CB BAR"), _line("own", "CB CAFE")], "b")
	assert (found[ids[0]][0], found["own"][0]) == (Action.NEW, Action.LINK)


def test_an_id_of_another_tool_goes_before_the_label(books):
	_by_hand(books.ledger, [(1, "-3.20", "CB CAFE", ""), (1, "7.00", "CB BAR", "")])
	books.ledger.db.run(
		"UPDATE bank_transaction SET transaction_id = 'tool-20260102-77' WHERE name = 'HAND-0'"
	)
	found = _decided(books, [_line("own", "CB CAFE", given_id="tool-20260102-77")], "b")
	assert found == {"own": (Action.LINK, MatchEvidence.EXACT_ID)}


def test_where_a_user_deleted_an_equal_one_the_join_decides_nothing(books, compared):
	_decided(books, [_line("one", "CB CAFE"), _line("two", "CB CAFE")], "a")
	first = books.ledger.db.value("SELECT name FROM bank_transaction ORDER BY name LIMIT 1")
	books.ledger.delete_transaction(first)
	del compared[:]
	_decided(books, [_line("own", "CB CAFE")], "b")
	assert [line.remote_id for line in compared] == ["own"] * len(compared) != []
