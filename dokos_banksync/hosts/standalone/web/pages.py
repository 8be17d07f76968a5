"""Banks, connections and runs: what each page shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.actions import run_counts
from dokos_banksync.actions.connections import connection_row, ended_elsewhere
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.actions.quotas import quotas
from dokos_banksync.actions.quotas import shown as shown_quotas
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import AccountRecord, BankAccountRecord, ConnectionRecord, RunRecord
from dokos_banksync.hosts.standalone.web.paging import page_of
from dokos_banksync.hosts.standalone.web.request_context import RUNS_OF_BANK, Call, PageScripts
from dokos_banksync.hosts.standalone.web.totals import balance_totals

RUNS_ON_FORM = 5
WAITING_OF_RUN = 20
"""Lines without a bank transaction on the page of a run."""


def home(call: Call) -> Response:
	"""Go to the list of banks."""
	return call.go("/bank")


def progress(call: Call) -> Response:
	"""Return events of background work for the page's poll; the first poll gets only the latest number."""
	events_after = call.jobs.events_after(call.request.args.get("after", type=int))
	events = [{"event": event.event, "data": event.data} for event in events_after.events]
	data = {"events": events, "last": events_after.last, "busy": events_after.busy}
	return Response(json.dumps(data), mimetype="application/json")


# -- banks ---------------------------------------------------------------------------------------------
def banks(call: Call) -> Response:
	"""Show the banks with their connections."""
	connections, files = call.site.ledger.connections(), call.site.ledger.latest_file_imports()
	rows = [_bank_row(call, name, connections, files.get(name)) for name in call.site.ledger.banks()]
	return call.page(
		"banks.html",
		call.translations("Banks"),
		"/bank",
		banks=rows,
		providers=call.site.ledger.providers(),
	)


def _bank_row(
	call: Call, bank: str, connections: Sequence[ConnectionRecord], last_file_at: datetime | None
) -> dict[str, object]:
	own = [record for record in connections if record.bank == bank]
	live = [record for record in own if record.status is not ConnectionStatus.DISCONNECTED]
	states = {record.status.value for record in (*live, *ended_elsewhere(own))}
	return {
		"name": bank,
		"path": bank_path(bank),
		"accounts": [account.name for account in call.site.ledger.bank_accounts(bank)],
		"states": sorted(states),
		"last_import_at": latest([*(record.last_success_at for record in own), last_file_at]),
	}


def bank_path(bank: str) -> str:
	"""Return the path of a bank's page."""
	return f"/bank/{quote(bank, safe='')}"


def latest(moments: Iterable[datetime | None]) -> datetime | None:
	"""Return the latest instant, or None."""
	return max((moment for moment in moments if moment), default=None)


def add_bank(call: Call) -> Response:
	"""Create a bank, and go to its page."""
	name = call.request.form.get("bank_name", "").strip()
	call.site.ledger.add_bank(name)
	return call.go(bank_path(name))


def bank(call: Call, name: str) -> Response:
	"""Show a bank with its connections and runs."""
	call.site.ledger.bank(name)
	connections = call.site.ledger.connections(name)
	runs = call.site.ledger.runs_named(call.runs_of(name)[:RUNS_ON_FORM])
	accounts = _fed_accounts(call, name, connections)
	closed = [one.name for one in call.site.ledger.closed_bank_accounts() if one.bank == name]
	return call.page(
		"bank.html",
		name,
		"/bank",
		PageScripts("form", "Bank", doc={"name": name, "bank_name": name}),
		parent=("/bank", call.translations("Banks")),
		accounts=accounts,
		totals=balance_totals((one.currency, one.balance) for one in accounts),
		bank_totals=balance_totals((one.currency, one.bank_balance) for one in accounts),
		closed=closed,
		removable=not (connections or accounts or closed),
		runs=_run_rows(call, runs),
		heading=call.translations("Latest runs"),
	)


def change_bank(call: Call, name: str) -> Response:
	"""Rename a bank, or remove one that nothing depends on."""
	if "name" in call.request.form:
		return call.go(bank_path(call.site.ledger.rename_bank(name, call.request.form["name"])))
	call.site.ledger.remove_bank(name)
	return call.go("/bank")


class FedAccount(NamedTuple):
	"""A bank account with its balances; None for one that is not known."""

	name: str
	path: str
	iban: str
	currency: str
	balance: Decimal | None
	bank_balance: Decimal | None

	@property
	def difference(self) -> Decimal | None:
		"""Return what the bank has more than the books, or None where they cannot be compared."""
		if self.bank_balance is None or self.balance is None:
			return None
		return self.bank_balance - self.balance


