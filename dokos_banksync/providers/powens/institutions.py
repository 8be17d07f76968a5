"""Powens's connectors. https://docs.powens.com/api-reference/user-connections/connectors

The list has no search and no health; a connector that takes no new connections (`restricted`, `hidden`) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from dokos_banksync.core.model import Institution
from dokos_banksync.providers.parsing import Object, folded, identifier, mapping, text, texts
from dokos_banksync.providers.powens.client import Client

_BANK = "bank"


def institutions(client: Client, search: str, country: str, base_url: str) -> Iterator[Institution]:
	"""Yield the banks whose name or code holds every word of a text."""
	words = folded(search).split()
	for row in client.connectors(country):
		found = _institution(row, country.upper(), base_url) if _offered(row) else None
		if found and all(word in folded(f"{found.name} {found.keywords}") for word in words):
			yield found


def _offered(row: Object) -> bool:
	closed = row.get("hidden") is True or row.get("restricted") is True
	return _BANK in texts(row.get("capabilities")) and not closed and bool(identifier(row.get("uuid")))


def _institution(row: Object, country: str, base_url: str) -> Institution | None:
	"""Return a bank; of one in several countries, the one that was asked for."""
	given = row.get("countries")
	countries = [text(mapping(one).get("id")).upper() for one in given] if isinstance(given, list) else []
	if country and countries and country not in countries:
		return None
	shown = country or next(iter(countries), "")
	uuid = identifier(row.get("uuid"))
	return Institution(
		id=uuid,
		name=text(row.get("name")),
		country=shown,
		logo=f"{base_url}/logos/{quote(uuid, safe='')}-thumbnail.webp",
		beta=row.get("beta") is True,
		keywords=" ".join(filter(None, (text(row.get("slug")), text(row.get("code"))))),
	)
