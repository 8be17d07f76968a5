"""The banks that Ponto lists."""

from __future__ import annotations

from collections.abc import Iterator

from dokos_banksync.core.errors import ConfigurationError, NotFound, ProviderBug
from dokos_banksync.core.model import Institution
from dokos_banksync.core.provider import Access, Check
from dokos_banksync.providers.parsing import Object, folded, identifier, mapping, text
from dokos_banksync.providers.ponto import accounts
from dokos_banksync.providers.ponto.client import Client


def institutions(client: Client, search: str, country: str) -> Iterator[Institution]:
	"""Yield the banks whose name or group holds every word of `search`, accents and case aside."""
	words = folded(search).split()
	for row in client.institutions():
		found = institution(row)
		haystack = folded(f"{found.name} {found.group}")
		wanted = not country or found.country in ("", country.upper())
		if found.id and found.name and wanted and all(word in haystack for word in words):
			yield found


def check(client: Client) -> Check:
	"""Ask for a token, which wrong keys do not get, and for the list of banks."""
	client.tokens.own()
	try:
		found = sum(1 for _ in institutions(client, "", ""))
	except (NotFound, ProviderBug) as error:
		raise ConfigurationError(
			"The address answers, but not as Ponto does. Check the base URL of the provider.",
			reference=error.reference,
		) from error
	return Check(found, _remarks(client), fixed_return=not client.integration.own)


def _remarks(client: Client) -> list[str]:
	if not client.integration.own:
		return []
	shared = len(accounts.all_accounts(client, Access()))
	if not shared:
		return ["No account is shared with the integration: add them in Ponto's dashboard."]
	return []


def institution(row: Object) -> Institution:
	"""Return a `financialInstitution` as an institution."""
	given = mapping(row.get("attributes"))
	maintained = text(given.get("maintenanceType"))
	return Institution(
		id=identifier(row.get("id")),
		name=text(given.get("name")),
		country=text(given.get("country")).upper(),
		group=text(given.get("sharedBrandName")),
		logo=text(given.get("logoUrl")),
		beta=text(given.get("status")) == "beta",
		healthy=False if maintained else None,
	)
