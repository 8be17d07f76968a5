from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.errors import NotFound, ProviderBug, TemporaryError
from dokos_banksync.core.model import FetchRequest, Line, LineState, Page
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.bridge import BridgeProvider, cursors
from dokos_banksync.providers.bridge.transactions import read
from dokos_banksync.providers.parsing import amount, day, instant, instant_text
from tests.providers.conftest import ACCESS
from tests.providers.fake_server import START, Reply, Request, Script, Time

PATH = "/v3/aggregation/transactions"
UTC = timezone.utc
TODAY = date(2026, 10, 28)

ROW: dict[str, Any] = {
	"id": 33000900000101,
	"account_id": 48000101,
	"clean_description": "Prlv Fournisseur Test",
	"provider_description": "PRLV SEPA FOURNISSEUR TEST REF 8841",
	"amount": -120.5,
	"currency_code": "EUR",
	"date": "2026-10-26",
	"booking_date": "2026-10-26",
	"value_date": "2026-10-27",
	"transaction_date": "2026-10-24",
	"updated_at": "2026-10-27T05:10:31.204Z",
	"category_id": 90,
	"operation_type": "direct_debit",
	"deleted": False,
	"future": False,
}


def page_of(*texts: str) -> Page:
	rows = [(rawjson.loads(text), text) for text in texts]
	return read(rows, {48000101: "48000101", "48000101": "48000101"}, TODAY)[0]


def without(*names: str, **changes: object) -> str:
	return json.dumps({name: value for name, value in {**ROW, **changes}.items() if name not in names})


def the_line(text: str) -> Line:
	page = page_of(text)
	assert page.rejected == []
	return page.lines[0]


# -- rows ------------------------------------------------------------------------------------------------
def test_a_row() -> None:
	raw = json.dumps(ROW).replace("-120.5", "-120.50")
	assert the_line(raw) == Line(
		remote_account="48000101",
		remote_id="33000900000101",
		date=date(2026, 10, 26),
		amount=Decimal("-120.50"),
		currency="EUR",
		description="Prlv Fournisseur Test",
		original="PRLV SEPA FOURNISSEUR TEST REF 8841",
		state=LineState.BOOKED,
		value_date=date(2026, 10, 27),
		transaction_date=date(2026, 10, 24),
		category="90",
		kind="direct_debit",
		updated_at=datetime(2026, 10, 27, 5, 10, 31, 204000, UTC),
		raw=raw,
	)
	assert str(the_line(raw).amount) == "-120.50"


def test_a_row_with_the_least() -> None:
	names = (
		"booking_date",
		"value_date",
		"transaction_date",
		"category_id",
		"operation_type",
		"updated_at",
		"future",
	)
	line = the_line(without("clean_description", "deleted", *names, amount=18))
	assert (line.value_date, line.transaction_date, line.category, line.kind) == (None, None, "", "")
	assert (line.amount, line.state, line.updated_at) == (Decimal(18), LineState.BOOKED, None)
	assert line.description == line.original == ROW["provider_description"]
	assert the_line(without("provider_description")).original == ROW["clean_description"]
	assert the_line(without("provider_description", "clean_description")).original == ""


@pytest.mark.parametrize("name", ["booking_date", "transaction_date", "value_date"])
def test_another_date_stands_in(name: str) -> None:
	dates = {"date", "booking_date", "transaction_date", "value_date"} - {name}
	assert the_line(without(*dates, **{name: "2026-10-20"})).date == date(2026, 10, 20)


def test_states() -> None:
	assert the_line(without(future=True)).state is LineState.FUTURE
	assert the_line(without(deleted=True, future=True)).state is LineState.REMOVED


@pytest.mark.parametrize(
	("updated_at", "on"), [("2026-10-27T23:59:59+02:00", date(2026, 10, 27)), (None, TODAY), ("x", TODAY)]
)
def test_a_removal_needs_its_id_alone(updated_at: str | None, on: date) -> None:
	row = {"id": 7, "account_id": 48000101, "deleted": True, "updated_at": updated_at, "amount": None}
	line = the_line(json.dumps(row))
	assert (line.remote_id, line.state, line.date, line.amount) == ("7", LineState.REMOVED, on, Decimal(0))


