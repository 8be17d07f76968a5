"""One row of a source whose amount is the sum of rows of several days of another one."""

from collections import defaultdict

import pytest

from dokos_banksync.core.matching.sums_of_days import sums_of_days
from tests.core.build import held, line


def by_day(rows):
	found = defaultdict(list)
	for one in rows:
		found[one.date].append(one)
	return found


def found(mine, theirs):
	"""Rows are pairs of a day and an amount."""
	lines = [line(f"L{place}", amount=amount, day=day) for place, (day, amount) in enumerate(mine)]
	known = [held(f"T{place}", amount=amount, day=day) for place, (day, amount) in enumerate(theirs)]
	return [
		([str(one.amount) for one in same.lines], [str(one.amount) for one in same.transactions])
		for same in sums_of_days(by_day(lines), by_day(known))
	]


SALES = [(-2, "10"), (-1, "20"), (0, "30")]


def test_a_payout_of_the_sales_of_several_days_on_either_side():
	assert found([(0, "60")], SALES) == [(["60"], ["10", "20", "30"])]
	assert found(SALES, [(0, "60")]) == [(["10", "20", "30"], ["60"])]


@pytest.mark.parametrize(
	("mine", "theirs"),
	[
		([(0, "60"), (3, "7")], SALES),
		([(0, "60")], [*SALES, (3, "7")]),
		([(0, "59")], SALES),
		([(3, "60")], SALES),
		([(0, "60")], [(0, "20"), (0, "40")]),
		([(0, "-60")], SALES),
	],
	ids=["another row", "another part", "another sum", "a part too far away", "one day", "the other sign"],
)
def test_what_is_no_such_sum(mine, theirs):
	assert found(mine, theirs) == []


def test_rows_of_the_other_sign_and_rows_far_away_do_not_matter():
	assert found([(0, "60"), (0, "-5"), (9, "4")], [*SALES, (1, "-7")]) == [(["60"], ["10", "20", "30"])]
