"""Which connection each login of a session becomes, and at which Bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dokos_banksync.core.connection.completing import ConnectResult, complete_beside, complete_connect
from dokos_banksync.core.connection.right_bank import bank_of
from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.model import ConnectionStatus, Institution, RemoteAccount, RemoteConnection
from dokos_banksync.core.provider import (
	NO_SECRET,
	UNATTENDED,
	Access,
	Capabilities,
	Completed,
	Secret,
	Subscription,
)
from dokos_banksync.hosts.standalone.ledger import SqliteLedger
from tests.hosts.standalone.ledger.build import connected_ledger

NAMES = {"1": "First Bank", "2": "Second Bank"}


class Provider:
	"""Reports the logins of a session, `bank:login`, and lists two banks."""

	capabilities = Capabilities()

	def __init__(self, *logins: str, listed: dict[str, str] | None = None, pending: bool = False) -> None:
		self.logins, self.listed, self.pending = logins, listed or NAMES, pending
		self.unread: set[str] = set()
		self.access = Access()

	def complete(self, _query: Any, access: Access, _session: Any = None) -> Completed:
		self.access = access
		first, *others = (self._completed(*one.split(":")) for one in self.logins)
		return Completed(
			first.connection, institution_name=first.institution_name, others=others, pending=self.pending
		)

	def _completed(self, bank: str, login: str) -> Completed:
		state = RemoteConnection(f"{bank}:{login}", bank, ConnectionStatus.ACTIVE)
		return Completed(state, institution_name=NAMES[bank])

	def institutions(self, search: str = "", _country: str = "") -> Iterator[Institution]:
		if not self.listed:
			raise TemporaryError("No list")
		return (Institution(key, name, "FR") for key, name in self.listed.items() if search in name)

	def accounts(self, access: Access, _context: Any = None) -> list[RemoteAccount]:
		if access.remote_id in self.unread:
			raise TemporaryError("The bank does not answer")
		return [RemoteAccount(access.remote_id, "Courant", "checking", "EUR", balance=Decimal(1))]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
	made, _ = connected_ledger(tmp_path)
	with made:
		yield made


def begun(ledger: SqliteLedger, bank: str = "First Bank", institution: str = "1") -> str:
	return str(ledger.add_connection(bank, "bridge", institution).name)


def banks(ledger: SqliteLedger) -> list[tuple[str, str]]:
	"""Return bank and login of each connection but the fixture's."""
	return [(one.bank, one.remote_id) for one in ledger.connections()[1:]]


def completed(ledger: SqliteLedger, provider: Provider, connection: str) -> ConnectResult:
	return complete_connect(ledger, provider, connection, {})


def test_the_login_at_the_bank_of_the_form_is_the_first(ledger: SqliteLedger) -> None:
	result = completed(ledger, Provider("2:a", "1:a"), begun(ledger))
	assert banks(ledger) == [("First Bank", "1:a"), ("Second Bank", "2:a")]
	assert result.connection.bank == "First Bank"
	assert [one.connection.bank for one in result.others] == ["Second Bank"]


def test_a_bank_is_also_known_by_its_name(ledger: SqliteLedger) -> None:
	"""The form's bank has an id that the provider has replaced."""
	completed(ledger, Provider("1:a"), begun(ledger, "FIRST BANK", institution="old"))
	assert banks(ledger) == [("FIRST BANK", "1:a")]


def test_a_bank_of_another_name_keeps_the_institution_that_it_was_connected_to(ledger: SqliteLedger) -> None:
	provider = Provider("1:a")
	provider.listed = {}
	completed(ledger, provider, begun(ledger, "Mine"))
	assert banks(ledger) == [("Mine", "1:a")]


def test_the_bank_of_the_form_goes_before_one_that_has_the_institution(ledger: SqliteLedger) -> None:
	completed(ledger, Provider("1:a"), begun(ledger, "House bank"))
	completed(ledger, Provider("1:b"), begun(ledger, institution="old"))
	assert banks(ledger) == [("House bank", "1:a"), ("First Bank", "1:b")]