@pytest.mark.parametrize(
	("text", "remote_id", "word"),
	[
		(without("id"), "", "id"),
		(without(id=True), "", "id"),
		(without(id=1.5), "", "id"),
		(without("id", deleted=True), "", "id"),
		(without("account_id"), "33000900000101", "account"),
		(without("amount"), "33000900000101", "amount"),
		(without(amount="12.50"), "33000900000101", "amount"),
		(without(amount=True), "33000900000101", "amount"),
		(without(amount=[1]), "33000900000101", "amount"),
		(without(amount=float("nan")), "33000900000101", "amount"),
		(without(amount=10**15), "33000900000101", "amount"),
		(without(amount=1e-12), "33000900000101", "amount"),
		(without("date", "booking_date", "value_date", "transaction_date"), "33000900000101", "date"),
		(
			without("booking_date", "value_date", "transaction_date", date="2026-02-30"),
			"33000900000101",
			"date",
		),
		(without("currency_code"), "33000900000101", "currency"),
		("null", "", "not a transaction"),
		('"text"', "", "not a transaction"),
		("[1]", "", "not a transaction"),
	],
)
def test_a_row_that_cannot_be_read(text: str, remote_id: str, word: str) -> None:
	page = page_of(text, json.dumps(ROW))
	assert len(page.lines) == 1
	(error_of,) = page.rejected
	assert (error_of.remote_account, error_of.remote_id, error_of.raw) == ("48000101", remote_id, text)
	assert word in error_of.reason


def test_rows_of_other_accounts_are_left_out() -> None:
	page = page_of(without("id", account_id=48000199), json.dumps(ROW), without(account_id="48000101"))
	assert [line.remote_account for line in page.lines] == ["48000101"] * 2
	assert page.rejected == []


JSON_VALUES = (
	st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just([]) | st.just({})
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*ROW, "other"]), JSON_VALUES), st.booleans())
def test_any_row_is_a_line_or_a_rejected_row(changes: dict[str, Any], whole: bool) -> None:
	text = json.dumps(
		{**ROW, **changes, "account_id": 48000101} if whole else {**changes, "account_id": 48000101}
	)
	page = page_of(text)
	assert len(page.lines) + len(page.rejected) == 1
	for line in page.lines:
		assert line.amount.is_finite()
		assert line.raw == text


# -- fields ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("text", "moment"),
	[
		("2026-10-27T18:44:09.523Z", datetime(2026, 10, 27, 18, 44, 9, 523000, UTC)),
		("2026-10-27T18:44:09Z", datetime(2026, 10, 27, 18, 44, 9, 0, UTC)),
		("2026-10-27T18:44:09.5Z", datetime(2026, 10, 27, 18, 44, 9, 500000, UTC)),
		("2026-10-27T18:44:09.123456789Z", datetime(2026, 10, 27, 18, 44, 9, 123456, UTC)),
		("2026-10-27T18:44:09.523", datetime(2026, 10, 27, 18, 44, 9, 523000, UTC)),
		("2026-10-27T18:44Z", datetime(2026, 10, 27, 18, 44, 0, 0, UTC)),
		("2026-10-27 20:44:09+0200", datetime(2026, 10, 27, 18, 44, 9, 0, UTC)),
		("2026-10-27T20:44:09.000+02:00", datetime(2026, 10, 27, 18, 44, 9, 0, UTC)),
		("2026-10-27T25:44:09.523Z", None),
		("2026-10-27T25:44Z", None),
		("0001-01-01T00:00:00+05:00", None),
		("2026-10-27", None),
		("", None),
		(1793163601234, None),
		(None, None),
	],
)
def test_instants(text: object, moment: datetime | None) -> None:
	assert instant(text) == moment


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_survives_its_text_to_the_millisecond(moment: datetime) -> None:
	back = instant(instant_text(moment))
	assert back is not None
	assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


@pytest.mark.parametrize(
	("text", "found"),
	[
		("2026-10-26", date(2026, 10, 26)),
		("2026-10-26T10:00:00Z", date(2026, 10, 26)),
		("20261026", None),
		("2026-W44-1", None),
		("26/10/2026", None),
		("2026-10", None),
		("", None),
		(20261026, None),
		(None, None),
	],
)
def test_days(text: object, found: date | None) -> None:
	assert day(text) == found


