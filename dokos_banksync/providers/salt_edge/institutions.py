"""The banks that Salt Edge lists (its "providers"). There is no search by text: the list is filtered here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from dokos_banksync.core.model import Institution
from dokos_banksync.providers.parsing import identifier, mapping, text
from dokos_banksync.providers.salt_edge.client import Client

FAKE = "XF"
"""The country of Salt Edge's fake banks."""


def institutions(client: Client, search: str, country: str, *, sandboxes: bool) -> Iterator[Institution]:
	"""Yield the banks whose name or group holds every word of `search`, accents and case aside."""
	query: dict[str, str | int] = {"include_sandboxes": "true" if sandboxes else "false"}
	if country:
		query["country_code"] = country.upper()
	words = folded(search).split()
	for row in client.rows("/providers", query):
		found = read(mapping(row))
		haystack = folded(f"{found.name} {found.group}")
		if (
			found.id
			and text(mapping(row).get("status")) != "disabled"
			and all(one in haystack for one in words)
		):
			yield found


def read(row: Mapping[str, Any]) -> Institution:
	"""Return a bank; its id is Salt Edge's code, empty where there is none."""
	status = text(row.get("status"))
	return Institution(
		id=identifier(row.get("code")),
		name=text(row.get("name")),
		country=text(row.get("country_code")).upper(),
		group=text(row.get("group_name")),
		logo=text(row.get("logo_url")),
		healthy=status == "active" if status else None,
	)


def folded(words: str) -> str:
	"""Return a text without accents and case."""
	plain = unicodedata.normalize("NFKD", words)
	return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
