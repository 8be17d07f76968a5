"""Balances and days, questions, and the certificates that are signed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dokos_banksync.actions.accounts import account_review
from dokos_banksync.actions.certificate import certificate_review, make_certificate, month_of, read_rows
from dokos_banksync.actions.duplicates import delete_transaction
from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.actions.proof import accept_difference, account_proof
from dokos_banksync.actions.questions import answer_question, open_questions
from dokos_banksync.actions.undo import undo_run
from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.statements.contract import ReadingOptions
from tests.actions.conftest import Account

HOLDS = {"currency": "EUR", "sums": [], "days": []}


def month(account: Account, back: int = 1) -> str:
	day = account.context.site.clock().date().replace(day=1)
	for _ in range(back):
		day = (day - timedelta(days=1)).replace(day=1)
	return day.isoformat()[:7]


# -- proof -------------------------------------------------------------------------------------------------------
def test_what_agrees_is_complete(account: Account) -> None:
	message = account.ask_about(account_proof)
	assert (message["state"], message["causes"], message["since"]) == ("complete", [], None)
	assert message["balance"] == message["checked"]["bank_balance"]
	assert Decimal(message["opening"]) + Decimal(message["movements"]) == Decimal(message["balance"])


def test_a_row_that_came_into_proven_days_since_the_check_makes_a_difference_at_once(
	account: Account,
) -> None:
	row = account.transactions()[0]
	account.twin(row)
	message = account.ask_about(account_proof)
	assert (message["state"], message["since"]) == ("differs", None)
	assert Decimal(message["checked"]["difference"]) == -row.amount


def test_a_difference_is_named_with_its_items_and_can_be_accepted(account: Account) -> None:
	row = account.transactions()[0]
	account.ask(delete_transaction, name=row.name)
	account.context.site.sync(account.connection)
	message = account.ask_about(account_proof)
	assert message["state"] == "differs"
	assert Decimal(message["checked"]["difference"]) == row.amount
	[cause] = [one for one in message["causes"] if one["exact"]]
	assert (cause["reason"], [item["description"] for item in cause["items"]]) == (
		"Deleted by a user",
		[row.description],
	)
	assert message["first_day"] == row.date.isoformat()
	for other in ("0", str(row.amount + 1), "-NaN", "much"):
		with pytest.raises(InvalidData, match=r"look at it again|not an amount"):
			account.ask_about(accept_difference, difference=other)
	assert account.ask_about(account_proof)["opening"] == message["opening"]
	account.ask_about(accept_difference, difference=message["checked"]["difference"])
	account.context.site.sync(account.connection)
	assert account.ask_about(account_proof)["state"] == "complete"
	with pytest.raises(InvalidData, match="no difference"):
		account.ask_about(accept_difference)


def test_what_is_announced_moves_the_balance_to_come(account: Account) -> None:
	message = account.ask_about(account_proof)
	ledger = account.context.site.ledger
	waiting = [line for line in ledger.lines("Current", held=True) if line.state in ("Pending", "Future")]
	assert waiting
	days = message["to_come"]["days"]
	assert [day["date"] for day in days] == sorted({line.date.isoformat() for line in waiting})
	assert sum(day["rows"] for day in days) == len(waiting)
	due = sum((line.amount for line in waiting), Decimal())
	assert Decimal(message["to_come"]["balance"]) == Decimal(message["balance"]) + due
	assert days[-1]["balance"] == message["to_come"]["balance"]


def test_an_account_without_a_balance_of_the_bank_is_not_compared(account: Account) -> None:
	account.context.site.ledger.add_bank_account("Paper", "Banque Aurore", "EUR")
	message = account.ask(account_proof, bank_account="Paper")
	assert message["to_come"] is None
	assert (message["state"], message["checked"], message["balance"], message["opening"]) == (
		"unchecked",
		None,
		None,
		None,
	)
	assert [one["state"] for one in message["coverage"]["stretches"]] == ["never"]


def test_the_days_are_all_there_once(account: Account) -> None:
	today = account.context.site.clock().date()
	since = today - timedelta(days=400)
	message = account.ask_about(account_proof, since=since.isoformat())["coverage"]
	assert sum(one["days"] for one in message["stretches"]) == message["days"] == 401
	assert (message["first"], message["last"]) == (since.isoformat(), today.isoformat())
	first, *others = message["stretches"]
	assert (first["state"], first["gap"]) == ("never", True)
	assert not any(one["gap"] for one in others)
	assert sum(one["transactions"] for one in message["stretches"]) == len(account.names())


def test_days_are_bounded(account: Account) -> None:
	tomorrow = account.context.site.clock().date() + timedelta(days=1)
	with pytest.raises(InvalidData, match="the first day comes first"):
		account.ask_about(account_proof, since=tomorrow.isoformat())
	message = account.ask_about(account_proof, since="0001-01-01")
	assert message["coverage"]["days"] <= 366 * 5 + 1


# -- questions ------------------------------------------------------------------------------------------------------
def test_no_question_no_answer(account: Account) -> None:
	assert account.ask_about(open_questions) == {"questions": [], "count": 0}
	line = account.context.site.ledger.lines("Current")[0].name
	with pytest.raises(InvalidData, match="not an open question"):
		account.ask(answer_question, line=line)
	with pytest.raises(NotFound):
		account.ask(answer_question, line="SL-NOBODY")


def test_a_question_is_reported_with_what_it_may_be_and_answered(account: Account) -> None:
	ledger, site = account.context.site.ledger, account.context.site
	ledger.add_bank_account("Paper", "Banque Aurore", "EUR")
	for name, *labels in (("1.csv", "VIR MARTIN LOYER", "VIR MARTIN CHARGES"), ("2.csv", "VIR MARTIN")):
		rows = "".join(f"2026-10-14;{label};-800.00\n" for label in labels)
		table = f"Date;Label;Amount\n{rows}".encode()
		take(
			ledger,
			prepare(ledger, "Paper", name, table, ImportOptions(ReadingOptions(sign="normal"))),
			clock=site.clock,
		)
	assert account.ask(account_review, bank_account="Paper")["questions"] == 1
	message = account.ask(open_questions, bank_account="Paper")
	[question] = message["questions"]
	assert (message["count"], question["description"], question["amount"]) == (1, "VIR MARTIN", "-800.00")
	assert {one["description"] for one in question["candidates"]} == {
		"VIR MARTIN LOYER",
		"VIR MARTIN CHARGES",
	}
	with pytest.raises(InvalidData, match="cannot be"):
		account.ask(answer_question, line=question["line"], transaction=account.names()[0])
	chosen = question["candidates"][0]["name"]
	run = account.ask(answer_question, line=question["line"], transaction=chosen)
	assert run["message"] == "1 matched"
	assert account.ask(open_questions, bank_account="Paper")["count"] == 0


# -- certificates -----------------------------------------------------------------------------------------------------
def test_a_month_is_certified_and_stored(account: Account) -> None:
	made = account.ask_about(make_certificate, month=month(account))
	kept = account.context.certificate(made["name"])
	rows = [row for row in account.transactions() if row.date.isoformat().startswith(month(account))]
	assert kept["transactions"] == len(rows)
	assert kept["money_in"] + kept["money_out"] == sum((row.amount for row in rows), Decimal())
	assert kept["made_by"] == "Anne"
	assert kept["made_at"] == account.context.site.clock()
	assert kept["status"] == made["status"]
	page = read_rows(kept["rows"])
	assert sum(day[3] for day in page["days"]) == len(rows)
	if page["days"] and page["sums"][3] is not None:
		assert page["days"][-1][4] == page["sums"][3]


def test_a_certificate_shows_when_the_books_have_changed(account: Account) -> None:
	row = account.transactions()[-1]
	this = row.date.isoformat()[:7]
	name = account.ask_about(make_certificate, month=this)["name"]
	assert account.ask(certificate_review, certificate=name) == HOLDS
	run = account.ask(delete_transaction, name=row.name)["run"]
	message = account.ask(certificate_review, certificate=name)
	assert message["days"] == [row.date.isoformat()]
	assert "Balance after" in [one["label"] for one in message["sums"]] or message["sums"]
	account.ask(undo_run, run=run)
	assert account.ask(certificate_review, certificate=name) == HOLDS


def test_two_changes_that_cancel_out_are_found_by_their_days(account: Account) -> None:
	"""One is deleted, another of the same amount comes on another day: the sums are the same."""
	rows = account.transactions()
	row = rows[-1]
	other = row.date + timedelta(days=1 if row.date.day < 20 else -1)
	name = account.ask_about(make_certificate, month=row.date.isoformat()[:7])["name"]
	account.ask(delete_transaction, name=row.name)
	account.context.site.ledger.db.run(
		"""INSERT INTO bank_transaction (name, date, bank_account, currency, deposit, withdrawal, description)
		SELECT 'EVEN', ?, bank_account, currency, ?, ?, 'EVEN' FROM bank_transaction LIMIT 1""",
		(other.isoformat(), int(max(row.amount, 0) * 10_000), int(max(-row.amount, 0) * 10_000)),
	)
	message = account.ask(certificate_review, certificate=name)
	assert message["sums"] == []
	assert message["days"] == sorted([row.date.isoformat(), other.isoformat()])


def test_a_month_without_an_opening_balance_is_not_complete(account: Account) -> None:
	made = account.ask_about(make_certificate, month="2001-02")
	kept = account.context.certificate(made["name"])
	assert (made["status"], kept["opening"], kept["closing"], kept["days_missing"]) == (
		*("Not complete", None, None),
		28,
	)
	assert (kept["first_day"], kept["last_day"]) == (date(2001, 2, 1), date(2001, 2, 28))


@pytest.mark.parametrize("text", ["2026-13", "2026", "", "October", "2026-10-01", "0000-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
	with pytest.raises(InvalidData, match="not a month"):
		month_of(text)


def test_a_month_to_come_is_not_certified(account: Account) -> None:
	with pytest.raises(InvalidData, match="not begun"):
		account.ask_about(make_certificate, month="2999-01")
	with pytest.raises(NotFound):
		account.ask(certificate_review, certificate="SYNC-CERT-99999")


@pytest.mark.parametrize("given", ["\ud800", "a\udcffb"])
def test_halves_of_characters_are_no_name(account: Account, given: str) -> None:
	"""JSON may hold them, and no database takes them."""
	with pytest.raises(InvalidData):
		account.ask(delete_transaction, name=given)
