from __future__ import annotations

import re
from datetime import date
from http import HTTPStatus

import pytest
from werkzeug.datastructures import MultiDict

from dokos_banksync.actions.accounts import free_name
from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import CategoryRecord
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web.lists import PAGE, WAITING_READ, Filters, category_options, tree_of
from tests.hosts.standalone.web.conftest import BANK, Visitor

ROWS = 100_000


@pytest.fixture
def long_history(site: Site) -> Site:
	"""A bank account with a hundred thousand transactions, 40 of them on each day."""
	site.ledger.add_bank_account("Long", BANK, "EUR")
	with site.ledger.db.write():
		site.ledger.db.run_many(
			"""
			INSERT INTO bank_transaction (name, date, bank_account, deposit, withdrawal, currency, description)
			VALUES (?, date('2026-11-15', ?), 'Long', ?, 0, 'EUR', ?)
			""",
			((f"T-{n:06}", f"-{n // 40} days", 100 + n, f"ROW {n:06}") for n in range(ROWS)),
		)
	return site


def shown(page: str) -> list[str]:
	return re.findall(r">ROW (\d+)", page)


def older(page: str) -> str:
	found = re.search(r'rel="next" href="([^"]+)"', page)
	return found[1].replace("&amp;", "&") if found else ""


def test_pages_follow_each_other_without_a_gap_or_a_repeat(visitor: Visitor, long_history: Site) -> None:
	page = visitor.get("/bank-transaction?bank_account=Long").text
	seen = shown(page)
	for _ in range(4):
		page = visitor.get(older(page)).text
		seen += shown(page)
	assert len(seen) == 5 * PAGE == len(set(seen))
	days = [int(row) // 40 for row in seen]
	assert days == sorted(days)


def test_the_last_page_of_a_hundred_thousand_takes_as_many_statements_as_the_first(
	visitor: Visitor, long_history: Site
) -> None:
	def statements(path: str) -> tuple[int, str]:
		before = long_history.ledger.db.calls
		page = visitor.get(path).text
		return long_history.ledger.db.calls - before, page

	first, _ = statements("/bank-transaction")
	oldest = date(2026, 11, 15).toordinal() - (ROWS - 1) // 40
	last, page = statements(f"/bank-transaction?after={date.fromordinal(oldest + 1)}|T-099921")
	assert last <= first
	assert 0 < len(shown(page)) <= PAGE
	assert older(page) == ""
	assert "Back to the newest" in page


def test_filters_narrow_the_list_and_stay_while_paging(visitor: Visitor, long_history: Site) -> None:
	page = visitor.get("/bank-transaction?from=2026-11-10&to=2026-11-14&search=ROW").text
	assert len(shown(page)) == PAGE
	assert "from=2026-11-10" in older(page)
	second = visitor.get(older(page)).text
	assert 'value="2026-11-10"' in second
	assert {int(row) // 40 for row in shown(page) + shown(second)} <= {1, 2, 3, 4, 5}
	assert shown(visitor.get("/bank-transaction?search=ROW+000777").text) == ["000777"]
	assert shown(visitor.get("/bank-transaction?search=%25").text) == []
	assert "No bank transaction matches." in visitor.get("/bank-transaction?bank_account=None").text


@pytest.mark.parametrize("query", ["from=soon", "to=2026-13-01"])
def test_a_date_that_is_none(visitor: Visitor, query: str) -> None:
	answer = visitor.get(f"/bank-transaction?{query}")
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert "BS-600" in answer.text


def test_a_first_day_after_the_last_one_is_no_empty_list(visitor: Visitor) -> None:
	answer = visitor.get("/bank-transaction?from=2026-02-01&to=2026-01-31")
	assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	assert "1\u00a0Feb\u00a02026 is after 31\u00a0Jan\u00a02026: the first day comes first" in answer.text
	french = visitor.get("/bank-transaction?from=2026-02-01&to=2026-01-31", headers={"Accept-Language": "fr"})
	assert "Le 1\u00a0févr.\u00a02026 est après le 31\u00a0janv.\u00a02026" in french.text


def test_an_after_that_is_nonsense_is_an_empty_page_at_worst(visitor: Visitor, long_history: Site) -> None:
	assert visitor.get("/bank-transaction?after=nonsense").status_code == HTTPStatus.OK


def test_filters_and_their_address_are_each_others_inverse() -> None:
	filters = Filters("A & B", "c1", date(2026, 1, 2), date(2026, 3, 4), "100 % sûr?")
	from urllib.parse import parse_qsl, urlsplit

	assert Filters.read(MultiDict(parse_qsl(urlsplit(filters.address("x")).query))) == filters
	assert Filters().address() == "/bank-transaction"
	with pytest.raises(InvalidData):
		Filters.read(MultiDict({"from": "x"}))


# -- categories ----------------------------------------------------------------------------------------
RECORDS = [
	CategoryRecord("b", "beta", "", "2", False, False),
	CategoryRecord("a", "Alpha", "", "1", False, False),
	CategoryRecord("c", "child", "a", "", False, False),
	CategoryRecord("gone", "Gone", "", "3", False, True),
	CategoryRecord("orphan", "orphan", "gone", "4", True, False),
]


def test_the_tree_is_by_name_and_loses_nobody() -> None:
	tree = tree_of(RECORDS)
	assert [node.label for node in tree] == ["Alpha", "beta", "orphan"]
	assert [(node.label, node.own) for node in tree[0].children] == [("child", True)]
	assert tree[2].edited


def test_options_are_indented() -> None:
	names = [
		(name, label.strip("\u00a0"), label.count("\u00a0")) for name, label in category_options(RECORDS)
	]
	assert names[:2] == [("a", "Alpha", 0), ("c", "child", 3)]


def test_categories_are_added_renamed_and_deleted(visitor: Visitor) -> None:
	visitor.message("add_category", category_name="Housing", parent="")
	page = visitor.get("/bank-transaction-category").text
	name = re.search(r'data-category-action="rename" data-name="([^"]+)"', page)
	assert name is not None
	visitor.message("add_category", category_name="Rent", parent=name[1])
	visitor.message("rename_category", category=name[1], category_name="Home")
	taken = visitor.call("add_category", category_name="Home", parent="")
	assert taken.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
	visitor.message("delete_category", category=name[1])
	page = visitor.get("/bank-transaction-category").text
	assert "Rent" in page
	assert "Home" not in page


def test_a_name_that_is_free() -> None:
	assert free_name("Main", {"Other"}) == "Main"
	assert free_name("Main", {"Main", "Main 2"}) == "Main 3"


def test_the_list_is_sorted_by_amount_and_odd_orders_are_its_own(visitor: Visitor, site: Site) -> None:
	site.ledger.add_bank_account("Sorted", BANK, "EUR")
	table = b"Date;Label;Amount\n13/10/2026;SMALL;-3,20\n14/10/2026;LARGE;-50,00\n15/10/2026;INTO;7,00\n"
	take(site.ledger, prepare(site.ledger, "Sorted", "a.csv", table, ImportOptions()), clock=site.clock)

	def order(query: str) -> list[str]:
		return re.findall("SMALL|LARGE|INTO", visitor.get(f"/bank-transaction{query}").text)

	assert order("") == ["INTO", "LARGE", "SMALL"]
	assert order("?sort=amount") == ["LARGE", "SMALL", "INTO"]
	assert order("?sort=-amount&page=-4") == ["INTO", "SMALL", "LARGE"]
	assert order("?sort=name;drop") == ["INTO", "LARGE", "SMALL"]
	assert order("?sort=amount&page=1") == []
	page = visitor.get("/bank-transaction?search=small").text
	assert "1 bank transaction" in page
	assert "1 bank transactions" not in page
	assert "LARGE" not in page


def test_lines_that_wait_have_totals_of_what_the_filters_let_through(visitor: Visitor, site: Site) -> None:
	site.ledger.add_bank_account("Short", BANK, "EUR")
	table = b"Date;Label;Amount\n01/10/2026;RENT;-850,00\n02/10/2026;SALE;1200,00\n03/10/2026;CAFE;-3,20\n"
	filing = prepare(site.ledger, "Short", "a.csv", table, ImportOptions())
	take(site.ledger, filing, clock=site.clock)
	site.ledger.db.run(
		"UPDATE sync_line SET bank_transaction = NULL, state = 'Booked', reason = ?", (Reason.EXCLUDED.value,)
	)
	page = visitor.get("/bank-transaction").text.partition('id="transactions"')[0]
	assert "Lines with an amount: 3" in page
	assert "€1,200.00" in page
	assert "−€853.20" in page
	assert "€346.80" in page
	filtered = visitor.get("/bank-transaction?search=cafe").text
	assert "Lines with an amount: 1" in filtered
	assert "−€3.20" in filtered


def test_the_filters_name_the_account_whose_rows_are_shown_though_it_is_closed(
	visitor: Visitor, site: Site
) -> None:
	site.ledger.add_bank_account("Old", BANK, "EUR")
	filing = prepare(
		site.ledger, "Old", "a.csv", b"Date;Label;Amount\n13/10/2026;RENT;-3,20\n", ImportOptions()
	)
	take(site.ledger, filing, clock=site.clock)
	site.ledger.close_bank_account("Old")
	assert "/bank-transaction?bank_account=Old" in visitor.get("/bank-account/Old").text
	page = visitor.get("/bank-transaction?bank_account=Old").text
	assert "RENT" in page
	assert '<option value="Old" selected>Old (closed)</option>' in page


def waiting_lines(site: Site, count: int) -> None:
	"""Lines without a bank transaction, one a day back in time; their labels and parties are numbered."""
	site.ledger.add_bank_account("Waiting", BANK, "EUR")
	with site.ledger.db.write():
		site.ledger.db.run_many(
			"""
			INSERT INTO sync_line (name, source, remote_id, bank_account, date, amount, currency, description, party_name,
				state, reason)
			VALUES (?, 'file:x', ?, 'Waiting', date('2026-11-15', ?), -10000, 'EUR', ?, ?, 'Booked', ?)
			""",
			(
				(f"W-{n:06}", str(n), f"-{n} days", f"LINE {n}", f"Party {n}", Reason.BEFORE_START.value)
				for n in range(count)
			),
		)


def test_filters_find_lines_beyond_those_that_are_read_without_one(visitor: Visitor, site: Site) -> None:
	waiting_lines(site, WAITING_READ + 5)
	whole = visitor.get("/bank-transaction").text
	assert "The first 50 of more than 2,000 are shown." in whole
	assert "Lines with an amount" not in whole, "no sum of a part"
	oldest = date.fromordinal(date(2026, 11, 15).toordinal() - WAITING_READ - 4)
	for query in (f"to={oldest}", f"search=line+{WAITING_READ + 4}", f"search=party+{WAITING_READ + 4}"):
		page = visitor.get(f"/bank-transaction?{query}").text
		assert re.findall(r">LINE (\d+)", page) == [str(WAITING_READ + 4)], query
		assert "Lines with an amount: 1" in page
	assert "LINE" not in visitor.get(f"/bank-transaction?from={date(2026, 11, 16)}").text
	visitor.get("/?lang=fr")
	assert "Les 50 premières sur plus de 2\u202f000 sont affichées." in visitor.get("/bank-transaction").text


def test_the_history_and_the_certificates_have_all_their_pages(visitor: Visitor, site: Site) -> None:
	site.ledger.add_bank_account("Current", BANK, "EUR")
	with site.ledger.db.write():
		site.ledger.db.run_many(
			"INSERT INTO sync_run (name, trigger, status, started_at) VALUES (?, 'manual', 'Success', ?)",
			((f"RUN-{n:04}", f"2026-01-01T00:00:00.{n:06}+00:00") for n in range(205)),
		)
		site.ledger.db.run_many(
			"INSERT INTO sync_certificate (name, bank_account, bank, currency, status, first_day, last_day, made_at)"
			" VALUES (?, 'Current', ?, 'EUR', 'Complete', '2026-01-01', '2026-01-31', '2026-02-01T00:00:00+00:00')",
			((f"CERT-{n:04}", BANK) for n in range(205)),
		)
	for path, kind in (("/sync-run", "RUN"), ("/sync-certificate", "CERT")):
		seen, address = [], path
		while address:
			page = visitor.get(address).text
			seen += re.findall(rf'href="{path}/({kind}-\d+)"', page)
			assert "data-part" in page, "a part cannot be sorted"
			assert ("Back to the newest" in page) == (address != path)
			address = older(page)
		assert seen == sorted(seen, reverse=True)
		assert len(seen) == len(set(seen)) == 205
	assert "All certificates" in visitor.get("/bank-account/Current").text
	names = ",".join(f"RUN-{n:04}" for n in range(100))
	assert "The latest 100 are shown." in visitor.get(f"/sync-run?name={names}").text
	assert "The latest" not in visitor.get("/sync-run?name=RUN-0001,RUN-0002").text
