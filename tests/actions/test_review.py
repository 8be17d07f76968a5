"""Explanations, duplicates, missing rows, and undo."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.actions import duplicates, missing, undo
from dokos_banksync.actions.accounts import account_review
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.connections import history
from dokos_banksync.actions.dry_run import preview_connection
from dokos_banksync.actions.duplicates import (
	delete_transaction,
	find_duplicates,
	keep_both,
	merge_transactions,
)
from dokos_banksync.actions.explain import explain_bank_transaction, explain_sync_line
from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.actions.missing import find_missing, take_missing
from dokos_banksync.actions.registry import Method
from dokos_banksync.actions.runs import progress_data
from dokos_banksync.actions.undo import preview_undo, run_review, undo_run
from dokos_banksync.core.errors import Cancelled, InvalidData, NotFound
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import RunStatus
from dokos_banksync.core.trigger import Trigger
from tests.actions.conftest import Account, Pretend, ask
from tests.calls import REVIEWING


# -- where it comes from -----------------------------------------------------------------------------------
def test_a_bank_transaction_shows_where_it_comes_from(account: Account) -> None:
	row = account.transactions()[0]
	message = account.ask(explain_bank_transaction, name=row.name)
	[line] = message["lines"]
	assert message["message"].endswith("of Banque Aurore")
	assert (message["name"], line["remote_id"]) == (row.name, row.transaction_id)
	[event] = line["events"]
	assert event["message"].startswith("Imported as new")
	assert event["run"] == account.context.site.ledger.runs(account.connection)[0].name
	assert (
		account.ask(explain_sync_line, name=line["line"])["message"]
		== f"It is the bank transaction {row.name}"
	)


def test_it_is_shown_in_french(account: Account) -> None:
	account.context.translations = Translations("fr")
	message = account.ask(explain_bank_transaction, name=account.names()[0])
	assert message["message"].startswith("Provient de")
	assert message["lines"][0]["events"][0]["message"].startswith("Importée comme nouvelle")


def test_values_in_a_sentence_are_written_as_a_user_reads_them() -> None:
	french = Translations("fr").message
	assert (
		french(Message("{0}: {1}", Reason.LOCKED, Message("Amount")))
		== "Dans une période close\u00a0: Montant"
	)
	message = french(
		Message("{0} changed from {1} to {2}", Message("Amount"), Decimal("-1234.5"), Decimal(1))
	)
	assert "−1\u202f234,50" in message
	assert message.endswith("1,00")


@pytest.mark.parametrize(
	("started_by", "words"),
	[
		((Trigger.UNDO, "SYNC-RUN-0000007"), "Undoing of SYNC-RUN-0000007"),
		((Trigger.FILE, "a b into c.csv"), "File a b into c.csv"),
		((Trigger.MERGE, "ACC-1", "ACC-2"), "Merge of ACC-1 into ACC-2"),
		((Trigger.MANUAL, ""), "A user"),
		((Trigger.MISSING, ""), "Import of missing lines"),
	],
)
def test_what_started_a_run_in_words(started_by: tuple[Trigger, str], words: str) -> None:
	assert trigger_of(Translations("en"), *started_by) == words


# -- two that may be one ------------------------------------------------------------------------------------
def test_two_that_may_be_one_are_shown_side_by_side_merged_and_parted_again(account: Account) -> None:
	row = account.transactions()[0]
	twin = account.twin(row)
	found = account.ask_about(find_duplicates)
	[pair] = [p for p in found["pairs"] if twin in (p["first"]["name"], p["second"]["name"])]
	assert {pair["first"]["name"], pair["second"]["name"]} == {row.name, twin}
	assert pair["why"] == "They came from different sources"
	assert pair["first"]["amount"] == str(row.amount)
	run = account.ask(merge_transactions, keep=row.name, other=twin)
	assert twin not in account.names()
	assert account.ask(run_review, run=run["run"])["undoable"]
	undone = account.ask(undo_run, run=run["run"])
	assert (undone["kept"], undone["indicator"]) == ([], "green")
	assert twin in account.names()
	assert not account.ask(run_review, run=run["run"])["undoable"]


def test_what_is_known_to_be_two_is_not_asked_again(account: Account) -> None:
	row = account.transactions()[0]
	twin = account.twin(row)
	names = {"one": row.name, "other": twin}
	account.ask(keep_both, **names)
	assert account.ask_about(find_duplicates)["count"] == 0
	account.ask(keep_both, **names, again="1")
	assert account.ask_about(find_duplicates)["count"] == 1


def test_a_day_bounds_what_is_looked_at(account: Account) -> None:
	row = account.transactions()[-1]
	account.twin(row)
	later = (row.date + timedelta(days=9)).isoformat()
	assert account.ask_about(find_duplicates, since=later)["count"] == 0
	with pytest.raises(InvalidData, match="not a date"):
		account.ask_about(find_duplicates, since="yesterday")


def test_many_pairs_are_cut_and_counted(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(duplicates, "PAIRS_SHOWN", 1)
	for number, row in enumerate(account.transactions()[:2]):
		account.twin(row, f"{number}.csv")
	found = account.ask_about(find_duplicates)
	assert (len(found["pairs"]), found["count"]) == (1, 2)


def test_a_deleted_one_is_brought_back_by_undo(account: Account) -> None:
	name = account.names()[0]
	run = account.ask(delete_transaction, name=name)
	assert (run["message"], name in account.names()) == ("1 removed", False)
	account.ask(undo_run, run=run["run"])
	assert name in account.names()


# -- what is missing ----------------------------------------------------------------------------------------
def a_day_ago(account: Account, days: int = 30) -> str:
	return (account.context.site.clock().date() - timedelta(days=days)).isoformat()


def test_where_all_is_there_nothing_is_missing(account: Account) -> None:
	found = account.ask_about(find_missing)
	[view] = found["accounts"]
	assert view["connection"] == account.connection
	assert (view["unasked"], [row for row in view["rows"] if row["chosen"]]) == (0, [])
	assert view["correct"] == sum(row.date.isoformat() >= found["since"] for row in account.transactions())


def test_what_was_deleted_is_listed_and_imported_by_name(account: Account) -> None:
	row = account.transactions()[0]
	account.ask(delete_transaction, name=row.name)
	since = a_day_ago(account)
	[view] = account.ask_about(find_missing, since=since)["accounts"]
	[seen] = [one for one in view["rows"] if one["kind"] == "held"]
	assert (seen["id"], seen["chosen"], seen["takeable"]) == (row.transaction_id, False, True)
	assert seen["why"].startswith("Deleted by a user")
	given = {"connection": account.connection, "since": since}
	run = account.ask_about(take_missing, **given, chosen=json.dumps([seen["id"]]))
	assert run["message"] == "1 imported"
	assert len(account.names()) == len(account.transactions())
	[view] = account.ask_about(find_missing, since=since)["accounts"]
	assert [one for one in view["rows"] if one["kind"] == "held"] == []


def test_nothing_chosen_takes_nothing(account: Account) -> None:
	given = {"connection": account.connection, "since": a_day_ago(account)}
	for chosen in ("", "[]"):
		with pytest.raises(InvalidData, match="Nothing is chosen"):
			account.ask_about(take_missing, **given, chosen=chosen)
	for nonsense in ("{}", "[1]", "no", "[" * 9000):
		with pytest.raises(InvalidData, match="list of names"):
			account.ask_about(take_missing, **given, chosen=nonsense)


def test_a_connection_that_feeds_another_account_is_not_asked(account: Account) -> None:
	account.context.site.ledger.add_bank_account("Other", "Banque Aurore", "EUR")
	with pytest.raises(NotFound, match="feeds Other"):
		account.ask(find_missing, bank_account="Other")
	given = {"connection": account.connection, "since": a_day_ago(account), "everything": "1"}
	with pytest.raises(NotFound, match="feeds Other"):
		account.ask(take_missing, bank_account="Other", **given)


def test_long_lists_are_cut_and_counted(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(missing, "ROWS_SHOWN", 2)
	for row in account.transactions()[:3]:
		account.ask(delete_transaction, name=row.name)
	[view] = account.ask_about(find_missing)["accounts"]
	assert len(view["rows"]) == 2
	assert view["count"] >= 3


# -- undo ------------------------------------------------------------------------------------------------------
def test_a_run_is_taken_back_and_done_again(account: Account) -> None:
	names = account.names()
	[first] = account.context.site.ledger.runs(account.connection)
	undone = account.ask(undo_run, run=first.name)
	assert account.names() == []
	again = account.ask(undo_run, run=undone["run"])
	assert account.names() == names
	assert again["kept_count"] == 0
	with pytest.raises(InvalidData):
		account.ask(undo_run, run=undone["run"])


def test_what_stays_is_reported_with_its_reason(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
	[first] = account.context.site.ledger.runs(account.connection)
	ledger = account.context.site.ledger
	for row in account.transactions()[:2]:
		ledger.db.run("UPDATE bank_transaction SET status = 'Reconciled' WHERE name = ?", (row.name,))
	monkeypatch.setattr(undo, "MOST_SHOWN", 1)
	undone = account.ask(undo_run, run=first.name)
	assert undone["kept_count"] == 2
	assert [one["why"] for one in undone["kept"]] == ["It is reconciled: undo that first"]
	assert undone["indicator"] == "orange"


def test_how_to_go_on_is_one_of_three_words(account: Account) -> None:
	[first] = account.context.site.ledger.runs(account.connection)
	with pytest.raises(InvalidData):
		account.ask(undo_run, run=first.name, again="maybe")
	account.ask(undo_run, run=first.name, again="1")
	assert account.context.site.sync(account.connection).created == first.created


# -- who may ------------------------------------------------------------------------------------------------------
def test_the_form_of_an_account_knows_what_it_may_offer(account: Account) -> None:
	assert account.ask_about(account_review) == {
		"bank_account": "Current",
		"connections": [account.connection],
		"questions": 0,
		"reversed_signs": 0,
	}
	account.context.hidden = frozenset({account.connection})
	assert account.ask_about(account_review)["connections"] == []


GIVEN = {
	"bank_account": "Current",
	"name": "SECRET",
	"run": "SECRET",
	"keep": "SECRET",
	"other": "SECRET",
	"one": "SECRET",
	"line": "SECRET",
	"certificate": "SECRET",
	"month": "2026-10",
	"content": "eA==",
	"key": "x",
	"since": "2026-10-01",
	"file_name": "a.csv",
	"chosen": '["x"]',
}


@pytest.mark.parametrize("name", sorted(REVIEWING))
def test_no_method_answers_about_what_is_hidden(account: Account, name: str) -> None:
	"""Each asks the Desk first, whatever it is about."""
	account.context.hidden = frozenset({"Current", "SECRET"})
	method: Method = REVIEWING[name]
	given = {**GIVEN, "connection": "NOBODY"}
	before = account.names()
	with pytest.raises(NotFound):
		method(account.context, Arguments(given))
	assert account.names() == before


@pytest.mark.parametrize("name", sorted(REVIEWING))
def test_no_method_breaks_over_nothing(context: Pretend, name: str) -> None:
	with pytest.raises(InvalidData, match="is missing"):
		ask(REVIEWING[name], context)


def test_an_undo_is_shown_before_it_happens(account: Account) -> None:
	"""How many go, and which stay and why; nothing is written by looking."""
	run = account.context.site.ledger.runs(account.connection)[0]
	before = account.transactions()
	kept = before[0].name
	account.context.site.ledger.db.run(
		"UPDATE bank_transaction SET status = 'Reconciled' WHERE name = ?", (kept,)
	)
	look = account.ask(preview_undo, run=run.name)
	assert look["problem"] == ""
	assert look["counts"][0] == f"Bank transactions that are removed: {len(before) - 1}"
	assert [(one["transaction"], one["label"], one["gone"], one["why"]) for one in look["kept"]] == [
		(kept, before[0].description, False, "It is reconciled: undo that first")
	]
	assert len(account.names()) == len(before)
	account.ask(undo_run, run=run.name)
	assert account.names() == [kept]
	assert account.ask(preview_undo, run=run.name)["problem"]


def test_the_history_of_a_bank_has_what_changed_its_accounts_and_nothing_else(account: Account) -> None:
	"""Undos and files have no connection; another bank's runs are not its own."""
	ledger = account.context.site.ledger
	fetched = ledger.runs(account.connection)[0].name
	undone = account.ask(undo_run, run=fetched)["run"]
	ledger.add_bank_account("Elsewhere", "Another", "EUR")
	given = prepare(
		ledger, "Elsewhere", "a.csv", b"Date;Label;Amount\n13/10/2026;CAFE;-3,20\n", ImportOptions()
	)
	filed = take(ledger, given, clock=account.context.site.clock).name
	assert account.ask(history, bank=ledger.bank_account("Current").bank)["runs"] == [undone, fetched]
	assert account.ask(history, bank="Another")["runs"] == [filed]


