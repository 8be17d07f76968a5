"""What the form scripts may call: `/api/method/dokos_banksync.api.<name>`, by POST, with JSON both ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date
from itertools import chain, count
from typing import Any

from dokos_banksync.embedded.web import imports
from dokos_banksync.embedded.web.call import Arguments, Call
from dokos_banksync.engine.journey import Choice, Proposal
from dokos_banksync.engine.model import ConnectionStatus, Institution
from dokos_banksync.errors import InvalidData, NotFound
from dokos_banksync.ledgers.contract import ConnectionRecord

Method = Callable[[Call, Arguments], object]

SHOWN = 60
"""How many institutions a dialog shows; more of them, and the person is asked to type more."""

_LIVE = frozenset(ConnectionStatus) - {ConnectionStatus.DISCONNECTED, ConnectionStatus.CONNECTING}


def bank_state(call: Call, given: Arguments) -> object:
	"""What the Bank form shows; `arrival` tells once of a visit to the provider's page that has ended."""
	bank = given.text("bank")
	rows = [connection_row(call, record) for record in call.site.ledger.connections(bank)]
	return {"bank": bank, "connections": rows, "arrival": call.session.arrivals.pop(bank, None)}


def connection_row(call: Call, record: ConnectionRecord) -> dict[str, Any]:
	"""A connection as pages show it, without the provider's ids."""
	return {
		"name": record.name,
		"bank": record.bank,
		"provider": record.provider,
		"title": f"{record.provider} · {record.name}",
		"status": record.status.value,
		"message": call.phrases.retell(record.status_message),
		"code": record.status_code,
		"reference": record.status_reference,
		"last_success_at": _iso(record.last_success_at),
		"consent_expires_at": _iso(record.consent_expires_at),
		"running": record.name in call.jobs.running(),
	}


def _iso(value: date | None) -> str | None:
	return value.isoformat() if value else None


def providers(call: Call, _given: Arguments) -> object:
	"""The subscriptions, and the person's e-mail address where it is known: providers want one."""
	names = [{"name": row["name"]} for row in call.site.ledger.providers()]
	return {"providers": names, "email": call.session.email}


