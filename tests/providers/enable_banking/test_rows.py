"""Rows in the shape of the documents, written by hand, as lines."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dokos_banksync.core.model import Line, LineState
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.enable_banking.rows import Read, Reader

TODAY = date(2026, 11, 20)
COFFEE: dict[str, Any] = {
	"entry_reference": "5561990681",
	"transaction_amount": {"currency": "EUR", "amount": "12.50"},
	"credit_debit_indicator": "DBIT",
	"status": "BOOK",
	"booking_date": "2026-11-18",
	"value_date": "2026-11-19",
	"transaction_date": "2026-11-17",
	"creditor": {"name": "Café  de la Paix", "postal_address": None},
	"creditor_account": {"iban": "FR7630006000011234567890189", "other": None},
	"debtor": None,
	"remittance_information": ["CB CAFE 17/11", " PARIS"],
	"merchant_category_code": "5814",
	"bank_transaction_code": {"description": None, "code": "PMNT", "sub_code": "CCRD"},
	"transaction_id": "volatile-1",
}


def read(*rows: Any, currency: str = "EUR") -> Read:
	text = json.dumps({"transactions": rows}, ensure_ascii=False)
	return Reader("an account", currency, TODAY).read(
		rawjson.loads_rows(text, "transactions")["transactions"]
	)


def line(**changes: Any) -> Line:
	(found,) = read({**COFFEE, **changes}).lines
	return found


def test_a_booked_row() -> None:
	found = line()
	assert found._replace(raw="") == Line(
		remote_account="an account",
		remote_id="1",
		date=date(2026, 11, 18),
		amount=Decimal("-12.50"),
		currency="EUR",
		description="CB CAFE 17/11 PARIS",
		original="CB CAFE 17/11 PARIS",
		state=LineState.BOOKED,
		value_date=date(2026, 11, 19),
		transaction_date=date(2026, 11, 17),
		kind="PMNT-CCRD",
		party_name="Café de la Paix",
		party_iban="FR7630006000011234567890189",
	)
	assert json.loads(found.raw) == COFFEE


@pytest.mark.parametrize(
	("amount", "indicator", "money"),
	[
		("12.50", "DBIT", "-12.50"),
		("-12.50", "DBIT", "-12.50"),
		("12.50", "CRDT", "12.50"),
		("-12.50", "CRDT", "12.50"),
		("0", "CRDT", "0"),
		("1234567.891", "CRDT", "1234567.891"),
	],
)
def test_the_indicator_alone_gives_the_sign(amount: str, indicator: str, money: str) -> None:
	given = {"currency": "EUR", "amount": amount}
	assert line(transaction_amount=given, credit_debit_indicator=indicator).amount == Decimal(money)


@pytest.mark.parametrize(
	("status", "state"),
	[
		("BOOK", LineState.BOOKED),
		("PDNG", LineState.PENDING),
		("HOLD", LineState.PENDING),
		("SCHD", LineState.FUTURE),
	],
)
def test_states(status: str, state: LineState) -> None:
	assert line(status=status).state is state


@pytest.mark.parametrize("status", ["CNCL", "RJCT"])
def test_rows_that_never_came_to_be(status: str) -> None:
	assert read({**COFFEE, "status": status}) == ([], [])


def test_the_next_best_date() -> None:
	assert line(booking_date=None).date == date(2026, 11, 19)
	assert line(booking_date=None, value_date=None).date == date(2026, 11, 17)
	undated = {"booking_date": None, "value_date": None, "transaction_date": None}
	assert line(status="PDNG", **undated).date == TODAY


@pytest.mark.parametrize(
	("changes", "reason"),
	[
		({"status": "OTHR"}, "status"),
		({"status": None}, "status"),
		({"transaction_amount": None}, "amount"),
		({"transaction_amount": {"currency": "EUR", "amount": "twelve"}}, "amount"),
		({"transaction_amount": {"currency": "EUR", "amount": "NaN"}}, "amount"),
		({"transaction_amount": {"currency": "EUR", "amount": "1e5"}}, "amount"),
		({"transaction_amount": {"currency": "EUR", "amount": "1,50"}}, "amount"),
		({"credit_debit_indicator": None}, "sign"),
		({"credit_debit_indicator": "D"}, "sign"),
		({"booking_date": None, "value_date": None, "transaction_date": "soon"}, "date"),
	],
)
def test_rows_that_cannot_be_read_are_rejected(changes: dict[str, Any], reason: str) -> None:
	lines, rejected = read({**COFFEE, **changes}, COFFEE)
	assert len(lines) == 1
	assert reason in rejected[0].reason
	assert (rejected[0].remote_account, rejected[0].remote_id) == ("an account", "5561990681")
	assert json.loads(rejected[0].raw) == {**COFFEE, **changes}


def test_a_row_that_is_no_object() -> None:
	lines, rejected = read("row", None, COFFEE)
	assert len(lines) == 1
	assert [row.raw for row in rejected] == ['"row"', "null"]


def test_the_party_is_the_other_side() -> None:
	incoming = line(
		credit_debit_indicator="CRDT",
		debtor={"name": "Maison Brunel"},
		debtor_account={"iban": "FR14"},
	)
	assert (incoming.party_name, incoming.party_iban) == ("Maison Brunel", "FR14")
	assert line(creditor=None, creditor_account=None)[-5:-3] == ("", "")


def test_labels_fall_back_and_are_never_blank_where_something_is_known() -> None:
	assert line(remittance_information=None, note="A note").original == "A note"
	assert line(remittance_information=[], note=None).original == "Café de la Paix"
	code = {"description": "Kartenzahlung", "code": None, "sub_code": None}
	bare = line(remittance_information=[None], creditor=None, bank_transaction_code=code)
	assert (bare.original, bare.kind) == ("Kartenzahlung", "Kartenzahlung")


def test_the_row_without_a_currency_is_in_that_of_its_account() -> None:
	(found,) = read({**COFFEE, "transaction_amount": {"amount": "1", "currency": None}}, currency="USD").lines
	assert found.currency == "USD"


def test_numbers_within_the_fetch_are_the_ids() -> None:
	assert [one.remote_id for one in read(COFFEE, {**COFFEE, "status": "RJCT"}, COFFEE).lines] == ["1", "2"]


def test_nothing_that_the_bank_makes_up_anew_is_in_a_line() -> None:
	"""The core makes ids of the content of a line, so that two fetches must give the same."""
	anew = line(entry_reference="2026-11-18.4", transaction_id="other")
	assert anew._replace(raw="") == line()._replace(raw="")
	assert line(reference_number="RF18 5390").reference == "RF18 5390"
