"""Lines that wait outside the staging area are the same for whoever asks."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.importing.deferred_rows import PlainRows
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.importing.storable_rows import storable_days
from dokos_banksync.core.importing.validation import checked, without_unlikely_days
from dokos_banksync.core.model import Line, LineState, Page
from dokos_banksync.core.packed_lines import PackedLines

TODAY = date(2026, 11, 29)
LINES = st.lists(
	st.builds(
		lambda day, amount, currency, state, text: Line("", "", day, amount, currency, text, text, state),
		st.sampled_from([date(2026, 11, 1), date(2026, 11, 9), date(1950, 1, 1), date(2199, 12, 31)]),
		st.sampled_from(
			[Decimal(text) for text in ("1.50", "-2", "0.00", "1E+3", "1.00001", "1E+12", "NaN")]
		),
		st.sampled_from(["EUR", "USD", "eur"]),
		st.sampled_from(list(LineState)),
		st.sampled_from(["a", "b\0", "\ud800"]),
	),
	max_size=6,
).map(lambda lines: [line._replace(remote_id=str(place)) for place, line in enumerate(lines)])


@given(LINES)
def test_lines_that_need_no_check_are_those_that_the_check_leaves_alone(lines):
	if storable_days(PackedLines(lines), TODAY):
		page = without_unlikely_days(checked(Page(lines)), TODAY)
		assert list(page.lines) == lines


def test_lines_that_are_fine_need_no_check():
	line = Line("", "1", date(2026, 11, 1), Decimal("-1.50"), "EUR", "a", "a")
	assert storable_days(PackedLines([line]), TODAY) == {"2026-11-01"}
	assert not storable_days(PackedLines([line, line]), TODAY)


def test_deferred_lines_are_staged_when_they_are_asked_for_without_those_that_are_stored():
	lines = [
		Line("s", str(place), date(2026, 11, 1 + place), Decimal(place), currency, "a", "a")
		for place, currency in enumerate(["EUR", "USD", "EUR", "EUR"])
	]
	plain = PlainRows("EUR", "2026-11-01")
	with Staging() as staging, Staging() as other:
		staging.defer("s", PackedLines(lines))
		other.put(("s", line) for line in lines)
		for one in (staging, other):
			assert one.count() == 4
			assert one.extent("s", plain) == (date(2026, 11, 1), date(2026, 11, 4))
			chunk = next(one.plain("s", plain, 2))
			assert ([row[1] for row in chunk.rows], chunk.last) == (["0", "2"], 3)
			one.stored("s", plain, chunk.last)
			assert [line.remote_id for part in one.by_amount(9) for line in part.fresh] == ["1", "3"]
