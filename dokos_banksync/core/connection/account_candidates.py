"""Which existing Bank Account a remote account may belong to, and what shows it.

After a disconnection and a new connection every id may be another one, and cards and savings accounts have no IBAN: the
candidates are the Bank Accounts of earlier connections to the same bank, and those that have the account's recent transactions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from dokos_banksync.core.connection.recent_transactions import SharedTransactions, shared_transactions
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.labels import label_key
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount
from dokos_banksync.core.records import AccountRecord, ConnectionRecord

_LAST_DIGITS = re.compile(r"(\d{4})\D*$")


class Strength(IntEnum):
	"""How much a piece of evidence says, from the least."""

	NAME_AND_KIND = 1
	LAST_DIGITS = 2
	TRANSACTIONS = 3
	PROVIDER_ID = 4
	IBAN_ELSEWHERE = 5
	IBAN = 6


SENTENCES = {
	Strength.NAME_AND_KIND: "Fed until now by an account of the same name and kind",
	Strength.LAST_DIGITS: "Fed until now by an account whose number ends alike",
	Strength.TRANSACTIONS: "It holds {0} of {1} recent transactions of the account",
	Strength.PROVIDER_ID: "Fed until now by the same account of the provider",
	Strength.IBAN_ELSEWHERE: "It has the same IBAN, under another bank",
	Strength.IBAN: "It has the same IBAN",
}

REPLACES = "{0}. This connection then replaces {1}, which was taken over from another tool"
WITH_TRANSACTIONS = "{0}, and it holds {1} of {2} recent transactions of the account"


class AccountCandidate(NamedTuple):
	"""A Bank Account that a remote account may belong to."""

	bank_account: str
	strength: Strength
	shared: SharedTransactions | None = None
	"""The recent transactions that both have, where they were compared."""
	replaces: str = ""
	"""The connection that feeds it until now and was taken over from another tool."""

	@property
	def evidence(self) -> Message:
		"""Return a sentence that says why the account is proposed, and which connection it would replace."""
		return Message(REPLACES, self._evidence, self.replaces) if self.replaces else self._evidence

	@property
	def _evidence(self) -> Message:
		if self.strength is Strength.TRANSACTIONS and self.shared:
			return Message(SENTENCES[self.strength], str(self.shared.equal), str(self.shared.compared))
		if self.shared:
			equal, compared = str(self.shared.equal), str(self.shared.compared)
			return Message(WITH_TRANSACTIONS, Message(SENTENCES[self.strength]), equal, compared)
		return Message(SENTENCES[self.strength])


def account_candidates(
	ledger: Ledger, record: ConnectionRecord, account: AccountRecord
) -> list[AccountCandidate]:
	"""Return the Bank Accounts that the account may belong to, the best evidence first.

	A Bank Account in another currency is not a candidate, nor one that another account of an active connection feeds,
	unless the IBAN is the same or that connection was taken over from another tool.
	"""
	old = taken_over_feeders(ledger, record)
	shared = shared_transactions(ledger, record, account)
	best = dict.fromkeys(shared, Strength.TRANSACTIONS)
	for name, strength in _found(ledger, record, account):
		best[name] = max(strength, best.get(name, strength))
	fed = _fed(ledger, account.source)
	remaining = [
		AccountCandidate(name, strength, shared.get(name), old[name].connection if name in old else "")
		for name, strength in best.items()
		if strength >= Strength.IBAN_ELSEWHERE or name in old or name not in fed
	]
	return sorted(remaining, key=lambda one: (-one.strength, one.bank_account))


def likely(candidates: list[AccountCandidate]) -> AccountCandidate | None:
	"""Return the candidate to preselect: the only one of the best evidence.

	The IBAN of another bank is shown only, and so is the mere name of an account that another connection feeds.
	"""
	best = [one for one in candidates if one.strength == candidates[0].strength]
	return best[0] if len(best) == 1 and not _is_shown_only(best[0]) else None


def _is_shown_only(one: AccountCandidate) -> bool:
	return one.strength is Strength.IBAN_ELSEWHERE or bool(
		one.replaces and one.strength is Strength.NAME_AND_KIND
	)


def _found(
	ledger: Ledger, record: ConnectionRecord, account: AccountRecord
) -> Iterator[tuple[str, Strength]]:
	remote = account.remote
	if remote.iban:
		here = ledger.find_bank_account(record.bank, remote.iban, remote.currency)
		anywhere = here or ledger.find_bank_account("", remote.iban, remote.currency)
		if anywhere:
			yield anywhere, Strength.IBAN if here else Strength.IBAN_ELSEWHERE
	for old in ledger.connections(record.bank):
		if old.name == record.name:
			continue
		for before in ledger.accounts(old.name):
			strength = _strength(remote, before.remote, same_provider=old.provider == record.provider)
			if before.bank_account and strength:
				yield before.bank_account, strength


def _strength(new: RemoteAccount, old: RemoteAccount, *, same_provider: bool) -> Strength | None:
	if new.currency != old.currency or _contradict(new, old):
		return None
	if same_provider and new.remote_id == old.remote_id:
		return Strength.PROVIDER_ID
	digits, before = (_LAST_DIGITS.search(one.account_name) for one in (new, old))
	if digits and before:
		return Strength.LAST_DIGITS if digits[1] == before[1] else None
	same = (label_key(new.account_name), new.kind) == (label_key(old.account_name), old.kind)
	return Strength.NAME_AND_KIND if same and new.account_name else None


def _contradict(new: RemoteAccount, old: RemoteAccount) -> bool:
	return bool(new.iban and old.iban) and normalize_iban(new.iban) != normalize_iban(old.iban)


def _fed(ledger: Ledger, source: str) -> frozenset[str]:
	"""Return Bank Accounts that other accounts of active connections feed."""
	return frozenset(
		account.bank_account
		for record in ledger.connections()
		if record.status is not ConnectionStatus.DISCONNECTED
		for account in ledger.accounts(record.name)
		if account.bank_account and not account.gone and account.source != source
	)


def taken_over_feeders(ledger: Ledger, record: ConnectionRecord) -> dict[str, AccountRecord]:
	"""Return the accounts of other taken-over connections of the bank that are in use, by the Bank Account they feed."""
	return {
		account.bank_account: account
		for other in ledger.connections(record.bank)
		if other.takeover and other.name != record.name and other.status is not ConnectionStatus.DISCONNECTED
		for account in feeding(ledger, other.name)
	}


def feeding(ledger: Ledger, connection: str) -> list[AccountRecord]:
	"""Return the accounts of a connection that feed a Bank Account."""
	return [one for one in ledger.accounts(connection) if one.bank_account and not one.gone]
