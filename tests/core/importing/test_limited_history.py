"""A bank that gives the last months only, as the first fetch came too late after the consent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dokos_banksync.core.connection import connect
from dokos_banksync.core.importing.limited_history import LIMITED
from dokos_banksync.core.model import ConnectionStatus, Page
from tests.core.scripted import DAY, row
from tests.core.two_sources import TwoSources


@pytest.fixture
def books(tmp_path):
	made = TwoSources(tmp_path)
	with made.ledger:
		yield made


def fetch(books, first: date = DAY):
	limited = Page([row("1")], cursors={"a": "later"}, limited_to={"a": first})
	return books.sync(limited)


def told(books):
	return books.ledger.connection(books.connection).status_message


def test_the_connection_says_it_after_each_run_and_the_first_run_too(books):
	runs = [fetch(books), fetch(books)]
	assert [(run.status, run.error_message.template if run.error_message else "") for run in runs] == [
		("Success", LIMITED),
		("Success", ""),
	]
	assert told(books) == (
		"The bank gives transactions of a from 2026-03-10 on only; it gives earlier ones right after a consent. Reconnect to "
		"fetch them, or import a statement file of the days before."
	)
	assert books.ledger.connection(books.connection).status is ConnectionStatus.ACTIVE


def test_a_file_of_earlier_days_ends_it(books):
	fetch(books)
	books.take((-9, "-1", "CB CAFE"))
	assert told(books)
	fetch(books)
	assert told(books) == ""


@pytest.mark.parametrize(("days", "says"), [(0, False), (1, True)])
def test_an_import_that_begins_on_the_day_lacks_nothing(books, days, says):
	start = DAY - timedelta(days=days)
	connect.link(books.ledger, books.connection, [connect.Choice(books.sources["a"], "A", start)])
	fetch(books)
	assert bool(told(books)) is says


def test_what_the_provider_says_of_the_connection_goes_first(books):
	waits = books.provider.connection.__class__("item-1", "574", ConnectionStatus.ACTIVE, message="Wait")
	books.provider.connection = waits
	fetch(books)
	assert told(books) == "Wait"


def test_a_provider_that_says_nothing_changes_nothing(books):
	run = books.fetch((0, "-1", "CB CAFE"))
	assert (told(books), run.error_message) == ("", "")