def test_amounts() -> None:
	assert amount(0) == 0
	assert amount(Decimal("-0.00")) == 0
	assert amount(-(10**15) + 1) == -(10**15) + 1
	assert [amount(value) for value in (None, "1", False, 10**15, Decimal("1e400"), 10**400)] == [None] * 6


# -- calls and cursors -----------------------------------------------------------------------------------
A, B, C = "48000101", "48000102", "48000103"


class Feed:
	"""Bridge's transactions: filters by account and by `since`, two rows a page."""

	def __init__(self, script: Script) -> None:
		self.rows: list[dict[str, Any]] = []
		self.script = script
		script.routes[f"GET {PATH}"] = self.reply

	def add(self, number: int, account: str, updated_at: str, **more: object) -> None:
		self.rows.append({**ROW, "id": number, "account_id": int(account), "updated_at": updated_at, **more})

	def reply(self, request: Request) -> Reply:
		query = request.query
		rows = [
			row
			for row in self.rows
			if query.get("account_id", str(row["account_id"])) == str(row["account_id"])
			and row["updated_at"] > query.get("since", "")
		]
		at = int(query.get("after", "0"))
		keep = "&".join(f"{name}={query[name]}" for name in ("account_id", "since") if name in query)
		more = {"next_uri": f"{PATH}?{keep}&after={at + 2}"} if len(rows) > at + 2 else {}
		return Reply(200, {"resources": rows[at : at + 2], "pagination": more})

	def first_calls(self) -> list[dict[str, str]]:
		"""Queries of the calls made since the last look, without those of later pages."""
		calls = [r.query for r in self.script.called("GET", PATH) if "after" not in r.query]
		self.script.requests.clear()
		return calls


@pytest.fixture
def feed(script: Script) -> Feed:
	return Feed(script)


def fetch(bridge: BridgeProvider, *asks: FetchRequest) -> tuple[list[str], dict[str, str]]:
	ids: list[str] = []
	moved: dict[str, str] = {}
	for page in bridge.changes(ACCESS, asks):
		assert not moved, "cursors come last"
		ids += [line.remote_id for line in page.lines]
		moved.update(page.cursors)
	return ids, moved


def again(moved: dict[str, str]) -> list[FetchRequest]:
	return [FetchRequest(account, cursor) for account, cursor in moved.items()]


def since(cursor: str) -> str:
	return str(json.loads(cursor)["since"])


def test_a_first_read_takes_all_of_each_account_alone(bridge: BridgeProvider, feed: Feed) -> None:
	for number in range(1, 6):
		feed.add(number, A, f"2026-10-27T05:00:0{number}.000Z")
	feed.add(6, B, "2026-10-20T05:00:00.000Z")
	feed.add(7, C, "2026-10-28T05:00:00.000Z")
	ids, moved = fetch(bridge, FetchRequest(A), FetchRequest(B, "", date(2026, 1, 2)))
	assert ids == ["1", "2", "3", "4", "5", "6"]
	assert feed.first_calls() == [
		{"limit": "500", "account_id": A},
		{"limit": "500", "account_id": B, "min_date": "2026-01-02"},
	]
	assert {account: since(cursor) for account, cursor in moved.items()} == dict.fromkeys(
		(A, B), "2026-10-27T05:00:05.000Z"
	)


def test_later_reads_share_one_call_with_an_overlap(bridge: BridgeProvider, feed: Feed) -> None:
	feed.add(1, A, "2026-10-27T05:00:00.000Z")
	feed.add(2, B, "2026-10-26T05:00:00.000Z")
	_, moved = fetch(bridge, FetchRequest(A), FetchRequest(B))
	feed.first_calls()
	feed.add(3, B, "2026-10-28T05:00:00.000Z")
	feed.add(4, C, "2026-10-28T05:00:01.000Z")
	feed.add(5, A, "2026-10-27T04:30:00.000Z")
	ids, moved = fetch(bridge, *again(moved))
	assert feed.first_calls() == [{"limit": "500", "since": "2026-10-27T04:00:00.000Z"}]
	assert ids == ["1", "3", "5"]
	assert {since(cursor) for cursor in moved.values()} == {"2026-10-28T05:00:01.000Z"}


