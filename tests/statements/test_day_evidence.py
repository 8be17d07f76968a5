"""What decides the order of days, and what does not: weekdays, the sequence of purchases, years of long ago, mixed exports."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion
from dokos_banksync.statements.named_days import weekdays_of
from dokos_banksync.statements.registry import read


def days(text, **options):
	[one] = read(text.encode(), ReadingOptions("EUR", **options)).accounts
	return [str(line.date) for line in one.lines]


def table(*texts, titles="Date,Description,Amount"):
	return f"{titles}\n" + "".join(f"{text},SHOP {i},-{i + 1}.00\n" for i, text in enumerate(texts))


def asked(text):
	with pytest.raises(ReadingQuestion) as question:
		days(text)
	return [choice["date_format"] for choice in question.value.choices]


@pytest.mark.parametrize(
	("texts", "found"),
	[
		(("Mon 02/11/2026", "Thu 05/11/2026"), ["2026-11-02", "2026-11-05"]),
		(("Mon 11/02/2026", "Thu 11/05/2026"), ["2026-11-02", "2026-11-05"]),
		(("lun. 02/11/2026", "jeu. 05/11/2026"), ["2026-11-02", "2026-11-05"]),
	],
)
def test_the_day_of_the_week_decides_the_order(texts, found):
	assert days(table(*texts)) == found


def test_the_day_of_the_week_counts_more_than_the_language_of_the_titles():
	text = table("Mon 11/02/2026", "Thu 11/05/2026", titles="Date,Libellé,Montant")
	assert days(text) == ["2026-11-02", "2026-11-05"]


def test_a_word_that_is_no_day_of_the_week_decides_nothing():
	assert weekdays_of("le") == frozenset()
	assert asked(table("le 02/11/2026", "le 05/11/2026")) == ["DMY", "MDY"]


def test_a_short_sequence_of_days_of_purchase_proves_nothing():
	purchases = ("03/04/2026", "05/04/2026", "04/05/2026")
	assert asked(table(*purchases, titles="Transaction Date,Description,Amount")) == ["DMY", "MDY"]
	assert days(table(*purchases)) == ["2026-04-03", "2026-04-05", "2026-05-04"]
	longer = (*purchases, "06/05/2026")
	assert days(table(*longer, titles="Transaction Date,Description,Amount"))[3] == "2026-05-06"


@pytest.mark.parametrize("text", ["26.11.03", "26/11/03", "26-11-03"])
def test_a_lone_day_of_long_ago_may_begin_with_its_year(text):
	assert asked(table(text, titles="Datum,Text,Betrag")) == ["DMY", "YMD"]
	assert days(table(text, titles="Datum,Text,Betrag"), dates="YMD") == ["2026-11-03"]


@pytest.mark.parametrize(
	("text", "day"), [("03.11.26", "2026-11-03"), ("26.11.15", "2015-11-26"), ("26/11/20", "2020-11-26")]
)
def test_a_lone_day_of_recent_years_begins_with_its_day(text, day):
	assert days(table(text, titles="Datum,Text,Betrag")) == [day]


def test_dates_that_a_spreadsheet_converted_and_wrote_as_text_are_asked_about():
	text = table("2026-02-11", "2026-05-11", "13/11/2026", "25/11/2026", titles="Date,Libellé,Montant")
	assert asked(text) == ["DMY"]
	assert days(text, dates="DMY")[0] == "2026-02-11"


def test_days_with_the_year_in_front_after_the_12th_were_not_exchanged():
	text = table("2026-11-02", "2026-11-15", "13/11/2026", titles="Date,Libellé,Montant")
	assert days(text) == ["2026-11-02", "2026-11-15", "2026-11-13"]


def test_a_day_that_no_month_has_is_no_sign_of_a_spreadsheet():
	text = "Date;Label;Amount\n2026-11-02;RENT;-850.00\n31/02/2026;BAD;-3\n"
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [str(line.date) for line in account.lines] == ["2026-11-02"]
	assert len(account.refused) == 1
