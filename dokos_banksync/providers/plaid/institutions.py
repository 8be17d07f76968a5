"""The banks that Plaid lists. https://plaid.com/docs/api/institutions/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dokos_banksync.core.model import Institution
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import identifier, mapping, text, texts
from dokos_banksync.providers.plaid.client import Client

_PAGE_SIZE = 500


def listed(client: Client, countries: Sequence[str]) -> Iterator[Institution]:
	"""Yield all institutions of some countries that give transactions."""
	offset, total = 0, 1
	while offset < total:
		body = {"count": _PAGE_SIZE, "offset": offset, "country_codes": list(countries), "options": _ONLY}
		answer = client.post("/institutions/get", body)
		rows = _rows(answer)
		total = _total(answer)
		yield from (read(row, countries) for row in rows)
		if not rows:
			return
		offset += len(rows)


def search(client: Client, query: str, countries: Sequence[str]) -> Iterator[Institution]:
	"""Yield the institutions that Plaid finds for a text, at most ten, with their logos."""
	options = {"include_optional_metadata": True}
	body = {
		"query": query,
		"country_codes": list(countries),
		"products": ["transactions"],
		"options": options,
	}
	yield from (read(row, countries) for row in _rows(client.post("/institutions/search", body)))


def count(client: Client, countries: Sequence[str]) -> int:
	"""Return how many institutions there are in some countries."""
	body = {"count": 1, "offset": 0, "country_codes": list(countries), "options": _ONLY}
	return _total(client.post("/institutions/get", body))


def healthy(client: Client, institution_id: str, countries: Sequence[str]) -> bool | None:
	"""Return whether logins and transactions of a bank work at present; None where Plaid does not know."""
	body = {
		"institution_id": institution_id,
		"country_codes": list(countries),
		"options": {"include_status": True},
	}
	status = mapping(mapping(client.post("/institutions/get_by_id", body).get("institution")).get("status"))
	words = [
		text(mapping(status.get(name)).get("status")) for name in ("item_logins", "transactions_updates")
	]
	known = [word for word in words if word]
	return all(word == "HEALTHY" for word in known) if known else None


def read(row: Mapping[str, Any], countries: Sequence[str] = ()) -> Institution:
	"""Return an institution, with the first of its countries that was asked for.

	Raises `ProviderBug` for one without an id.
	"""
	institution_id = identifier(row.get("institution_id"))
	if not institution_id:
		raise malformed("Plaid", "institution_id")
	logo, availability = text(row.get("logo")), text(row.get("connection_availability"))
	return Institution(
		id=institution_id,
		name=text(row.get("name")),
		country=_country([one.upper() for one in texts(row.get("country_codes"))], countries),
		logo=f"data:image/png;base64,{logo}" if logo else "",
		healthy=False if availability == "NOT_SUPPORTED" else None,
	)


def _country(codes: Sequence[str], wanted: Sequence[str]) -> str:
	return next((one for one in codes if one in wanted), codes[0] if codes else "")


_ONLY = {"products": ["transactions"]}


def _rows(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
	rows = answer.get("institutions")
	if not isinstance(rows, list):
		raise malformed("Plaid", "institutions")
	return [mapping(row) for row in rows]


def _total(answer: Mapping[str, Any]) -> int:
	total = answer.get("total")
	return total if isinstance(total, int) else 0
