"""Two sources of one account: what proves that a line is a bank transaction, and what does not."""

from __future__ import annotations

from datetime import date

import pytest

from dokos_banksync.core.matching.business_days import is_shift
from dokos_banksync.core.matching.exact import match
from dokos_banksync.core.matching.known_days import KnownDays, Span
from dokos_banksync.core.matching.labels import label_of
from dokos_banksync.core.matching.shared_ids import identifies, known_by_id
from dokos_banksync.core.model import MatchEvidence
from dokos_banksync.core.records import Covered
from tests.core.build import DAY, held, line, linked


def covered(first: int, last: int, source: str = "older feed", complete: bool = True) -> Covered:
	days = (date.fromordinal(DAY.toordinal() + first), date.fromordinal(DAY.toordinal() + last))
	return Covered("run", source, "Current", *days, complete)


def own(first: int, last: int) -> Span:
	return Span(DAY.toordinal() + first, DAY.toordinal() + last)


def found(lines, known, older, newer):
	days = KnownDays([covered(*older)])
	out = match(lines, known, "file", known_days=days, own_days=own(*newer))
	return {m.line.remote_id: m.transaction.name for m in out.matches}, out


# -- labels ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("one", "other"),
	[
		("VIR CLIENT FACTURE 101", "VIR CLIENT FACTURE 102"),
		("FACTURE 10", "FACTURE 101"),
		("CB SHOP 09/11", "CB SHOP 10/11"),
		("CARTE 1234 SHOP", "CARTE 5678 SHOP"),
		("ECHEANCE 7 PRET", "ECHEANCE 8 PRET"),
	],
)
def test_another_number_is_another_transaction_however_alike_the_words(one, other):
	assert label_of(one).conflicts(label_of(other))
	assert match([line("1", label=one)], [held(label=other)], "new").matches == []


@pytest.mark.parametrize(
	("one", "other"),
	[
		("CB SHOP 09/11", "CB SHOP 09/11/2026"),
		("CB 0911 SHOP", "SHOP CB 09/11/26"),
		("CB SHOP 12,50 EUR", "CB SHOP"),
		("VIR RECU    000", "VIR RECU 00000000S DE: CLIENT MOTIF: FACTURE 12"),
		("CARTE X0000 09/11", "CARTE X0000 09/11 EPICERIE DU PORT 0017"),
	],
)
def test_a_date_in_another_format_an_amount_and_a_cut_are_no_difference(one, other):
	assert not label_of(one).conflicts(label_of(other))
	assert len(match([line("1", label=one)], [held(label=other)], "new").matches) == 1


@pytest.mark.parametrize(
	("one", "other"),
	[
		("PRLV SEPA ENERGIE", "PRELEVEMENT SEPA ENERGIE"),
		("CB CAFE", "CARTE CAFE"),
		("DD ACME", "DIRECT DEBIT ACME"),
		("Lastschr. Strom", "LASTSCHRIFT STROM"),
	],
)
def test_usual_abbreviations_are_the_same_words(one, other):
	[tie] = match([line("1", label=one)], [held(label=other)], "new").matches
	assert tie.evidence is MatchEvidence.SAME_DAY_SAME_LABEL


def test_another_iban_of_the_counterparty_is_another_transaction():
	mine = line("1", party_iban="FR76 3000 6000 0112 3456 7890 189")
	assert match([mine], [held(party_iban="DE89370400440532013000")], "new").matches == []
	assert len(match([mine], [held(party_iban="FR7630006000011234567890189")], "new").matches) == 1


# -- days ------------------------------------------------------------------------------------------------
def test_a_row_after_the_days_of_the_other_source_is_new():
	"""A feed that ended on one day and a file that begins two days later have no row in common."""
	ties, out = found([line("1", day=2)], [held(day=0)], older=(-30, 0), newer=(2, 20))
	assert (ties, out.proposals, out.ambiguous) == ({}, [], [])


def test_each_coffee_of_a_week_is_counted_where_two_sources_overlap():
	known = [held(f"T{day}", day=day) for day in range(4)]
	lines = [line(f"{day}", day=day) for day in range(2, 7)]
	ties, _ = found(lines, known, older=(0, 3), newer=(2, 6))
	assert ties == {"2": "T2", "3": "T3"}