def institutions(call: Call, given: Arguments) -> object:
	found = call.site.institutions(
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


def begin_connect(call: Call, given: Arguments) -> object:
	"""Where to go to connect a bank. A second click within a moment gets the same address."""
	bank, provider = given.text("bank"), given.text("provider")
	institution, email = given.text("institution_id"), given.optional("email") or call.session.email
	if "@" not in email.strip("@"):
		raise InvalidData("The provider wants your e-mail address: give it")
	call.session.email = email
	person = call.session.person

	def begin() -> str:
		visit = call.site.begin_connect(bank, provider, institution, call.callback_url, person, email)
		return visit.url

	return {"url": call.clicks.open((person, "connect", bank, provider, institution), begin)}


def begin_reconnect(call: Call, given: Arguments) -> object:
	connection, person = given.text("connection"), call.session.person

	def begin() -> str:
		email = call.session.email
		return call.site.begin_reconnect(connection, call.callback_url, person, email).url

	return {"url": call.clicks.open((person, "reconnect", connection), begin)}


def _live(call: Call, bank: str = "") -> list[ConnectionRecord]:
	return [record for record in call.site.ledger.connections(bank) if record.status in _LIVE]


def account_choices(call: Call, given: Arguments) -> object:
	"""What Update bank accounts shows: each remote account, and the Bank Accounts it may feed."""
	bank = given.text("bank")
	taken = {account.name for account in call.site.ledger.bank_accounts()}
	rows = []
	for record in _live(call, bank):
		for proposal in call.site.proposals(record.name):
			name = free_name(f"{proposal.remote.account_name} - {bank}", taken)
			taken.add(name)
			rows.append({**_choice_row(call, record, proposal), "suggested_name": name})
	held = [{"name": one.name, "currency": one.currency} for one in call.site.ledger.bank_accounts(bank)]
	return {"accounts": rows, "bank_accounts": held}


def free_name(wanted: str, taken: Collection[str]) -> str:
	"""The wanted name, with a number behind it when another has it."""
	numbered = (f"{wanted} {number}" for number in count(2))
	return next(name for name in chain([wanted], numbered) if name not in taken)


def _choice_row(call: Call, record: ConnectionRecord, proposal: Proposal) -> dict[str, object]:
	remote = proposal.remote
	return {
		"source": proposal.source,
		"connection": record.name,
		"account_name": remote.account_name,
		"kind": remote.kind,
		"iban": remote.iban,
		"currency": remote.currency,
		"balance": None if remote.balance is None else str(remote.balance),
		"enabled": remote.enabled,
		"failed": remote.failed,
		"bank_account": proposal.bank_account,
		"start_date": _iso(proposal.start_date),
		"note": call.phrases.retell(proposal.note),
	}


def update_accounts(call: Call, given: Arguments) -> object:
	"""Tie remote accounts to Bank Accounts, then import in the background."""
	choices = read_choices(given.text("choices"))
	connections = _live(call, given.text("bank"))
	owners = {p.source: record.name for record in connections for p in call.site.proposals(record.name)}
	if unknown := [choice.source for choice in choices if choice.source not in owners]:
		raise NotFound("The bank no longer shares the account {0}: open the dialog again", unknown[0])
	for record in connections:
		call.site.link(record.name, [choice for choice in choices if owners[choice.source] == record.name])
	return imports.start(call, connections)


def read_choices(text: str) -> list[Choice]:
	"""The dialog's choices, as JSON text; raises `InvalidData` for anything else."""
	try:
		rows = json.loads(text)
		return [_read_choice(row) for row in (rows if isinstance(rows, list) else [rows])]
	except (AttributeError, KeyError, TypeError, ValueError) as error:
		raise InvalidData("The choice of accounts cannot be read: open the dialog again") from error


def _read_choice(row: dict[str, Any]) -> Choice:
	start = date.fromisoformat(row["start_date"]) if row.get("start_date") else None
	return Choice(str(row["source"]), str(row["bank_account"]).strip(), start)


def fetch_transactions(call: Call, given: Arguments) -> object:
	"""Import in the background: one connection, all of a bank, or all there are."""
	if name := given.optional("connection"):
		return imports.start(call, [call.site.ledger.connection(name)])
	return imports.start(call, _live(call, given.optional("bank")))


def fetch_accounts(call: Call, given: Arguments) -> object:
	found = call.site.refresh_accounts(given.text("connection"))
	waiting = sum(1 for account in found if not account.bank_account and not account.gone)
	if waiting:
		told = call.phrases("{0} accounts are not imported yet: see Update bank accounts.", waiting)
	else:
		told = call.phrases("State and accounts are up to date.")
	return {"message": told, "indicator": "green"}


def disconnect(call: Call, given: Arguments) -> object:
	call.site.disconnect(given.text("connection"))
	told = call.phrases("The consent has ended. Transactions already imported stay.")
	return {"message": told, "indicator": "green"}


def check_provider(call: Call, given: Arguments) -> object:
	check = call.site.check_provider(given.text("provider"))
	return {"remarks": [call.phrases.retell(remark) for remark in check.remarks]}


def add_category(call: Call, given: Arguments) -> object:
	return call.site.ledger.add_category(given.text("category_name"), given.optional("parent"))


def rename_category(call: Call, given: Arguments) -> object:
	call.site.ledger.rename_category(given.text("category"), given.text("category_name"))
	return None


def delete_category(call: Call, given: Arguments) -> object:
	call.site.ledger.delete_category(given.text("category"))
	return None


METHODS: Mapping[str, Method] = {
	method.__name__: method
	for method in (
		*(bank_state, providers, institutions, check_provider),
		*(begin_connect, begin_reconnect, account_choices, update_accounts),
		*(fetch_transactions, fetch_accounts, disconnect),
		*(add_category, rename_category, delete_category),
	)
}