def test_a_single_account_is_asked_for_by_name(bridge: BridgeProvider, feed: Feed) -> None:
	fetch(bridge, FetchRequest(A, '{"since": "2026-10-27T05:00:00Z"}', date(2026, 1, 1)))
	assert feed.first_calls() == [{"limit": "500", "since": "2026-10-27T04:00:00.000Z", "account_id": A}]


def test_cursors_far_apart_do_not_share(bridge: BridgeProvider, feed: Feed) -> None:
	cursor = '{{"since": "2026-10-{}:00.000Z"}}'.format
	fetch(
		bridge,
		FetchRequest(A, cursor("27T05:00")),
		FetchRequest(B, cursor("20T05:00")),
		FetchRequest(C, cursor("27T05:40")),
	)
	assert feed.first_calls() == [
		{"limit": "500", "since": "2026-10-20T04:00:00.000Z", "account_id": B},
		{"limit": "500", "since": "2026-10-27T04:00:00.000Z"},
	]


def test_an_account_linked_later_joins_the_others(bridge: BridgeProvider, feed: Feed) -> None:
	feed.add(1, A, "2026-10-27T05:00:00.000Z")
	feed.add(2, B, "2026-10-27T05:00:00.000Z")
	_, moved = fetch(bridge, FetchRequest(A))
	_, moved = fetch(bridge, *again(moved), FetchRequest(B))
	feed.first_calls()
	fetch(bridge, *again(moved))
	assert len(feed.first_calls()) == 1


def test_an_account_that_never_gave_a_row_is_read_from_its_beginning(
	bridge: BridgeProvider, feed: Feed
) -> None:
	assert fetch(bridge, FetchRequest(A)) == ([], {})
	feed.add(1, A, "2020-01-01T05:00:00.000Z")
	assert fetch(bridge, FetchRequest(A))[0] == ["1"]


def test_a_cursor_stays_where_nothing_came(bridge: BridgeProvider, feed: Feed) -> None:
	cursor = '{"since": "2026-10-27T05:00:00.000Z"}'
	assert fetch(bridge, FetchRequest(A, cursor)) == ([], {A: cursor})
	feed.add(1, A, "2026-10-27T04:30:00.000Z")
	assert fetch(bridge, FetchRequest(A, cursor)) == (["1"], {A: cursor})


@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[]", '{"since": 5}', '{"since": "x"}', "null"])
def test_a_cursor_that_cannot_be_read_starts_again(bridge: BridgeProvider, feed: Feed, cursor: str) -> None:
	feed.add(1, A, "2020-01-01T05:00:00.000Z")
	ids, moved = fetch(bridge, FetchRequest(A, cursor))
	assert ids == ["1"]
	assert since(moved[A]) == "2020-01-01T05:00:00.000Z"


def test_a_history_of_one_instant_is_looked_at_twice_and_then_no_more(
	bridge: BridgeProvider, feed: Feed, time: Time
) -> None:
	for number in range(6):
		feed.add(number + 1, A, f"2026-10-27T05:0{number}:00.000Z")
	counts = []
	moved: dict[str, str] = {A: ""}
	for hours in (0, 0.5, 24, 48):
		time.passed = hours * 3600
		ids, moved = fetch(bridge, *again(moved))
		counts.append(len(ids))
	assert counts == [6, 6, 6, 1]
	feed.add(9, A, "2026-10-30T05:00:00.000Z")
	assert fetch(bridge, *again(moved))[0] == ["6", "9"]


def test_a_long_fetch_reaches_back_to_its_start() -> None:
	newest = datetime(2026, 10, 27, 5, tzinfo=UTC)
	assert cursors.reached(newest, START, START + timedelta(minutes=10)) == newest
	assert cursors.reached(newest, START, START + timedelta(minutes=90)) == newest - timedelta(minutes=90)
	assert cursors.reached(None, START, START) is None