def test_a_day_apart_is_the_same_where_both_sources_cover_both_days():
	ties, out = found([line("1", day=1)], [held(day=0)], older=(-5, 5), newer=(-5, 5))
	assert ties == {"1": "T1"}
	assert out.matches[0].evidence is MatchEvidence.SHIFTED_SAME_LABEL


def test_a_day_apart_in_other_words_is_a_proposal():
	known = [held(day=0, label="CAFE DU PORT VIEUX")]
	ties, out = found([line("1", day=1)], known, older=(-5, 5), newer=(-5, 5))
	assert ties == {}
	assert [m.transaction.name for m in out.proposals] == ["T1"]


def test_entered_by_hand_on_another_day_is_a_proposal():
	ties, out = found([line("1", day=1)], [held(sources=frozenset())], older=(-5, 5), newer=(-5, 5))
	assert (ties, len(out.proposals)) == ({}, 1)


def test_a_weekend_at_the_border_is_bridged_by_an_invoice_number_alone():
	"""The 14th of March 2026 is a Saturday, the 16th the Monday after it."""
	invoice = "VIR CLIENT FACTURE 101"
	known, lines = [held(day=4, label=invoice)], [line("1", day=6, label=invoice)]
	ties, out = found(lines, known, older=(-5, 4), newer=(6, 9))
	assert ties == {"1": "T1"}
	assert out.matches[0].evidence is MatchEvidence.SHIFTED_BUSINESS_DAY
	coffee, _ = found([line("1", day=6)], [held(day=4)], older=(-5, 4), newer=(6, 9))
	assert coffee == {}


@pytest.mark.parametrize(
	("one", "other", "shift"),
	[
		(date(2026, 3, 14), date(2026, 3, 16), True),
		(date(2026, 3, 13), date(2026, 3, 16), False),
		(date(2026, 4, 3), date(2026, 4, 7), True),  # Good Friday; Easter Monday is not a business day either
		(date(2026, 5, 1), date(2026, 5, 4), True),
		(date(2026, 3, 17), date(2026, 3, 18), False),
	],
)
def test_what_is_booked_on_the_next_business_day(one, other, shift):
	assert is_shift(one, other) is is_shift(other, one) is shift


def test_days_of_a_failed_run_are_not_covered_and_spans_that_touch_are_one():
	days = KnownDays([covered(0, 3), covered(4, 6), covered(8, 9, complete=False)])
	assert days.span(["older feed"], DAY.toordinal() + 1) == own(0, 6)
	assert days.span(["older feed"], DAY.toordinal() + 8) is None


# -- ids -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("remote_id", "unique"),
	[
		("777001", True),
		("637aa1", True),
		("3", False),
		("00012", False),
		("0" * 19 + "1-1", False),
		("a" * 20 + "-1", False),
	],
)
def test_the_number_of_a_row_and_an_id_made_by_the_reader_identify_nothing(remote_id, unique):
	assert identifies(remote_id) is unique


def test_one_id_in_two_files_is_one_row_where_the_amount_is_the_same():
	other = linked(line("777001"), held(label="PAIEMENT CB", sources=frozenset({"file:a"})))
	[(mine, known)] = known_by_id([line("777001", label="EPICERIE", day=6)], [other], "file:b")
	assert (mine.remote_id, known.name) == ("777001", "T1")
	assert known_by_id([line("777001", amount="-3.21")], [other], "file:b") == []
	assert known_by_id([line("777001", day=11)], [other], "file:b") == []
	assert known_by_id([line("777001")], [other], "file:a") == []


@pytest.mark.parametrize(
	("short", "long"),
	[
		("EDF", "PRLV SEPA EDF"),
		("PRELEVEMENT EUROPEEN EDF", "EDF"),
		("ACME", "VIR INST RECU ACME"),
		("STADTWERKE", "SEPA Lastschrift Core Stadtwerke"),
	],
)
def test_words_for_the_kind_of_a_transaction_make_no_other_label(short, long):
	assert label_of(short).closeness(label_of(long)) == label_of(long).closeness(label_of(short)) == 0.5


@pytest.mark.parametrize(
	("one", "other"),
	[
		("EDF", "PRLV SEPA ENGIE EDF"),
		("VIR SEPA RECU", "SEPA"),
		("CHQ ACME BLEU", "VIR SEPA ACME BLEU VERT JAUNE"),
	],
)
def test_other_words_do(one, other):
	assert label_of(one).closeness(label_of(other)) < 0.5
