"""Which remote accounts feed a bank account, within which bounds, and what they list now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import FetchRequest, LineState
from dokos_banksync.core.provider import Access, Provider
from dokos_banksync.core.records import AccountRecord, BankAccountRecord


def feeding(account: AccountRecord) -> bool:
	"""Return whether an account is linked, and shown by the bank."""
	return bool(account.bank_account) and not silent(account)


def feeding_open(ledger: Ledger, accounts: Iterable[AccountRecord]) -> list[AccountRecord]:
	"""Return the accounts that feed a Bank Account which is not closed."""
	return [account for account, _target in open_targets(ledger, accounts)]


def open_targets(
	ledger: Ledger, accounts: Iterable[AccountRecord]
) -> list[tuple[AccountRecord, BankAccountRecord]]:
	"""Return the accounts that feed a Bank Account which is not closed, each with that."""
	targets = [(one, ledger.bank_account(one.bank_account)) for one in accounts if feeding(one)]
	return [(account, target) for account, target in targets if not target.closed]


def silent(account: AccountRecord) -> bool:
	"""Return whether an account is linked, but no longer shown by the bank or shared by the user."""
	return bool(account.bank_account) and (account.gone or not account.remote.enabled)


def feeds_of(
	ledger: Ledger,
	provider_type: str,
	accounts: Iterable[AccountRecord],
	targets: Mapping[str, BankAccountRecord] | None = None,
) -> dict[str, Feed]:
	"""Return the feed of each account by its source. `targets` (by source) are read where they are not given."""
	categories, known = _Categories(ledger, provider_type), targets or {}
	return {
		account.source: _feed(
			account, known.get(account.source) or ledger.bank_account(account.bank_account), categories
		)
		for account in accounts
	}


def _feed(account: AccountRecord, target: BankAccountRecord, categories: Mapping[str, str]) -> Feed:
	return Feed(
		source=account.source,
		bank_account=target.name,
		currency=target.currency,
		start_date=account.start_date,
		lock_date=target.lock_date,
		categories=categories,
	)


class _Categories(Mapping[str, str]):
	"""The host's categories by the provider's id, read when the first of them is needed: most runs need none."""

	def __init__(self, ledger: Ledger, provider_type: str) -> None:
		self._ledger, self._provider_type = ledger, provider_type

	@cached_property
	def _read(self) -> dict[str, str]:
		held = self._ledger.categories(self._provider_type)
		return {c.remote_id: c.name for c in held if c.remote_id and not c.removed}

	def __getitem__(self, remote_id: str) -> str:
		return self._read[remote_id]

	def __iter__(self) -> Iterator[str]:
		return iter(self._read)

	def __len__(self) -> int:
		return len(self._read)


def listed(provider: Provider, access: Access, remote_account: str, since: date) -> frozenset[str]:
	"""Return the ids of what the provider lists of an account from a day on."""
	ask = FetchRequest(remote_account, "", since)
	return frozenset(
		line.remote_id
		for page in provider.changes(access, [ask])
		for line in page.lines
		if line.state is not LineState.REMOVED
	)
