"""Which two may be made one, for whichever ledger."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.records import Candidate
from dokos_banksync.core.review.merge import message, must_be_one
from tests.core.build import held

PAYMENT = ("Payment Entry", "ACC-PAY-2026-00001")


def candidate(name="T1", account="Current", by=(), **more):
	return Candidate(held(name, **more), account, "", "", "", by)


def refused(*found):
	with pytest.raises(InvalidData) as caught:
		must_be_one("T1", "T2", found)
	return str(caught.value)


def test_two_of_one_place_are_one():
	must_be_one("T1", "T2", [candidate(), candidate("T2")])
	must_be_one("T1", "T2", [candidate(reconciled=True), candidate("T2", label="OTHER", day=3)])


def test_an_error_names_what_reconciles_it():
	reconciled = candidate("T2", reconciled=True, by=[PAYMENT, ("Journal Entry", "JV-1")])
	assert "Payment Entry ACC-PAY-2026-00001, Journal Entry JV-1" in refused(candidate(), reconciled)
	assert refused(candidate(), candidate("T2", reconciled=True)).startswith(
		"T2 is reconciled: keep that one"
	)


@pytest.mark.parametrize(
	"other",
	[candidate("T2", account="Savings"), candidate("T2", amount="9"), candidate("T2", currency="USD")],
)
def test_what_differs_in_its_place_is_not_one(other):
	assert "differ" in refused(candidate(), other)


def test_names_are_checked():
	with pytest.raises(InvalidData, match="twice"):
		must_be_one("T1", "T1", [candidate()])
	with pytest.raises(NotFound):
		must_be_one("T1", "T2", [candidate()])


def test_documents_are_reported_in_words():
	assert (message([]), message([PAYMENT])) == ("", "Payment Entry ACC-PAY-2026-00001")
