"""Which remote accounts feed a bank account, within which bounds, and what they list now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import FetchRequest, LineState
from dokos_banksync.core.provider import Access, Provider
from dokos_banksync.core.records import AccountRecord


def feeding(account: AccountRecord) -> bool:
	"""Linked, and shown by the bank."""
	return bool(account.bank_account) and not silent(account)


def feeding_open(ledger: Ledger, accounts: Iterable[AccountRecord]) -> list[AccountRecord]:
	"""Return the accounts that feed a Bank Account which is not closed."""
	return [one for one in accounts if feeding(one) and not ledger.bank_account(one.bank_account).closed]


def silent(account: AccountRecord) -> bool:
	"""Linked, but the bank does not show it any more, or the user no longer shares it."""
	return bool(account.bank_account) and (account.gone or not account.remote.enabled)


def feeds_of(ledger: Ledger, provider_type: str, accounts: Iterable[AccountRecord]) -> dict[str, Feed]:
	"""The feed of each account by its source."""
	held = ledger.categories(provider_type)
	categories = {c.remote_id: c.name for c in held if c.remote_id and not c.removed}
	feeds = {}
	for account in accounts:
		target = ledger.bank_account(account.bank_account)
		feeds[account.source] = Feed(
			*(account.source, target.name, target.currency),
			*(account.start_date, target.lock_date, categories),
		)
	return feeds


def listed(provider: Provider, access: Access, remote_account: str, since: date) -> frozenset[str]:
	"""Ids of what the provider lists of an account from a day on."""
	ask = FetchRequest(remote_account, "", since)
	return frozenset(
		line.remote_id
		for page in provider.changes(access, [ask])
		for line in page.lines
		if line.state is not LineState.REMOVED
	)
