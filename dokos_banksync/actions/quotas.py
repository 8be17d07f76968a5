"""Calls that count against the limits of providers and banks: used, left, and when there is room again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import RequestContext
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.site import Site
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.core.records import ConnectionRecord

_SCOPES = {
	"application": "All calls of the subscription",
	"balances": "Balances",
	"details": "Account details",
	"powens-calls": "All calls of the subscription",
	"token": "New access tokens",
	"transactions": "Transactions",
	"user": "Calls of one connection",
}
"""What a limit is about, in words, by the first part of its key."""


def scope_of(translations: Translations, scope: str) -> str:
	"""Return in words what a limit is about. `plaid:/accounts/get` is the limit of that address."""
	kind, _, rest = scope.partition(":")
	if rest.startswith("/"):
		return translations("Calls to {0}", rest.partition(":")[0])
	return translations(_SCOPES.get(kind, "Calls"))


class Quota(NamedTuple):
	"""One limit with the calls that count at present; `resets_at` is when the earliest of them no longer counts (UTC).

	`account` is empty for a limit of the whole subscription; `scope` is the key of what the limit is about; `scope_of` has
	the words.
	"""

	provider: str
	connection: str
	account: str
	scope: str
	used: int
	limit: int
	resets_at: datetime

	@property
	def left(self) -> int:
		"""Return how many calls may go now."""
		return max(self.limit - self.used, 0)


def quotas(site: Site, connection: str = "") -> list[Quota]:
	"""Return what counts now: of all providers, or what concerns one connection."""
	records = site.ledger.connections()
	owners = _owners(site, records)
	chosen = {r.provider for r in records if r.name == connection} if connection else None
	found = [
		_quota(str(row["name"]), usage, owners)
		for row in site.ledger.providers()
		if chosen is None or row["name"] in chosen
		for usage in site.ledger.usage(row["name"])
	]
	return [one for one in found if not connection or one.connection in ("", connection)]


def _owners(site: Site, records: Sequence[ConnectionRecord]) -> Mapping[tuple[str, str], tuple[str, str]]:
	"""Return connection and account by provider and by what keys name them with: a user, or an account's id."""
	owners = {}
	for record in records:
		if record.remote_user:
			owners[record.provider, record.remote_user] = (record.name, "")
		for account in site.ledger.accounts(record.name):
			owners[record.provider, account.remote.remote_id] = (record.name, account.remote.account_name)
	return owners


def _quota(provider: str, usage: Usage, owners: Mapping[tuple[str, str], tuple[str, str]]) -> Quota:
	scope, _, owner = usage.key.partition(":")
	connection, account = owners.get((provider, owner), ("", ""))
	if owner and not connection:
		scope = usage.key
	return Quota(
		provider=provider,
		connection=connection,
		account=account,
		scope=scope,
		used=usage.used,
		limit=usage.limit,
		resets_at=usage.resets_at,
	)


def connection_quotas(context: RequestContext, given: Arguments) -> object:
	"""Return the limits that concern a connection: used, left, and when there is room again."""
	name = context.connection(given.text("connection")).name
	return {
		"connection": name,
		"quotas": [
			{
				"scope": scope_of(context.translations, one.scope),
				"account": one.account or one.connection,
				"used": one.used,
				"left": one.left,
				"resets_at": context.instant(one.resets_at),
			}
			for one in quotas(context.site, name)
		],
	}
