"""What the embedded site has not: companies, a chart of accounts, users who may not see everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.actions import accounts, callback, connections, institutions, providers
from dokos_banksync.actions.accounts import free_name
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import ConfirmationRequired, InvalidData, NotFound
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.providers.bridge.provider import BridgeProvider
from dokos_banksync.sandbox.user import Customer
from tests.actions.conftest import AURORE, BANK, PROVIDER, Pretend, ask


def leave(context: Pretend, **more: str) -> str:
	given = {"bank": BANK, "provider": PROVIDER, "institution_id": AURORE, **more}
	url: str = ask(connections.begin_connect, context, **given)["url"]
	return url


def connect(context: Pretend) -> list[dict[str, Any]]:
	address = Customer(institution=int(AURORE)).consent(leave(context, company="One"))
	callback.receive(context, dict(parse_qsl(urlsplit(address).query)))
	rows: list[dict[str, Any]] = ask(accounts.account_choices, context, bank=BANK)["accounts"]
	return rows


def choose(context: Pretend, row: Mapping[str, Any], **choice: object) -> Any:
	chosen = {"source": row["source"], "bank_account": "", "start_date": None, **choice}
	return ask(accounts.update_accounts, context, bank=BANK, choices=json.dumps([chosen]))


def test_where_there_are_several_companies_one_is_chosen(context: Pretend) -> None:
	assert ask(providers.providers, context)["companies"] == ["One", "Two"]
	for given in ({}, {"company": "Three"}):
		with pytest.raises(InvalidData, match="company"):
			leave(context, **given)
	assert context.site.ledger.connections() == []
	assert leave(context, company="Two")


def test_the_only_company_need_not_be_named_and_no_other_may_be(context: Pretend) -> None:
	context.mine = ("One",)
	assert leave(context)
	with pytest.raises(InvalidData):
		leave(context, company="Two")
	context.mine = ()
	with pytest.raises(InvalidData):
		leave(context, company="One")


def test_each_account_is_offered_with_the_chart_in_its_currency(context: Pretend) -> None:
	rows = connect(context)
	assert {row["currency"] for row in rows} >= {"EUR"}
	assert all(row["chart"] == (["512 - O"] if row["currency"] == "EUR" else []) for row in rows)


def test_names_are_free_with_and_without_the_bank_behind(context: Pretend) -> None:
	rows = connect(context)
	name = rows[0]["account_name"]
	assert rows[0]["suggested_name"] == name
	context.site.ledger.add_bank_account(f"{name} - {BANK}", BANK, "EUR")
	again = ask(accounts.account_choices, context, bank=BANK)["accounts"]
	assert again[0]["suggested_name"] == f"{name} 2"
	context.site.ledger.add_bank_account(f"{name} 2", BANK, "EUR")
	context.site.ledger.close_bank_account(f"{name} 2")
	again = ask(accounts.account_choices, context, bank=BANK)["accounts"]
	assert again[0]["suggested_name"] == f"{name} 3", "a closed one has its name"
	context.names_include_bank = False
	assert (
		ask(accounts.account_choices, context, bank=BANK)["accounts"][0]["suggested_name"]
		== f"{name} - {BANK} 2"
	)
	assert free_name("A", {"A", "A 2"}) == "A 3"


def test_an_account_of_the_chart_must_have_been_offered(context: Pretend) -> None:
	row = connect(context)[0]
	with pytest.raises(NotFound, match="999"):
		choose(context, row, bank_account="Neu", is_new=True, account="999 - T")
	assert context.site.ledger.bank_accounts() == []
	choose(context, row, bank_account="Neu", is_new=True, account="512 - O")
	assert [account.name for account in context.site.ledger.bank_accounts()] == ["Neu"]
	assert len(context.started) == 1


def test_what_is_hidden_is_neither_offered_nor_fed(context: Pretend) -> None:
	row = connect(context)[0]
	context.site.ledger.add_bank_account("Theirs", BANK, row["currency"])
	context.hidden = frozenset({"Theirs"})
	assert ask(accounts.account_choices, context, bank=BANK)["bank_accounts"] == []
	with pytest.raises(NotFound):
		choose(context, row, bank_account="Theirs")
	with pytest.raises(InvalidData, match="already"):
		choose(context, row, bank_account="Theirs", is_new=True)
	assert not context.started
	context.hidden = frozenset(record.name for record in context.site.ledger.connections())
	assert ask(accounts.account_choices, context, bank=BANK)["accounts"] == []
	with pytest.raises(NotFound):
		choose(context, row, bank_account="")
	with pytest.raises(InvalidData):
		ask(connections.fetch_transactions, context)


def test_a_bank_account_that_the_user_may_not_see_is_not_proposed_by_its_iban(context: Pretend) -> None:
	row = next(row for row in connect(context) if row["iban"])
	context.site.ledger.add_bank_account("Theirs", BANK, row["currency"], row["iban"])

	def offered() -> Mapping[str, Any]:
		rows = ask(accounts.account_choices, context, bank=BANK)["accounts"]
		return next(one for one in rows if one["source"] == row["source"])

	assert (offered()["bank_account"], len(offered()["candidates"])) == ("Theirs", 1)
	context.hidden = frozenset({"Theirs"})
	assert "Theirs" not in json.dumps(offered())
	assert offered()["note"] == accounts.HIDDEN
	with pytest.raises(ConfirmationRequired, match="that you may not see") as refused:
		choose(context, row, bank_account="Second", is_new=True, confirmed=False)
	assert "Theirs" not in str(refused.value)
	choose(context, row, bank_account="Second", is_new=True)
	assert [one.name for one in context.site.ledger.bank_accounts()] == ["Second", "Theirs"]


def test_a_provider_that_the_user_may_not_use_is_as_one_that_is_not_there(context: Pretend) -> None:
	context.hidden = frozenset({PROVIDER})
	assert ask(providers.providers, context)["providers"] == []
	for method, given in {
		providers.check_provider: {},
		institutions.institutions: {},
		connections.begin_connect: {"bank": BANK, "institution_id": AURORE, "company": "One"},
	}.items():
		with pytest.raises(NotFound):
			ask(method, context, provider=PROVIDER, **given)


def test_the_same_choice_twice_is_no_second_account(context: Pretend) -> None:
	row = connect(context)[0]
	for _ in range(2):
		choose(context, row, bank_account="Neu", is_new=True)
	assert [account.name for account in context.site.ledger.bank_accounts()] == ["Neu"]


def test_a_fetch_of_nothing_says_so_and_offers_the_choice_of_accounts(context: Pretend) -> None:
	connect(context)
	message = ask(connections.fetch_transactions, context, bank=BANK)
	assert (message["choose_accounts"], message["connections"]) == (BANK, [])
	assert message["message"] == "No account is imported yet: choose in Update bank accounts what to import."
	assert context.started == []


def test_a_fetch_that_no_worker_takes_does_not_say_that_it_has_started(context: Pretend) -> None:
	choose(context, connect(context)[0], bank_account="Neu", is_new=True)
	assert ask(connections.fetch_transactions, context, bank=BANK)["message"] == "The import has started."
	context.waiting = "No worker"
	message = ask(connections.fetch_transactions, context, bank=BANK)
	assert (message["message"], message["indicator"]) == ("No worker", "orange")


def test_a_form_knows_what_keeps_the_site_from_fetching(context: Pretend) -> None:
	assert ask(connections.bank_state, context, bank=BANK)["warnings"] == ["No worker"]


@pytest.mark.parametrize("fixed", [False, True])
def test_a_connection_that_nobody_came_back_for_says_what_to_do(
	context: Pretend, monkeypatch: pytest.MonkeyPatch, fixed: bool
) -> None:
	"""Some providers refuse an address that is not registered on their page, and send nobody back."""
	known = replace(BridgeProvider.capabilities, fixed_return=fixed)
	monkeypatch.setattr(BridgeProvider, "capabilities", known)
	given = {"bank": BANK, "provider": PROVIDER, "institution_id": AURORE}
	ask(connections.begin_connect, context, **given, company="One")
	state = ask(connections.bank_state, context, bank=BANK)
	[row] = state["connections"]
	assert row["message"].startswith(
		"No user has come back from the provider's page yet. Connect the bank again"
	)
	assert (
		"register it at the provider, letter by letter: http://127.0.0.1:9/back" in row["message"]
	) is fixed
	assert state["warnings"] == ["No worker", f"{row['name']}: {row['message']}"]
	context.translations = Translations("fr")
	assert "Aucun utilisateur" in ask(connections.bank_state, context, bank=BANK)["warnings"][-1]
	connect(context)
	assert ask(connections.bank_state, context, bank=BANK)["warnings"] == ["No worker"]


def test_a_row_says_whether_it_is_fetched_automatically_and_has_no_ids(context: Pretend) -> None:
	connect(context)
	[record] = context.site.ledger.connections()
	assert ask(connections.bank_state, context, bank=BANK)["connections"][0]["automatic"] is True
	context.site.ledger.save_connection(replace(record, automatic=False))
	[row] = ask(connections.bank_state, context, bank=BANK)["connections"]
	assert row["automatic"] is False
	assert not {"remote_user", "remote_id", "institution_id"} & set(row)


def test_a_connection_that_was_ended_at_the_bank_is_shown_until_it_is_connected_again(
	context: Pretend,
) -> None:
	connect(context)
	ledger = context.site.ledger
	[record] = ledger.connections()

	def shown() -> list[bool]:
		return [
			row["ended_elsewhere"] for row in ask(connections.bank_state, context, bank=BANK)["connections"]
		]

	assert shown() == [False]
	ledger.save_connection(replace(record, status=ConnectionStatus.DISCONNECTED))
	assert shown() == [True]
	connect(context)
	assert sorted(shown()) == [False, False]
	ledger.save_connection(replace(record, status=ConnectionStatus.DISCONNECTED, remote_id=""))
	assert sorted(shown()) == [False, False]


@pytest.mark.parametrize("listed", [False, True])
def test_after_a_disconnection_the_user_learns_what_the_bank_may_still_list(
	context: Pretend, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
	connect(context)
	[record] = context.site.ledger.connections()
	known = replace(BridgeProvider.capabilities, bank_lists_consent=listed)
	monkeypatch.setattr(BridgeProvider, "capabilities", known)
	message = ask(connections.disconnect, context, connection=record.name)["message"]
	assert message.startswith("The consent has ended. Transactions already imported stay.")
	assert message.endswith("in your online banking.") is listed


def back(context: Pretend, address: str) -> Any:
	callback.receive(context, dict(parse_qsl(urlsplit(address).query)))
	return ask(connections.bank_state, context, bank=BANK, outcome="key")["outcome"]


def test_a_visit_that_was_cancelled_leaves_no_connection(context: Pretend) -> None:
	outcome = back(context, Customer(institution=int(AURORE)).cancel(leave(context, company="One")))
	assert (outcome["indicator"], outcome["choose_accounts"]) == ("blue", False)
	assert context.site.ledger.connections() == []
	assert len(connect(context)) > 1


def test_a_connection_is_forgotten_only_while_it_is_unfinished(context: Pretend) -> None:
	leave(context, company="One")
	[unfinished] = context.site.ledger.connections()
	message = ask(connections.forget_connection, context, connection=unfinished.name)
	assert message["message"] == "The unfinished connection is removed."
	assert context.site.ledger.connections() == []
	connect(context)
	[made] = context.site.ledger.connections()
	with pytest.raises(InvalidData, match="has been connected"):
		ask(connections.forget_connection, context, connection=made.name)
	assert context.site.ledger.connections() == [made]


def test_renewed_credentials_are_reported_as_such(context: Pretend) -> None:
	rows = connect(context)
	chosen = [
		{"source": row["source"], "bank_account": f"Account {n}", "start_date": None, "is_new": True}
		for n, row in enumerate(rows)
	]
	[record] = context.site.ledger.connections()

	def renew() -> Any:
		url = ask(connections.begin_reconnect, context, connection=record.name)["url"]
		return back(context, Customer(institution=int(AURORE)).consent(url))

	ask(accounts.update_accounts, context, bank=BANK, choices=json.dumps(chosen[:1]))
	outcome = renew()
	assert (
		outcome["message"]
		== "The credentials are updated. The bank shares accounts that are not imported yet."
	)
	assert outcome["choose_accounts"]
	enabled = [one for one, row in zip(chosen, rows, strict=True) if row["enabled"]]
	ask(accounts.update_accounts, context, bank=BANK, choices=json.dumps(enabled))
	outcome = renew()
	assert outcome["message"] == "The credentials are updated. The accounts are imported as before."
	assert not outcome["choose_accounts"]
