"""The banks that Enable Banking lists. A bank is its name and its country together; it has no other id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.model import Institution
from dokos_banksync.providers.enable_banking.client import Client
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import Object, folded, text


def institutions(client: Client, search: str, country: str) -> Iterator[Institution]:
	"""Yield the banks whose name holds every word of `search`, accents and case aside."""
	words = folded(search).split()
	for row in listed(client, country):
		haystack = folded(text(row.get("name")))
		if all(word in haystack for word in words):
			yield institution(row)


def listed(client: Client, country: str) -> Iterator[Object]:
	"""Yield the banks of a country, or all, that give account information."""
	query = {"service": "AIS", **({"country": country.upper()} if country else {})}
	rows = client.get("/aspsps", query).get("aspsps")
	if not isinstance(rows, list):
		raise malformed("Enable Banking", "aspsps")
	for row in rows:
		if isinstance(row, Mapping) and text(row.get("name")) and text(row.get("country")):
			yield row


def institution(row: Object) -> Institution:
	"""Return an `ASPSPData` as an institution."""
	group = row.get("group")
	return Institution(
		id=institution_id(text(row.get("name")), text(row.get("country"))),
		name=text(row.get("name")),
		country=text(row.get("country")).upper(),
		group=text(group.get("name")) if isinstance(group, Mapping) else "",
		logo=text(row.get("logo")),
		beta=row.get("beta") is True,
	)


def institution_id(name: str, country: str) -> str:
	"""Return our id of a bank."""
	return f"{country.upper()}:{name}"


def find(client: Client, wanted: str) -> Object:
	"""Return a bank by our id. Raise `ConfigurationError` when it is no longer listed."""
	country, _, name = wanted.partition(":")
	for row in listed(client, country) if name else ():
		if text(row.get("name")) == name:
			return row
	raise ConfigurationError("Enable Banking does not list the bank {0}. Choose it again.", name or wanted)