def _fed_accounts(call: Call, bank: str, connections: Sequence[ConnectionRecord]) -> list[FedAccount]:
	remote = [account for record in connections for account in call.site.ledger.accounts(record.name)]
	feeds = {account.bank_account: account for account in remote if account.bank_account and not account.gone}
	return [
		_fed_account(call, account, feeds.get(account.name))
		for account in call.site.ledger.bank_accounts(bank)
	]


def _fed_account(call: Call, account: BankAccountRecord, feed: AccountRecord | None) -> FedAccount:
	opening = account.opening_balance
	return FedAccount(
		name=account.name,
		path=f"/bank-account/{quote(account.name, safe='')}",
		iban=account.iban,
		currency=account.currency,
		balance=None if opening is None else opening + call.site.ledger.movements(account.name),
		bank_balance=feed.remote.balance if feed else None,
	)


# -- connections ---------------------------------------------------------------------------------------
def connections(call: Call) -> Response:
	"""Show the connections."""
	records = call.site.ledger.connections()
	return call.page(
		"connections.html",
		call.translations("Connections"),
		"/sync-connection",
		PageScripts("list", "Sync Connection", docs=[connection_row(call, record) for record in records]),
		connections=[_shown(call, record) for record in records],
	)


def _shown(call: Call, record: ConnectionRecord) -> dict[str, object]:
	return {
		"name": record.name,
		"bank": record.bank,
		"provider": record.provider,
		"status": record.status.value,
		"message": call.translations.message(record.status_message),
		"last_success_at": record.last_success_at,
		"last_refresh_at": record.last_refresh_at,
		"consent_expires_at": record.consent_expires_at,
	}


def connection(call: Call, name: str) -> Response:
	"""Show a connection."""
	record, accounts = call.site.ledger.connection(name), call.site.ledger.accounts(name)
	return call.page(
		"connection.html",
		name,
		"/sync-connection",
		PageScripts(
			"form", "Sync Connection", doc={"name": name, "bank": record.bank, "provider": record.provider}
		),
		parent=("/sync-connection", call.translations("Connections")),
		row=_shown(call, record),
		accounts=accounts,
		totals=balance_totals((one.remote.currency, one.remote.balance) for one in accounts),
		quotas=shown_quotas(quotas(call.site, name)),
		runs=_run_rows(call, call.site.ledger.runs(name, RUNS_ON_FORM)),
		heading=call.translations("Latest runs"),
	)


# -- runs ----------------------------------------------------------------------------------------------
def _run_rows(call: Call, runs: Sequence[RunRecord]) -> list[dict[str, object]]:
	banks = {record.name: record.bank for record in call.site.ledger.connections()}
	return [
		{
			**vars(run),
			"bank": banks.get(run.connection, ""),
			"started_by": trigger_of(call.translations, run.trigger, run.subject, run.target),
			"remark": _remark(call.translations, run),
		}
		for run in runs
	]


def _remark(translations: Translations, run: RunRecord) -> str:
	"""Return why a run ended as it did, or what became of the rows that it did not import."""
	if run.error_message:
		return translations.message(run.error_message)
	return run_counts.outcomes(translations, run, "created", "unchanged")


def runs(call: Call) -> Response:
	"""Show the runs, or the ones that the address names."""
	ledger = call.site.ledger
	pages: dict[str, Any] = {"first_page": "", "next_page": ""}
	if "name" in call.request.args:
		asked = [name for name in call.request.args["name"].split(",") if name]
		found = ledger.runs_named(asked[:RUNS_OF_BANK])
	else:
		found, pages = page_of(call, "/sync-run", lambda limit: ledger.runs("", limit))
	return call.page(
		"runs.html",
		call.translations("History"),
		"/sync-run",
		runs=_run_rows(call, found),
		heading="",
		may_be_cut="name" in call.request.args and len(found) == RUNS_OF_BANK,
		**pages,
	)


def run(call: Call, name: str) -> Response:
	"""Show a run."""
	record = call.site.ledger.run(name)
	translations = call.translations
	waiting = call.site.ledger.lines(run=name, held=True, limit=WAITING_OF_RUN + 1)
	return call.page(
		"run.html",
		name,
		"/sync-run",
		PageScripts("form", "Sync Run", doc=_run_doc(record)),
		parent=("/sync-run", translations("History")),
		run=record,
		trigger=trigger_of(translations, record.trigger, record.subject, record.target),
		bank=call.site.ledger.connection(record.connection).bank if record.connection else "",
		bank_account=call.site.ledger.account_of_file_run(name),
		waiting=waiting[:WAITING_OF_RUN],
		more_wait=len(waiting) > WAITING_OF_RUN,
		counts=run_counts.labelled(translations, record),
	)


def _run_doc(record: RunRecord) -> dict[str, object]:
	return {"name": record.name, "connection": record.connection, "trigger": record.trigger.value}
