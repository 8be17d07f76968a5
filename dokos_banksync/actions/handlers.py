"""What the form scripts may call: `dokos_banksync.api.connections.<name>`, and what each call is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dokos_banksync.actions import accounts, return_address, runs
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import ConnectionStatus, Institution
from dokos_banksync.core.records import ConnectionRecord

Method = Callable[[Desk, Arguments], object]

SHOWN = 60
"""How many institutions a dialog shows; more of them, and the person is asked to type more."""

_LIVE = frozenset(ConnectionStatus) - {ConnectionStatus.DISCONNECTED, ConnectionStatus.CONNECTING}


def bank_state(desk: Desk, given: Arguments) -> object:
	"""What the Bank form shows. Who gives the key of an arrival is told of the visit that ended, once."""
	bank, key = given.text("bank"), given.optional("arrival")
	return {
		"bank": bank,
		"connections": [connection_row(desk, record) for record in desk.connections(bank)],
		"warnings": list(desk.warnings()),
		"arrival": desk.take_arrival(key) if key else None,
	}


def connection_row(desk: Desk, record: ConnectionRecord) -> dict[str, Any]:
	"""A connection as pages show it, without the provider's ids."""
	progress = desk.progress(record.name)
	return {
		"name": record.name,
		"bank": record.bank,
		"provider": record.provider,
		"title": " · ".join(filter(None, (record.provider, record.company, record.name))),
		"status": record.status.value,
		"message": desk.translations.translate_stored(record.status_message),
		"code": record.status_code,
		"reference": record.status_reference,
		"last_success_at": desk.instant(record.last_success_at),
		"consent_expires_at": desk.instant(record.consent_expires_at),
		"automatic": record.automatic,
		"running": progress is not None,
		"progress": progress or None,
	}


def providers(desk: Desk, _given: Arguments) -> object:
	"""The subscriptions, the companies to choose from, and the person's e-mail address where it is known:
	providers want one.
	"""
	rows = [row for row in desk.site.ledger.providers() if row.get("enabled", 1)]
	names = [{"name": row["name"], "environment": row["environment"]} for row in rows]
	return {"providers": names, "companies": list(desk.companies()), "email": desk.email}


def institutions(desk: Desk, given: Arguments) -> object:
	found = desk.site.institutions(
		given.text("provider"), given.optional("search"), given.optional("country")
	)
	return {"institutions": [_institution(one) for one in found[:SHOWN]], "more": len(found) > SHOWN}


def _institution(one: Institution) -> dict[str, object]:
	return {
		"id": one.id,
		"name": one.name,
		"country": one.country,
		"beta": one.beta,
		"healthy": one.healthy,
	}


def begin_connect(desk: Desk, given: Arguments) -> object:
	"""Where to go to connect a bank. A second click within a moment gets the same address."""
	bank, provider = given.text("bank"), given.text("provider")
	institution, email = given.text("institution_id"), given.optional("email") or desk.email
	if "@" not in email.strip("@"):
		raise InvalidData("The provider wants your e-mail address: give it")
	desk.keep_email(email)
	person, company = desk.person, _company(desk, given.optional("company"))

	def begin() -> str:
		visit = desk.site.begin_connect(
			bank, provider, institution, desk.callback_url, person, email, company
		)
		return visit.url

	return {"url": desk.once((person, "connect", bank, provider, institution, company), begin)}


def _company(desk: Desk, wanted: str) -> str:
	companies = desk.companies()
	if wanted in companies:
		return wanted
	if len(companies) > 1 or wanted:
		raise InvalidData("Choose the company whose books the bank feeds")
	return companies[0] if companies else ""


def begin_reconnect(desk: Desk, given: Arguments) -> object:
	connection, person = desk.connection(given.text("connection")).name, desk.person

	def begin() -> str:
		return desk.site.begin_reconnect(connection, desk.callback_url, person, desk.email).url

	return {"url": desk.once((person, "reconnect", connection), begin)}


def _live(desk: Desk, bank: str = "") -> list[ConnectionRecord]:
	return [record for record in desk.connections(bank) if record.status in _LIVE]


def account_choices(desk: Desk, given: Arguments) -> object:
	"""What Update bank accounts shows: each remote account, and the Bank Accounts it may feed."""
	bank = given.text("bank")
	return accounts.offer(desk, bank, _live(desk, bank))


def update_accounts(desk: Desk, given: Arguments) -> object:
	"""Tie remote accounts to Bank Accounts, then import in the background."""
	chosen, bank = accounts.read_choices(given.text("choices")), given.text("bank")
	connections = _live(desk, bank)
	accounts.link(desk, bank, connections, chosen)
	return runs.start(desk, connections)


def fetch_transactions(desk: Desk, given: Arguments) -> object:
	"""Import in the background: one connection, all of a bank, or all there are."""
	if name := given.optional("connection"):
		return runs.start(desk, [desk.connection(name)])
	return runs.start(desk, _live(desk, given.optional("bank")))


def run_news(desk: Desk, given: Arguments) -> object:
	"""Of each connection: the `outcome` of its run once that has ended, else its `progress`, null when none is under way."""
	records = [desk.connection(name) for name in given.names("connections")]
	return [{"outcome": desk.outcome(r.name), "progress": desk.progress(r.name)} for r in records]


def fetch_accounts(desk: Desk, given: Arguments) -> object:
	found = desk.site.refresh_accounts(desk.connection(given.text("connection")).name)
	waiting = sum(1 for account in found if not account.bank_account and not account.gone)
	if waiting:
		told = desk.translations("{0} accounts are not imported yet: see Update bank accounts.", waiting)
	else:
		told = desk.translations("State and accounts are up to date.")
	return {"message": told, "indicator": "green"}


def disconnect(desk: Desk, given: Arguments) -> object:
	desk.site.disconnect(desk.connection(given.text("connection")).name)
	told = desk.translations("The consent has ended. Transactions already imported stay.")
	return {"message": told, "indicator": "green"}


def check_provider(desk: Desk, given: Arguments) -> object:
	check = desk.site.check_provider(given.text("provider"))
	remarks = [desk.translations.translate_stored(remark) for remark in check.remarks]
	return {"remarks": [*remarks, *return_address.remarks(check, desk.callback_url, desk.translations)]}


def add_category(desk: Desk, given: Arguments) -> object:
	return desk.site.ledger.add_category(given.text("category_name"), given.optional("parent"))


def rename_category(desk: Desk, given: Arguments) -> object:
	desk.site.ledger.rename_category(given.text("category"), given.text("category_name"))
	return None


def delete_category(desk: Desk, given: Arguments) -> object:
	desk.site.ledger.delete_category(given.text("category"))
	return None


METHODS: Mapping[str, Method] = {
	method.__name__: method
	for method in (
		*(bank_state, providers, institutions, check_provider),
		*(begin_connect, begin_reconnect, account_choices, update_accounts),
		*(fetch_transactions, run_news, fetch_accounts, disconnect),
		*(add_category, rename_category, delete_category),
	)
}
