"""Counts of one: the sentence is in the singular, in every language."""

from __future__ import annotations

import re

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.message import Message, message_parts
from dokos_banksync.core.singular import SINGULARS, singular
from tests.hosts.standalone.web import sentences


def test_one_is_in_the_singular_and_any_other_number_in_the_plural() -> None:
	assert Message("{0} lines fetched", 1) == "1 line fetched"
	assert Message("{0} lines fetched", 0) == "0 lines fetched"
	assert Message("{0} lines fetched", "1,200") == "1,200 lines fetched"


def test_the_count_may_stand_behind_other_values() -> None:
	assert Message(
		"{0} brought {1} lines. They say where bank transactions come from, so it stays, disconnected", "C", 1
	) == ("C brought 1 line. It says where a bank transaction comes from, so it stays, disconnected")
	assert Message("{0} of {1} lines stored", 1, 12) == "1 of 12 lines stored"


@pytest.mark.parametrize(("count", "french"), [("1", "1 importée"), ("2", "2 importées")])
def test_french_agrees_where_english_does_not_change(count: str, french: str) -> None:
	assert Translations("fr")("{0} imported", count) == french


def test_a_stored_message_keeps_the_singular() -> None:
	message = Message("{0} rows changed since the preview, and nothing was stored: preview again", 1)
	template = "1 row changed since the preview, and nothing was stored: preview again"
	assert message_parts(message)["template"] == template
	assert Translations("fr").message(message).startswith("1 ligne a changé")


def test_a_missing_count_is_no_error() -> None:
	assert singular("{0} lines fetched", ()) == "{0} lines fetched"


def test_every_plural_is_one_that_is_said() -> None:
	assert set(SINGULARS) <= sentences.in_python() | sentences.in_templates()


NEVER_ONE = {
	"Balance at the bank of {0} of {1} accounts in {2}",
	"Balance here of {0} of {1} accounts in {2}",
	"Account {0} should have {1} records, and has {2}",
	"Money in and out of {0} months; the most in a month is {1}",
	"The file holds more than {0} rows: export fewer months at a time",
	"The private key of Enable Banking must be an RSA key of at least {0} bits.",
	"The provider's limit of {0} calls in {1} seconds is reached. The next attempt is automatic.",
	"The table has more than {0} columns: it is not a bank statement",
	"Correct {0} rows",
}
"""Limits that are far above one; sums of some of several accounts; and what a script puts into the singular itself."""


def test_every_sentence_that_counts_things_has_a_singular() -> None:
	counted = re.compile(
		r"\{\d\} (more |new |bank |recent )*(accounts|banks|bits|bytes|calls|columns|connections|days|decisions|documents|"
		r"fetches|files|hours|lines|minutes|months|pages|questions|records|rows|seconds|sources|transactions)\b"
	)
	found = {sentence for sentence in sentences.all_of_them() if counted.search(sentence)}
	assert {one for one in found - NEVER_ONE - set(SINGULARS) if " of 1 " not in one} == set()
