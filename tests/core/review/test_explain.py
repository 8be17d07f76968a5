"""Histories, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.review.explain import explain_line, explain_transaction
from tests.core.build import line
from tests.core.importing.test_hostile_rows import put
from tests.core.pretend import START


def of_transaction(story):
	[row] = story.transactions()
	return explain_transaction(story.ledger.transaction_story(row.name))


def of_line(story, place=0):
	return explain_line(story.ledger.line_story(story.ledger.lines()[place].name)).message


def events(explanation, place=0):
	return [one.message for one in explanation.provenance[place].events]


def test_a_transaction_of_a_feed(story):
	row = put(story.bank)
	run = story.sync()
	found = of_transaction(story)
	assert found.message == "It came from bridge, account Courant of Banque du Port"
	[one] = found.provenance
	assert one.remote_id == row.id
	assert [(h.run, h.at) for h in one.events] == [(run.name, story.bank.now)]
	assert events(found) == ["Imported as new: no bank transaction of the account was similar"]


def test_a_transaction_that_a_file_has_too(story):
	put(story.bank)
	story.sync()
	given = line("row 1", day=(START.date() - line().date).days, label="CB CAFE")
	given = given._replace(date=story.transactions()[0].date)
	rows = FileRows("march.csv", "file:1", [given])
	import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)
	found = of_transaction(story)
	assert found.message.endswith(", and 1 more source has it")
	assert found.provenance[1].origin == "File march.csv"
	[name] = [row.name for row in story.transactions()]
	assert events(found, 1) == [f"Matched to {name}: Same day, amount and label"]


def test_what_the_bank_changes_is_reported_with_both_values(story):
	row = put(story.bank)
	story.sync()

	story.bank.rows[row.id] = replace(row, amount=Decimal("-3.50"), category="90", at=story.bank._tick())
	story.sync()
	assert events(of_transaction(story))[1:] == [
		"Category changed from Frais to Divers",
		"Amount changed from -3.20 to -3.50",
	]


def test_a_transaction_entered_by_hand(story):
	put(story.bank)
	story.sync()
	[row] = story.transactions()
	story.ledger.db.run("DELETE FROM sync_line")
	found = explain_transaction(story.ledger.transaction_story(row.name))
	assert "by hand" in found.message
	assert found.provenance == []


def test_a_line_names_its_bank_transaction(story):
	put(story.bank)
	story.sync()
	assert of_line(story) == f"It is the bank transaction {story.transactions()[0].name}"


def test_a_pending_line(story):
	story.bank._put(LineState.PENDING, story.bank.now.date(), "-3", "CB")
	story.sync()
	assert of_line(story).startswith("Pending at the bank")


def test_a_line_before_the_start(story):
	account = story.ledger.accounts(story.connection)[0]
	story.ledger.link(account.source, "Current", START.date())
	put(story.bank, day=START.date() - timedelta(days=1))
	story.sync()
	assert of_line(story) == "Its day lies before 2026-01-05, from which the account is imported"


def test_a_line_of_a_closed_period(story):
	story.ledger.set_lock_date("Current", START.date())
	put(story.bank, day=START.date())
	story.sync()
	assert of_line(story) == "The books are closed up to 2026-01-05"


def test_a_line_whose_transaction_a_user_deleted(story):
	put(story.bank)
	story.sync()
	name = story.transactions()[0].name
	story.ledger.delete_transaction(name)
	assert of_line(story) == f"A user deleted its bank transaction {name}: it is not imported again"
	found = explain_line(story.ledger.line_story(story.ledger.lines()[0].name))
	assert events(found)[-1] == "Its bank transaction was deleted by a user"


def test_a_refused_line_shows_why(story):
	put(story.bank, day=START.date().replace(year=9999))
	story.sync()
	assert of_line(story) == "It could not be read: Banks do not book on this date."


def test_a_line_that_the_bank_took_back(story):
	row = put(story.bank)
	story.sync()
	story.bank._tombstone(row)
	story.sync()
	assert of_line(story) == "The bank removed it"


def test_every_reason_has_its_sentence(story):
	put(story.bank)
	story.sync()
	message = story.ledger.line_story(story.ledger.lines()[0].name)

	sentences = {
		explain_line(replace(message, transaction="", reason=reason, note="Because")).message
		for reason in Reason
	}
	assert len(sentences) == len(Reason)


def test_lines_of_before_the_journal_show_when_they_came(story):
	put(story.bank)
	story.sync()
	story.ledger.db.run("DELETE FROM sync_journal_entry")
	assert events(of_transaction(story)) == ["Seen for the first time"]
