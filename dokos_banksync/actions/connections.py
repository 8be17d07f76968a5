"""Connections: their state, connecting, reconnecting, fetching and disconnecting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dokos_banksync.actions import runs
from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.email_address import email_for
from dokos_banksync.actions.unfinished import unfinished, why_unfinished
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord

_LIVE = frozenset(ConnectionStatus) - {ConnectionStatus.DISCONNECTED, ConnectionStatus.CONNECTING}


def bank_state(context: RequestContext, given: Arguments) -> object:
	"""Return what the Bank form shows. With the key of an outcome, it includes that outcome, once.

	`ended_elsewhere` is true of a connection that was ended at the bank or the provider, until the same provider connects
	the bank again: the form shows why.
	"""
	bank, key = given.text("bank"), given.optional("outcome")
	records = list(context.connections(bank))
	ended = ended_elsewhere(records)
	return {
		"bank": bank,
		"connections": [
			{**connection_row(context, record), "ended_elsewhere": record in ended} for record in records
		],
		"warnings": [*context.warnings(), *_not_back(context, records)],
		"outcome": context.take_outcome(key) if key else None,
	}


def _not_back(context: RequestContext, records: Iterable[ConnectionRecord]) -> list[str]:
	"""Return what to know of connections that no user has come back for, where another one of the bank works it is not said."""
	records = list(records)
	if any(record.status in _LIVE for record in records):
		return []
	return [
		f"{record.name}: {context.translations.message(why_unfinished(context, record))}"
		for record in records
		if unfinished(record)
	]


def ended_elsewhere(records: Iterable[ConnectionRecord]) -> list[ConnectionRecord]:
	"""Return the connections of one bank that were ended there or at the provider, and that none of that provider replaces."""
	records = list(records)
	live = {record.provider for record in records if record.status in _LIVE}
	return [record for record in records if record.ended_elsewhere and record.provider not in live]


def connection_row(context: RequestContext, record: ConnectionRecord) -> dict[str, Any]:
	"""Return a connection as pages show it, without the provider's ids."""
	progress = context.progress(record.name)
	return {
		"name": record.name,
		"bank": record.bank,
		"provider": record.provider,
		"title": " · ".join(filter(None, (record.provider, record.company, record.name))),
		"status": record.status.value,
		"message": context.translations.message(
			why_unfinished(context, record) if unfinished(record) else record.status_message
		),
		"code": record.status_code,
		"reference": record.status_reference,
		"last_success_at": context.instant(record.last_success_at),
		"consent_expires_at": context.instant(record.consent_expires_at),
		"automatic": record.automatic,
		"running": progress is not None,
		"progress": progress or None,
	}


def begin_connect(context: RequestContext, given: Arguments) -> object:
	"""Return the address at which to connect a bank. A second click within a moment gets the same one."""
	bank, provider = given.text("bank"), given.text("provider")
	context.see("Sync Provider", provider)
	institution = given.text("institution_id")
	email = email_for(context.site, provider, lambda: given.optional("email") or context.email)
	if email:
		context.store_email(email)
	user, company = context.user, _company(context, given.optional("company"))

	def begin() -> str:
		"""Start the connection and return the address of the consent page."""
		link = context.site.begin_connect(
			bank,
			provider,
			institution,
			callback_url=context.callback_url,
			user=user,
			email=email,
			company=company,
			context=context.presence,
		)
		return link.url

	return {"url": context.once((user, "connect", bank, provider, institution, company), begin)}


def _company(context: RequestContext, wanted: str) -> str:
	companies = context.companies()
	if wanted in companies:
		return wanted
	if len(companies) > 1 or wanted:
		raise InvalidData("Choose the company whose books the bank feeds")
	return companies[0] if companies else ""


def begin_reconnect(context: RequestContext, given: Arguments) -> object:
	"""Start the renewal of a consent and return the address of the provider's page."""
	connection, user = context.connection(given.text("connection")).name, context.user

	def begin() -> str:
		"""Start the renewal and return the address of the consent page."""
		return context.site.begin_reconnect(
			connection, context.callback_url, user, context.email, context=context.presence
		).url

	return {"url": context.once((user, "reconnect", connection), begin)}


def live_connections(context: RequestContext, bank: str = "") -> list[ConnectionRecord]:
	"""Return the connections that can be fetched: neither disconnected nor still being made."""
	return [record for record in context.connections(bank) if record.status in _LIVE]


def fetch_transactions(context: RequestContext, given: Arguments) -> object:
	"""Import in the background: one connection, all of a bank, or all there are.

	Where no account feeds a Bank Account, nothing is started: `choose_accounts` is the bank whose accounts to choose.
	"""
	name = given.optional("connection")
	records = [context.connection(name)] if name else live_connections(context, given.optional("bank"))
	if records and not any(
		one.bank_account for record in records for one in context.site.ledger.accounts(record.name)
	):
		message = context.translations(
			"No account is imported yet: choose in Update bank accounts what to import."
		)
		return {
			"message": message,
			"indicator": "orange",
			"connections": [],
			"choose_accounts": records[0].bank,
		}
	return runs.start(context, records)


def history(context: RequestContext, given: Arguments) -> object:
	"""Return the names of a bank's runs: those of its connections, and all that changed its Bank Accounts."""
	return {"runs": list(context.runs_of(given.text("bank")))}


def forget_connection(context: RequestContext, given: Arguments) -> object:
	"""Delete a connection whose consent was never given."""
	name = context.connection(given.text("connection")).name
	if not context.site.forget_unfinished(name):
		raise InvalidData("{0} has been connected: disconnect it instead", name)
	return {"message": context.translations("The unfinished connection is removed."), "indicator": "green"}


def run_updates(context: RequestContext, given: Arguments) -> object:
	"""Return, for each connection, the `outcome` of its run once that has ended, else its `progress`, null when none is under way."""
	records = [context.connection(name) for name in given.names("connections")]
	return [{"outcome": context.outcome(r.name), "progress": context.progress(r.name)} for r in records]


def fetch_accounts(context: RequestContext, given: Arguments) -> object:
	"""Read the accounts of a connection again and return a sentence that says what to do with them."""
	name = context.connection(given.text("connection")).name
	found = context.site.refresh_accounts(name, context=context.presence)
	waiting = sum(1 for account in found if not account.bank_account and not account.gone)
	if waiting:
		message = context.translations(
			"{0} accounts are not imported yet: see Update bank accounts.", waiting
		)
	else:
		message = context.translations("State and accounts are up to date.")
	return {"message": message, "indicator": "green"}


def disconnect(context: RequestContext, given: Arguments) -> object:
	"""End the consent of a connection at the provider. What was imported stays."""
	name = context.connection(given.text("connection")).name
	context.site.disconnect(name)
	message = context.translations("The consent has ended. Transactions already imported stay.")
	remains = context.translations(context.site.what_remains(name))
	return {"message": f"{message} {remains}".rstrip(), "indicator": "green"}
