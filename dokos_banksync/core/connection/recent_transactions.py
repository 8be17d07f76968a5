"""Which Bank Accounts hold the recent transactions of a remote account.

After a new connection every id may be another one, and an account without an IBAN may bear another name. Its
transactions are the same. They are looked at once, when the accounts are read, and only where there is a Bank Account
to compare with and another read costs nothing. What was found is stored for the dialog that comes later.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.labels import ALIKE, label_of
from dokos_banksync.core.model import ExistingTransaction, FetchRequest, Line, LineState, Window
from dokos_banksync.core.provider import Access, Context, Provider, Secret
from dokos_banksync.core.records import AccountRecord, BankAccountRecord, ConnectionRecord

BACK = timedelta(days=45)
"""How far before the last bank transaction of a Bank Account its transactions are compared."""

LEAST = 3
"""Fewer equal transactions show nothing: two accounts may pay the same fee on one day."""

MAX_PAGES = 2
MAX_LINES = 200
_LIFETIME = timedelta(days=30)


class SharedTransactions(NamedTuple):
	"""How many of the remote account's transactions a Bank Account holds, of those on days that it knows."""

	equal: int
	compared: int


def compare_recent(
	ledger: Ledger, provider: Provider, record: ConnectionRecord, *, access: Access, context: Context
) -> None:
	"""Compare the recent transactions of the accounts that feed nothing yet, and store what was found.

	Makes no call where there is nothing to compare with or calls are scarce. A provider that cannot give
	transactions yet leaves no evidence, which is no error.
	"""
	for account in ledger.accounts(record.name):
		days = _last_days(ledger, record, account) if _is_open(ledger, record, account) else {}
		if days and not shared_transactions(ledger, record, account):
			since = min(days.values()) - BACK
			lines = _stored_lines(ledger, account, since)
			if not lines and provider.capabilities.reread:
				lines = _given_lines(provider, account, since, access=access, context=context)
			_store(ledger, record, account, _shared(ledger, days, lines))


def shared_transactions(
	ledger: Ledger, record: ConnectionRecord, account: AccountRecord
) -> dict[str, SharedTransactions]:
	"""Return the Bank Accounts that hold at least `LEAST`, and half, of the transactions that were compared."""
	stored = ledger.secret_store(record.provider).get(_key(account))
	if stored is None:
		return {}
	candidates = {one.name for one in _comparable(ledger, record, account)}
	found = json.loads(stored.reveal())
	return {name: SharedTransactions._make(counts) for name, counts in found.items() if name in candidates}


def _comparable(ledger: Ledger, record: ConnectionRecord, account: AccountRecord) -> list[BankAccountRecord]:
	"""Return the open Bank Accounts of the bank that the account may feed."""
	remote = account.remote
	return [
		one
		for one in ledger.bank_accounts(record.bank)
		if one.currency == remote.currency
		and not (record.company and one.company and record.company != one.company)
		and not (remote.iban and one.iban and normalize_iban(remote.iban) != normalize_iban(one.iban))
	]


def _is_open(ledger: Ledger, record: ConnectionRecord, account: AccountRecord) -> bool:
	"""Return whether the account is not linked yet, and no Bank Account has its IBAN and currency."""
	remote = account.remote
	known = ledger.find_bank_account(record.bank, remote.iban, remote.currency)
	return remote.enabled and not (account.gone or account.bank_account or known)


def _last_days(ledger: Ledger, record: ConnectionRecord, account: AccountRecord) -> dict[str, date]:
	"""Return the last day of each Bank Account to compare with; those without transactions are left out."""
	found = {one.name: ledger.last_day(one.name) for one in _comparable(ledger, record, account)}
	return {name: day for name, day in found.items() if day is not None}


def _stored_lines(ledger: Ledger, account: AccountRecord, since: date) -> list[Line]:
	"""Return booked lines of an account that fed a Bank Account before."""
	stored = ledger.lines_since(account.source, since)
	return [one.line for one in stored if one.line.state is LineState.BOOKED][:MAX_LINES]


def _given_lines(
	provider: Provider, account: AccountRecord, since: date, *, access: Access, context: Context
) -> list[Line]:
	"""Return booked lines of the provider's first pages; none where it cannot give any yet."""
	request = FetchRequest(account.remote.remote_id, "", since)
	given: list[Line] = []
	with suppress(SyncError):
		for page in islice(provider.changes(access, [request], context), MAX_PAGES):
			given += [line for line in page.lines if line.remote_account == account.remote.remote_id]
	return [line for line in given if line.state is LineState.BOOKED and line.date >= since][:MAX_LINES]


def _shared(
	ledger: Ledger, last_days: Mapping[str, date], lines: Sequence[Line]
) -> dict[str, SharedTransactions]:
	found = {}
	for name, last in last_days.items():
		compared = [line for line in lines if last - BACK <= line.date <= last]
		equal = _count_equal(compared, _stored(ledger, name, compared))
		if equal >= LEAST and equal * 2 >= len(compared):
			found[name] = SharedTransactions(equal, len(compared))
	return found


def _stored(ledger: Ledger, bank_account: str, lines: Iterable[Line]) -> list[ExistingTransaction]:
	windows = {Window(line.amount, line.date, line.date) for line in lines}
	if not windows:
		return []
	with ledger.batch() as batch:
		return batch.transactions(bank_account, sorted(windows))


def _count_equal(lines: Iterable[Line], stored: Iterable[ExistingTransaction]) -> int:
	"""Count the lines that are the same as a bank transaction, each of which counts once."""
	left: dict[tuple[date, Decimal], list[ExistingTransaction]] = defaultdict(list)
	for one in stored:
		left[one.date, one.amount].append(one)
	equal = 0
	for line in lines:
		rest = left[line.date, line.amount]
		same = next((one for one in rest if _same_label(line, one)), None)
		if same is not None:
			rest.remove(same)
			equal += 1
	return equal


def _same_label(line: Line, stored: ExistingTransaction) -> bool:
	ours = [label_of(text) for text in (line.original, line.description) if text]
	theirs = [label_of(text) for text in (stored.original, stored.description) if text]
	return any(a.closeness(b) >= ALIKE and not a.conflicts(b) for a in ours for b in theirs)


def _store(
	ledger: Ledger, record: ConnectionRecord, account: AccountRecord, found: Mapping[str, SharedTransactions]
) -> None:
	store = ledger.secret_store(record.provider)
	if found:
		store.put(_key(account), Secret(json.dumps(found)), ledger.clock() + _LIFETIME)
	else:
		store.forget(_key(account))


def _key(account: AccountRecord) -> str:
	return f"recent transactions {account.source}"
