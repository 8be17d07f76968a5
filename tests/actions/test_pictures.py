"""What the pictures of an account show agrees with its transactions and its proof."""

from __future__ import annotations

from decimal import Decimal

from dokos_banksync.actions.file_import import ImportOptions, prepare, take
from dokos_banksync.actions.pictures import account_pictures, picture_accounts
from dokos_banksync.actions.proof import account_proof
from tests.actions.conftest import Account


def test_the_last_balance_is_that_of_the_proof_and_the_bank_agrees(account: Account) -> None:
	shown, proof = account.ask_about(account_pictures), account.ask_about(account_proof)
	last = shown["balances"][-1]
	assert last["day"] == shown["last"]
	assert Decimal(last["balance"]) == Decimal(proof["balance"])
	assert [one["at_bank"] for one in shown["balances"] if one["at_bank"]] == [
		proof["checked"]["bank_balance"]
	]


def test_months_and_categories_add_up_to_all_transactions(account: Account) -> None:
	shown = account.ask_about(account_pictures)
	amounts = [row.amount for row in account.transactions()]
	for part in ("months", "categories"):
		assert sum(Decimal(one["money_in"]) for one in shown[part]) == sum(one for one in amounts if one > 0)
		assert sum(Decimal(one["money_out"]) for one in shown[part]) == sum(one for one in amounts if one < 0)
		assert sum(one["count"] for one in shown[part]) == len(amounts)
	assert len(shown["months"]) == 12


def test_each_day_is_in_one_stretch_and_the_run_is_shown(account: Account) -> None:
	shown = account.ask_about(account_pictures)
	ends = [(one["first"], one["last"]) for one in shown["stretches"]]
	assert (ends[0][0], ends[-1][1]) == (shown["first"], shown["last"])
	assert [(run["status"], run["created"]) for run in shown["runs"]] == [
		("Success", len(account.transactions()))
	]


def test_a_month_that_was_never_fetched_has_no_sums(account: Account) -> None:
	shown = account.ask_about(account_pictures)
	fetched_from = min(one["first"] for one in shown["stretches"] if one["state"] in ("fetched", "empty"))
	known = [one["first"][:7] for one in shown["months"] if one["known"]]
	unknown = [one["first"][:7] for one in shown["months"] if not one["known"]]
	assert known[0] == fetched_from[:7]
	assert unknown
	assert max(unknown) < known[0]


def test_accounts_that_a_connection_feeds_come_first(account: Account) -> None:
	account.context.site.ledger.add_bank_account("A first by name", "Another bank", "EUR")
	assert account.ask(picture_accounts) == [account.name, "A first by name"]


def test_the_runs_of_an_account_include_its_files(account: Account) -> None:
	"""An account without a connection has a strip of results, too."""
	ledger = account.context.site.ledger
	ledger.add_bank_account("Saving book", "Another bank", "EUR")
	for name in (account.name, "Saving book"):
		table = f"Date;Label;Amount\n13/10/2026;COFFEE {name};-3,20\n14/10/2026;BAD;abc\n".encode()
		filing = prepare(ledger, name, "a.csv", table, ImportOptions())
		take(ledger, filing, clock=account.context.site.clock)
	own = account.ask_about(account_pictures)["runs"]
	assert [(one["started_by"], one["status"]) for one in own][1:] == [("File a.csv", "Partial")]
	[only] = account.ask(account_pictures, bank_account="Saving book")["runs"]
	assert (only["started_by"], only["created"]) == ("File a.csv", 1)