def test_a_login_elsewhere_belongs_to_a_bank_of_the_same_company_first(
	ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""The standalone site has no companies: they are given to its records here."""
	held = [
		replace(ledger.add_connection(f"Bank of {company}", "bridge", "2"), company=company)
		for company in ("A", "B")
	]
	monkeypatch.setattr(ledger, "connections", lambda: held)
	record = replace(ledger.connection(begun(ledger)), company="B")
	login = Provider("2:b").complete({}, Access())
	assert bank_of(ledger, Provider(), record, login) == "Bank of B"


def test_another_providers_connection_of_the_same_id_is_another_one(ledger: SqliteLedger) -> None:
	keys = {"client_id": "id"}, {"client_secret": Secret("secret")}
	ledger.add_provider("Bridge", Subscription("another", *keys))
	other = ledger.add_connection("Elsewhere", "another", "1")
	ledger.save_connection(replace(other, remote_id="1:a"))
	completed(ledger, Provider("1:a"), begun(ledger))
	assert banks(ledger) == [("Elsewhere", "1:a"), ("First Bank", "1:a")]


def test_an_institution_that_is_listed_under_two_ids_is_one_bank(ledger: SqliteLedger) -> None:
	listed = {"1": "First Bank", "9": "First bank"}
	completed(
		ledger, Provider("1:a", listed={**listed, "8": "First Bank of All"}), begun(ledger, "Mine", "8")
	)
	assert banks(ledger)[-1] == ("First Bank", "1:a"), "a longer name is another bank"
	connection = begun(ledger, "Mine", institution="9")
	provider = Provider("1:b", listed={"1": "First Bank", "9": "First Bank"})
	completed(ledger, provider, connection)
	assert banks(ledger)[-1] == ("Mine", "1:b")


def test_a_list_that_cannot_be_read_makes_no_bank_the_wrong_one(ledger: SqliteLedger) -> None:
	provider = Provider("2:a")
	provider.listed = {}
	result = completed(ledger, provider, begun(ledger, "Mine"))
	assert (result.connection.bank, result.connection.remote_id) == ("Second Bank", "2:a")
	assert "not to Mine" in result.message


def test_where_the_bank_is_chosen_on_the_providers_page_the_first_login_is_the_forms(
	ledger: SqliteLedger,
) -> None:
	completed(ledger, Provider("2:a", "2:b", "1:a"), begun(ledger, "Mine", institution=""))
	assert banks(ledger) == [("Mine", "2:a"), ("Mine", "2:b"), ("First Bank", "1:a")]


def test_a_bank_that_has_a_connection_to_the_institution_is_its_bank(ledger: SqliteLedger) -> None:
	completed(ledger, Provider("2:a"), begun(ledger, "House bank", institution="2"))
	completed(ledger, Provider("1:a", "2:b"), begun(ledger))
	assert banks(ledger) == [("House bank", "2:a"), ("First Bank", "1:a"), ("House bank", "2:b")]


def test_a_name_that_no_host_takes_is_written_otherwise(
	ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setitem(NAMES, "2", "<b>\nSecond</b> " + "x" * 200)
	completed(ledger, Provider("1:a", "2:a"), begun(ledger))
	name, _ = banks(ledger)[-1]
	assert name.startswith("b Second /b xxx")
	assert len(name) <= 140


def test_the_same_session_asked_again_stores_nothing_twice(ledger: SqliteLedger) -> None:
	connection = begun(ledger)
	first = completed(ledger, Provider("1:a", pending=True), connection)
	assert first.pending
	assert first.accounts
	record = ledger.connection(connection)
	more = Provider("1:a", "2:a", "1:b")
	for _ in range(2):
		result = complete_beside(ledger, more, record, {}, NO_SECRET, context=UNATTENDED)
		assert banks(ledger) == [("First Bank", "1:a"), ("First Bank", "1:b"), ("Second Bank", "2:a")]
		assert "Another window" not in result.message
		assert len(result.others) == len(result.remarks) == 2


def test_a_provider_is_told_which_logins_are_taken(ledger: SqliteLedger) -> None:
	completed(ledger, Provider("1:a", "2:a"), begun(ledger))
	provider = Provider("1:b")
	completed(ledger, provider, begun(ledger))
	assert {"1:a", "2:a"} <= set(provider.access.taken)


@pytest.mark.parametrize("unread", ["1:a", "2:a"])
def test_accounts_that_cannot_be_read_lose_no_login(ledger: SqliteLedger, unread: str) -> None:
	provider, connection = Provider("1:a", "2:a"), begun(ledger)
	provider.unread = {unread}
	if unread == "1:a":
		with pytest.raises(TemporaryError):
			completed(ledger, provider, connection)
	else:
		[also, why] = completed(ledger, provider, connection).remarks
		assert "You also logged in to Second Bank" in also
		assert why.endswith("could not be read yet: The bank does not answer")
	assert banks(ledger) == [("First Bank", "1:a"), ("Second Bank", "2:a")]
	assert {one.status for one in ledger.connections()[1:]} == {ConnectionStatus.ACTIVE}
