"""What the embedded site has not: companies, a chart of accounts, people who may not see everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.actions import accounts, callback, connections, institutions, providers
from dokos_banksync.actions.accounts import free_name
from dokos_banksync.core.errors import ConfirmationRequired, InvalidData, NotFound
from dokos_banksync.sandbox.person import Person
from tests.actions.conftest import AURORE, BANK, PROVIDER, Pretend, ask


def leave(desk: Pretend, **more: str) -> str:
	given = {"bank": BANK, "provider": PROVIDER, "institution_id": AURORE, **more}
	url: str = ask(connections.begin_connect, desk, **given)["url"]
	return url


def connect(desk: Pretend) -> list[dict[str, Any]]:
	address = Person(institution=int(AURORE)).consent(leave(desk, company="One"))
	callback.receive(desk, dict(parse_qsl(urlsplit(address).query)))
	rows: list[dict[str, Any]] = ask(accounts.account_choices, desk, bank=BANK)["accounts"]
	return rows


def choose(desk: Pretend, row: Mapping[str, Any], **choice: object) -> Any:
	chosen = {"source": row["source"], "bank_account": "", "start_date": None, **choice}
	return ask(accounts.update_accounts, desk, bank=BANK, choices=json.dumps([chosen]))


def test_where_there_are_several_companies_one_is_chosen(desk: Pretend) -> None:
	assert ask(providers.providers, desk)["companies"] == ["One", "Two"]
	for given in ({}, {"company": "Three"}):
		with pytest.raises(InvalidData, match="company"):
			leave(desk, **given)
	assert desk.site.ledger.connections() == []
	assert leave(desk, company="Two")


def test_the_only_company_need_not_be_named_and_no_other_may_be(desk: Pretend) -> None:
	desk.mine = ("One",)
	assert leave(desk)
	with pytest.raises(InvalidData):
		leave(desk, company="Two")
	desk.mine = ()
	with pytest.raises(InvalidData):
		leave(desk, company="One")


def test_each_account_is_offered_with_the_chart_in_its_currency(desk: Pretend) -> None:
	rows = connect(desk)
	assert {row["currency"] for row in rows} >= {"EUR"}
	assert all(row["chart"] == (["512 - O"] if row["currency"] == "EUR" else []) for row in rows)


def test_names_are_free_with_and_without_the_bank_behind(desk: Pretend) -> None:
	rows = connect(desk)
	name = rows[0]["account_name"]
	assert rows[0]["suggested_name"] == name
	desk.site.ledger.add_bank_account(f"{name} - {BANK}", BANK, "EUR")
	again = ask(accounts.account_choices, desk, bank=BANK)["accounts"]
	assert again[0]["suggested_name"] == f"{name} 2"
	desk.names_bear_bank = False
	assert (
		ask(accounts.account_choices, desk, bank=BANK)["accounts"][0]["suggested_name"]
		== f"{name} - {BANK} 2"
	)
	assert free_name("A", {"A", "A 2"}) == "A 3"


def test_an_account_of_the_chart_must_have_been_offered(desk: Pretend) -> None:
	row = connect(desk)[0]
	with pytest.raises(NotFound, match="999"):
		choose(desk, row, bank_account="Neu", is_new=True, account="999 - T")
	assert desk.site.ledger.bank_accounts() == []
	choose(desk, row, bank_account="Neu", is_new=True, account="512 - O")
	assert [account.name for account in desk.site.ledger.bank_accounts()] == ["Neu"]
	assert len(desk.started) == 1


def test_what_is_hidden_is_neither_offered_nor_fed(desk: Pretend) -> None:
	row = connect(desk)[0]
	desk.site.ledger.add_bank_account("Theirs", BANK, row["currency"])
	desk.hidden = frozenset({"Theirs"})
	assert ask(accounts.account_choices, desk, bank=BANK)["bank_accounts"] == []
	with pytest.raises(NotFound):
		choose(desk, row, bank_account="Theirs")
	with pytest.raises(InvalidData, match="already"):
		choose(desk, row, bank_account="Theirs", is_new=True)
	assert not desk.started
	desk.hidden = frozenset(record.name for record in desk.site.ledger.connections())
	assert ask(accounts.account_choices, desk, bank=BANK)["accounts"] == []
	with pytest.raises(NotFound):
		choose(desk, row, bank_account="")
	with pytest.raises(InvalidData):
		ask(connections.fetch_transactions, desk)


def test_a_bank_account_that_the_user_may_not_see_is_not_proposed_by_its_iban(desk: Pretend) -> None:
	row = next(row for row in connect(desk) if row["iban"])
	desk.site.ledger.add_bank_account("Theirs", BANK, row["currency"], row["iban"])

	def offered() -> Mapping[str, Any]:
		rows = ask(accounts.account_choices, desk, bank=BANK)["accounts"]
		return next(one for one in rows if one["source"] == row["source"])

	assert (offered()["bank_account"], len(offered()["candidates"])) == ("Theirs", 1)
	desk.hidden = frozenset({"Theirs"})
	assert "Theirs" not in json.dumps(offered())
	assert offered()["note"] == accounts.HIDDEN
	with pytest.raises(ConfirmationRequired, match="that you may not see") as refused:
		choose(desk, row, bank_account="Second", is_new=True, confirmed=False)
	assert "Theirs" not in str(refused.value)
	choose(desk, row, bank_account="Second", is_new=True)
	assert [one.name for one in desk.site.ledger.bank_accounts()] == ["Second", "Theirs"]


def test_a_provider_that_the_user_may_not_use_is_as_one_that_is_not_there(desk: Pretend) -> None:
	desk.hidden = frozenset({PROVIDER})
	assert ask(providers.providers, desk)["providers"] == []
	for method, given in {
		providers.check_provider: {},
		institutions.institutions: {},
		connections.begin_connect: {"bank": BANK, "institution_id": AURORE, "company": "One"},
	}.items():
		with pytest.raises(NotFound):
			ask(method, desk, provider=PROVIDER, **given)


def test_the_same_choice_twice_is_no_second_account(desk: Pretend) -> None:
	row = connect(desk)[0]
	for _ in range(2):
		choose(desk, row, bank_account="Neu", is_new=True)
	assert [account.name for account in desk.site.ledger.bank_accounts()] == ["Neu"]


def test_a_fetch_of_nothing_says_so_and_offers_the_choice_of_accounts(desk: Pretend) -> None:
	connect(desk)
	told = ask(connections.fetch_transactions, desk, bank=BANK)
	assert (told["choose_accounts"], told["connections"]) == (BANK, [])
	assert told["message"] == "No account is imported yet: choose in Update bank accounts what to import."
	assert desk.started == []


def test_a_fetch_that_no_worker_takes_does_not_say_that_it_has_started(desk: Pretend) -> None:
	choose(desk, connect(desk)[0], bank_account="Neu", is_new=True)
	assert ask(connections.fetch_transactions, desk, bank=BANK)["message"] == "The import has started."
	desk.waiting = "No worker"
	told = ask(connections.fetch_transactions, desk, bank=BANK)
	assert (told["message"], told["indicator"]) == ("No worker", "orange")


def test_a_form_is_told_what_keeps_the_site_from_fetching(desk: Pretend) -> None:
	assert ask(connections.bank_state, desk, bank=BANK)["warnings"] == ["No worker"]


def test_a_row_says_whether_it_is_fetched_by_itself_and_bears_no_ids(desk: Pretend) -> None:
	connect(desk)
	[record] = desk.site.ledger.connections()
	assert ask(connections.bank_state, desk, bank=BANK)["connections"][0]["automatic"] is True
	desk.site.ledger.save_connection(replace(record, automatic=False))
	[row] = ask(connections.bank_state, desk, bank=BANK)["connections"]
	assert row["automatic"] is False
	assert not {"remote_user", "remote_id", "institution_id"} & set(row)


def back(desk: Pretend, address: str) -> Any:
	callback.receive(desk, dict(parse_qsl(urlsplit(address).query)))
	return ask(connections.bank_state, desk, bank=BANK, arrival="key")["arrival"]


def test_a_visit_that_was_cancelled_leaves_no_connection(desk: Pretend) -> None:
	arrival = back(desk, Person(institution=int(AURORE)).cancel(leave(desk, company="One")))
	assert (arrival["indicator"], arrival["choose_accounts"]) == ("blue", False)
	assert desk.site.ledger.connections() == []
	assert len(connect(desk)) > 1


def test_a_connection_is_forgotten_only_while_it_is_unfinished(desk: Pretend) -> None:
	leave(desk, company="One")
	[unfinished] = desk.site.ledger.connections()
	told = ask(connections.forget_connection, desk, connection=unfinished.name)
	assert told["message"] == "The unfinished connection is removed."
	assert desk.site.ledger.connections() == []
	connect(desk)
	[made] = desk.site.ledger.connections()
	with pytest.raises(InvalidData, match="has been connected"):
		ask(connections.forget_connection, desk, connection=made.name)
	assert desk.site.ledger.connections() == [made]


def test_renewed_credentials_are_told_as_such(desk: Pretend) -> None:
	rows = connect(desk)
	chosen = [
		{"source": row["source"], "bank_account": f"Account {n}", "start_date": None, "is_new": True}
		for n, row in enumerate(rows)
	]
	[record] = desk.site.ledger.connections()

	def renew() -> Any:
		url = ask(connections.begin_reconnect, desk, connection=record.name)["url"]
		return back(desk, Person(institution=int(AURORE)).consent(url))

	ask(accounts.update_accounts, desk, bank=BANK, choices=json.dumps(chosen[:1]))
	arrival = renew()
	assert (
		arrival["message"]
		== "The credentials are updated. The bank shares accounts that are not imported yet."
	)
	assert arrival["choose_accounts"]
	enabled = [one for one, row in zip(chosen, rows, strict=True) if row["enabled"]]
	ask(accounts.update_accounts, desk, bank=BANK, choices=json.dumps(enabled))
	arrival = renew()
	assert arrival["message"] == "The credentials are updated. The accounts are imported as before."
	assert not arrival["choose_accounts"]
