"""Calls that count against the limits of providers and banks: used, left, and when there is room again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.site import Site
from dokos_banksync.core.provider_stores import Usage, grant_digest
from dokos_banksync.core.records import ConnectionRecord

SCOPES: Mapping[str, str] = {
	"balances": "Balances",
	"details": "Account details",
	"transactions": "Transactions",
	"user": "Calls for a connection",
	"background_refresh": "Refreshes of the bank without you",
	"application": "Calls of the subscription",
	"token": "Access tokens",
	"powens-calls": "Calls of the subscription",
	"/accounts/get": "Accounts",
	"/accounts/balance/get": "Balances",
	"/item/get": "State of a connection",
	"/item/remove": "Ended connections",
	"/transactions/sync": "Transactions",
	"/institutions/get": "List of banks",
	"/institutions/get_by_id": "List of banks",
	"accountDetails": "Readings of the bank in five minutes: details",
	"accountTransactions": "Readings of the bank in five minutes: transactions",
	"accountTransactionsWithUnsettled": "Readings of the bank in five minutes: transactions",
	"accountDetails day": "Readings of the bank in a day: details",
	"accountTransactions day": "Readings of the bank in a day: transactions",
	"accountTransactionsWithUnsettled day": "Readings of the bank in a day: transactions",
}
"""What the providers' limits are about, by the first part of a key; in English, and translatable."""


class Quota(NamedTuple):
	"""One limit with the calls that count at present; `resets_at` is when the earliest of them no longer counts (UTC).

	`account` is empty for a limit of the whole subscription, `shared_with` holds further connections that a limit is about:
	connections of one user of the provider share theirs. `scope` is what the limit is about, by the first part of its key.
	`unused` is set for an account that feeds no Bank Account: its limits keep no fetch back.
	"""

	provider: str
	connection: str
	account: str
	scope: str
	used: int
	limit: int
	resets_at: datetime
	unused: bool = False
	shared_with: Sequence[str] = ()

	@property
	def owner(self) -> str:
		"""Return whom the limit is about in words: an account, one or several connections, or nothing for the subscription."""
		return self.account or ", ".join(filter(None, (self.connection, *self.shared_with)))

	@property
	def label(self) -> str:
		"""Return the scope in words: English, and translatable."""
		return SCOPES.get(self.scope, self.scope)

	@property
	def left(self) -> int:
		"""Return how many calls may go now."""
		return max(self.limit - self.used, 0)


def quotas(site: Site, connection: str = "") -> list[Quota]:
	"""Return what counts now: of all providers, or of one connection and its subscription."""
	records = [record for record in site.ledger.connections() if connection in ("", record.name)]
	owners = _owners(site, records)
	providers = {record.provider for record in records}
	found = [
		(usage, _quota(str(row["name"]), usage, owners))
		for row in site.ledger.providers()
		if not connection or row["name"] in providers
		for usage in site.ledger.usage(row["name"])
	]
	return [one for usage, one in found if not connection or one.connection or not _owner(usage)]


def _owner(usage: Usage) -> str:
	"""Return whom a key names; empty for a limit of the whole subscription."""
	return usage.key.partition(":")[2]


class Owner(NamedTuple):
	"""Whom a limit is about: a connection, or one of its accounts. See `Quota`."""

	connection: str = ""
	account: str = ""
	unused: bool = False


Owners = Mapping[tuple[str, str], list[Owner]]
"""By provider and by what keys name an owner with: a user, a grant, the id of a connection or of an account."""


def _owners(site: Site, records: Sequence[ConnectionRecord]) -> Owners:
	owners = defaultdict[tuple[str, str], list[Owner]](list)
	for record in records:
		grant = site.ledger.grant(record.name).read()
		digest = grant_digest(grant) if grant else ""
		for key in filter(None, {digest, record.remote_user, record.remote_id}):
			owners[record.provider, key].append(Owner(record.name))
		for one in site.ledger.accounts(record.name):
			owner = Owner(record.name, one.remote.account_name, not one.bank_account)
			owners[record.provider, one.remote.remote_id].append(owner)
	return owners


def shown(found: Sequence[Quota]) -> list[Quota]:
	"""Return what keeps a fetch back: without the accounts that feed no Bank Account."""
	return [one for one in found if not one.unused]


def _quota(provider: str, usage: Usage, owners: Owners) -> Quota:
	scope = usage.key.partition(":")[0]
	found = owners.get((provider, _owner(usage))) or [Owner()]
	owner = min(found, key=lambda one: one.unused)
	return Quota(
		provider=provider,
		connection=owner.connection,
		account=owner.account,
		scope=scope,
		used=usage.used,
		limit=usage.limit,
		resets_at=usage.resets_at,
		unused=owner.unused,
		shared_with=tuple(one.connection for one in found if one is not owner),
	)


def connection_quotas(context: RequestContext, given: Arguments) -> object:
	"""Return the limits that concern a connection: used, left, and when there is room again."""
	name = context.connection(given.text("connection")).name
	return {
		"connection": name,
		"quotas": [
			{
				"scope": context.translations(one.label),
				"account": one.owner,
				"used": one.used,
				"left": one.left,
				"resets_at": context.instant(one.resets_at),
			}
			for one in shown(quotas(context.site, name))
		],
	}
