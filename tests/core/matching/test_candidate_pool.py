"""Many rows of one amount and day: the indexes find the same candidates as a comparison one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.matching import candidate_pool
from dokos_banksync.core.matching.candidate_pool import CandidatePool
from dokos_banksync.core.matching.exact import match
from tests.core.build import DAY, held, line

WORDS = [
	"PRLV",
	"SEPA",
	"VIR",
	"CB",
	"EDF",
	"EAU",
	"MARTIN",
	"MARTI",
	"LEROY",
	"ANNEXE",
	"FACTURE 12",
	"RECU",
]
LABELS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)


def alike_rows(labels, label, few, monkeypatch):
	monkeypatch.setattr(candidate_pool, "_FEW", few)
	pool = CandidatePool([held(f"T{number}", label=one) for number, one in enumerate(labels)])
	rows = pool.rows(line(label=label), [DAY.toordinal()], equal=False)
	return {known.name for row in rows for _, known in row.waiting}


@given(labels=st.lists(LABELS, max_size=8), label=LABELS)
@settings(max_examples=200)
def test_the_indexes_find_what_a_comparison_one_by_one_finds(labels, label):
	with pytest.MonkeyPatch.context() as patch:
		one_by_one = alike_rows(labels, label, 1000, patch)
		assert alike_rows(labels, label, -1, patch) == one_by_one


@pytest.mark.parametrize(
	("surname", "form"),
	[("", "VIR SEPA {}"), (" DURAND", "{} COTISATION DU MOIS DE MARS CLUB DE TENNIS"), ("", "{}S DURAND")],
)
def test_many_equal_payments_of_one_day_are_found_under_longer_labels(surname, form):
	names = [f"MEMBRE{chr(65 + number // 26)}{chr(65 + number % 26)}{surname}" for number in range(60)]
	known = [held(f"T{number}", "50.00", name) for number, name in enumerate(names)]
	lines = [line(f"L{number}", "50.00", form.format(name)) for number, name in enumerate(names)]
	found = match(lines, known, "new feed")
	assert {one.line.remote_id[1:] == one.transaction.name[1:] for one in found.matches} == {True}
	assert len(found.matches) == len(names)
