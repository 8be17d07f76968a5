"""Records as JSON: the doctypes' field names, amounts and days as text, instants in UTC, money in positive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.importing.approved_plan import Planned
from dokos_banksync.core.message import Message, message_parts
from dokos_banksync.core.model import NEXT_STEP, Institution
from dokos_banksync.core.records import (
	AccountRecord,
	BankAccountRecord,
	CategoryRecord,
	ConnectionRecord,
	RunRecord,
)
from dokos_banksync.hosts.standalone.ledger import LineRow, TransactionRow

Record = dict[str, Any]
_MESSAGES = ("error_message", "note", "status_message", "why")


def plain(value: object) -> Any:
	"""Return a value as JSON holds it. Amounts are text: a JSON number would be a binary fraction to most readers."""
	if isinstance(value, Enum):
		return value.value
	if isinstance(value, Decimal):
		return f"{value:f}"
	if isinstance(value, (date, datetime)):
		return value.isoformat()
	return value


def plain_row(row: Mapping[str, object]) -> Record:
	"""Return a record as values of JSON. A message has its template and values beside it, as `…_data`."""
	found = {key: plain(value) for key, value in row.items()}
	data = {
		f"{key}_data": message_parts(value) for key in _MESSAGES if isinstance(value := row.get(key), Message)
	}
	return {**found, **data}


def sentence(translations: Translations, message: str) -> str:
	"""Return a message in the user's language; amounts, days and instants are written as in other values of JSON."""
	return translations.message(message, lambda value: str(plain(value)))


def provider(row: Mapping[str, object]) -> Record:
	"""Return a Sync Provider, without its secrets."""
	fields = ("name", "provider_type", "environment", "client_id", "base_url")
	return {key: plain(row.get(key) or "") for key in fields}


def institution(found: Institution) -> Record:
	"""Return an institution as JSON."""
	return plain_row(vars(found))


def connection(record: ConnectionRecord) -> Record:
	"""Return a Sync Connection, and the one action its state asks for."""
	return {**plain_row(vars(record)), "action": NEXT_STEP[record.status].value}


def account(record: AccountRecord) -> Record:
	"""Return a Sync Remote Account; `name` is what the bank calls it, `source` our own key of it."""
	remote = record.remote
	return {
		"remote_id": remote.remote_id,
		"name": remote.account_name,
		"account_name": remote.account_name,
		"kind": remote.kind,
		"iban": remote.iban,
		"currency": remote.currency,
		"balance": plain(remote.balance),
		"balance_available": plain(remote.balance_available),
		"balance_at": plain(remote.balance_at),
		"bank_account": record.bank_account,
		"start_date": plain(record.start_date),
		"enabled": remote.enabled,
		"failed": remote.failed,
		"gone": record.gone,
		"connection": record.connection,
		"source": record.source,
	}


def bank_account(record: BankAccountRecord) -> Record:
	"""Return a bank account as JSON."""
	return {**plain_row(vars(record)), "account_name": record.name}


def run_record(record: RunRecord) -> Record:
	"""Return a Sync Run with its balance checks."""
	checks = [plain_row(check._asdict()) for check in record.checks]
	return {**plain_row(vars(record)), "checks": checks}


def planned(made: Planned) -> Record:
	"""Return what a dry run would do with one line."""
	line = made.line
	return {
		"id": made.id,
		"kind": made.kind.value,
		"may_be_left_out": made.may_be_left_out,
		"action": made.action.value,
		"reason": made.reason.value,
		"note": made.note,
		"bank_account": made.bank_account,
		"bank_transaction": made.transaction,
		"remote_account": line.remote_account,
		"remote_id": line.remote_id,
		"date": line.date.isoformat(),
		"amount": plain(line.amount),
		"currency": line.currency,
		"description": line.description,
		"state": line.state.value,
		"changes": json.loads(
			json.dumps({key: plain(value) for key, value in made.changes.items()}, default=str)
		),
	}


def transaction(row: TransactionRow) -> Record:
	"""Return a Bank Transaction; `category` is what a user calls it, `amount` is signed."""
	return plain_row(vars(row))


def line(row: LineRow) -> Record:
	"""Return a Sync Line; of a row that could not be read neither day nor amount is known."""
	unknown = {} if row.is_readable else {"date": None, "amount": None}
	return {**plain_row(vars(row)), **unknown}


def category(record: CategoryRecord) -> Record:
	"""Return a Bank Transaction Category."""
	return {
		"name": record.name,
		"category_name": record.category_name,
		"parent_bank_transaction_category": record.parent,
		"remote_id": record.remote_id,
		"edited": record.edited,
	}