# -- how far the work is, and its end before its time --------------------------------------------------------
class CancelledAt(list):  # type: ignore[type-arg]
	"""Steps of a call that a user cancels at a stage."""

	def __init__(self, stage: str) -> None:
		super().__init__()
		self.stage = stage

	def append(self, step: tuple[str, int, int | None]) -> None:
		super().append(step)
		if step[0] == self.stage:
			raise Cancelled


def _stages(account: Account, method: Method, **given: str) -> list[str]:
	account.context.steps = []
	account.ask(method, **given)
	return list(dict.fromkeys(stage for stage, _, _ in account.context.steps))


def test_each_large_call_says_how_far_it_is(account: Account) -> None:
	[first] = account.context.site.ledger.runs(account.connection)
	one = {"bank_account": account.name}
	assert _stages(account, preview_connection, connection=account.connection)[0] == "fetch"
	assert _stages(account, find_missing, **one) == ["fetch", "match"]
	account.twin(account.transactions()[0])
	assert _stages(account, find_duplicates, **one) == ["duplicates"]
	assert _stages(account, undo_run, run=first.name) == ["undo"]


def test_a_preview_says_compared_and_not_stored() -> None:
	said = progress_data(Translations("en"), "plan", 500, 1_000)
	assert said == {"percent": 70.0, "description": "500 of 1,000 lines compared"}
	assert progress_data(Translations("en"), "check", 500, 1_000) == {
		"percent": 0,
		"description": "500 of 1,000 lines checked against the preview",
	}
	assert progress_data(Translations("en"), "duplicates", 20_000, None) == {
		"percent": None,
		"description": "20,000 bank transactions read",
	}


@pytest.mark.parametrize("stage", ["fetch", "match"])
def test_an_import_of_missing_lines_that_is_cancelled_stores_none(account: Account, stage: str) -> None:
	row, ledger = account.transactions()[0], account.context.site.ledger
	account.ask(delete_transaction, name=row.name)
	names, connection = account.names(), ledger.connection(account.connection)
	given = {
		"connection": account.connection,
		"since": "2020-01-01",
		"chosen": json.dumps([row.transaction_id]),
	}
	account.context.steps = CancelledAt(stage)
	with pytest.raises(Cancelled):
		account.ask_about(take_missing, **given)
	assert account.names() == names
	cancelled = ledger.runs(account.connection)[0]
	assert (cancelled.status, cancelled.error_message) == (
		RunStatus.FAILED,
		"A user cancelled it: nothing was imported",
	)
	assert ledger.connection(account.connection) == connection
	account.context.steps = []
	account.ask_about(take_missing, **given)
	assert len(account.names()) == len(names) + 1
