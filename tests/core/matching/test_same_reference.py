"""Rows of one day and amount under one reference, whatever their labels."""

from __future__ import annotations

import pytest

from dokos_banksync.core.matching.exact import match
from dokos_banksync.core.model import MatchEvidence
from tests.core.build import held, line

REFERENCE = "E2E-0001"


def existing(name="T1", label="VIR RECU ACME", **more):
	return held(name, label=label, **{"reference": REFERENCE, **more})


def given(remote_id="1", label="Gutschrift", **more):
	return line(remote_id, label=label, **{"reference": REFERENCE, **more})


def test_the_label_does_not_matter():
	found = match([given()], [existing()], "file")
	assert [(m.transaction.name, m.evidence) for m in found.matches] == [("T1", MatchEvidence.SAME_REFERENCE)]


@pytest.mark.parametrize(
	("ours", "theirs"),
	[
		({"reference": "E2E-0002"}, {}),
		({"day": 1}, {}),
		({"amount": "-3.30"}, {}),
		({"currency": "CHF"}, {}),
		({"reference": "SHORT"}, {"reference": "SHORT"}),
		({"reference": "20261112"}, {"reference": "20261112"}),
		({"party_iban": "DE02120300000000202051"}, {"party_iban": "FR7630006000011234567890189"}),
	],
)
def test_what_differs_is_another_transaction(ours, theirs):
	found = match([given(**ours)], [existing(**theirs)], "file")
	assert (found.matches, found.proposals, found.ambiguous) == ([], [], [])


def test_the_same_counter_party_may_be_written_in_groups():
	ours, theirs = (given(party_iban="DE02 1203"), existing(party_iban="de021203"))
	assert len(match([ours], [theirs], "file").matches) == 1


def test_labels_with_other_invoice_numbers_are_a_question():
	found = match([given(label="FACTURE 101")], [existing(label="FACTURE 102")], "file")
	assert (found.matches, [m.transaction.name for m in found.proposals]) == ([], ["T1"])


def test_a_reference_on_several_rows_of_a_day_is_that_of_a_mandate():
	assert not match([given("1"), given("2", "Lastschrift")], [existing()], "file").matches
	assert not match([given()], [existing(), existing("T2", "VIR")], "file").matches


def test_of_equal_rows_each_goes_to_the_one_of_its_reference():
	"""Without the references, the first of the rows would be the only one that is there."""
	rows = [given("1", "VIR", reference="E2E-0001"), given("2", "VIR", reference="E2E-0002")]
	found = match(rows, [existing(label="VIR", reference="E2E-0002")], "file")
	assert [m.line.remote_id for m in found.matches] == ["2"]


def test_what_the_source_released_is_left_to_the_other_rules():
	assert not match([given()], [existing()], "file", released={"T1"}).matches
