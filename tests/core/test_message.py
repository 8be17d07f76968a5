"""Messages: the sentence, its template and values, and what is stored of them."""

from __future__ import annotations

import json
import pickle
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.message import Message, message_data, stored_message
from dokos_banksync.core.model import Reason

AT = datetime(2026, 3, 10, 8, 30, tzinfo=timezone.utc)


def test_it_is_the_sentence_and_keeps_template_and_values() -> None:
	message = Message("{0} holds {1} rows", "a.csv", 3)
	assert message == "a.csv holds 3 rows"
	assert (message.template, message.values) == ("{0} holds {1} rows", ("a.csv", 3))


def test_without_values_it_is_a_text_as_it_is() -> None:
	assert Message("100 {0} of {name}") == "100 {0} of {name}"
	assert message_data(Message("Try again later")) == ""


def test_braces_of_a_template_never_raise_nor_reach_into_a_value() -> None:
	assert Message("{0.__class__} {} {9} {0}", "a") == "{0.__class__} {} {9} a"


def test_a_message_of_a_message_is_that_message() -> None:
	first = Message("{0} is not an amount", "abc")
	assert Message(first) is first
	assert InvalidData(first).message is first


def test_an_error_within_an_error_keeps_its_own_template() -> None:
	inner = NotFound("There is no file {0}", "a.csv")
	outer = InvalidData("It could not be read: {0}", inner).message
	assert outer == "It could not be read: There is no file a.csv"
	assert stored_message(outer, message_data(outer)).values[0].template == "There is no file {0}"


def test_a_state_within_an_error_is_kept_to_be_translated() -> None:
	message = InvalidData("{0} cannot be imported: {1}", 7, Reason.CURRENCY).message
	assert message == "7 cannot be imported: In another currency than the bank account"
	assert message.values == ("7", Reason.CURRENCY)
	assert json.loads(message_data(message))["values"] == ["7", "In another currency than the bank account"]


def test_what_is_stored_is_json_without_markup() -> None:
	data = message_data(Message("Row {0}: {1}", 4, Message("{0} is not an amount", "<b>&")))
	assert json.loads(data) == {
		"template": "Row {0}: {1}",
		"values": ["4", {"template": "{0} is not an amount", "values": ["<b>&"]}],
	}
	assert not set("<>&") & set(data)


def test_amounts_days_instants_and_states_come_back_as_what_they_were() -> None:
	message = Message("{0} {1} {2} {3}", Decimal("12.50"), date(2026, 3, 10), AT, Reason.LOCKED)
	back = stored_message(str(message), message_data(message))
	assert back.values == (Decimal("12.50"), date(2026, 3, 10), AT, "In a locked period")
	assert back == message == "12.50 2026-03-10 2026-03-10 08:30:00+00:00 In a locked period"


@pytest.mark.parametrize(
	"data",
	[
		*("{", "[]", "3", '"text"', "{}", '{"template": 1, "values": []}', '{"template": "x", "values": 3}'),
		*('{"template": "{0}", "values": [{}]}', '{"template": "{0}", "values": [{"amount": "abc"}]}'),
		*('{"template": "{0}", "values": [{"code": "x"}]}', '{"template": "{0}", "values": [{"day": 3}]}'),
		'{"template": "{0}", "values": [' * 40 + '"x"' + "]}" * 40,
		"[" * 100_000,
	],
)
def test_data_that_is_no_message_leaves_the_sentence(data: str) -> None:
	assert stored_message("The bank is closed", data) == "The bank is closed"


def test_it_survives_being_sent_to_another_process() -> None:
	message = pickle.loads(pickle.dumps(Message("{0} is not an amount", "abc")))
	assert (message, message.template, message.values) == (
		"abc is not an amount",
		"{0} is not an amount",
		("abc",),
	)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_message_is_read_as_it_was_stored(template: str, values: list[str]) -> None:
	message = Message(template, *values)
	back = stored_message(str(message), message_data(message))
	assert (back, back.values) == (message, message.values)
