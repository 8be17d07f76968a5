"""A cursor waits for rows that could not be read: they come again once the provider has corrected them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dokos_banksync.core.model import Page, RejectedRow
from dokos_banksync.core.records import RunStatus
from tests.core.scripted import Scene, row

DAY = timedelta(days=1)
UNREADABLE = RejectedRow("a", "2", "The amount is no number", "{}")


@pytest.fixture
def scene(tmp_path):
	return Scene(tmp_path)


@pytest.fixture
def two(tmp_path):
	return Scene(tmp_path, "a", "b")


def feed(*lines, cursor, rejected=()):
	"""A page of a feed of changes that ends at a cursor."""
	return Page(lines, rejected, cursors={"a": cursor})


def test_a_row_that_is_corrected_in_silence_is_not_lost(scene):
	scene.sync(feed(row("1"), cursor="c1"))
	run = scene.sync(feed(row("3", "-5"), cursor="c3", rejected=[UNREADABLE]))
	assert run.status is RunStatus.PARTIAL
	assert scene.amounts() == ["-5.00", "-3.20"]
	assert scene.cursor() == "c1"
	scene.sync(feed(row("2", "-4"), row("3", "-5"), cursor="c3"))
	assert scene.amounts() == ["-5.00", "-4.00", "-3.20"]
	assert scene.cursor() == "c3"


def test_the_first_import_is_read_again_from_its_beginning(scene):
	scene.sync(feed(row("1"), cursor="c1", rejected=[UNREADABLE]))
	assert scene.cursor() == ""


def test_a_row_that_stays_unreadable_holds_the_cursor_for_a_week(scene):
	scene.sync(feed(row("1"), cursor="c1"))
	for _ in range(7):
		scene.sync(feed(cursor="c2", rejected=[UNREADABLE]))
		assert scene.cursor() == "c1"
		scene.now += DAY
	scene.sync(feed(cursor="c2", rejected=[UNREADABLE]))
	assert scene.cursor() == "c2"


def test_the_week_begins_anew_at_another_cursor(scene):
	scene.sync(feed(row("1"), cursor="c1"))
	scene.sync(feed(cursor="c2", rejected=[UNREADABLE]))
	scene.now += 6 * DAY
	scene.sync(feed(cursor="c2"))
	scene.now += 6 * DAY
	scene.sync(feed(cursor="c3", rejected=[UNREADABLE]))
	assert scene.cursor() == "c2"


def test_an_instant_that_lies_ahead_does_not_hold_a_cursor_for_ever(scene):
	scene.sync(feed(row("1"), cursor="c1"))
	scene.now += 400 * DAY
	scene.sync(feed(cursor="c2", rejected=[UNREADABLE]))
	scene.now -= 399 * DAY
	scene.sync(feed(cursor="c2", rejected=[UNREADABLE]))
	assert scene.cursor() == "c2"


def test_another_account_goes_on(two):
	page = Page([row("1"), row("9", account="b")], [UNREADABLE], cursors={"a": "c1", "b": "d1"})
	two.sync(page)
	assert (two.cursor("a"), two.cursor("b")) == ("", "d1")


def test_a_dry_run_stores_no_instant(scene):
	scene.sync(feed(row("1"), cursor="c1"))
	scene.sync(feed(cursor="c2", rejected=[UNREADABLE]), preview=lambda _decision: None)
	scene.now += 8 * DAY
	scene.sync(feed(cursor="c2", rejected=[UNREADABLE]))
	assert scene.cursor() == "c1"
