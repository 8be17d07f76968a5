"""Bridge's providers: the banks it lists. https://docs.bridgeapi.io/reference (providers)"""

from __future__ import annotations

from collections.abc import Iterator

from dokos_banksync.core.errors import ConfigurationError, NotFound, ProviderBug
from dokos_banksync.core.model import Institution
from dokos_banksync.core.provider import Check
from dokos_banksync.providers.bridge.client import Client
from dokos_banksync.providers.bridge.entities import entity
from dokos_banksync.providers.parsing import Object, folded, identifier, mapping, text, texts

_AGGREGATION = "aggregation"
_DEMO_BANK = "574"
_EARLY = ("beta", "alpha")


def institutions(client: Client, search: str, country: str) -> Iterator[Institution]:
	"""Yield institutions that give account information; every word of `search` is in name, group or keywords."""
	words = folded(search).split()
	for row in _providers(client, country):
		haystack = _haystack(row)
		if all(word in haystack for word in words):
			yield institution(row)


def check(client: Client) -> Check:
	"""Read the list of institutions, which wrong keys or a wrong address cannot give."""
	try:
		found = [institution(row) for row in _providers(client, "")]
	except (NotFound, ProviderBug) as error:
		raise ConfigurationError(
			"{0} answers, but not as Bridge does. Check the base URL of the provider.",
			client.host,
			reference=error.reference,
		) from error
	return Check(len(found), _remarks(found))


def institution(row: Object) -> Institution:
	"""Return a row of Bridge's list of providers as an institution."""
	release = text(mapping(row.get("aggregation_metadata")).get("release_status")).lower()
	health = text(mapping(mapping(row.get("health_status")).get(_AGGREGATION)).get("status")).lower()
	return Institution(
		id=identifier(row["id"]),
		name=text(row.get("name")),
		country=text(row.get("country_code")).upper(),
		group=text(row.get("group_name")),
		logo=text(mapping(row.get("images")).get("logo")),
		beta=any(word in release for word in _EARLY),
		healthy=health == "healthy" if health else None,
		keywords=" ".join(_keywords(row)),
	)


def _providers(client: Client, country: str) -> Iterator[Object]:
	query = {"capabilities": _AGGREGATION} | ({"country_code": country.upper()} if country else {})
	for row in client.rows("/v3/providers", query):
		known = entity(row)
		if _AGGREGATION in texts(known.get("capabilities", [_AGGREGATION])):
			yield known


def _haystack(row: Object) -> str:
	return folded(" ".join([text(row.get("name")), text(row.get("group_name")), *_keywords(row)]))


def _keywords(row: Object) -> list[str]:
	return texts(mapping(row.get("tags")).get("keywords"))


def _remarks(found: list[Institution]) -> list[str]:
	remarks = []
	if not found:
		remarks.append("The subscription lists no bank: ask Bridge to enable account information for it.")
	if any(bank.id == _DEMO_BANK for bank in found):
		remarks.append("Demo Bank is listed: this is a sandbox subscription, without real banks' data.")
	return remarks
