"""Connections: their state, connecting, reconnecting, fetching and disconnecting."""

from __future__ import annotations

from typing import Any

from dokos_banksync.actions import runs
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Desk
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord

_LIVE = frozenset(ConnectionStatus) - {ConnectionStatus.DISCONNECTED, ConnectionStatus.CONNECTING}


def bank_state(desk: Desk, given: Arguments) -> object:
	"""Return what the Bank form shows. With the key of an outcome, it holds that outcome, once."""
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
		"message": desk.translations.message(record.status_message),
		"code": record.status_code,
		"reference": record.status_reference,
		"last_success_at": desk.instant(record.last_success_at),
		"consent_expires_at": desk.instant(record.consent_expires_at),
		"automatic": record.automatic,
		"running": progress is not None,
		"progress": progress or None,
	}


def begin_connect(desk: Desk, given: Arguments) -> object:
	"""Where to go to connect a bank. A second click within a moment gets the same address."""
	bank, provider = given.text("bank"), given.text("provider")
	desk.see("Sync Provider", provider)
	institution, email = given.text("institution_id"), given.optional("email") or desk.email
	if "@" not in email.strip("@"):
		raise InvalidData("The provider wants your e-mail address: give it")
	desk.keep_email(email)
	person, company = desk.person, _company(desk, given.optional("company"))

	def begin() -> str:
		visit = desk.site.begin_connect(
			bank, provider, institution, desk.callback_url, person, email, company, context=desk.presence
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
	"""Start the renewal of a consent and return the address of the provider's page."""
	connection, person = desk.connection(given.text("connection")).name, desk.person

	def begin() -> str:
		return desk.site.begin_reconnect(
			connection, desk.callback_url, person, desk.email, context=desk.presence
		).url

	return {"url": desk.once((person, "reconnect", connection), begin)}


def live_connections(desk: Desk, bank: str = "") -> list[ConnectionRecord]:
	"""Return the connections that can be fetched: neither disconnected nor still being made."""
	return [record for record in desk.connections(bank) if record.status in _LIVE]


def fetch_transactions(desk: Desk, given: Arguments) -> object:
	"""Import in the background: one connection, all of a bank, or all there are.

	Where no account feeds a Bank Account, nothing is started: `choose_accounts` is the bank whose accounts to choose.
	"""
	name = given.optional("connection")
	records = [desk.connection(name)] if name else live_connections(desk, given.optional("bank"))
	if records and not any(
		one.bank_account for record in records for one in desk.site.ledger.accounts(record.name)
	):
		told = desk.translations("No account is imported yet: choose in Update bank accounts what to import.")
		return {"message": told, "indicator": "orange", "connections": [], "choose_accounts": records[0].bank}
	return runs.start(desk, records)


def history(desk: Desk, given: Arguments) -> object:
	"""Return the names of a bank's runs: those of its connections, and all that changed its Bank Accounts."""
	return {"runs": list(desk.runs_of(given.text("bank")))}


def forget_connection(desk: Desk, given: Arguments) -> object:
	"""Delete a connection whose consent was never given."""
	name = desk.connection(given.text("connection")).name
	if not desk.site.forget_unfinished(name):
		raise InvalidData("{0} has been connected: disconnect it instead", name)
	return {"message": desk.translations("The unfinished connection is removed."), "indicator": "green"}


def run_news(desk: Desk, given: Arguments) -> object:
	"""Of each connection: the `outcome` of its run once that has ended, else its `progress`, null when none is under way."""
	records = [desk.connection(name) for name in given.names("connections")]
	return [{"outcome": desk.outcome(r.name), "progress": desk.progress(r.name)} for r in records]


def fetch_accounts(desk: Desk, given: Arguments) -> object:
	"""Read the accounts of a connection again and return a sentence that says what to do with them."""
	name = desk.connection(given.text("connection")).name
	found = desk.site.refresh_accounts(name, context=desk.presence)
	waiting = sum(1 for account in found if not account.bank_account and not account.gone)
	if waiting:
		told = desk.translations("{0} accounts are not imported yet: see Update bank accounts.", waiting)
	else:
		told = desk.translations("State and accounts are up to date.")
	return {"message": told, "indicator": "green"}


def disconnect(desk: Desk, given: Arguments) -> object:
	"""End the consent of a connection at the provider. What was imported stays."""
	desk.site.disconnect(desk.connection(given.text("connection")).name)
	told = desk.translations("The consent has ended. Transactions already imported stay.")
	return {"message": told, "indicator": "green"}
