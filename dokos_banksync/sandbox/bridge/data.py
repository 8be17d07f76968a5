"""Items, accounts and transactions."""

from __future__ import annotations

import heapq
import json
from datetime import timedelta
from itertools import islice
from typing import Any

from dokos_banksync.sandbox.bridge.call import Call
from dokos_banksync.sandbox.bridge.errors import invalid, missing
from dokos_banksync.sandbox.bridge.feed import WrittenRow
from dokos_banksync.sandbox.bridge.model import Account, Item
from dokos_banksync.sandbox.bridge.outcomes import describe
from dokos_banksync.sandbox.bridge.rows import Key, Window, number
from dokos_banksync.sandbox.clock import iso, to_ms
from dokos_banksync.sandbox.customers import LoanAccount, customer_of, remaining_capital
from dokos_banksync.sandbox.movements import is_due

Answer = tuple[int, Any]
_FIRST: Key = (-1, -1)
_NO_ID = 1 << 62


def list_items(call: Call) -> Answer:
	"""List the user's items."""
	return 200, call.listing((item.id, _item(call, item)) for item in call.user.items.values())


def get_item(call: Call, item_id: int) -> Answer:
	"""Return an item."""
	return 200, _item(call, call.item(item_id))


def delete_item(call: Call, item_id: int) -> Answer:
	"""Delete an item."""
	call.bridge.delete_item(call.user, call.item(item_id))
	return 204, None


def list_accounts(call: Call) -> Answer:
	"""List the user's accounts, or those of an item."""
	item_id = call.integer("item_id")
	if item_id is not None:
		call.item(item_id)
	found = (one for one in call.user.accounts() if item_id in (None, one.item_id))
	return 200, call.listing((one.id, _account(call, one)) for one in found)


def get_account(call: Call, account_id: int) -> Answer:
	"""Return an account."""
	return 200, _account(call, call.account(account_id))


def accounts_information(call: Call) -> Answer:
	"""Return the holders' names, one entry per item."""
	return 200, call.listing((item.id, _holder(item)) for item in call.user.items.values())


def list_transactions(call: Call) -> Answer:
	"""Return rows in the order of their last change. The body is text already: rows are kept as JSON."""
	accounts = _asked_accounts(call)
	window, limit = _window(call), call.limit
	scans = [account.scan(window) for account in accounts if account.enabled]
	merged = scans[0] if len(scans) == 1 else heapq.merge(*scans, key=lambda pair: pair[0])
	found = list(islice(merged, limit + 1))
	page, more = found[:limit], len(found) > limit
	after = "{}.{}".format(*page[-1][0]) if more else None
	rows = ",".join(_text(call, row) for _, row in page)
	pagination = json.dumps(call.pagination(after))
	if not more and call.bridge.settings.no_pagination_at_end:
		return 200, f'{{"resources":[{rows}]}}'
	return 200, f'{{"resources":[{rows}],"pagination":{pagination}}}'


def get_transaction(call: Call, transaction_id: int) -> Answer:
	"""Return a transaction."""
	for account in call.user.accounts():
		row = account.row(transaction_id) if account.enabled else None
		if row is not None:
			return 200, row.as_json()
	raise missing("The transaction")


def _asked_accounts(call: Call) -> list[Account]:
	account_id = call.integer("account_id")
	return list(call.user.accounts()) if account_id is None else [call.account(account_id)]


def _window(call: Call) -> Window:
	since, until = call.instant("since"), call.instant("until")
	start = (to_ms(since), _NO_ID) if since else _FIRST
	return Window(
		max(start, _cursor(call)),
		to_ms(until) if until else None,
		min_date=call.day("min_date"),
		max_date=call.day("max_date"),
		tombstones=since is not None or call.bridge.settings.tombstones_without_since,
	)


def _cursor(call: Call) -> Key:
	text = call.cursor()
	if text is None:
		return _FIRST
	stamp, dot, row_id = text.partition(".")
	if not (dot and stamp.isdigit() and row_id.isdigit()):
		raise invalid("after", "after must be taken from next_uri")
	return int(stamp), int(row_id)


def _text(call: Call, row: WrittenRow) -> str:
	return json.dumps(row.as_json()) if call.bridge.settings.show_nulls else row.encoded


def _item(call: Call, item: Item) -> dict[str, Any]:
	instants = {
		"last_successful_refresh": item.last_successful_refresh,
		"last_try_refresh": item.last_try_refresh,
		"created_at": item.created_at,
		"authentication_expires_at": item.authentication_expires_at,
	}
	return {
		"id": item.id,
		"provider_id": item.institution.id,
		"status": item.status,
		"status_code_info": item.status_code_info,
		"status_code_description": describe(item.status, call.french),
		"account_types": item.account_types,
		**{name: iso(instant) if instant else None for name, instant in instants.items()},
	}


def _account(call: Call, account: Account) -> dict[str, Any]:
	facts = account.real.facts
	shown = {
		"id": account.id,
		"item_id": account.item_id,
		"provider_id": facts.institution_id,
		"name": facts.name,
		"type": facts.kind,
		"currency_code": facts.currency,
		"pro": facts.pro,
		"data_access": account.data_access,
		"last_refresh_status": account.last_refresh_status,
		"updated_at": iso(account.updated_at),
	}
	return {**shown, **_money(call, account)} if account.enabled else shown


def _money(call: Call, account: Account) -> dict[str, Any]:
	"""Return what only a shared account has. Balances are those of the last successful look at the bank."""
	real, seen = account.real, account.read_until or call.bridge.world.clock.today()
	booked = real.balance_cents(seen)
	coming = sum(
		row.cents for row in map(account.feed.rows.__getitem__, account.feed.live.values()) if row.future
	)
	plain = real.facts.kind in ("checking", "card")
	return {
		"iban": real.facts.iban,
		"balance": number(booked),
		"accounting_balance": number(booked) if plain else None,
		"instant_balance": number(booked + coming) if plain else None,
		"loan_details": _loan(real, call) if isinstance(real, LoanAccount) else None,
	}


def _loan(real: LoanAccount, call: Call) -> dict[str, Any]:
	today, terms = call.bridge.world.clock.today(), real.terms
	remaining = remaining_capital(terms, today)
	due = today + timedelta(days=1)
	while not is_due(due, 5):
		due += timedelta(days=1)
	return {
		"type": terms.name,
		"interest_rate": 2.1,
		"borrowed_capital": number(terms.borrowed),
		"repaid_capital": number(terms.borrowed - remaining),
		"remaining_capital": number(remaining),
		"next_payment_amount": number(terms.instalment),
		"next_payment_date": due.isoformat(),
		"opening_date": terms.opened.isoformat(),
		"maturity_date": (terms.opened + timedelta(days=terms.months * 30)).isoformat(),
	}


def _holder(item: Item) -> dict[str, Any]:
	user = customer_of(item.login)
	shared = [
		{"id": account.id, "iban": account.real.facts.iban}
		for account in item.accounts.values()
		if account.enabled
	]
	accounts = [{name: value for name, value in one.items() if value is not None} for one in shared]
	return {
		"item_id": item.id,
		"first_name": user.first_name,
		"last_name": user.last_name,
		"accounts": accounts,
	}
