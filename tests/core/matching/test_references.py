"""References that make two transactions of two rows of one day and label."""

from __future__ import annotations

import pytest

from dokos_banksync.core.matching.labels import alike
from dokos_banksync.core.matching.references import contradict
from dokos_banksync.core.matching.same_day import match_same_day
from tests.core.build import held, line


@pytest.mark.parametrize(
	("ours", "theirs", "expected"),
	[
		(["E2E-0001"], ["E2E-0002"], True),
		(["E2E-0001"], ["E2E-0001"], False),
		(["E2E-0001", "E2E-0002"], ["E2E-0002", "E2E-0001"], False),
		(["E2E-0001", "E2E-0002"], ["E2E-0002", "E2E-0003"], True),
		(["E2E-0001"], ["BANKREF7"], False),
		(["E2E-0001"], [""], False),
		(["A1"], ["A2"], False),
		(["20261112"], ["20261113"], False),
	],
)
def test_references_of_one_kind_that_differ_are_rivals(ours, theirs, expected):
	assert contradict(ours, theirs) is expected


@pytest.mark.parametrize(("reference", "matches"), [("E2E-0001", 1), ("E2E-0002", 0), ("", 1)])
def test_equal_rows_of_one_day_with_other_references_are_not_counted_as_one(reference, matches):
	row = held("T1", "-3.20", "TRANSFER")._replace(reference="E2E-0001")
	ours = line("1", "-3.20", "TRANSFER")._replace(reference=reference, date=row.date)
	found = match_same_day([ours], [row])
	assert len(found.matches) == matches


def test_a_short_form_of_a_receipt_in_spanish():
	assert alike("RBO IBERDROLA CLIENTES", "RECIBO IBERDROLA CLIENTES") == 1
