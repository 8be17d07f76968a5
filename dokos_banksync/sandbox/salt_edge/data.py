"""Accounts and transactions. They are served whatever the state of the connection's consent."""

from __future__ import annotations

from typing import Any

from dokos_banksync.sandbox.salt_edge.call import Call
from dokos_banksync.sandbox.salt_edge.errors import wrong
from dokos_banksync.sandbox.salt_edge.model import Account, Row
from dokos_banksync.sandbox.salt_edge.rows import account_json, made_on, row_json


def list_accounts(call: Call) -> dict[str, Any]:
	"""List the accounts of a connection or of a customer."""
	pairs = [(one, account) for one in call.asked_connections() for account in one.accounts.values()]
	return call.listing((int(account.id), account_json(one, account)) for one, account in pairs)


def list_transactions(call: Call) -> dict[str, Any]:
	"""Posted transactions that are no duplicates, or with a flag the pending, or the duplicated ones."""
	if not call.request.args.get("connection_id"):
		raise wrong("connection_id is missing")
	connection = call.connection(call.request.args["connection_id"])
	wanted = call.request.args.get("account_id")
	since, until = call.day("from_date"), call.day("to_date")
	found = (
		(row.id, row)
		for account in connection.accounts.values()
		if wanted in (None, account.id)
		for row in _rows(call, account)
		if (since is None or made_on(connection, row) >= since)
		and (until is None or made_on(connection, row) <= until)
	)
	return call.listing(found, lambda row: row_json(connection, row))


def _rows(call: Call, account: Account) -> list[Row]:
	if call.flag("pending"):
		return account.held
	if call.flag("duplicated"):
		return account.duplicates
	return list(account.rows.values())