def test_an_absurd_time_does_not_hide_what_follows(bridge: BridgeProvider, feed: Feed) -> None:
	feed.add(1, A, "2099-01-01T00:00:00.000Z")
	assert since(fetch(bridge, FetchRequest(A))[1][A]) == "2026-10-30T12:00:00.000Z"


def test_no_cursor_before_the_end(bridge: BridgeProvider, script: Script) -> None:
	first = {"resources": [ROW], "pagination": {"next_uri": f"{PATH}?after=1"}}
	script.routes[f"GET {PATH}"] = [Reply(200, first), Reply(500)]
	pages: list[Page] = []
	with pytest.raises(TemporaryError):
		pages.extend(bridge.changes(ACCESS, [FetchRequest(A)]))
	assert not any(page.cursors for page in pages)


def test_a_repeated_page(bridge: BridgeProvider, script: Script) -> None:
	same = {"resources": [ROW], "pagination": {"next_uri": f"{PATH}?after=1"}}
	script.routes[f"GET {PATH}"] = Reply(200, same)
	with pytest.raises(ProviderBug):
		list(bridge.changes(ACCESS, [FetchRequest(A)]))


def test_a_page_that_stops_short_is_read_again(bridge: BridgeProvider, script: Script) -> None:
	whole = json.dumps({"resources": [ROW]}).encode()
	script.routes[f"GET {PATH}"] = [Reply(200, whole[:-30]), Reply(200, whole)]
	assert fetch(bridge, FetchRequest(A))[0] == ["33000900000101"]


def test_an_account_that_is_none(bridge: BridgeProvider) -> None:
	with pytest.raises(NotFound):
		list(bridge.changes(ACCESS, [FetchRequest("../users")]))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_changes_between_fetches_is_noticed(data: st.DataObject) -> None:
	"""Rows appear in random accounts as Bridge's clock goes on, some up to half an hour late."""
	rows: list[tuple[str, datetime]] = []
	marks: dict[str, str] = {}
	seen: set[tuple[str, datetime]] = set()
	provider = START - timedelta(days=data.draw(st.integers(-40, 40), "clocks apart"))
	ours = START
	for _ in range(data.draw(st.integers(1, 6), "fetches")):
		step = timedelta(minutes=data.draw(st.integers(0, 3000), "minutes"))
		provider, ours = provider + step, ours + step
		late = data.draw(st.lists(st.tuples(st.sampled_from([A, B]), st.integers(0, 29)), max_size=5), "rows")
		rows += [(account, provider - timedelta(minutes=minutes)) for account, minutes in late]
		marks = _fetched(rows, marks, seen, ours)
	assert seen == set(rows)


def _fetched(
	rows: Sequence[tuple[str, datetime]],
	marks: dict[str, str],
	seen: set[tuple[str, datetime]],
	now: datetime,
) -> dict[str, str]:
	starts = {account: cursors.read(marks.get(account, "")) for account in (A, B)}
	found = [row for row in rows if (mark := starts[row[0]]) is None or row[1] > mark.start]
	seen.update(found)
	to = cursors.reached(max((moment for _, moment in found), default=None), now, now)
	return {account: cursors.moved(marks.get(account, ""), to, now, now) for account in (A, B)}


def test_a_page_is_released_before_the_next_one_is_read(bridge: BridgeProvider, script: Script) -> None:
	alive: list[int] = []

	def pages(request: Request) -> Reply:
		gc.collect()
		alive.append(
			sum(type(one) is Line or (type(one) is dict and "marker" in one) for one in gc.get_objects())
		)
		following = f'"{PATH}?after={len(alive)}"' if len(alive) < 4 else "null"
		row = json.dumps(ROW)[:-1] + ', "marker": [1]}'
		return Reply(200, f'{{"resources": [{row}], "pagination": {{"next_uri": {following}}}}}'.encode())

	script.routes[f"GET {PATH}"] = pages
	read_lines = 0
	for page in bridge.changes(ACCESS, [FetchRequest("48000101")]):
		read_lines += len(page.lines)
		del page
	assert read_lines == 4
	# Lines that other tests left behind, and no more.
	assert alive == [alive[0]] * 4
